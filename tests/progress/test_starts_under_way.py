"""Shared starts in what is said of a run: the line, the time that is left, what has failed."""

import json
import logging
from pathlib import Path

import pytest
from grids import build_grid, write_record, write_trace

from nst.progress.estimate import (
    AFTER,
    START,
    Estimator,
    Sample,
    before,
    fit,
    makespan,
    speed_key,
    work_of,
)
from nst.progress.job_errors import failures_in
from nst.progress.line import PROGRESS, progress_line, read_progress
from nst.results.states import log_of, survey
from nst.workflow.watcher import Watch

RUN = {
    "state": "running", "written": 1e9, "cells": 9, "to_make": 6, "made": 1, "failed": {},
    "seconds_left": None, "under_way": [{"id": "a", "evaluation": 5, "of": 70}],
    "starts": {"to_make": 3, "made": 1, "under_way": [{"id": "b", "evaluation": 90, "of": 126}]},
}  # fmt: skip


@pytest.fixture
def grid(place):
    """A grid of two pairs, nothing of which is made."""
    more = {"shared_start": {"evaluations": 9}}
    grid = build_grid(place, styles=("s", "t"), axes={"style_weight": [1, 10]}, more=more)
    for path in Path("results").rglob("*.*"):
        path.unlink()
    return grid


def test_the_line_counts_starts_until_all_are_made():
    line = progress_line(RUN, 1e9)
    assert line == "1/3 shared starts and 1/6 images, 2 under way (evaluation 90 of 126)"
    done = {**RUN, "starts": {"to_make": 3, "made": 3, "under_way": []}}
    assert progress_line(done, 1e9) == "1/6 images, 1 under way (evaluation 5 of 70)"


@pytest.mark.parametrize("starts", [3, {}, {"to_make": 1, "made": "x", "under_way": []}])
def test_nonsense_of_starts_is_no_progress(tmp_path, starts):
    path = tmp_path / "progress.json"
    path.write_text(json.dumps(RUN))
    assert read_progress(path) == RUN
    path.write_text(json.dumps({**RUN, "starts": starts or {"made": 1}}))
    assert read_progress(path) is None


def test_a_task_begins_after_the_one_that_it_waits_for():
    assert makespan([5, 1, 1, 1], 3, {1: 0, 2: 0}) == 6
    assert makespan([5, 5, 1, 1], 2, {2: 0, 3: 1}) == 6
    assert makespan([5, 1], 2) == 5


def test_the_time_of_a_pair_is_that_of_its_start_and_then_of_its_cells(grid):
    estimator = Estimator(grid, {}, 8)
    start, (cell, *_) = grid.of_starts.cells[0], grid.cells
    sample = Sample(speed_key(cell.settings), (10, 10 * 64 * 43), 10)
    estimator.earlier = [sample]
    speed = fit([sample])

    def seconds(one):
        evaluations = before(one) + AFTER
        beside = speed.seconds((evaluations, evaluations * 64 * 43))
        return START + beside + speed.seconds(work_of(grid, one))

    assert estimator.seconds_left([start, cell], {}) == pytest.approx(seconds(start) + seconds(cell))
    assert estimator.seconds_left([start], {}) < estimator.seconds_left([start, cell], {})
    part = estimator.seconds_left([cell], {start.path_id: (5, 9)})
    assert estimator.seconds_left([cell], {}) < part < seconds(start) + seconds(cell)


def test_the_watcher_follows_starts_and_tells_of_one_that_failed(grid):
    first, second = grid.of_starts.cells
    stamps = {start.id: ((), ()) for start in (first, second)}
    watch = Watch(grid, {cell.id: ((), ()) for cell in grid.cells}, 2, stamps)
    log = log_of(first)
    log.parent.mkdir(parents=True)
    log.write_text("evaluation 3/9 \n")
    watch.look("running")
    progress = read_progress()
    assert progress["under_way"] == []
    assert progress["starts"]["under_way"] == [{"id": first.id, "evaluation": 3, "of": 9}]
    line = progress_line(progress, progress["written"])
    assert line.startswith("0/2 shared starts and 0/4 images, 1 under way")

    watch.job_failed(f"shared start {first.id}")
    write_trace(second, [(1.0, 1.0)] * 3)
    write_record(second, (1.0, 1.0))
    second.file(".png").write_bytes(b"")
    watch.look("running")
    progress = json.loads(PROGRESS.read_text())
    assert list(progress["failed"]) == [f"shared start {first.id}"]
    cells = [cell for cell in grid.cells if cell.style == "t"]  # the others wait in vain
    assert progress["seconds_left"] == watch.estimator.seconds_left(cells, {})
    assert progress["starts"] == {"to_make": 2, "made": 1, "under_way": []}
    assert survey(grid.of_starts.cells)[second.id].kind == "made"


def test_a_start_that_failed_has_a_name_of_its_own(grid):
    (start, _) = grid.of_starts.cells
    log = log_of(start)
    log.parent.mkdir(parents=True)
    log.write_text("error: s.png is damaged\n")
    record = logging.LogRecord("snakemake", logging.ERROR, "x.py", 1, "x", (), None)
    record.__dict__.update(log=[str(log)], rule_name="shared_start")
    assert failures_in(record) == {f"shared start {start.id}": f"s.png is damaged ({log})"}
