"""What a run has made and what it has not, and why: read from records and logs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.disk.fate import Fate, read_fate
from nst.disk.files import Stamp, stamp
from nst.disk.record import differences
from nst.errors import NstError
from nst.results.table import read_cell

LOGS = Path("results/logs")
CELL_LOGS = LOGS / "cells"
MOST_NAMES = 3  # of cells in one line

Stamps = Mapping[Path, Stamp]


def find_unmade(grid: Grid) -> tuple[list[Cell], list[Cell]]:
    """Cells that lack a file or have a damaged record, and cells that were made with other settings."""
    missing, outdated = [], []
    for cell in grid.cells:
        files = [cell.file(".png"), cell.file(".json"), *([cell.film] if grid.snapshot_every else [])]
        try:
            if not all(file.is_file() for file in files):
                missing.append(cell)
            elif differences(read_cell(cell), cell.settings.pixels()):
                outdated.append(cell)
        except NstError:  # the rules of the aggregates say what is wrong with a record
            missing.append(cell)
    return missing, outdated


def log_stamps() -> dict[Path, Stamp]:
    """The logs that are there. Their dates are not compared: clocks differ and are set back."""
    return {log: stamp(log) for log in LOGS.glob("**/*.log")}


def failure_report(grid: Grid, before: Stamps) -> str:
    """Why cells and other jobs failed, which cells were stopped, and how many remain to be made.

    Logs that are as they were `before` are of earlier runs.
    """
    failed = failures(grid, before)
    lines = [f"  {name}: {reason}" for name, reason in failed.items()]
    if lines:
        lines.insert(0, f"{len(lines)} of {len(grid.cells)} cells failed:")
    lines += interruptions(grid, before)
    lines += [f"{job} failed: {reason}" for job, reason in other_failures(before).items()]
    remaining = sum(map(len, find_unmade(grid)))
    if remaining:
        remedy = "fix what is named above, then" if failed else "to continue,"
        lines.append(
            f"{remaining} of {len(grid.cells)} cells remain to be made: {remedy} run the same command"
            " again. The table and the page need all of them."
        )
    return "\n".join(lines)


def failures(grid: Grid, before: Stamps) -> dict[str, str]:
    """Why cells could not be made, by their ids."""
    reasons = {
        "failed": "{}",
        "killed": "killed, or out of memory? Its log ends with: {}",
    }
    return {
        cell.id: reasons[fate.kind].format(fate.words)
        for cell, fate in _fates(grid, before)
        if fate.kind in reasons
    }


def interruptions(grid: Grid, before: Stamps) -> list[str]:
    """A line on the cells that were stopped, and one on those whose jobs were killed as they began."""
    lines = []
    for kind, text in (
        ("stopped", "were stopped"),
        ("silent", "were killed before they began"),
    ):
        ids = [cell.id for cell, fate in _fates(grid, before) if fate.kind == kind]
        more = " ..." if len(ids) > MOST_NAMES else ""
        if ids:
            names = ", ".join(ids[:MOST_NAMES])
            lines.append(f"{len(ids)} of {len(grid.cells)} cells {text}: {names}{more}")
    return lines


def other_failures(before: Stamps) -> dict[str, str]:
    """Why weights could not be fetched or aggregates be made, by the names of their logs."""
    logs = [log for log in sorted(LOGS.glob("**/*.log")) if not log.is_relative_to(CELL_LOGS)]
    fates = {log: _fate(log, before) for log in logs}
    return {
        log.relative_to(LOGS).with_suffix("").as_posix(): fate.words
        for log, fate in fates.items()
        if fate and fate.kind == "failed"
    }


def _fates(grid: Grid, before: Stamps) -> Iterator[tuple[Cell, Fate]]:
    for cell in grid.cells:
        fate = _fate(CELL_LOGS / f"{cell.id}.log", before)
        if fate:
            yield cell, fate


def _fate(log: Path, before: Stamps) -> Fate | None:
    """What a log says, None if there is none or it is as it was before."""
    try:
        if stamp(log) != before.get(log):
            return read_fate(log.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        pass
    return None
