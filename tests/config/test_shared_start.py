"""`shared_start`: which cells start from which image, and mistakes in the section."""

import json
from pathlib import Path

import pytest
import yaml
from conftest import draw_picture
from grids import made_record

from nst.config.grid import expand
from nst.config.recipes import load
from nst.errors import NstError
from nst.results.cell_command import command
from nst.results.cell_command import config as config_of
from nst.workflow.cells import transfer_flags

NUMBERS = "evaluations-126_style_weight-1"
SHARED = f"results/starts/c/s/size-64_{NUMBERS}.png"


@pytest.fixture
def grid(place):
    """A function (section, other keys) -> the grid of two styles and two sizes."""
    draw_picture(place / "t.png", seed=5)

    def expanded(section, **more):
        config = {
            "content": {"c": "c.png"},
            "style": {"s": "s.png", "t": "t.png"},
            "grid": {"style_weight": [0.1, 10], "size": [64, 96]},
            "settings": {"evaluations": 70},
            **more,
            **({"shared_start": section} if section else {}),
        }
        Path("config.yaml").write_text(json.dumps(config, indent=1))
        return expand(["config.yaml"])

    return expanded


def starts(grid):
    """The path of each cell's start, by the cell's id."""
    return {cell.id: cell.start and cell.start.file(".png").as_posix() for cell in grid.cells}


def test_cells_that_differ_in_style_weight_only_share_a_start(grid):
    shared = starts(grid({"evaluations": 126}))
    assert len(shared) == 8
    for style in ("s", "t"):
        for size in (64, 96):
            pair = [f"c/{style}/style_weight-{weight}_size-{size}" for weight in (0.1, 10)]
            assert {shared[name] for name in pair} == {
                f"results/starts/c/{style}/size-{size}_{NUMBERS}.png"
            }
    assert set(starts(grid(None)).values()) == {None}


def test_without_another_axis_it_is_called_by_the_numbers_of_the_section(grid):
    ids = {f"c/{style}/evaluations-9_style_weight-3" for style in ("s", "t")}
    section = {"evaluations": 9, "style_weight": 3}
    one = grid(section, grid={"style_weight": [1, 3]})
    assert {start.id for start in one.of_starts.cells} == ids
    more = grid(section, grid={"evaluations": [5, 9]}, settings={"size": 64})
    assert {start.id for start in more.of_starts.cells} == ids


def test_a_start_has_the_settings_of_its_cells_but_for_those_of_the_section(grid):
    settings = {"evaluations": 70, "snapshot_every": 5, "format": "tiff16", "dpi": 240}
    (start, *_) = grid({"evaluations": 126}, settings=settings).of_starts.cells
    own = start.settings
    assert (own.evaluations, own.size) == (126, 64)
    assert own.style_weight == load(own.recipe)["settings"]["style_weight"]
    assert (own.snapshot_every, own.format, own.dpi, start.beside) == (0, "png", 300, None)
    (start, *_) = grid({"evaluations": "1e2", "style_weight": 3}).of_starts.cells
    assert (start.settings.style_weight, start.settings.evaluations) == (3, 100)


def test_another_weight_leaves_the_starts_as_they_are(grid):
    two = grid({"evaluations": 126})
    three = grid({"evaluations": 126}, grid={"style_weight": [0.1, 1, 10], "size": [64, 96]})
    assert two.of_starts.cells == three.of_starts.cells
    assert len(three.cells) == 12


def test_a_cell_with_an_override_of_its_own_has_a_start_of_its_own(grid):
    name = "c/s/style_weight-10_size-64"
    own = grid({"evaluations": 126}, overrides={"cell": {name: {"tv_weight": 7}}})
    assert starts(own)[name] == f"results/starts/{name}_{NUMBERS}.png"
    assert own.by_id[name].start.settings.tv_weight == 7
    assert starts(own)["c/s/style_weight-0.1_size-64"] == SHARED
    for settings in ({"evaluations": 99}, {}):
        none = grid({"evaluations": 126}, overrides={"cell": {name: settings}})
        assert starts(none)[name] == SHARED


def test_a_print_starts_from_the_image_of_its_cell(grid):
    name = "c/s/style_weight-10_size-64"
    prints = {"settings": {"size": 128}, "cells": [name]}
    (one,) = grid({"evaluations": 126}, prints=prints).prints
    assert one.start.file(".png").as_posix() == f"results/cells/{name}.png"
    (one,) = grid({"evaluations": 126}, prints={**prints, "start": "afresh"}).prints
    assert one.start is None


FAULTS = [
    ({}, "shared_start: {} is not a mapping with `evaluations`; leave `shared_start` out for"),
    (70, "shared_start: 70 is not a mapping with `evaluations`"),
    ({"style_weight": 1}, "shared_start: does not say how many `evaluations` the start makes"),
    ({"evaluations": 9, "size": 64}, "shared_start.size: unknown key (known: evaluations,"),
    ({"evaluation": 9}, "shared_start.evaluation: unknown key; did you mean 'evaluations'?"),
    ({"evaluations": "many"}, "shared_start.evaluations: 'many' is not a whole number"),
    ({"evaluations": [9, 10]}, "shared_start.evaluations: [9, 10] is not a whole number"),
    ({"evaluations": 9, "style_weight": -1}, "shared_start.style_weight: -1 is not a number from 0"),
    ({"evaluations": 9, "style_weight": None}, "shared_start.style_weight: None is not"),
]


@pytest.mark.parametrize(("section", "message"), FAULTS, ids=lambda one: str(one)[:40])
def test_a_mistake_is_named_with_its_line(grid, section, message):
    with pytest.raises(NstError) as error:
        grid(section or None, **({} if section else {"shared_start": {}}))
    first = str(error.value).splitlines()[0]
    place, _, text = first.partition(": ")
    assert place.startswith("config.yaml:") and text.startswith(message)
    line = Path("config.yaml").read_text().splitlines()[int(place.split(":")[1]) - 1]
    assert message.split(":")[0].split(".")[-1] in line


def test_the_config_of_one_cell_has_the_section_and_what_the_start_is_made_of(grid):
    settings = {"evaluations": 70, "init": "noise", "seed": 3, "precision": "fp32"}
    whole = grid({"evaluations": 126}, settings=settings)
    cell = whole.by_id["c/s/style_weight-10_size-64"]
    data = yaml.safe_load(config_of(whole, cell, made_record(cell)))
    Path("alone.yaml").write_text(yaml.safe_dump(data))
    (alone,) = expand(["alone.yaml"]).cells
    assert data["shared_start"]["evaluations"] == 126
    for one, other in ((alone, cell), (alone.start, cell.start)):
        assert one.settings.pixels() == other.settings.pixels()


def test_a_job_is_told_what_its_start_was_made_with_and_a_person_is_not(grid):
    whole = grid({"evaluations": 126}, settings={"init": "noise", "seed": 3})
    cell = whole.by_id["c/s/style_weight-10_size-64"]
    line = " ".join(transfer_flags(cell))
    assert "--init noise" in line and "--seed 3" in line and f"--start {SHARED}" in line
    typed = command(whole, cell, made_record(cell))
    assert "--init" not in typed and "--seed" not in typed and f"--start {SHARED}" in typed


def test_a_start_without_any_loss_is_refused(grid):
    settings = {"content_weight": 0, "init": "noise"}
    axes = {"style_weight": [1, 3]}
    with pytest.raises(
        NstError, match=r"/c/s/evaluations-9_style_weight-0.png cannot be made: no loss has a"
    ):
        grid({"evaluations": 9, "style_weight": 0}, grid=axes, settings=settings)
