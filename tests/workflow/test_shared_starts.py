"""Runs in which the cells of a pair start from one image."""

import json
import os
import re
import shutil
import time

import pytest
from conftest import draw_picture
from kept import contents
from plans import CELLS, change, cut_short, planned

from nst.cli import main

NUMBERS = "evaluations-3_style_weight-3e4"
STARTS = {f"{content}/{style}/{NUMBERS}" for content in ("c1", "c2") for style in ("s1", "s2")}
CELL = "results/cells/c1/s1/style_weight-1e4"


@pytest.fixture(scope="session")
def shared_once(finished_once, tmp_path_factory):
    """The project after a whole run with shared starts; not to be changed."""
    project = finished_once.copy(tmp_path_factory.mktemp("shared") / "project")
    shutil.rmtree(project.folder / "results")
    change(project, "shared_start", {"evaluations": 3, "style_weight": "3e4"})
    done = project.snakemake(words="few")
    assert done.returncode == 0, done.stderr
    assert "8 images and 4 shared starts to make, 2 at a time" in done.stderr
    return project


@pytest.fixture
def shared(shared_once, tmp_path):
    """A copy of it, Snakemake's own memory included."""
    return shared_once.copy(tmp_path / "project")


def starts(project, ending=".png"):
    """The bytes of the starts."""
    folder = project.folder / "results/starts"
    return {
        path.relative_to(folder).as_posix().removesuffix(ending): path.read_bytes()
        for path in folder.glob(f"*/*/*{ending}")
    }


