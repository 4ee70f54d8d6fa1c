"""What Snakemake logs when jobs fail: why, in a line, and what of it a person need not read."""

from collections.abc import Iterator, Mapping
from logging import LogRecord
from pathlib import Path
from typing import Any

from nst.config.cell import STARTS
from nst.disk.log_end import read_fate
from nst.results.states import CELL_LOGS, LOGS, OF_START, killed

# What is said of failed jobs in our words: a failed command, and that there was one.
FAILED_COMMAND = ("returned non-zero exit status", "died with <Signals", "CalledProcessError")
FINAL = (
    "Exiting because a job execution failed",
    "At least one job did not complete",
    "--keep-incomplete mode is set",
    "Error in group",
    "Cannot restore results/metrics/",  # of images that were never measured
    "Restored previous version of results/metrics/",
    "Cancelling snakemake on user request",
    "were not present when the DAG was created",  # the page is written as soon as a run begins
)


def is_known(record: LogRecord) -> bool:
    """Whether an error only repeats that a job has failed or was stopped."""
    text = record.getMessage().strip()
    if getattr(record, "exception", None) == "RuleException":
        return any(words in text for words in FAILED_COMMAND)
    return not text or any(words in text[:200] for words in FINAL)


def failures_in(record: LogRecord) -> dict[str, str]:
    """Why jobs failed, with the log that says more, by the names of cells or aggregates.

    Jobs that were stopped are left out, since nothing needs mending.
    """
    return dict(_failures(record))


def _failures(record: LogRecord) -> Iterator[tuple[str, str]]:
    jobs: list[Mapping[str, Any]] = getattr(record, "job_error_info", None) or [vars(record)]
    for job in jobs:
        log = next(iter(job.get("log") or ()), None)
        if log is None:
            yield str(job.get("rule_name", "a job")), "see Snakemake's log in .snakemake/log"
        elif reason := _reason(Path(log)):
            yield _name(Path(log)), f"{reason} ({log})"


def _name(log: Path) -> str:
    """The id of a cell, or the name of an aggregate, from the path of its log."""
    folder = next((one for one in CELL_LOGS if log.is_relative_to(one)), LOGS)
    name = (log.relative_to(folder) if log.is_relative_to(folder) else log).with_suffix("").as_posix()
    return f"{OF_START}{name}" if folder == LOGS / STARTS.name else name


def _reason(log: Path) -> str:
    """Why a job has failed; nothing for one that was stopped, or is good and in a failed group."""
    try:
        fate = read_fate(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return "it was killed before it began, or not started"
    if fate.kind in ("stopped", "written"):
        return ""
    return fate.words if fate.kind == "failed" else killed(fate.words)
