"""Images that are about to be replaced: at any moment the old one or the new one is there."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from conftest import BIN
from grids import build_grid
from kept import contents, kept_files
from plans import CELLS, change, planned
from processes import processes, soon

from nst.disk import files
from nst.workflow.replaced import NOTE, keep, put_back

ONE = "c1/s1/style_weight-1e4"


@pytest.fixture
def grid(place):
    """A made grid of two cells in the current folder."""
    return build_grid(place, axes={"seed": [1, 2]})


def test_what_was_not_replaced_leaves_nothing(grid):
    before = contents(Path("results/cells"))
    folder = keep(grid.cells)
    assert len(kept_files()) == 6
    assert put_back() == []
    assert contents(Path("results/cells")) == before
    assert not folder.exists() and not NOTE.exists()


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("gone", [[".png"], [".png", ".json", ".csv"], [".json"]])
def test_what_was_taken_away_is_put_back(grid, monkeypatch, links, gone):
    if not links:
        monkeypatch.setattr(files.os, "link", refuse)
    before = contents(Path("results/cells"))
    keep(grid.cells)
    for ending in gone:
        grid.cells[0].file(ending).unlink()
    if len(gone) == 3:
        grid.cells[0].file(".csv").write_text("half of the new files")
    assert put_back() == [grid.cells[0].id]
    assert contents(Path("results/cells")) == before
    assert not kept_files()


def refuse(*arguments):
    raise OSError("no links here")


def test_what_was_replaced_is_kept(grid):
    before = contents(Path("results/cells"))
    folder = keep(grid.cells)
    for ending in (".png", ".json", ".csv"):
        grid.cells[0].file(ending).unlink()
        grid.cells[0].file(ending).write_text("new")
    assert put_back() == []
    assert contents(Path("results/cells")) | contents(folder / "cells") == before
    assert len(kept_files()) == 3


def test_a_film_that_is_missing_is_no_reason_to_lose_the_image(place):
    grid = build_grid(place, settings={"snapshot_every": 5})
    (cell,) = grid.cells
    keep(grid.cells)
    cell.file(".png").unlink()
    assert put_back() == [cell.id]
    assert cell.file(".png").is_file() and not cell.film.exists()


def test_a_second_run_within_a_second_has_a_folder_of_its_own(grid):
    first = keep(grid.cells[:1])
    NOTE.unlink()
    assert keep(grid.cells[1:]) != first


def test_a_damaged_note_is_no_reason_to_stop(grid):
    keep(grid.cells)
    NOTE.write_text("{")
    assert put_back() == []
    assert len(kept_files()) == 6


def test_replaced_images_are_kept_and_the_start_says_why(finished):
    before = contents(finished.folder / "results/cells")
    change(finished, "settings.evaluations", 3)
    done = finished.snakemake()
    assert done.returncode == 0, done.stderr
    (folder,) = (finished.folder / "results/stale").iterdir()
    line = (
        f"8 images will be replaced (evaluations 2 -> 3); the old ones are kept in results/stale/"
        f"{folder.name} (nst restore {folder.name} brings them back)"
    )
    assert line in done.stderr.splitlines()
    assert contents(folder / "cells") == before
    assert not (finished.folder / NOTE).exists()


def test_one_target_by_name_replaces_one(finished):
    change(finished, "settings.evaluations", 3)
    assert finished.snakemake(f"results/cells/{ONE}.png").returncode == 0
    kept = list(finished.folder.glob("results/stale/*/cells/*/*/*.png"))
    assert [path.stem for path in kept] == ["style_weight-1e4"]
    assert planned(finished)[0] == CELLS - {ONE}


def test_images_that_are_made_again_as_asked_are_kept_too(finished):
    done = finished.snakemake("--forcerun", "transfer", "--until", "transfer")
    assert done.returncode == 0
    assert "8 images will be replaced (asked for)" in done.stderr
    assert len(list(finished.folder.glob("results/stale/*/cells/*/*/*.png"))) == 8


@pytest.mark.parametrize("option", ["-n", "--touch"])
def test_what_replaces_nothing_keeps_nothing(finished, option):
    before = contents(finished.folder / "results/cells")
    change(finished, "settings.evaluations", 3)
    assert finished.snakemake(option).returncode == 0
    assert contents(finished.folder / "results/cells") == before
    assert not (finished.folder / "results/stale").exists()
    assert planned(finished)[0] == CELLS


def test_the_image_of_a_failed_job_is_the_old_one(finished):
    before = contents(finished.folder / "results/cells")
    change(finished, "overrides.cell", {ONE: {"device": "cuda", "seed": 5}})  # there is no GPU
    done = finished.snakemake()
    assert done.returncode == 1
    assert contents(finished.folder / "results/cells") == before
    assert not list(finished.folder.glob("results/stale/*"))
    row = (finished.folder / "results/losses.csv").read_text().splitlines()[1]
    assert ",failed," in row
    change(finished, "overrides", {})
    assert planned(finished)[0] == set()


@pytest.mark.parametrize("end", ["ctrl-c", "kill snakemake", "kill the group"])
def test_a_run_that_does_not_end_leaves_the_old_or_the_new_images(finished, end):
    before = contents(finished.folder / "results/cells")
    change(finished, "overrides.content", {"c2": {"evaluations": 100_000}, "c1": {"seed": 3}})
    with (finished.folder / "said").open("w") as said:
        run = subprocess.Popen(
            [BIN / "snakemake", "--cores", "2"],
            cwd=finished.folder,
            env={**os.environ, "NST_GPUS": ""},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    cells = finished.folder / "results/cells"
    assert soon(lambda: len(list(cells.glob("*/*/*.png"))) < 8, 60)
    assert soon(lambda: under_way(finished), 60)
    if end == "ctrl-c":
        os.killpg(run.pid, signal.SIGINT)
    elif end == "kill snakemake":
        run.kill()
    else:
        os.killpg(run.pid, signal.SIGKILL)
    run.wait(60)
    assert soon(lambda: whole(cells), 60), sorted(contents(cells))
    if end == "kill snakemake":
        stop_jobs(finished.folder)
    change(finished, "overrides", {})
    assert "c2" not in "".join(planned(finished)[0])
    assert (finished.folder / NOTE).exists() == (end != "ctrl-c")
    assert finished.snakemake("--forcerun", "summary").returncode == 0
    after = contents(cells)
    assert {name: after[name] for name in after if name.startswith("c2")} == {
        name: before[name] for name in before if name.startswith("c2")
    }
    kept = (
        contents(finished.folder / "results/stale")
        if (finished.folder / "results/stale").exists()
        else {}
    )
    assert not [name for name in kept if "/c2/" in name]


def under_way(project):
    logs = project.folder.glob("results/logs/cells/c2/*/*.log")
    return any("evaluation " in log.read_text() for log in logs)


def whole(cells):
    return len(list(cells.glob("*/*/*.png"))) == len(list(cells.glob("*/*/*.json"))) == 8


def stop_jobs(folder):
    """The jobs that have outlived their Snakemake."""
    for pid in processes(folder):
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.5)
