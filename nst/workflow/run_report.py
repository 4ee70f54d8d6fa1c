"""What a run has made and what it has not, and why: read from records and logs."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nst.config.cell import STARTS
from nst.config.grid import Cell, Grid
from nst.disk.files import Stamp, stamp
from nst.disk.log_end import Fate, read_fate
from nst.results.currency import CURRENT, OUTDATED, Currency, judge, lacks_deep, lacks_film
from nst.results.page_paths import PAGE, SUMMARY
from nst.results.states import CELL_LOGS, LOGS, killed, log_of
from nst.text import be, counted

MOST_NAMES = 3  # of cells in one line

Stamps = Mapping[Path, Stamp]


def find_unmade(
    grid: Grid, currencies: Mapping[str, Currency] | None = None
) -> tuple[list[Cell], list[Cell]]:
    """Cells that lack a file or have a damaged record, and cells that are outdated."""
    currencies = judge(grid.cells) if currencies is None else currencies
    missing, outdated = [], []
    for cell in grid.cells:
        judged = currencies[cell.id]
        if is_unmade(cell, judged):
            is_there = judged.kind == OUTDATED and not _lacks_file(cell, judged)
            (outdated if is_there else missing).append(cell)
    return missing, outdated


def is_unmade(cell: Cell, currency: Currency) -> bool:
    """Whether a run makes a cell, as it is missing or outdated."""
    return currency.kind != CURRENT or _lacks_file(cell, currency)


def _lacks_file(cell: Cell, currency: Currency) -> bool:
    return lacks_film(cell, currency) or lacks_deep(cell, currency)


def log_stamps() -> dict[Path, Stamp]:
    """The logs that are there. Their dates are not compared: clocks differ and are set back."""
    return {log: stamp(log) for log in LOGS.glob("**/*.log")}


def failure_report(grid: Grid, before: Stamps, page: Path | None = None) -> str:
    """What failed or was stopped and why, where to look at what is there, and what comes next.

    Logs that are as they were `before` are of earlier runs. `page` shows the images that are there.
    """
    failed = failures(grid, before)
    of_starts = failures(grid.of_starts, before)
    lines = [*_failure_lines(grid.of_starts, of_starts), *interruptions(grid.of_starts, before)]
    lines += [*_failure_lines(grid, failed), *interruptions(grid, before)]
    lines += [f"{job} failed: {reason}" for job, reason in other_failures(before).items()]
    remaining, count = sum(map(len, find_unmade(grid))), len(grid.cells)
    if page:
        lines.append(f"{count - remaining} of {counted(count, grid.noun)} to look at: {page.resolve()}")
    if remaining:
        remedy = "fix what is named above, then" if failed or of_starts else "to continue,"
        remain, these = ("remains", "this one") if remaining == 1 else ("remain", "these")
        lines.append(
            f"{remaining} of {counted(count, grid.noun)} {remain} to be made: {remedy} run the same"
            f" command again, which makes only {these}"
        )
    return "\n".join(lines)


def where_to_look(targets: Iterable[str], grid: Grid) -> str:
    """The last line of a run that made all it was asked for: the page, or what the user named."""
    files = [Path(target) for target in sorted(targets) if Path(target).is_file()]
    if not files:
        files = [PAGE, *(cell.file(".png") for cell in grid.cells)]
    shown = next((file for file in files if file.is_file()), None)
    return f"Look at {shown.resolve()}" if shown else "All is made that was asked for"


def _failure_lines(grid: Grid, failed: Mapping[str, str]) -> list[str]:
    """One line for one failed cell; else the first few by name."""
    lines = [f"{name}: {reason}" for name, reason in failed.items()]
    head = f"{len(lines)} of {counted(len(grid.cells), grid.noun)} failed:"
    if len(lines) < 2:
        return [f"{head} {line}" for line in lines]
    more = len(lines) - MOST_NAMES
    where = LOGS / STARTS.name if grid.noun == "shared start" else SUMMARY
    rest = [f"and {more} more, see {where}"] if more > 0 else []
    return [head, *(f"  {line}" for line in (*lines[:MOST_NAMES], *rest))]


def failures(grid: Grid, before: Stamps) -> dict[str, str]:
    """Why cells could not be made, by their ids."""
    return {
        cell.id: killed(fate.words) if fate.kind == "killed" else fate.words
        for cell, fate in _fates(grid, before)
        if fate.kind in ("failed", "killed")
    }


def interruptions(grid: Grid, before: Stamps) -> list[str]:
    """A line on the cells that were stopped, and one on those whose jobs were killed as they began."""
    lines = []
    for kind, text in (
        ("stopped", "{} stopped"),
        ("silent", "{} killed before {} began"),
    ):
        ids = [cell.id for cell, fate in _fates(grid, before) if fate.kind == kind]
        more = " ..." if len(ids) > MOST_NAMES else ""
        if ids:
            names = ", ".join(ids[:MOST_NAMES])
            count = counted(len(grid.cells), grid.noun)
            they = "it" if len(ids) == 1 else "they"
            what = text.format(be(len(ids), past=True), they)
            lines.append(f"{len(ids)} of {count} {what}: {names}{more}")
    return lines


def other_failures(before: Stamps) -> dict[str, str]:
    """Why weights could not be fetched or aggregates be made, by the names of their logs."""
    logs = [log for log in sorted(LOGS.glob("**/*.log")) if not any(map(log.is_relative_to, CELL_LOGS))]
    fates = {log: _fate(log, before) for log in logs}
    return {
        log.relative_to(LOGS).with_suffix("").as_posix(): fate.words
        for log, fate in fates.items()
        if fate and fate.kind == "failed"
    }


def _fates(grid: Grid, before: Stamps) -> Iterator[tuple[Cell, Fate]]:
    for cell in grid.cells:
        fate = _fate(log_of(cell), before)
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
