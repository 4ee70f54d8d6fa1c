"""`nst reproduce` with a record from before a setting was there, or before 16 bits were read."""

import json
from pathlib import Path

import numpy
from conftest import draw_picture
from light import arguments
from odd_pictures import tiff

from nst.cli import main


def test_how_another_picture_differs_is_said(place, seeded_weights, capsys):
    weights = seeded_weights("alexnet", {"conv1"})
    assert main(arguments(weights)) == 0
    record = json.loads(Path("x.json").read_text())
    del record["settings"]["tile"]
    Path("x.json").write_text(json.dumps(record))
    assert main(["reproduce", "x.json", "--weights", str(weights)]) == 0
    draw_picture(place / "x.png", (24, 16), seed=9)
    capsys.readouterr()
    assert main(["reproduce", "x.json", "--weights", str(weights)]) == 1
    assert capsys.readouterr().out.startswith("differs: ")


def test_a_picture_that_was_read_with_fewer_bits_is_named(place, seeded_weights, capsys):
    ramp = numpy.arange(24 * 16, dtype=numpy.uint16).reshape(16, 24, 1).repeat(3, axis=2) * 170
    (place / "c.png").write_bytes(tiff(ramp))
    weights = seeded_weights("alexnet", {"conv1"})
    assert main(arguments(weights)) == 0
    record = json.loads(Path("x.json").read_text())
    assert record["inputs"]["content"].pop("bits") == 16
    Path("x.json").write_text(json.dumps(record))
    Path("x.png").write_bytes(Path("s.png").read_bytes())  # another picture than was made
    capsys.readouterr()
    assert main(["reproduce", "x.json", "--weights", str(weights)]) == 1
    assert "bits read of the content picture 8 -> 16" in capsys.readouterr().out
