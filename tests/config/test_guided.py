"""Regions of contents and styles, and styles that guide them, in a config."""

import pytest
import yaml
from conftest import draw_picture
from PIL import Image

from nst.config.grid import expand
from nst.errors import NstError

MASKS = {"face": "face.png", "rest": "rest.png"}
STYLES = {"s": "s.png", "t": {"picture": "t.png", "regions": {"sky": "sky.png"}}}
GUIDE = {"face": {"style": "s", "weight": 0.3}, "rest": {"style": "t", "region": "sky"}}


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: a guide and other sections -> the cells by their ids."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate("cdst"):
        draw_picture(tmp_path / f"{name}.png", (48, 32), seed)
    for name in ("face", "rest", "sky"):
        Image.new("L", (48, 32), 255).save(f"{name}.png")

    def build(guide=GUIDE, contents=("c",), **sections):
        data = {
            "content": {name: {"picture": f"{name}.png", "regions": MASKS} for name in contents},
            "style": {"scene": {"guide": guide}, **STYLES},
            "settings": {"backbone": "alexnet", "recipe": "gatys", "size": 64},
            **sections,
        }
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
        return {cell.id: cell for cell in expand(["config.yaml"]).cells}

    return build


def test_a_guided_style_has_the_pictures_the_masks_and_the_weights_of_its_regions(grid):
    cell = grid()["c/scene/only"]
    assert cell.settings.guide == [["face", 0.3], ["rest", 1.0]]
    assert cell.settings.style_mask == ["none", "sky.png"]
    assert {name: str(path) for name, path in cell.inputs.items()} == {
        "content": "c.png",
        "style": "s.png",
        "style_2": "t.png",
        "region_face": "face.png",
        "region_rest": "rest.png",
        "style_2_mask": "sky.png",
    }


def test_styles_that_are_not_guided_know_no_regions(grid):
    cells = grid()
    for name, picture in (("s", "s.png"), ("t", "t.png")):
        cell = cells[f"c/{name}/only"]
        assert (cell.settings.regions, cell.settings.guide, cell.settings.style_mask) == (
            {},
            [],
            "none",
        )
        assert list(map(str, cell.inputs.values())) == ["c.png", picture]


def test_only_the_regions_that_are_guided_are_inputs(grid):
    cell = grid({"rest": "t"})["c/scene/only"]
    assert cell.settings.guide == [["rest", 1.0]]
    assert cell.settings.regions == {"rest": "rest.png"}


def test_the_mask_of_a_style_limits_it_in_a_guide_too(grid):
    styles = {**STYLES, "s": {"picture": "s.png", "mask": "sky.png"}, "scene": {"guide": GUIDE}}
    cell = grid(style=styles)["c/scene/only"]
    assert cell.settings.style_mask == ["sky.png", "sky.png"]


def test_a_content_without_the_regions_is_refused_unless_the_pair_is_left_out(grid):
    contents = {"c": {"picture": "c.png", "regions": MASKS}, "d": "d.png"}
    with pytest.raises(NstError, match=r"d has no regions face, rest: .* exclude d/scene"):
        grid(content=contents)
    assert "d/scene/only" not in grid(content=contents, exclude=["d/scene"])


def test_a_region_that_an_override_takes_away_is_not_called_misspelt(grid):
    with pytest.raises(NstError, match=r"c has no region face: add it to `regions` of the content"):
        grid(overrides={"content": {"c": {"regions": {"rest": "rest.png"}}}})


def test_modes_are_axes_and_idle_without_a_guide(grid):
    styles = {"s": "s.png", "scene": {"guide": {"face": "s"}}}
    axes = {"guide_mode": ["simple", "inside"]}
    assert len(grid(style=styles, grid=axes, exclude=["c/s"])) == 2
    with pytest.raises(NstError, match="guide_mode: does not act with guide none"):
        grid(style=styles, grid=axes)


def test_a_guide_that_is_an_axis_is_refused_beside_guided_styles(grid):
    with pytest.raises(NstError, match=r"style\.scene.guide: sets guide, an axis of `grid` already"):
        grid(grid={"guide": ["face=1,rest=1", "face=0.5,rest=1"]})


def test_the_options_of_one_image_make_it_again(grid):
    cell = grid()["c/scene/only"]
    flags = cell.flags()
    pairs = dict(zip(flags[::2], flags[1::2], strict=True))
    assert pairs["--regions"] == "face=face.png,rest=rest.png"
    assert pairs["--guide"] == "face=0.3,rest=1"
    assert pairs["--style-mask"] == "none,sky.png"


def test_steps_to_a_guided_style_are_refused(grid):
    with pytest.raises(NstError, match="scene has guide of its own: only pictures"):
        grid(interpolate=[{"from": "s", "to": "scene", "steps": 3}])
