"""What is said of the originals of a transfer."""

import numpy
import pytest
import torch
from conftest import draw_picture
from odd_pictures import tiff

from nst.config.recipes import resolve
from nst.transfer.originals import read_originals


@pytest.mark.parametrize(
    ("settings", "notes"),
    [
        ({"size": 96}, []),
        ({"size": 97}, ["c.png: was enlarged from 48 x 32 to 97 x 65 pixels"]),
        ({"size": 96, "style_scale": 1.5}, ["s.png: was enlarged from 64 x 64 to 144 x 144 pixels"]),
        ({"size": 32}, []),
    ],
)
def test_a_picture_that_is_more_than_doubled_is_named(tmp_path, monkeypatch, settings, notes):
    monkeypatch.chdir(tmp_path)
    content = draw_picture(tmp_path / "c.png").relative_to(tmp_path)
    style = draw_picture(tmp_path / "s.png", (64, 64)).relative_to(tmp_path)
    said = []
    read_originals({"content": content, "style": style}, resolve(settings), said.append)
    assert said == [f"note: {note}" for note in notes]


def test_a_picture_of_16_bits_reaches_the_network_with_them(tmp_path):
    levels = numpy.arange(0, 96 * 64 * 10, 10, dtype=numpy.uint16).reshape(64, 96, 1).repeat(3, axis=2)
    (tmp_path / "c.tif").write_bytes(tiff(levels))
    style = draw_picture(tmp_path / "s.png", (64, 64))
    settings = resolve({"size": 96, "init": "content", "precision": "fp32"})
    originals = read_originals({"content": tmp_path / "c.tif", "style": style}, settings, print)
    *_, stage = originals.stages(settings, torch.device("cpu"))
    assert len(stage.content.unique()) == len(stage.start.unique()) == 96 * 64
    assert [one.get("bits") for one in originals.inputs().values()] == [16, None]
