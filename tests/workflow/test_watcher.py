"""The process that watches a run: what it writes, and that it ends with the run however that ends."""

import json
import os
import subprocess
import sys
import time

import pytest
from grids import build_grid

from nst.results.states import log_of
from nst.workflow import watcher
from nst.workflow.watcher import PROGRESS, Watcher

PATIENCE = 60  # seconds


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A grid of two cells in the current folder, one of them made."""
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, axes={"seed": [1, 2]})
    for ending in (".png", ".json", ".csv"):
        grid.cells[1].file(ending).unlink()
    return grid


def progress_once(condition) -> dict:
    """What the watcher has written, once it fulfils a condition."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if PROGRESS.is_file() and condition(progress := json.loads(PROGRESS.read_text())):
            return progress
        time.sleep(0.05)
    raise AssertionError("the watcher has not written it")


@pytest.mark.parametrize("state", ["ended", "failed", "stopped"])
def test_a_run_is_watched_until_it_says_how_it_ended(grid, state):
    watched = Watcher((["config.yaml"], {}), grid.cells[1:], jobs=1)
    progress = progress_once(lambda progress: True)
    assert (progress["state"], progress["pid"]) == ("running", os.getpid())
    assert (progress["cells"], progress["to_make"], progress["made"]) == (2, 1, 0)
    watched.end(state)
    assert json.loads(PROGRESS.read_text())["state"] == state
    assert watched.process.returncode == 0


def test_a_run_that_ends_at_once_has_its_end_told(grid):
    Watcher((["config.yaml"], {}), grid.cells[1:], jobs=1).end("ended")
    assert json.loads(PROGRESS.read_text())["state"] == "ended"


def test_a_run_that_is_killed_is_called_killed(grid):
    script = (
        "import time; from nst.config.grid import expand; from nst.workflow.watcher import Watcher;"
        "Watcher((['config.yaml'], {}), expand(['config.yaml']).cells[1:], 1); time.sleep(600)"
    )
    run = subprocess.Popen([sys.executable, "-c", script])
    progress_once(lambda progress: progress["pid"] == run.pid)
    run.kill()
    run.wait()
    progress_once(lambda progress: progress["state"] == "killed")


def test_a_watcher_that_cannot_start_is_no_reason_to_stop(grid, monkeypatch):
    monkeypatch.setattr(watcher.shutil, "which", lambda name: "/no/such/program")
    watched = Watcher((["config.yaml"], {}), grid.cells[1:], jobs=1)
    watched.end("ended")
    assert not PROGRESS.exists()


def test_a_job_that_was_killed_is_not_under_way(grid):
    watched = Watcher((["config.yaml"], {}), grid.cells[1:], jobs=1)
    progress_once(lambda progress: True)
    name, log = grid.cells[1].id, log_of(grid.cells[1])
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("evaluation 3/80 \n")
    progress_once(lambda progress: progress["under_way"])
    watched.job_failed(name)
    progress = progress_once(lambda progress: not progress["under_way"])
    assert (progress["state"], progress["there"]) == ("running", 1)
    assert "killed, or out of memory?" in progress["failed"][name]
    watched.end("failed")
    assert json.loads(PROGRESS.read_text())["state"] == "failed"
