"""A process that watches a run: it keeps `.snakemake/nst/progress.json` and the page up to date.

It reads files only, so a run on a cluster is watched from the node where Snakemake was started. It ends
with the run, and sees by the closed pipe that Snakemake was killed.
"""

import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nst.config.grid import Cell, Grid, expand
from nst.disk.files import write_whole
from nst.errors import NstError
from nst.results.live import LivePage
from nst.workflow.estimate import Estimator
from nst.workflow.order import breadth_first
from nst.workflow.progress import Poll, Stamps, cell_stamps
from nst.workflow.replaced import put_back
from nst.workflow.run_plan import use_plan

PROGRESS = Path(".snakemake/nst/progress.json")
INTERVAL = 2  # seconds between two looks
LONGEST = 10  # seconds between two looks: an open page takes a longer silence for a run that was killed
SHARE = 0.01  # of the time that may be spent on looking
PATIENCE = 30  # seconds that the end of a run waits for the last look

Config = tuple[Sequence[str], Mapping[str, Any]]  # the files, and what is laid over them


class Watcher:
    """The process, as its run sees it. Nothing that goes wrong with it concerns the run."""

    def __init__(self, config: Config, cells: Sequence[Cell], jobs: int):
        """Start to watch a run that makes these cells, `jobs` of them at the same time."""
        stamps = {cell.id: cell_stamps(cell) for cell in cells}
        self.process = None
        with suppress(OSError):
            self.process = subprocess.Popen(
                [shutil.which("python") or sys.executable, "-m", "nst.workflow.watcher"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the run's
            )
        self._send(json.dumps({"config": config, "before": stamps, "jobs": jobs}))

    def end(self, state: str) -> None:
        """Say how the run has ended, and wait for the last look."""
        self._send(state)
        if self.process and self.process.stdin:
            with suppress(OSError):
                self.process.stdin.close()
            with suppress(subprocess.TimeoutExpired, KeyboardInterrupt):
                self.process.wait(PATIENCE)

    def _send(self, line: str) -> None:
        if self.process and self.process.stdin:
            with suppress(OSError):
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()


def watch(grid: Grid, before: Mapping[str, Stamps], news: "queue.Queue[str]", jobs: int = 1) -> None:
    """Watch a run of `jobs` jobs at once until `news` says how it has ended."""
    started = time.time()
    cells = [grid.by_id[name] for name in breadth_first(grid) if name in before]
    poll = Poll(grid, cells, before)
    estimator = Estimator(grid, poll.states, jobs)
    state, pause = "running", 0.0
    progress = _write_progress(grid, poll, len(cells), state, started)
    page = _page(grid, poll, progress)
    while state == "running":
        with suppress(queue.Empty):
            state = news.get(timeout=pause)
        began = time.monotonic()
        changed = poll.look()
        for name, found in changed.items():
            if found.record:
                estimator.made(grid.by_id[name], found.record)
        waiting = poll.unmade.keys() - poll.under_way.keys() - poll.failed().keys()
        todo = [cell for cell in cells if cell.id in waiting]
        left = estimator.seconds_left(todo, poll.under_way)
        progress = _write_progress(grid, poll, len(cells), state, started, left)
        if page:
            page.update(changed, progress)
        pause = min(LONGEST, max(INTERVAL, (time.monotonic() - began) / SHARE))
    if state == "killed":
        put_back()
    if page:
        page.end(progress)


def _page(grid: Grid, poll: Poll, progress: Mapping[str, Any]) -> LivePage | None:
    """The page, if images are made and it can be written: a full disk is no reason to stop watching."""
    with suppress(NstError, OSError):
        return LivePage(grid, poll.states, progress) if poll.unmade else None
    return None


def _write_progress(
    grid: Grid, poll: Poll, to_make: int, state: str, started: float, left: float | None = None
) -> dict[str, Any]:
    progress = {
        "state": state,
        "pid": os.getppid(),
        "host": socket.gethostname(),
        "started": started,
        "written": time.time(),
        "cells": len(grid.cells),
        "to_make": to_make,
        "made": to_make - len(poll.unmade),
        "under_way": [
            {"id": name, "evaluation": number, "of": total}
            for name, (number, total) in poll.under_way.items()
        ],
        "failed": poll.failed(),
        "seconds_left": left,
    }
    write_whole(PROGRESS, json.dumps(progress).encode(), durable=False)
    return progress


def main() -> None:
    """Watch the run that the first line of standard input describes; the second says how it ended."""
    request = json.loads(sys.stdin.readline())
    before: dict[str, Stamps] = {
        name: (tuple(picture), tuple(log)) for name, (picture, log) in request["before"].items()
    }
    news: queue.Queue[str] = queue.Queue()
    listen = threading.Thread(target=lambda: news.put(sys.stdin.readline().strip() or "killed"))
    listen.daemon = True
    listen.start()
    with suppress(NstError):  # no plan, and the config was edited meanwhile: nothing to watch
        files, overlay = use_plan() or request["config"]
        watch(expand(files, overlay), before, news, request["jobs"])


if __name__ == "__main__":
    main()
