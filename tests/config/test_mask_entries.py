"""Masks in config.yaml: beside their pictures, as settings, and refused with their lines."""

from pathlib import Path

import pytest
import yaml
from conftest import draw_picture
from PIL import Image

from nst.config.grid import expand
from nst.errors import NstError

CONFIG = {"content": {"a": "c.png"}, "style": {"s": "s.png"}, "settings": {"size": 64}}


def grid(**changes):
    Path("config.yaml").write_text(yaml.safe_dump({**CONFIG, **changes}, sort_keys=False))
    return expand(["config.yaml"])


def test_an_entry_names_its_mask_and_settings_below_it_hold_for_the_others(place):
    draw_picture(place / "m.png")
    content = {"a": {"picture": "c.png", "mask": "m.png"}, "b": {"picture": "c.png", "alpha": "keep"}}
    style = {"s": {"picture": "s.png", "mask": "alpha"}}
    first, second = grid(content=content, style=style).cells
    assert (first.settings.mask, first.settings.alpha) == ("m.png", "white")
    assert (second.settings.mask, second.settings.alpha) == ("none", "keep")
    assert first.settings.style_mask == second.settings.style_mask == "alpha"
    assert list(first.inputs) == ["content", "style", "mask"]
    assert list(second.inputs) == ["content", "style"]


def test_a_mask_of_transparent_parts_may_be_protected_by_degrees(place):
    settings = {"size": 64, "mask": "alpha"}
    assert len(grid(settings=settings, grid={"protect": [0, 1]}).cells) == 2


def test_transparency_is_an_axis_of_transparent_pictures(place):
    opaque = {"a": "c.png", "b": "clear.png"}
    Image.new("RGBA", (48, 32), (9, 9, 9, 9)).save("clear.png")
    for axis in ({"alpha": ["white", "keep"]}, {"mask": ["none", "alpha"]}):
        (name,) = axis
        assert len(grid(content={"b": "clear.png"}, grid=axis).cells) == 2
        assert (
            len(grid(content=opaque, grid=axis, exclude=[f"a/*/*{name}-{axis[name][1]}*"]).cells) == 3
        )
        with pytest.raises(
            NstError, match=rf"grid\.{name}: .* make the same image of a, which is opaque"
        ):
            grid(content=opaque, grid=axis)
    axes = {"style_mask": ["none", "alpha"]}
    assert len(grid(style={"s": "clear.png"}, grid=axes).cells) == 2


REFUSED = [
    (
        {"grid": {"alpha": ["white", "keep"]}},
        "grid.alpha: white and keep make the same image of a, which is opaque: remove one of the two,"
        " or exclude a/*/*alpha-keep*",
    ),
    (
        {"grid": {"mask": ["none", "alpha", "c.png"]}, "content": {"a": "c.png", "b": "c.png"}},
        "grid.mask: none and alpha make the same image of a, b, which are opaque: remove one",
    ),
    (
        {"grid": {"style_mask": ["none", "alpha"]}},
        "grid.style_mask: none and alpha make the same image of s, which is opaque: remove one of the"
        " two, or exclude */s/*style_mask-alpha*",
    ),
    (
        {"content": {"a": {"picture": "c.png", "alpha": "keep", "mask": "alpha"}}},
        "config.yaml:5: content.a.mask: alpha adds nothing to alpha keep, by which only what is seen",
    ),
    (
        {"content": {"a": {"picture": "c.png", "mask": "square.png"}}},
        "config.yaml:4: content.a.mask: square.png is 30 x 30 pixels, its picture c.png is 48 x 32",
    ),
    (
        {"content": {"a": {"picture": "c.png", "mask": "no.png"}}},
        "config.yaml:4: content.a.mask: no.png does not exist",
    ),
    (
        {"style": {"s": {"picture": "s.png", "mask": "square.png"}}},
        "config.yaml:6: style.s.mask: square.png is 30 x 30 pixels, its picture s.png is 48 x 32",
    ),
    (
        {"grid": {"protect": [0, 1]}},
        "grid.protect: does not act with mask none: all images of this axis would be the same",
    ),
    (
        {"grid": {"mask_edge": [0, 8]}, "settings": {"size": 64, "mask": "alpha"}},
        "grid.mask_edge: does not act with mask alpha: all images of this axis would be the same",
    ),
    (
        {"grid": {"mask_edge": [0, 8]}},
        "grid.mask_edge: does not act with mask none: all images of this axis would be the same",
    ),
    (
        {"style": {"s": ["s.png", "c.png"]}, "settings": {"size": 64, "style_mask": "c.png"}},
        "style_mask: c.png is the mask of one picture, and the style has 2 pictures",
    ),
]


@pytest.mark.parametrize(("changes", "line"), REFUSED)
def test_masks_that_do_not_fit_are_refused(place, changes, line):
    Image.new("L", (30, 30), 255).save("square.png")
    with pytest.raises(NstError) as refusal:
        grid(**changes)
    assert line in str(refusal.value)
