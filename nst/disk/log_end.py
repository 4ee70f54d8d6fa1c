"""How a job ended, as the last line of its log says it: written by the job, read by the workflow.

A log that ends otherwise is of a job that was killed.
"""

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

ERROR, WROTE, STOPPED = "error: ", "wrote ", "stopped"
NOTHING_YET = "nothing to save yet"
BY_NAME = {
    signal.SIGINT: "you (Ctrl-C)",
    signal.SIGTERM: "SIGTERM",
    signal.SIGUSR1: "SIGUSR1",
    signal.SIGHUP: "SIGHUP (its terminal was closed)",
}


@dataclass(frozen=True)
class Fate:
    """How a job ended: `written`, `stopped`, `failed`, `killed` or `silent`, and its last words."""

    kind: str
    words: str


def written(files: Sequence[Path]) -> str:
    """The last line of a job that has written its files."""
    return f"{WROTE}{' and '.join(map(str, files))}"


def stopped(what: str) -> str:
    """The last line of a job that was stopped and can be repeated: nothing needs mending."""
    return f"{STOPPED}{what}"


def stopped_by(number: int, saved: str) -> str:
    """The last line of a job that a signal has stopped."""
    return stopped(f" by {BY_NAME[signal.Signals(number)]}, {saved}")


def end_early(number: int) -> NoReturn:
    """End this process, a job that has not begun its work, for a signal, and say so."""
    print(stopped_by(number, NOTHING_YET), file=sys.stderr, flush=True)
    os._exit(128 + number)


def failed(error: object) -> str:
    """The last lines of a job that has failed: one for every fault."""
    return "\n".join(f"{ERROR}{line}" for line in str(error).splitlines())


def read_fate(log: str) -> Fate:
    """The fate that a log tells. What a job says after its last words, such as warnings, is skipped."""
    lines = log.strip().splitlines()
    errors = [line.removeprefix(ERROR) for line in lines if line.startswith(ERROR)]
    if errors:
        return Fate("failed", errors[0])
    for line in reversed(lines):
        if line.startswith(WROTE):
            return Fate("written", line)
        if line.startswith(STOPPED):
            return Fate("stopped", line)
    return Fate("killed", lines[-1]) if lines else Fate("silent", "")
