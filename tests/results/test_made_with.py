"""What the page says an image was made with."""

from dataclasses import replace
from pathlib import Path

import pytest

from nst.config.cell import Cell
from nst.config.recipes import resolve
from nst.results.made_with import guide_rows, made_with, percent

LAYERS = {"conv1_1": 1.0, "conv2_1": 1.0, "conv3_1": 1.0}


def cell_of(pictures=("s.png",), **settings):
    """A cell with these style pictures and settings."""
    chosen = replace(resolve({"recipe": "gatys"}), style_layers=LAYERS, **settings)
    return Cell("c", "s", "only", {}, Path("c.png"), tuple(map(Path, pictures)), chosen)


def lines(cell):
    return {name: list(text) for name, text in made_with(cell)}


def test_a_plain_image_needs_no_words():
    assert made_with(cell_of()) == []


def test_the_pictures_of_a_style_are_named_with_their_shares():
    found = lines(cell_of(("a/strokes.jpg", "b/glass.jpg", "c/old.jpg"), blend=[3.0, 1.0, 0.0]))
    assert found == {"style pictures": ["strokes.jpg: 75 %", "glass.jpg: 25 %", "old.jpg: 0 %"]}
    assert lines(cell_of(("a.jpg", "b.jpg")))["style pictures"] == ["a.jpg: 50 %", "b.jpg: 50 %"]


def test_pictures_of_one_name_are_told_apart_by_their_folders():
    found = lines(cell_of(("a/1.jpg", "b/1.jpg", "b/2.jpg")))["style pictures"]
    assert [line.split(":")[0] for line in found] == ["a/1.jpg", "b/1.jpg", "2.jpg"]


def test_shares_by_layer_are_named_with_their_layers():
    blend = {"conv1_1": [1.0, 0.0], "conv2_1": [1.0, 3.0], "rest": [0.0, 1.0]}
    assert lines(cell_of(("a.jpg", "b.jpg"), blend=blend))["style pictures"] == [
        "a.jpg: 100 % at conv1_1; 25 % at conv2_1",
        "b.jpg: 75 % at conv2_1; 100 % at conv3_1",
    ]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50 %"), (1 / 3, "33 %"), (0, "0 %"), (0.004, "0.4 %"), (1e-9, "1e-07 %"), (1, "100 %")],
)
def test_shares_are_percent(share, text):
    assert percent(share) == text


def test_a_guided_style_tells_where_each_picture_acts():
    regions = {"face": "face.png", "rest": "rest.png", "sky": "sky.png"}
    guide = [["face", 0.3], ["rest", 1.0], ["sky", 0.0]]
    cell = cell_of(("a.jpg", "b.jpg", "c.jpg"), regions=regions, guide=guide, guide_mode="inside")
    assert guide_rows(cell) == (("face", "face: a.jpg, weight 0.3"), ("rest", "rest: b.jpg"))
    assert lines(cell) == {
        "regions": ["face: a.jpg, weight 0.3", "rest: b.jpg"],
        "guide mode": ["only what sees nothing beyond its region"],
    }


def test_masks_of_several_style_pictures_are_told_one_by_one():
    cell = cell_of(("a.jpg", "b.jpg", "c.jpg"), style_mask=["none", "m/sky.png", "alpha"])
    assert lines(cell)["style mask"] == [
        "a.jpg: all of it counts",
        "b.jpg: only what is white in sky.png",
        "c.jpg: transparent parts do not count",
    ]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"colour": "keep"}, {"colour": ["the content's colours are kept"]}),
        (
            {"colour": "match", "colour_map": "cholesky"},
            {
                "colour": ["the style was given the content's colours first"],
                "colour map": ["cholesky"],
            },
        ),
        ({"colour_map": "cholesky"}, {}),  # which does not act
        ({"mask": "none", "mask_edge": 20.0, "protect": 0.5}, {}),  # neither do these
        (
            {"mask": "m/face.png", "mask_edge": 20.0, "protect": 0.5},
            {
                "mask": ["face.png: white is stylised, black is left as the content"],
                "mask edge": ["20 pixels wide, inside the white"],
                "protect": ["50 % of the content stays where the mask is black"],
            },
        ),
        ({"mask": "alpha"}, {"mask": ["the transparent parts of the content are left as they are"]}),
        ({"alpha": "keep"}, {"alpha": ["the transparency of the content is kept"]}),
        ({"style_mask": "m/sky.png"}, {"style mask": ["only what is white in sky.png"]}),
        ({"init": "content", "init_mix": 0.25, "edges_pool": 8}, {}),  # neither do these
        ({"padding": "circular"}, {"padding": ["seamless: opposite edges fit together"]}),
        ({"padding": "replicate"}, {}),
        (
            {"init": "noise", "init_mix": 0.25},
            {"init mix": ["25 % of the start is what `init` says, the rest is the content"]},
        ),
    ],
)  # fmt: skip
def test_controls_that_are_not_as_usual_are_told_in_words(settings, found):
    assert lines(cell_of(**settings)) == found
