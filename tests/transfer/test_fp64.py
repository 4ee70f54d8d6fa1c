"""`precision: fp64` from files to files: pictures, trace, record and checkpoint are of float64, too."""

import csv
import json
from fractions import Fraction

import numpy
import pytest
import torch
from networks import backbone, settings, stages
from PIL import Image

from nst.cli import main
from nst.engine.objective import Style
from nst.engine.stages import Stage, optimize
from nst.transfer.checkpoint import read_checkpoint, write_checkpoint
from nst.transfer.originals import read_originals

CPU = torch.device("cpu")
LAYERS = ["--content-layers", "conv1", "--style-layers", "conv1"]
LIGHT = ["--backbone", "alexnet", *LAYERS, "--size", "24", "--evaluations", "3"]
RUNS = [{"scales": 2, "evaluations": 6}, {"optimizer": "adam", "evaluations": 4, "result": "average"}]


@pytest.mark.parametrize("start", [{"init": "content"}, {"init": "noise"}, {"init": "recoloured"}])
def test_pictures_are_divided_in_float64(place, start):
    chosen = settings(precision="fp64", size=48, **start)
    originals = read_originals({"content": place / "c.png", "style": place / "s.png"}, chosen, print)
    stage = originals.stages(chosen, CPU)[-1]
    assert {t.dtype for t in (stage.content, stage.styles[0].picture, stage.start)} == {torch.float64}
    levels = numpy.asarray(Image.open(place / "c.png"))
    assert stage.content[0, 1, 2, 3].item() == float(Fraction(int(levels[2, 3, 1]), 255))


def test_trace_record_and_message_are_of_float64(place, seeded_weights, capfd):
    weights = str(seeded_weights("alexnet", {"conv1"}))
    for precision in ("fp32", "fp64"):
        outputs = ["--out", "x.png", "--record", "x.json", "--trace", f"{precision}.csv"]
        call = ["transfer", "c.png", "s.png", "--weights", weights, *LIGHT, *outputs]
        assert main([*call, "--precision", precision]) == 0
        assert f"final losses (8-bit picture, {precision})" in capfd.readouterr().err
    assert json.loads((place / "x.json").read_text())["settings"]["precision"] == "fp64"
    totals = {}
    for precision in ("fp32", "fp64"):
        with (place / f"{precision}.csv").open(newline="") as file:
            totals[precision] = [row["total"] for row in csv.DictReader(file)]
    assert max(map(len, totals["fp64"])) > 14 > max(map(len, totals["fp32"]))
    assert float(totals["fp64"][0]) == pytest.approx(float(totals["fp32"][0]), rel=1e-4)


@pytest.mark.parametrize("given", RUNS, ids=str)
def test_a_state_in_float64_resumes_to_the_same_image(given, seeded_weights, tmp_path):
    chosen = settings(precision="fp64", **given)
    doubled = [
        Stage(
            s.content.double(), (Style(s.styles[0].picture.double()),), s.start.double(), s.evaluations
        )
        for s in stages(chosen)
    ]
    states = []
    begin = backbone(seeded_weights("vgg16", {"conv2_2"}), chosen, "fp64"), chosen, doubled
    whole = optimize(*begin, on_step=states.append)
    assert whole.image.dtype == torch.float64
    path = tmp_path / "x.checkpoint"
    write_checkpoint(path, "key", states[2])
    again = optimize(*begin, state=read_checkpoint(path, "key", CPU))
    assert torch.equal(again.image, whole.image)


def test_a_large_image_keeps_its_pairs_in_float64(monkeypatch):
    from nst.engine import lbfgs

    monkeypatch.setattr(lbfgs, "LARGE", 9)
    assert lbfgs.pair_type(torch.zeros(10)) == torch.bfloat16
    assert lbfgs.pair_type(torch.zeros(10).double()) == torch.float64
