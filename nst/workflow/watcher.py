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
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from nst.config.grid import Cell, Grid, expand
from nst.disk.files import write_whole
from nst.errors import NstError
from nst.progress.estimate import Estimator
from nst.progress.line import PROGRESS
from nst.progress.poll import Poll, Stamps, cell_stamps
from nst.results.live import LivePage
from nst.results.states import MADE, OF_START, State
from nst.workflow.order import breadth_first
from nst.workflow.replaced import lend_back
from nst.workflow.run_plan import use_plan

LOG = Path(".snakemake/nst/watcher.log")  # of what went wrong with it
INTERVAL = 2  # seconds between two looks
LONGEST = 10  # seconds between two looks: an open page takes a longer silence for a run that was killed
SHARE = 0.01  # of the time that may be spent on looking
PATIENCE = 30  # seconds that the end of a run waits for the last look

Config = tuple[Sequence[str], Mapping[str, Any]]  # the files, and what is laid over them


class Watcher:
    """The process, as its run sees it. Nothing that goes wrong with it concerns the run."""

    def __init__(
        self,
        config: Config,
        cells: Sequence[Cell],
        jobs: int,
        noun: str = "image",
        starts: Sequence[Cell] = (),
    ):
        """Start to watch a run that makes these cells and shared starts, `jobs` at the same time.

        `noun` says whether the cells are images of the grid or prints.
        """
        stamps, of_starts = ({one.id: cell_stamps(one) for one in some} for some in (cells, starts))
        self.process = None
        with suppress(OSError):
            LOG.parent.mkdir(parents=True, exist_ok=True)
            with LOG.open("w") as log:
                self.process = subprocess.Popen(
                    [shutil.which("python") or sys.executable, "-m", "nst.workflow.watcher"],
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C is the run's
                )
        request = {"config": config, "before": stamps, "jobs": jobs, "noun": noun, "starts": of_starts}
        self._send(json.dumps(request))

    def job_failed(self, name: str) -> None:
        """Pass on that the job of a cell, or of something else, has failed."""
        self._send(f"failed {name}")

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
            with suppress(OSError, ValueError):  # it has ended, or its pipe is closed
                self.process.stdin.write(line.encode() + b"\n")
                self.process.stdin.flush()


class Watch:
    """What is known of a run under way; every look at its files brings it up to date."""

    def __init__(
        self,
        grid: Grid,
        before: Mapping[str, Stamps],
        jobs: int,
        starts: Mapping[str, Stamps] | None = None,
    ):
        """`before` and `starts` are the stamps of the cells and the shared starts that the run makes.

        `jobs` run at the same time.
        """
        self.grid, self.started = grid, time.time()
        self.cells = [grid.by_id[name] for name in breadth_first(grid) if name in before]
        self.poll = Poll(grid, self.cells, before)
        of_starts = grid.of_starts
        self.starts = [of_starts.by_id[name] for name in starts or () if name in of_starts.by_id]
        self.poll_of_starts = Poll(of_starts, self.starts, starts or {})
        self.estimator = Estimator(grid, self.poll.states, jobs)
        self.changed: dict[str, State] = {}  # of which the page does not know yet
        self.page: LivePage | None = None
        progress = self._write_progress("running")
        if self.poll.unmade and grid.noun == "image":  # prints come to the page when all are made
            with suppress(NstError, OSError):  # a full disk is no reason to stop watching
                self.page = LivePage(grid, self.poll.states, progress)

    def look(self, state: str) -> None:
        """Look at the files of the run, which is in this state, and write what has changed."""
        for name, found in self.poll_of_starts.look().items():
            if found.record:
                self.estimator.made(self.grid.of_starts.by_id[name], found.record)
        changed = self.poll.look()
        for name, found in changed.items():
            if found.record:
                self.estimator.made(self.grid.by_id[name], found.record)
        self.changed |= changed
        progress = self._write_progress(state)
        if not self.page:
            return
        self.page.update(self.changed, progress)
        self.changed = {}
        if state != "running":
            self.page.end(progress)

    def job_failed(self, name: str) -> None:
        """Take note that the job of a cell or of a shared start has failed."""
        if name.startswith(OF_START):
            self.poll_of_starts.job_failed(name.removeprefix(OF_START))
        else:
            self.poll.job_failed(name)

    def _write_progress(self, state: str) -> dict[str, Any]:
        poll, of_starts = self.poll, self.poll_of_starts
        lost = of_starts.failed().keys()  # whose cells are not made either
        cells = [one for one in self.cells if not (one.shared_start and one.shared_start.id in lost)]
        todo = [*_waiting(of_starts, self.starts), *_waiting(poll, cells)]
        starts_under_way = {
            of_starts.unmade[name].path_id: done for name, done in of_starts.under_way.items()
        }
        failed = {f"{OF_START}{name}": reason for name, reason in of_starts.failed().items()}
        progress = {
            "state": state,
            "pid": os.getppid(),
            "host": socket.gethostname(),
            "started": self.started,
            "written": time.time(),
            "noun": self.grid.noun,
            "cells": len(self.grid.cells),
            "to_make": len(self.cells),
            "made": len(self.cells) - len(poll.unmade),
            "there": sum(found.kind == MADE for found in poll.states.values()),
            "under_way": _evaluations(poll),
            "starts": {
                "to_make": len(self.starts),
                "made": len(self.starts) - len(of_starts.unmade),
                "under_way": _evaluations(of_starts),
            },
            "failed": failed | poll.failed(),
            "seconds_left": self.estimator.seconds_left(todo, starts_under_way | poll.under_way),
        }
        write_whole(PROGRESS, json.dumps(progress).encode(), durable=False)
        return progress


