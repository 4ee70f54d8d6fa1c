"""Entries of `style` and `content`: pictures, blends, folders, parts by layers, and their settings."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from conftest import draw_picture

from nst.config.grid import expand
from nst.errors import NstError
from nst.results.cell_command import config as config_of

STYLES = {"s": "s.png", "t": "t.png"}


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: entries of `style` and other sections -> the grid."""
    monkeypatch.chdir(tmp_path)
    names = ("c", "s", "t", "works/a", "works/b", "works/c", "odd/x[1]", "odd/x1")
    for seed, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        draw_picture(tmp_path / f"{name}.png", seed=seed)
    (tmp_path / "empty").mkdir()

    def build(style, **sections):
        style = STYLES | style if isinstance(style, dict) else style
        settings = {
            "backbone": "alexnet",
            "recipe": "gatys",
            "size": 64,
            **sections.pop("settings", {}),
        }
        data = {"content": {"c": "c.png"}, "style": style, "settings": settings, **sections}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(data, sort_keys=False))
        return expand(["config.yaml"])

    return build


LAYERS = {"style_layers": ["relu1", "relu2", "relu3"]}
ENTRIES = {  # an entry -> the names of its pictures, its blend
    "a picture": ("s.png", ["s"], "equal"),
    "a picture by its key": ({"picture": "s.png"}, ["s"], "equal"),
    "weights": ({"s.png": 3, "t.png": "1e0"}, ["s", "t"], [3.0, 1.0]),
    "a weight of nothing": ({"s.png": 0, "t.png": 2}, ["s", "t"], [0.0, 2.0]),
    "a list": (["t.png", "s.png"], ["t", "s"], "equal"),
    "a folder": ("works", ["a", "b", "c"], "equal"),
    "a glob": ("works/[ab].png", ["a", "b"], "equal"),
    "a folder with weights": (
        {"picture": "works/", "blend": "1,2,3"},
        ["a", "b", "c"],
        [1.0, 2.0, 3.0],
    ),
    "parts": (
        {
            "fine": {"picture": "s.png", "layers": ["relu1", "relu2"]},
            "rest": {"picture": "t.png", "layers": "relu3"},
        },
        ["s", "t"],
        {"relu1": [1.0, 0.0], "relu2": [1.0, 0.0], "relu3": [0.0, 1.0]},
    ),
    "parts with weights": (
        {"a": {"picture": "s.png", "layers": {"relu1": 2}, "weight": 3}, "b": {"picture": "t.png"}},
        ["s", "t"],
        {"relu1": [6.0, 1.0], "rest": [0.0, 1.0]},
    ),
    "a part for the rest": (
        {"a": {"picture": "s.png", "layers": ["relu2"]}, "b": {"picture": "t.png", "layers": "rest"}},
        ["s", "t"],
        {"relu2": [1.0, 0.0], "rest": [0.0, 1.0]},
    ),
    "parts without layers": (
        {"a": {"picture": "s.png", "weight": 2}, "b": {"picture": "t.png"}},
        ["s", "t"],
        [2.0, 1.0],
    ),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_its_pictures_and_its_weights(grid, name):
    entry, pictures, blend = ENTRIES[name]
    cell = grid({"x": entry}, settings=LAYERS).by_id["c/x/only"]
    assert [path.stem for path in cell.style_pictures] == pictures
    assert cell.settings.blend == blend
    assert cell.style_picture == cell.style_pictures[0]
    numbers = [f"style_{n}" for n in range(2, len(pictures) + 1)]
    assert list(cell.inputs) == ["content", "style", *numbers]


@pytest.mark.parametrize("name", ENTRIES)
def test_the_config_of_one_cell_asks_for_that_cell(grid, name, tmp_path):
    execution = {"precision": "fp32", "device": "cpu", "tile": "none"}
    built = grid({"x": ENTRIES[name][0]}, settings=LAYERS)
    cell = built.by_id["c/x/only"]
    (tmp_path / "one.yaml").write_text(config_of(built, cell, SimpleNamespace(settings=execution)))
    (again,) = expand(["one.yaml"]).cells
    assert (again.inputs, again.settings.pixels() | {"precision": "auto"}) == (
        cell.inputs,
        cell.settings.pixels(),
    )


def test_a_folder_at_the_top_is_a_style_for_each_picture(grid):
    assert [cell.style for cell in grid("works").cells] == ["a", "b", "c"]


def test_an_entrys_settings_lie_above_settings_and_below_the_grid_and_overrides(grid):
    entry = {"x": {"s.png": 3, "t.png": 1}}
    assert grid(entry, settings={"blend": [1]}).by_id["c/x/only"].settings.blend == [3.0, 1.0]
    overrides = {"style": {"x": {"blend": [1, 1]}}}
    assert grid(entry, overrides=overrides).by_id["c/x/only"].settings.blend == [1.0, 1.0]


def test_an_axis_of_blends_is_named_by_its_weights(grid):
    built = grid(
        {"s": ["s.png", "t.png"], "t": "works/[ab].png"}, grid={"blend": [[3, 1], "0,1", "equal"]}
    )
    assert built.variants == ["blend-3+1", "blend-0+1", "blend-equal"]
    layers = {"relu1": [1, 0], "rest": "0:1"}
    built = grid(
        {"s": ["s.png", "t.png"], "t": "works/[ab].png"}, grid={"blend": [layers]}, settings=LAYERS
    )
    assert built.variants == ["blend-relu1=1-0+rest=0-1"]


REFUSED = {  # an entry x, or whole sections -> the line
    "an empty folder": (
        "empty",
        "style.x: no picture in 'empty' (pictures end in .jpg,",
        "`style: empty` at the top makes a style of each picture",
    ),
    "no folder": ("nowhere/*", "style.x: no file matches 'nowhere/*'"),
    "an empty list": ([], "style.x: [] is not a picture, a folder, a list of pictures"),
    "no pictures": ({}, "style.x: {} is not a picture, a folder, a list of pictures"),
    "a number": (3, "style.x: 3 is not the path of a picture"),
    "weights of nothing": ({"s.png": 0, "t.png": 0}, "style.x: [0.0, 0.0]: the weights sum to nothing"),
    "a negative weight": ({"s.png": -1}, "style.x.s.png: -1 is not a number from 0 to 1e12"),
    "a weight that is no number": ({"s.png": ".nan"}, "style.x.s.png: '.nan' is not a number from 0"),
    "a folder in a blend": ({"works": 1, "t.png": 1}, "style.x.works: 'works' is not one picture: a"),
    "a style in a blend": ({"s": 1, "t.png": 1}, "style.x.s: s does not exist"),
    "a blend in a blend": ([["s.png"]], "style.x[0]: ['s.png'] in a blend: blends are not nested"),
    "a path that is both": ("odd/x[1].png", "style.x: 'odd/x[1].png' is a picture, and a pattern of"),
    "an unknown key": ({"picture": "s.png", "wieght": 3}, "style.x.wieght: unknown key"),
    "too few weights": (
        {"picture": "works", "blend": [1, 2]},
        "style.x.blend: has 2 weights for the style x of 3 pictures: give one weight for each picture",
    ),
    "an unknown layer": (
        {"a": {"picture": "s.png", "layers": ["relu9"]}, "b": {"picture": "t.png"}},
        "style.x.a.layers: 'relu9' is not a layer of any backbone",
    ),
    "a layer without a picture": (
        {
            "a": {"picture": "s.png", "layers": ["relu1"]},
            "b": {"picture": "t.png", "layers": ["relu2"]},
        },
        "style.x: gives no weights for relu3 of style_layers: name them, or rest",
    ),
    "a picture without a layer": (
        {"a": {"picture": "s.png", "layers": ["conv1"]}, "b": {"picture": "t.png", "layers": "rest"}},
        "style.x: gives picture 1 weights only at conv1, and style_layers are relu1, re",
    ),
    "a part of no weight": (
        {
            "a": {"picture": "s.png", "layers": "relu1", "weight": 0},
            "b": {"picture": "t.png", "layers": "rest"},
        },
        "style.x: relu1: [0.0, 0.0]: the weights sum to nothing",
    ),
    "a part that is a number": (
        {"a": {"picture": "s.png"}, "b": 3},
        "style.x.b: 3 is not a part, {picture: path, layers: [...]}",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_entries_are_refused_in_a_line(grid, name):
    entry, *words = REFUSED[name]
    with pytest.raises(NstError) as refusal:
        grid({"x": entry}, settings=LAYERS)
    (line,) = str(refusal.value).splitlines()
    assert all(word in line for word in words), line
    assert line.startswith("config.yaml:")


def test_a_blend_by_its_own_name_is_not_told_to_name_its_pictures(grid):
    with pytest.raises(NstError, match=r"style\.x\[0\]: x does not exist$"):
        grid({"x": ["x", "s.png"]})


def test_a_glob_of_nothing_is_not_told_to_stand_at_the_top(grid):
    with pytest.raises(NstError, match=r"no file matches '\*\.jpgg' \(pictures end in [^)]*\)$"):
        grid({"x": "*.jpgg"})


def test_too_many_pictures_are_refused(grid, tmp_path):
    (tmp_path / "many").mkdir()
    for number in range(65):
        (tmp_path / f"many/{number}.png").symlink_to("../s.png")
    with pytest.raises(NstError, match="65 pictures are one style here; the most is 64: `style: many`"):
        grid({"x": "many"})


SECTIONS = {
    "weights of another number": (
        {"grid": {"blend": [[3, 1]]}},
        "grid.blend[0]: has 2 weights for the styles s, t of 1 picture: give one weight for each",
    ),
    "weights of two other numbers": (
        {"style": {"x": ["s.png", "t.png", "works/a.png"]}, "settings": {"blend": [3, 1]}},
        "settings.blend: has 2 weights for the style x of 3 pictures: give one",
    ),
    "one blend as an axis of two": (
        {"style": {"s": ["s.png", "t.png"]}, "grid": {"blend": [3, 1]}},
        "several blends are a list of lists, [[3, 1], [1, 3]]",
    ),
    "an axis that an entry sets": (
        {"style": {"x": {"s.png": 3, "t.png": 1}}, "grid": {"blend": ["equal"]}},
        "style.x: sets blend, an axis of `grid` already; remove one of the two",
    ),
    "prints of another number": (
        {"prints": {"settings": {"size": 128, "blend": [1, 2]}, "cells": ["c/s/only"]}},
        "prints.settings: has 2 weights for the style s of 1 picture",
    ),
    "a folder at the top without pictures": (
        {"style": "empty"},
        "for one style of all pictures of a folder, give it a name",
    ),
    "a content that is a list": (
        {"content": {"c": ["c.png"]}},
        "content.c: ['c.png'] is not one",
    ),
    "a content without its picture": ({"content": {"c": {"mist": 1}}}, "content.c.mist: unknown key"),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_bad_sections_are_refused(grid, name):
    sections, words = SECTIONS[name]
    with pytest.raises(NstError) as refusal:
        grid(sections.pop("style", {}), **sections)
    assert words in str(refusal.value)


def test_a_blend_that_suits_no_style_is_said_once(grid):
    contents, styles = {"c": "c.png", "d": "c.png"}, {"x": ["s.png", "t.png"]}
    with pytest.raises(NstError) as refusal:
        grid(styles, content=contents, grid={"blend": [[1, 2, 3]]})
    assert len(str(refusal.value).splitlines()) == 2  # for styles of one picture, and of two


def test_paths_begin_at_home(grid, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    cell = grid({"x": {"~/s.png": 1, "~/t.png": 2}}).by_id["c/x/only"]
    assert cell.style_pictures == (Path(f"{tmp_path}/s.png"), Path(f"{tmp_path}/t.png"))
