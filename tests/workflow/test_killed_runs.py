"""Old images are safe from jobs that outlive a killed run, and from others who work in the folder."""

import errno
import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import BIN
from grids import build_grid
from kept import contents, kept_files
from plans import CELLS, change, planned
from processes import processes, soon

from nst.cli import main
from nst.disk import files
from nst.errors import NstError
from nst.workflow.folder_lock import holding_folder
from nst.workflow.replaced import NOTE, keep, lend_back, put_back

ONE = "c1/s1/style_weight-1e4"


@pytest.fixture
def grid(place):
    """A made grid of two cells in the current folder."""
    return build_grid(place, axes={"seed": [1, 2]})


def whole(cells):
    return len(list(cells.glob("*/*/*.png"))) == len(list(cells.glob("*/*/*.json"))) == 8


def test_what_a_killed_run_took_away_is_put_back_and_stays_kept(grid):
    before = contents(Path("results/cells"))
    folder = keep(grid.cells)
    place = grid.cells[0].file(".png")
    place.unlink()
    lend_back()
    assert contents(Path("results/cells")) == before
    assert contents(folder / "cells") == before
    for ending in (".csv", ".json", ".png"):  # a job that outlived its run
        files.write_whole(grid.cells[0].file(ending), b"new")
    assert put_back() == []
    assert contents(Path("results/cells")) | contents(folder / "cells") == before
    assert len(kept_files()) == 3


def test_another_run_is_left_alone_by_the_watcher_of_a_killed_one(grid):
    keep(grid.cells)
    grid.cells[0].file(".png").unlink()
    with holding_folder():
        lend_back()
    assert not grid.cells[0].file(".png").exists()
    lend_back()
    assert grid.cells[0].file(".png").exists()


def test_results_kept_on_another_disk(grid):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        if Path(other).stat().st_dev == Path.cwd().stat().st_dev:
            pytest.skip("there is no other disk")
        Path("results/stale").symlink_to(other)
        before = contents(Path("results/cells"))
        keep(grid.cells)
        grid.cells[0].file(".png").unlink()
        lend_back()
        assert contents(Path("results/cells")) == before
        grid.cells[0].file(".png").unlink()
        put_back()
        assert contents(Path("results/cells")) == before
        assert not contents(Path(other))


def test_a_file_that_cannot_be_put_back_is_one_line_and_stays_noted(grid, monkeypatch):
    def refuse_to_copy(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    def other_disk(*arguments):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    keep(grid.cells)
    grid.cells[0].file(".png").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", other_disk)
        patch.setattr(shutil, "copy2", refuse_to_copy)
        with pytest.raises(NstError, match=r"^cannot write .*: free some space$"):
            put_back()
    assert put_back() == [grid.cells[0].id]


def test_old_images_are_kept_from_jobs_that_outlive_a_killed_run(finished, monkeypatch):
    before = contents(finished.folder / "results/cells")
    change(finished, "settings.evaluations", 500)
    run = subprocess.Popen(
        [BIN / "snakemake", "--cores", "2"],
        cwd=finished.folder,
        env={**os.environ, "NST_GPUS": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    cells = finished.folder / "results/cells"
    logs = finished.folder / "results/logs/cells"
    assert soon(lambda: any("/500" in log.read_text() for log in logs.glob("*/*/*.log")), 60)
    run.kill()
    run.wait()
    assert soon(lambda: not processes(finished.folder), 120)
    assert whole(cells) and contents(cells) != before  # the jobs have ended as if nothing had happened
    (folder,) = (finished.folder / "results/stale").iterdir()
    assert contents(folder / "cells") == before
    monkeypatch.chdir(finished.folder)
    assert main(["restore", folder.name]) == 0
    assert contents(cells) == before
    assert planned(finished)[0] == CELLS


@pytest.mark.parametrize("option", ["-n", "--summary"])
def test_what_only_looks_puts_nothing_back(finished, monkeypatch, option):
    """Also where there are no locks, and nobody knows whether a run is under way."""
    monkeypatch.chdir(finished.folder)
    (finished.folder / "replaced.py").write_text(
        "from nst.config.grid import expand\n"
        "from nst.workflow.replaced import keep\n"
        "keep(expand(['config.yaml'], {}).cells)\n"
    )
    subprocess.run([BIN / "python", "replaced.py"], check=True)
    image = finished.folder / f"results/cells/{ONE}.png"
    image.unlink()
    done = finished.snakemake(option)
    assert done.returncode == 0, done.stderr
    assert (finished.folder / NOTE).exists()
    assert not image.exists()
    assert finished.snakemake("--until", "transfer").returncode == 0
    assert image.exists() and not (finished.folder / NOTE).exists()


def test_prune_waits_for_the_end_of_a_run(grid, capsys):
    Path("results/cells/old/s").mkdir(parents=True)
    Path("results/cells/old/s/v.png").touch()
    with holding_folder():
        assert main(["prune"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("error: another run is under way in this folder")
        assert main(["prune", "--dry-run"]) == 0
        assert Path("results/cells/old/s/v.png").exists()
        assert main(["prune", "--of-run"]) == 0
    assert not Path("results/cells/old/s/v.png").exists()


def test_without_locks_a_run_that_says_so_is_under_way(grid, monkeypatch, capsys):
    monkeypatch.setattr(fcntl, "flock", no_locks)
    Path(".snakemake/nst").mkdir(parents=True, exist_ok=True)
    Path("results/stale/x/sheets").mkdir(parents=True)
    Path("results/stale/x/sheets/one.png").touch()
    progress = {
        "state": "running", "pid": os.getpid(), "host": socket.gethostname(), "written": time.time(),
        "cells": 1, "to_make": 1, "made": 0, "under_way": [], "failed": {}, "seconds_left": None,
    }  # fmt: skip
    Path(".snakemake/nst/progress.json").write_text(json.dumps(progress))
    for command in (["restore", "x"], ["prune"]):
        assert main(command) == 2
        assert "a run is under way in this folder" in capsys.readouterr().err
    Path(".snakemake/nst/progress.json").write_text(json.dumps({**progress, "state": "ended"}))
    assert main(["restore", "x"]) == 0


def no_locks(*arguments):
    raise OSError(errno.ENOSYS, "Function not implemented")
