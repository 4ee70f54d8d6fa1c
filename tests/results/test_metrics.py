"""What is stored of metrics, and that only what fits the image in place is read."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import draw_picture
from grids import build_grid

from nst.config.grid import expand
from nst.disk.sums import Sums
from nst.results.metrics import (
    METRICS,
    PairMetrics,
    keep_part,
    mark,
    pair_file,
    part_file,
    store,
    stored,
    style_sum,
    to_measure,
    write_pair,
)
from nst.results.table import write_table

NUMBERS = {"lpips": 0.25, "ssim": 0.5, "style_distance": 1.5, "colour_distance": 12.0}


@pytest.fixture
def grid(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, axes={"style_weight": [10, 100]})
    sums = Sums()
    images = {cell.id: (sums.of(cell.file(".png")), NUMBERS) for cell in grid.cells}
    originals = sums.of(grid.cells[0].content_picture), sums.of(grid.cells[0].style_picture)
    write_pair(pair_file("c", "s"), PairMetrics(*originals, images))
    return grid


def test_what_is_stored_of_the_images_in_place_is_read(grid):
    assert tuple(NUMBERS) == METRICS
    assert stored(grid) == {cell.id: NUMBERS for cell in grid.cells}


def test_of_an_image_that_was_made_again_nothing_is_known(grid, tmp_path):
    first, second = grid.cells
    draw_picture(tmp_path / first.file(".png"), (24, 16), seed=9)
    assert stored(grid) == {second.id: NUMBERS}


@pytest.mark.parametrize("name", ["c.png", "s.png"])
def test_what_was_measured_against_another_original_is_not_read(grid, tmp_path, name):
    draw_picture(tmp_path / name, seed=9)
    assert stored(grid) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(version=0),
        lambda data: data.update(content=5),
        lambda data: data["images"].update({"c/s/style_weight-10": {"lpips": 0.5}}),
        lambda data: data["images"]["c/s/style_weight-10"].update(lpips="<b>"),
        lambda data: data["images"]["c/s/style_weight-10"].update(ssim=True),
        lambda data: data["images"]["c/s/style_weight-10"].update(ssim=float("inf")),
        lambda data: data.update(images=[1]),
    ],
)
def test_a_damaged_file_is_no_file(grid, change):
    path = pair_file("c", "s")
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    assert stored(grid) == {}


def test_numbers_that_an_image_is_too_small_for_are_left_out(grid):
    first, second = grid.cells
    sums = Sums()
    images = {
        first.id: (sums.of(first.picture), {"colour_distance": 3.0}),
        second.id: (sums.of(second.picture), {}),
    }
    write_pair(
        pair_file("c", "s"),
        PairMetrics(sums.of(first.content_picture), sums.of(first.style_picture), images),
    )
    assert stored(grid) == {first.id: {"colour_distance": 3.0}}
    assert to_measure([first, second], sums) == []  # there is nothing more to be had


def test_the_table_has_the_metrics_of_images_that_are_measured(grid, tmp_path):
    draw_picture(tmp_path / grid.cells[0].picture, (24, 16), seed=9)
    write_table(grid, tmp_path / "losses.csv")
    with (tmp_path / "losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["lpips"] for row in rows] == ["", "0.25"]
    assert [rows[1][name] for name in METRICS] == ["0.25", "0.5", "1.5", "12"]


@pytest.mark.parametrize(("value", "images"), [("none", 0), ("all", 2), (None, 2)])
def test_a_config_may_turn_metrics_off(grid, tmp_path, value, images):
    config = json.loads((tmp_path / "config.yaml").read_text())
    (tmp_path / "config.yaml").write_text(json.dumps(config | {"metrics": value}))
    assert len(stored(expand(["config.yaml"]))) == images


def test_two_programs_that_measure_a_pair_keep_what_the_other_has_measured(grid):
    first, second = grid.cells
    pair_file("c", "s").unlink()
    sums, others = Sums(), Sums()
    assert len(to_measure(grid.cells, sums)) == len(to_measure(grid.cells, others)) == 2
    store(grid.cells, others, {first.id: (others.of(first.picture), NUMBERS)})
    keep_part(grid.cells, sums, {second.id: (sums.of(second.picture), NUMBERS)})
    assert len(stored(grid)) == 2
    store(grid.cells, sums, {second.id: (sums.of(second.picture), NUMBERS)})
    assert len(stored(grid)) == 2 and not part_file("c", "s").exists()


def test_a_file_that_is_not_json_is_no_file(grid):
    pair_file("c", "s").write_text("[" * 10_000)
    assert stored(grid) == {}


def test_an_image_of_a_blend_is_measured_again_with_other_shares(tmp_path, monkeypatch):
    """Also where its file stays what it is, as that of another program does."""
    monkeypatch.chdir(tmp_path)
    one = SimpleNamespace(style_pictures=(Path("a"), Path("b")), style_shares=(0.75, 0.25))
    other = SimpleNamespace(style_pictures=(Path("a"), Path("b")), style_shares=(0.5, 0.5))
    alone = SimpleNamespace(style_pictures=(Path("a"),), style_shares=(1.0,))
    assert mark(alone, "0" * 64) == "0" * 64
    assert len({mark(each, "0" * 64) for each in (one, other, alone)}) == 3
    for name in "ab":
        Path(name).write_text(name)
    sums = Sums()
    assert style_sum([Path("a")], sums) == sums.of(Path("a"))
    assert len({style_sum([Path(n) for n in names], sums) for names in ("a", "ab", "ba")}) == 3