def _waiting(poll: Poll, cells: Sequence[Cell]) -> list[Cell]:
    """The cells whose jobs have not begun."""
    waiting = poll.unmade.keys() - poll.under_way.keys() - poll.failed().keys()
    return [cell for cell in cells if cell.id in waiting]


def _evaluations(poll: Poll) -> list[dict[str, Any]]:
    """How far those are that are under way."""
    return [
        {"id": name, "evaluation": number, "of": total}
        for name, (number, total) in poll.under_way.items()
    ]


def watch_until_end(watch: Watch, news: "queue.Queue[str]") -> None:
    """Look at a run now and then until `news` says how it has ended."""
    state, pause = "running", 0.0
    while state == "running":
        state = _hear(watch, news, pause)
        began = time.monotonic()
        try:
            watch.look(state)
        except Exception:  # a file that is just replaced, a full disk: the next look may succeed
            traceback.print_exc()
        pause = min(LONGEST, max(INTERVAL, (time.monotonic() - began) / SHARE))
    if state == "killed":
        lend_back()


def _hear(watch: Watch, news: "queue.Queue[str]", pause: float) -> str:
    """Hear which jobs fail until the next look is due, or the run has ended; the state it is in."""
    end = time.monotonic() + pause
    with suppress(queue.Empty):
        while True:
            word, _, name = news.get(timeout=max(0, end - time.monotonic())).partition(" ")
            if not name:
                return word
            watch.job_failed(name)
    return "running"


def _listen(news: "queue.Queue[str]") -> None:
    """Put every line of standard input into `news`; a closed pipe means that the run was killed."""
    for line in sys.stdin:
        news.put(line.strip())
    news.put("killed")


def _stamps(request: Mapping[str, Any]) -> dict[str, Stamps]:
    """The stamps of a request, as they were before they were JSON."""
    return {name: (tuple(picture), tuple(log)) for name, (picture, log) in request.items()}


def main() -> None:
    """Watch the run that the first line of standard input describes.

    Each later line is `failed ID` for a job that has failed, and the last one says how the run ended.
    """
    request = json.loads(sys.stdin.readline())
    before, starts = (_stamps(request[key]) for key in ("before", "starts"))
    news: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=[news], daemon=True).start()
    with suppress(NstError):  # no plan, and the config was edited meanwhile: nothing to watch
        files, overlay = use_plan() or request["config"]
        grid = expand(files, overlay)
        grid = grid.of_prints if request["noun"] == "print" else grid
        watch_until_end(Watch(grid, before, request["jobs"], starts), news)


if __name__ == "__main__":
    main()
