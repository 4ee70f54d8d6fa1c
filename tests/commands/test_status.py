"""`nst status`: how far a run is, said from another terminal."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nst.cli import main
from nst.workflow import folder_lock

PROGRESS = {
    "state": "running", "pid": os.getpid(), "host": os.uname().nodename,
    "to_make": 9, "cells": 9, "made": 3, "under_way": [], "failed": {"a/b/c": "too large"},
    "seconds_left": None,
}  # fmt: skip


@pytest.fixture
def status(tmp_path, monkeypatch, capsys):
    """A function (progress, options...) -> the lines of `nst status`."""
    monkeypatch.chdir(tmp_path)

    def run(progress, *options):
        path = Path(".snakemake/nst/progress.json")
        path.parent.mkdir(parents=True, exist_ok=True)
        if progress is not None:
            path.write_text(json.dumps({"written": time.time(), **progress}))
        assert main(["status", *options]) == 0
        return capsys.readouterr().out.splitlines()

    return run


def test_where_no_run_was(status):
    assert status(None) == ["no run is under way in this folder"]


def test_a_run_under_way_with_what_failed_and_the_page(status):
    page = Path("results/index.html")
    page.parent.mkdir()
    page.touch()
    assert status(PROGRESS) == [
        "3/9 images, 1 failed", "  a/b/c: too large", f"Look at {page.resolve()}"
    ]  # fmt: skip


@pytest.mark.parametrize("state", ["ended", "failed", "stopped"])
def test_a_run_that_has_ended_is_not_under_way(status, state):
    first, second, *_ = status({**PROGRESS, "state": state, "written": 0.0, "seconds_left": 60.0})
    assert first.startswith("no run is under way; the last one") and "1970" in first
    assert second == "3/9 images, 1 failed"


def test_a_run_that_was_killed_is_said_to_be(status):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    lines = status({**PROGRESS, "pid": gone.pid, "written": time.time()}, "--watch")
    assert "the last one was killed after" in lines[0]


def test_a_run_that_has_not_said_anything_yet(status):
    Path(".snakemake").mkdir(exist_ok=True)
    assert folder_lock.hold_folder() == ""
    try:
        assert status(None)[0].startswith("a run is under way")
    finally:
        os.close(folder_lock._descriptors.pop())


def test_watch_ends_with_the_run(status, monkeypatch):
    states = iter(["running", "running", "ended", "ended"])
    monkeypatch.setattr("nst.commands.status.RENEWED", 0)
    monkeypatch.setattr(
        "nst.commands.status.read_progress",
        lambda: {**PROGRESS, "written": time.time(), "state": next(states)},
    )
    lines = status(None, "--watch")
    assert lines[0] == "3/9 images, 1 failed"
    assert lines[1].startswith("no run is under way; the last one ended at")


def test_nonsense_in_the_file_is_no_run(status):
    assert status({"state": "running"}) == ["no run is under way in this folder"]
