"""What the page holds of prints: those that are made and current, beside their images."""

import hashlib
from dataclasses import replace
from pathlib import Path

from conftest import draw_picture
from grids import build_grid, made_record, write_trace

from nst.config.grid import expand
from nst.disk.record import record_bytes
from nst.results.gallery import write_gallery
from nst.results.page_data import page_data
from nst.results.page_paths import PAGE
from nst.results.prints_data import prints_data
from nst.results.states import survey

ONE, OTHER = "c/s/style_weight-1", "c/s/style_weight-10"


def with_prints(place, **settings):
    """A made grid of two images, with prints of both asked for."""
    build_grid(place, axes={"style_weight": [1, 10]})
    prints = {"settings": {"size": 96, "tv_weight": 2}, "cells": [ONE, OTHER]}
    return expand(["config.yaml"], {"prints": {**prints, **settings}})


def make(one, sha256=None):
    """Put a print in its place, made from its image as it is."""
    draw_picture(one.file(".png"), (36, 24))
    start = one.start.file(".png")
    sha256 = sha256 or hashlib.sha256(start.read_bytes()).hexdigest()
    record = made_record(one, inputs={"start": {"path": str(start), "sha256": sha256}})
    one.file(".json").write_bytes(record_bytes(record))
    write_trace(one, [(1.0, 1.0)])


def test_a_print_is_beside_its_image_with_what_differs(place):
    grid = with_prints(place)
    make(grid.prints[0])
    write_gallery(grid, PAGE)
    cells = page_data(grid, survey(grid.cells), [], set())["cells"]
    assert ["print" in cell for cell in cells] == [True, False]
    shown = cells[0]["print"]
    assert shown["picture"] == f"prints/{ONE}.png"
    assert shown["record"] == f"prints/{ONE}.json"
    assert shown["size"] == (36, 24)
    assert shown["settings"] == {"tv_weight": "2", "size": "96"}
    assert (shown["start"], shown["evaluations"], shown["seconds"]) == ("cell", 7, 1.25)
    words = shown["command"].split()
    assert words[words.index("--start") + 1] == f"results/cells/{ONE}.png"
    assert words[words.index("--size") + 1] == "96"
    assert cells[0]["size"] == (24, 16)


def test_a_damaged_print_is_left_off_the_page(place, capsys):
    grid = with_prints(place)
    for one in grid.prints:
        make(one)
    grid.prints[0].file(".png").write_bytes(b"x")
    assert list(prints_data(grid)) == [OTHER]
    (note,) = capsys.readouterr().err.splitlines()
    assert note.startswith(f"note: results/prints/{ONE}.png ")
    assert note.endswith("it is not on the page: remove it and run snakemake prints")


def test_a_print_of_an_image_that_was_made_again_is_not_shown(place):
    grid = with_prints(place)
    make(grid.prints[0])
    make(grid.prints[1], sha256="0" * 64)
    assert list(prints_data(grid)) == [ONE]
    draw_picture(Path(f"results/cells/{ONE}.png"), (24, 16), seed=9)
    assert prints_data(grid) == {}
    (reason,) = {state.reason for state in survey(grid.prints).values()}
    assert "the image it starts from was made again" in reason


def test_a_print_is_not_made_again_for_settings_of_a_start_of_its_own(place):
    grid = with_prints(place)
    make(grid.prints[0])
    again = expand(["config.yaml"], {**grid.config.data, "settings": {"seed": 3, "init": "style"}})
    one = again.prints[0]
    assert survey([one])[ONE].kind == "made"
    assert not {"--init", "--seed"} & set(one.flags())
    afresh = replace(one, start=None)
    assert survey([afresh])[ONE].kind == "outdated"
    assert "--init" in afresh.flags()
