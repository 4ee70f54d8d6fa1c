"""The pixels of every recipe are held: a change that moves them must raise ENGINE.

    pytest tests/engine/test_golden.py --regenerate

writes the files in tests/engine/golden again, once ENGINE is raised.
"""

import csv
import json

import numpy
import pytest
import torch
from conftest import ROOT, draw_picture
from PIL import Image

from nst.cli import main
from nst.config.settings import RECIPES
from nst.disk.record import ENGINE

GOLDEN = ROOT / "tests/engine/golden"
OPTIONS = ["--backbone", "vgg16", "--size", "64", "--evaluations", "6", "--precision", "fp32"]
# Kernels for AVX2 or AVX-512 and one or two threads gave the same losses to 5e-9. Weights that differ
# by 1e-7 of their value moved them by 3 % of what they had changed since the first evaluation, and
# pixels by 1.9 levels on average.
PRINTED, ROUNDING, CHANGE = 1e-5, 1e-6, 0.1  # of a loss, of the total, of the change of a loss
LEVELS = 3  # of 255, on average
ADVICE = (
    "the pixels of {} have changed ({}): if that is meant, raise ENGINE, say what changes in"
    " CHANGELOG.md and run `pytest tests/engine/test_golden.py --regenerate`; compare {} with {}"
)


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("vgg16", {"relu5_3"})


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_pixels_of_a_recipe_change_only_with_the_engine(
    recipe, weights, place, one_thread, request
):
    draw_picture(place / "c.png", (96, 72), seed=1)
    draw_picture(place / "s.png", (72, 96), seed=2)
    outputs = ["--out", "x.png", "--trace", "x.csv", "--weights", str(weights)]
    assert main(["transfer", "c.png", "s.png", "--recipe", recipe, *outputs, *OPTIONS]) == 0

    picture, trace = GOLDEN / f"{recipe}.png", GOLDEN / f"{recipe}.csv"
    engine = json.loads((GOLDEN / "engine.json").read_text()).get(recipe, 0)
    change = compared(place, picture, trace) if engine else "no golden files yet"
    if request.config.getoption("--regenerate"):
        if change:
            assert engine < ENGINE, f"{recipe}: {change}; raise ENGINE first"
        regenerate(recipe, place, picture, trace)
        return
    assert engine == ENGINE, f"ENGINE is {ENGINE}, the files in tests/engine/golden are of {engine}"
    assert not change, ADVICE.format(recipe, change, place / "x.png", picture)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("recipe", RECIPES)
def test_the_first_losses_on_cuda_are_the_golden_ones(recipe, weights, place, monkeypatch):
    """Later ones may part: L-BFGS amplifies the rounding of other kernels."""
    monkeypatch.delenv("NST_GPUS")  # which hides the GPUs from other tests
    draw_picture(place / "c.png", (96, 72), seed=1)
    draw_picture(place / "s.png", (72, 96), seed=2)
    outputs = ["--out", "x.png", "--trace", "x.csv", "--weights", str(weights), "--device", "cuda"]
    assert main(["transfer", "c.png", "s.png", "--recipe", recipe, *outputs, *OPTIONS]) == 0
    losses, golden = read_losses(place / "x.csv")[:2], read_losses(GOLDEN / f"{recipe}.csv")[:2]
    for row, expected in zip(losses, golden, strict=True):
        assert row == pytest.approx(expected, rel=1e-3, abs=2e-3 * golden[0][0])


def compared(place, picture, trace) -> str:
    """In what the new picture and trace differ from the golden ones, if they do."""
    rows, golden_rows = read_losses(place / "x.csv"), read_losses(trace)
    if len(rows) != len(golden_rows):
        return f"{len(rows)} evaluations instead of {len(golden_rows)}"
    first = golden_rows[0]
    for number, (row, golden) in enumerate(zip(rows, golden_rows, strict=True), start=1):
        for new, old, start in zip(row, golden, first, strict=True):
            tolerance = PRINTED * old + ROUNDING * golden[0] + CHANGE * abs(old - start)
            if abs(new - old) > tolerance:
                return f"losses of evaluation {number}: {row} instead of {golden}"
    new, old = (numpy.asarray(Image.open(path), dtype=float) for path in (place / "x.png", picture))
    distance = abs(new - old).mean()
    return f"{distance:.1f} levels on average" if distance > LEVELS else ""


def read_losses(path) -> list[list[float]]:
    """Total, content, style and tv of every evaluation."""
    with path.open(newline="") as file:
        return [
            [float(row[name]) for name in ("total", "content", "style", "tv")]
            for row in csv.DictReader(file)
        ]


def regenerate(recipe, place, picture, trace) -> None:
    picture.write_bytes((place / "x.png").read_bytes())
    lines = (place / "x.csv").read_text().splitlines()
    trace.write_text("".join(line.rpartition(",")[0] + "\n" for line in lines))  # without seconds
    engines = json.loads((GOLDEN / "engine.json").read_text())
    text = json.dumps({**engines, recipe: ENGINE}, indent=2, sort_keys=True)
    (GOLDEN / "engine.json").write_text(text + "\n")