def planned_starts(project, *arguments):
    """The starts that Snakemake would make."""
    done = project.snakemake("--dry-run", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return set(re.findall(r"output: results/starts/(\S+)\.png,", done.stdout + done.stderr))


def test_each_start_is_made_once_and_the_records_of_its_cells_name_it(shared):
    assert set(starts(shared)) == set(starts(shared, ".json")) == set(starts(shared, ".csv")) == STARTS
    for name in STARTS:
        records = list((shared.folder / "results/cells" / name).parent.glob("*.json"))
        inputs = [json.loads(path.read_text())["inputs"] for path in records]
        assert [one["start"]["path"] for one in inputs] == [f"results/starts/{name}.png"] * 2
        record = json.loads((shared.folder / f"results/starts/{name}.json").read_text())
        assert (record["evaluations"], record["settings"]["style_weight"]) == (3, 3e4)
    assert planned(shared) == (set(), set(), set())
    assert "starts" not in (shared.folder / "results/losses.csv").read_text()


def test_another_weight_makes_its_cells_and_no_start(shared):
    before = starts(shared)
    change(shared, "grid.style_weight", ["1e4", "3e4", "1e5"])
    cells, _, rules = planned(shared)
    assert cells == {name.replace(NUMBERS, "style_weight-3e4") for name in STARTS}
    assert "shared_start" not in rules
    change(shared, "grid.style_weight", ["1e5"])
    assert planned(shared)[0] == set() == planned_starts(shared)
    assert starts(shared) == before


def test_a_start_that_is_missing_is_made_if_a_cell_needs_it_and_for_no_other(shared):
    before, images = starts(shared), contents(shared.folder / "results/cells")
    shutil.rmtree(shared.folder / "results/starts")
    assert planned(shared) == (set(), set(), set())
    (shared.folder / f"{CELL}.png").unlink()
    assert planned_starts(shared) == {f"c1/s1/{NUMBERS}"}
    assert planned(shared)[0] == {CELL.removeprefix("results/cells/")}
    done = shared.snakemake(words="few")
    assert "1 image of the 8 in the grid and 1 shared start to make" in done.stderr
    assert starts(shared) == {f"c1/s1/{NUMBERS}": before[f"c1/s1/{NUMBERS}"]}
    pngs = {path: data for path, data in images.items() if str(path).endswith(".png")}
    now = contents(shared.folder / "results/cells")
    assert {path: now[path] for path in pngs} == pngs
    assert planned(shared)[0] == set()


def test_the_same_grid_elsewhere_has_the_same_bytes(shared):
    before = starts(shared), (shared.folder / f"{CELL}.png").read_bytes()
    shutil.rmtree(shared.folder / "results")
    shutil.rmtree(shared.folder / ".snakemake")
    assert shared.snakemake().returncode == 0
    assert (starts(shared), (shared.folder / f"{CELL}.png").read_bytes()) == before


def test_another_section_makes_all_again_and_keeps_the_old(shared, monkeypatch, capsys):
    change(shared, "shared_start.evaluations", 4)
    done = shared.snakemake("--dry-run", words="few")
    assert done.stdout.startswith("8 images and 4 shared starts to make, 0 of 8 are there")
    old = starts(shared)
    done = shared.snakemake(words="few")
    assert "8 images will be replaced (shared_start.evaluations 3 -> 4)" in done.stderr
    assert planned(shared)[0] == set()
    assert len(starts(shared)) == 8
    (aside,) = (shared.folder / "results/stale").iterdir()
    assert len(list(aside.glob("cells/*/*/*.png"))) == 8
    done = shared.snakemake("prune", words="few")
    assert "4 shared starts moved to" in done.stdout + done.stderr
    monkeypatch.chdir(shared.folder)
    assert main(["restore", aside.name]) == 0
    said = capsys.readouterr().out
    assert "8 images moved back" in said
    again = "again, unless you first set shared_start.evaluations back to 3"
    assert f"the next run replaces 8 images {again}" in said
    (pruned,) = (
        path for path in (shared.folder / "results/stale").iterdir() if (path / "starts").is_dir()
    )
    assert main(["restore", pruned.name]) == 0
    said = capsys.readouterr().out
    assert "4 shared starts moved back" in said
    assert "4 of 4 shared starts not in this config: `snakemake prune` would put them aside" in said
    assert old.items() <= starts(shared).items()


def test_an_image_is_made_again_when_the_section_comes_or_goes(finished):
    change(finished, "shared_start", {"evaluations": 3})
    done = finished.snakemake(words="few")
    assert "8 images will be replaced (now from a shared start)" in done.stderr
    change(finished, "shared_start", None)
    done = finished.snakemake("--dry-run", words="few")
    assert "8 images will be replaced (no longer from a shared start)" in done.stderr
    assert "4 shared starts not in this config: `snakemake prune` puts them aside" in done.stderr
    done = finished.snakemake("prune", words="few")
    assert "4 shared starts moved to" in done.stdout + done.stderr
    assert not (finished.folder / "results/starts").exists()


def test_a_start_that_was_made_again_with_other_bytes_outdates_no_cell(shared, monkeypatch, capsys):
    kept = starts(shared, ".json")
    shutil.rmtree(shared.folder / "results/starts")
    for ending in (".png", ".csv", ".json"):
        path = shared.folder / f"results/starts/c1/s1/{NUMBERS}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kept[f"c1/s1/{NUMBERS}"])
    draw_picture(path.with_suffix(".png"), (24, 16), seed=9)
    assert planned(shared) == (set(), set(), set())
    change(shared, "grid.style_weight", ["1e4", "3e4", "1e5"])
    change(shared, "style", {"s1": "style/s1.png"})
    change(shared, "content", {"c1": "content/c1.png"})
    assert planned(shared)[0] == {"c1/s1/style_weight-3e4"}
    assert planned_starts(shared) == set()
    monkeypatch.chdir(shared.folder)
    assert main(["reproduce", f"{CELL}.png", "--weights", "weights.pth"]) == 2
    assert "not the start picture of the record (its SHA-256 differs: it was made again)" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("shared_start.evaluations", 4, "shared_start.evaluations 3 -> 4"),
        ("shared_start.style_weight", 1e5, "shared_start.style_weight 3e4 -> 1e5"),
        ("settings.init", "uniform", "init {} -> uniform"),
    ],
)
def test_a_start_that_is_gone_and_would_be_another_outdates_its_cells(shared, key, value, reason):
    record = json.loads((shared.folder / f"{CELL}.json").read_text())
    shutil.rmtree(shared.folder / "results/starts")
    change(shared, key, value)
    assert planned(shared)[0] == CELLS
    done = shared.snakemake("--dry-run", words="few")
    text = reason.format(record["settings"]["init"])
    assert f"8 images will be replaced ({text})" in done.stderr


