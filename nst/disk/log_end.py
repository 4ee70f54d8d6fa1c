"""How a job ended, as the last line of its log says it: written by the job, read by the workflow.

A log that ends otherwise is of a job that was killed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ERROR, WROTE, STOPPED = "error: ", "wrote ", "stopped"


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
