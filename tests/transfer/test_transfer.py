"""`nst transfer` from files to files, as a person or a job calls it."""

import csv
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy
import pytest
import torch
from conftest import draw_picture
from networks import load_backbone
from PIL import Image, JpegImagePlugin

from nst.cli import main
from nst.config.recipes import resolve
from nst.config.settings import FIELDS
from nst.disk import images
from nst.disk.record import ENGINE, TRACE_COLUMNS
from nst.engine.objective import Objective, Style

LIGHT = [
    "--backbone",
    "alexnet",
    "--content-layers",
    "conv1",
    "--style-layers",
    "conv1",
    "--size",
    "24",
]


@pytest.fixture
def call(tmp_path, monkeypatch, seeded_weights, capfd):
    """A function (options...) -> (exit status, stderr) of a light transfer in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_GPUS", "")
    draw_picture(tmp_path / "c.png", seed=1)
    draw_picture(tmp_path / "s.png", seed=2)
    weights = str(seeded_weights("alexnet", {"conv1"}))

    def run(*options, content="c.png", style="s.png", out="x.png", light=LIGHT):
        status = main(
            ["transfer", content, style, "--out", out, "--weights", weights, *light, *options]
        )
        return status, capfd.readouterr().err

    return run


def test_it_leaves_a_picture_a_record_and_a_trace(call):
    status, said = call(
        "--record", "x.json", "--trace", "x.csv", "--evaluations", "40", "--precision", "fp32"
    )
    assert status == 0
    with Image.open("x.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGB", (24, 16))
    record = json.loads(Path("x.json").read_text())
    assert list(record)[:11] == [
        "outcome", "evaluations", "seconds", "losses", "terms", "settings", "engine", "inputs",
        "weights", "versions", "device",
    ]  # fmt: skip
    assert record["peak_memory_mb"] > 0
    assert (record["outcome"], record["evaluations"], record["engine"]) == ("completed", 40, ENGINE)
    assert record["device"] == record["settings"]["device"] == "cpu"
    assert set(record["settings"]) == set(FIELDS)
    assert set(record["inputs"]) == {"content", "style"}
    assert record["inputs"]["content"]["path"] == "c.png"
    assert re.fullmatch("[0-9a-f]{64}", record["weights"]["sha256"])
    with Path("x.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == TRACE_COLUMNS
    assert [int(row["evaluation"]) for row in rows] == list(range(1, 41))
    for row in rows:
        parts = sum(float(row[name]) for name in ("content", "style", "tv"))
        assert parts == pytest.approx(float(row["total"]), rel=1e-4)
    assert said.count("evaluation ") == 21  # every second one, and the first
    assert "evaluation 40/40  total" in said


def test_final_losses_are_those_of_the_saved_picture_in_fp32(call, seeded_weights):
    call("--record", "x.json", "--evaluations", "9", "--precision", "bf16", "--tv-weight", "2")
    record = json.loads(Path("x.json").read_text())
    chosen = resolve(record["settings"])
    network = load_backbone(chosen, seeded_weights("alexnet", {"conv1"}), "fp32", torch.device("cpu"))
    content, style = (images.resized(images.read(Path(p))[0], 24) for p in ("c.png", "s.png"))
    saved, _ = images.read(Path("x.png"))
    content, style, saved = map(images.to_tensor, (content, style, saved))
    losses = Objective(network, chosen, content, [Style(style)])(saved)
    for name in ("total", "content", "style", "tv"):
        assert record["losses"][name] == pytest.approx(float(getattr(losses, name)), rel=1e-5)
    terms = record["terms"]
    weighted = chosen.style_weight * sum(terms["style"].values())
    assert weighted == pytest.approx(record["losses"]["style"], rel=1e-5)


def test_the_same_command_gives_the_same_bytes_and_so_does_its_record(call):
    call("--record", "x.json", "--evaluations", "20", "--init", "noise", "--seed", "4")
    call("--evaluations", "20", "--init", "noise", "--seed", "4", out="again.png")
    assert Path("x.png").read_bytes() == Path("again.png").read_bytes()
    settings = json.loads(Path("x.json").read_text())["settings"]
    options = []
    for name, value in settings.items():
        text = FIELDS[name].metadata["kind"].text(value)
        options += ["--" + name.replace("_", "-"), text]
    status, _ = call(*options, out="made-again.png", light=[])
    assert status == 0
    assert Path("x.png").read_bytes() == Path("made-again.png").read_bytes()
    call("--evaluations", "20", "--init", "noise", "--seed", "5", out="other.png")
    assert Path("x.png").read_bytes() != Path("other.png").read_bytes()


@pytest.mark.parametrize("init", ["content", "style", "noise", "i.png"])
def test_where_the_image_starts(call, init, tmp_path):
    draw_picture(tmp_path / "i.png", (30, 70), seed=9)
    status, said = call("--init", init, "--evaluations", "1", "--scales", "1", "--record", "x.json")
    assert status == 0
    note = "equals its start, as no evaluation found a visibly better one: give it more evaluations"
    assert note in said
    made, _ = images.read(Path("x.png"))
    if init != "noise":
        source = {"content": "c.png", "style": "s.png", "i.png": "i.png"}[init]
        with Image.open(source) as picture:
            start = picture.resize((24, 16), Image.Resampling.LANCZOS)
        gap = (images.to_tensor(made) - images.to_tensor(start)).abs().max()
        assert gap <= 1.01 / 255  # the sigmoid keeps one grey level from black and white
    assert ("init" in json.loads(Path("x.json").read_text())["inputs"]) == (init == "i.png")


def test_style_scale_is_the_size_of_the_style_picture(call):
    losses = []
    for scale in ("0.5", "1", "2"):
        call("--style-scale", scale, "--evaluations", "3", "--record", "x.json")
        losses.append(json.loads(Path("x.json").read_text())["losses"]["style"])
    assert len(set(losses)) == 3


def test_an_image_for_the_web_is_a_jpeg_with_its_colours_at_full_resolution(call):
    call("--evaluations", "2", out="x.JPG")
    call("--evaluations", "2", out="x.png")
    with Image.open("x.JPG") as jpeg, Image.open("x.png") as png:
        assert jpeg.format == "JPEG" and JpegImagePlugin.get_sampling(jpeg) == 0
        assert numpy.abs(numpy.asarray(jpeg, float) - numpy.asarray(png, float)).mean() < 4


REFUSED = {
    "no png": (
        ["--evaluations", "1"],
        {"out": "x.gif"},
        "--out x.gif ends in none of .png, .tif, .tiff, .jpg, .jpeg, .webp",
    ),
    "over the content": ([], {"out": "c.png"}, "c.png would be overwritten"),
    "over the style": ([], {"out": "s.png"}, "s.png would be overwritten"),
    "twice the same": (["--record", "x.png"], {}, "x.png would be overwritten"),
    "a folder": ([], {"out": "folder.png"}, "folder.png is a folder"),
    "below a file": ([], {"out": "c.png/x.png"}, "c.png is not a folder"),
    "no content": ([], {"content": "no.png"}, "no.png does not exist"),
    "no init": (["--init", "no.png"], {}, "no.png does not exist"),
    "no weights": (["--weights", "no.pth"], {}, "cannot read the weights no.pth"),
    "wrong weights": (["--weights", "c.png"], {}, "c.png is not a weights file"),
    "shallow weights": (
        ["--size", "40", "--style-layers", "conv3"],
        {},
        "features.6.weight is missing",
    ),
    "bad number": (["--style-weight", "lots"], {}, "--style-weight: 'lots' is not a number from 0"),
    "bad size": (["--size", "-3"], {}, "--size: '-3' is not a whole number from 16 to 16384"),
    "bad choice": (["--optimizer", "lbfg"], {}, "did you mean 'lbfgs'?"),
    "bad layer": (["--style-layers", "conv1_1"], {}, "--style-layers: alexnet has no layer conv1_1"),
    "nothing to do": (["--content-weight", "0", "--style-weight", "0"], {}, "no loss has a weight"),
    "no such flag": (["--siez", "3"], {}, "did you mean '--size'?"),
    "no cuda": (["--device", "cuda"], {}, "device cuda: no GPU is listed here"),
    "tf32 on a cpu": (["--precision", "tf32"], {}, "precision tf32 needs a GPU"),
    "tiles too small": (
        ["--tile", "32"],
        {},
        "--tile: '32' is not one of auto, none, or a whole number",
    ),
    "a style too small": (["--style-scale", "0.1"], {}, "too small for conv1 of alexnet"),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_mistake_is_one_line_and_leaves_nothing(call, tmp_path, case):
    if case in ("no cuda", "tf32 on a cpu") and torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    (tmp_path / "folder.png").mkdir()
    before = sorted(p.name for p in tmp_path.rglob("*"))
    options, places, message = REFUSED[case]
    status, said = call("--trace", "t.csv", *options, **places)
    lines = [line for line in said.splitlines() if not line.startswith("evaluation ")]
    assert status == 2
    assert len(lines) == 1 and lines[0].startswith("error: "), said
    assert message in lines[0]
    assert sorted(p.name for p in tmp_path.rglob("*")) == before


def test_all_wrong_flags_are_listed_at_once(call):
    status, said = call("--size", "1", "--seed", "x", "--tv", "l3")
    assert status == 2
    assert [line.split(":")[1].strip() for line in said.splitlines()] == ["--tv", "--size", "--seed"]


def test_a_terminal_shows_a_bar(call, tmp_path, seeded_weights):
    draw_picture(tmp_path / "c.png", seed=1)
    main_end, end = pty.openpty()
    fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "nst", "transfer", "c.png", "s.png", "--out", "x.png", *LIGHT]
    command += ["--weights", str(seeded_weights("alexnet", {"conv1"})), "--evaluations", "30"]
    done = subprocess.run(
        command, cwd=tmp_path, stderr=end, stdout=end, env={**os.environ, "NST_GPUS": ""}
    )
    os.close(end)
    shown = b""
    while True:
        try:
            part = os.read(main_end, 4096)
        except OSError:  # the other end is closed and all is read
            break
        shown += part
    os.close(main_end)
    assert done.returncode == 0, shown
    assert b"30/30" in shown and b"total" in shown and b"100%" in shown
    assert b"evaluation 1/30" not in shown
