"""`--start`: a larger image that looks like a smaller one of the same content."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
from conftest import ROOT, draw_picture
from PIL import Image

from nst.cli import main
from nst.config.recipes import resolve
from nst.config.scales import scales_of

LIGHT = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1"]


@pytest.fixture
def make(place, seeded_weights):
    """A function (name, size, options...) -> (exit status, record) of a light transfer."""
    weights = shutil.copy(seeded_weights("alexnet", {"conv1"}), "w.pth")

    def call(name, size, *options):
        files = ["--out", f"{name}.png", "--record", f"{name}.json", "--weights", weights]
        settings = [*LIGHT, "--size", str(size), "--evaluations", "8", *options]
        status = main(["transfer", "c.png", "s.png", *files, *settings])
        return status, json.loads(Path(f"{name}.json").read_text()) if not status else {}

    return call


def distance(picture, other):
    """The root mean square of what a picture differs by from a smaller one, in levels."""
    small = Image.open(other).convert("RGB")
    shrunk = Image.open(picture).convert("RGB").resize(small.size, Image.Resampling.LANCZOS)
    gap = numpy.asarray(shrunk, dtype=float) - numpy.asarray(small, dtype=float)
    return float(numpy.sqrt((gap**2).mean()))


def test_the_coarse_scales_that_the_start_has_behind_it_are_left_out():
    settings = resolve({"size": 512, "evaluations": 40, "scales": 3})
    sizes = [(scale.size, scale.evaluations) for scale in scales_of(settings, (600, 400), [(600, 400)])]
    assert [size for size, _ in sizes] == [128, 256, 512]
    cases = ((0, sizes), (127, sizes), (128, sizes[1:]), (300, sizes[2:]), (512, [(512, 40)]))
    for begun, left in cases:
        scales = scales_of(settings, (600, 400), [(600, 400)], begun)
        assert [(scale.size, scale.evaluations) for scale in scales] == left


def test_from_a_start_that_is_as_large_all_evaluations_are_made_at_its_size(make):
    _, start = make("cell", 48)
    status, record = make("same", 48, "--start", "cell.png", "--trace", "same.csv")
    assert (status, record["evaluations"]) == (0, 8)
    first = float(Path("same.csv").read_text().splitlines()[1].split(",")[1])
    assert first == pytest.approx(start["losses"]["total"], rel=1e-3)  # but for rounding, its image


def test_the_record_names_the_start_and_the_image_can_be_made_again(make, capsys):
    make("cell", 24)
    status, record = make("print", 48, "--start", "cell.png")
    assert status == 0
    assert record["inputs"]["start"]["path"] == "cell.png"
    assert record["evaluations"] == 6  # those at half the size are left out
    assert "evaluation 6/6" in capsys.readouterr().err
    assert main(["reproduce", "print.json", "--weights", "w.pth"]) == 0
    assert main(["reproduce", "print.png", "--weights", "w.pth"]) == 0
    draw_picture(Path("cell.png"), (24, 16), seed=5)
    assert main(["reproduce", "print.json", "--weights", "w.pth"]) == 2
    assert "cell.png is not the start picture of the record" in capsys.readouterr().err
    assert main(["reproduce", "cell.json", "--start", "c.png"]) == 2


REFUSED = [
    (23, "cell.png", "--size 23 is smaller than the 24 pixels of cell.png: choose a larger size"),
    (47, "s.png", "--size 47 is smaller than the 48 pixels of s.png"),
    (
        48,
        "square.png",
        "--start square.png is 24 x 24 pixels, an image of this content would be 24 x 16",
    ),
    (48, "none.png", "none.png does not exist"),
]


@pytest.mark.parametrize(("size", "start", "message"), REFUSED)
def test_a_start_that_is_none_is_refused(make, capsys, size, start, message):
    draw_picture(Path("cell.png"), (24, 16))
    draw_picture(Path("square.png"), (24, 24))
    assert make("print", size, "--start", start) == (2, {})
    assert message in capsys.readouterr().err
    assert not Path("print.png").exists()


def test_settings_of_another_start_are_refused(make, capsys):
    draw_picture(Path("cell.png"), (24, 16))
    assert make("print", 48, "--start", "cell.png", "--init", "style", "--seed", "3") == (2, {})
    init, seed = capsys.readouterr().err.splitlines()
    assert init == "error: --init acts only without --start: the image starts from cell.png"
    assert seed.endswith("--seed acts only without --start: the image starts from cell.png")


def test_a_start_is_not_overwritten(make, capsys):
    draw_picture(Path("cell.png"), (24, 16))
    assert make("cell", 48, "--start", "cell.png")[0] == 2
    assert "cell.png would be overwritten" in capsys.readouterr().err


def test_a_print_looks_like_its_image_and_one_made_afresh_does_less(real_weights, tmp_path):
    pictures = [str(ROOT / "images" / name) for name in ("content/chelsea.jpg", "style/strokes.jpg")]
    options = ["--weights", str(real_weights), "--recipe", "gatys", "--backbone", "vgg16"]
    options += ["--evaluations", "12"]

    def make(name, size, *more):
        out = str(tmp_path / f"{name}.png")
        arguments = [*pictures, "--out", out, "--size", str(size), "--style-weight", "1e4", *more]
        assert main(["transfer", *arguments, *options]) == 0
        return out

    cell = make("cell", 64)
    assert distance(make("print", 128, "--start", cell), cell) < 0.7 * distance(make("new", 128), cell)
