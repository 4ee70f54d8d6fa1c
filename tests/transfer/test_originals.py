"""What is said of the originals of a transfer."""

import pytest
from conftest import draw_picture

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