def test_an_image_is_made_again_when_the_picture_that_its_start_begins_with_changes(shared):
    draw_picture(shared.folder / "begin.png", (40, 30), seed=3)
    change(shared, "settings.init", "begin.png")
    assert shared.snakemake().returncode == 0
    assert planned(shared) == (set(), set(), set())
    draw_picture(shared.folder / "begin.png", (40, 30), seed=4)
    assert planned(shared)[0] == CELLS
    shutil.rmtree(shared.folder / "results/starts")
    assert planned(shared)[0] == CELLS


def test_forcing_another_rule_makes_no_cell(shared):
    later = time.time() + 30
    for path in (shared.folder / "results/starts").glob("*/*/*"):
        os.utime(path, (later, later))
    small = ("--max-checksum-file-size", "10")
    assert planned(shared, *small, "-R", "gallery")[0] == set()
    assert planned(shared, *small, "-R", "shared_start")[0] == CELLS
    assert planned(shared, *small, "-R", f"{CELL}.png")[0] == {CELL.removeprefix("results/cells/")}


def test_a_start_that_is_damaged_is_made_again(shared):
    before = starts(shared)
    (shared.folder / f"results/starts/c1/s1/{NUMBERS}.png").write_bytes(b"no picture")
    assert planned(shared) == (set(), set(), set())
    (shared.folder / f"{CELL}.png").unlink()
    assert planned_starts(shared) == {f"c1/s1/{NUMBERS}"}
    done = shared.snakemake(words="few")
    assert "1 shared start will be replaced; the old one is kept in results/stale/" in done.stderr
    assert starts(shared) == before
    assert planned(shared) == (set(), set(), set())


def test_a_start_that_fails_is_named_and_other_pairs_go_on(shared):
    shutil.rmtree(shared.folder / "results")
    draw_picture(shared.folder / "style/s2.png", (400, 300), seed=2)
    cut_short(shared, "style/s2.png")
    done = shared.snakemake(words="few")
    assert done.returncode == 1
    assert "2 of 4 shared starts failed:" in done.stderr
    assert f"  c1/s2/{NUMBERS}: style/s2.png is damaged" in done.stderr
    assert f"shared start c1/s2/{NUMBERS} failed: style/s2.png is damaged" in done.stderr
    assert "4 of 8 images remain to be made: fix what is named above" in done.stderr
    assert set(starts(shared)) == {f"c1/s1/{NUMBERS}", f"c2/s1/{NUMBERS}"}
    assert len(list((shared.folder / "results/cells").glob("*/*/*.png"))) == 4


def test_an_image_from_a_shared_start_can_be_made_again(shared, monkeypatch, capsys):
    monkeypatch.chdir(shared.folder)
    assert main(["reproduce", f"{CELL}.png", "--weights", "weights.pth"]) == 0
    assert "the same bytes" in capsys.readouterr().out


def test_a_print_starts_from_the_image_of_its_cell(shared):
    name = CELL.removeprefix("results/cells/")
    change(shared, "prints", {"settings": {"size": 32}, "cells": [name]})
    assert shared.snakemake("prints").returncode == 0
    record = json.loads((shared.folder / f"results/prints/{name}.json").read_text())
    assert record["inputs"]["start"]["path"] == f"{CELL}.png"
