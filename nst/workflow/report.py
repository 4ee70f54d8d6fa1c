"""What a run has made and what it has not, and why: read from records and logs."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.disk.files import Stamp, stamp
from nst.disk.record import differences
from nst.errors import NstError
from nst.results.table import read_cell

LOGS = Path("results/logs/cells")
KILLED = ("evaluation ", "GPU ", "note: ", "resuming ", "final losses ")  # logs end so in mid-work


def unmade(grid: Grid) -> tuple[list[Cell], list[Cell]]:
    """Cells that are not there, whole, and cells that are but were made with other settings."""
    missing, other = [], []
    endings = (".png", ".json", *((".webp",) if grid.snapshot_every else ()))
    for cell in grid.cells:
        if not all(cell.file(ending).is_file() for ending in endings):
            missing.append(cell)
            continue
        try:
            fits = not differences(read_cell(cell), cell.settings.pixels())
        except NstError:  # a damaged record: the aggregates name it, and the way out
            missing.append(cell)
            continue
        if not fits:
            other.append(cell)
    return missing, other


def logs() -> dict[Path, Stamp]:
    """What logs there are; no times are compared, for a clock may be set back, or be another's."""
    return {log: stamp(log) for log in LOGS.parent.glob("**/*.log")}


def failures(grid: Grid, before: Mapping[Path, Stamp]) -> dict[str, str]:
    """Why cells could not be made, from the logs that are not as they were before."""
    found = {}
    for name, lines in _logs(grid, before):
        if errors := _errors(lines):
            found[name] = errors[0]
        elif lines and not (lines[-1].startswith("wrote ") or _stopped(lines[-1])):
            # A job that is killed cannot say so; a traceback ends in the error.
            killed = lines[-1].startswith(KILLED)
            found[name] = f"killed, or out of memory, after: {lines[-1]}" if killed else lines[-1]
    return found


def interruptions(grid: Grid, before: Mapping[Path, Stamp]) -> list[str]:
    """A line on the cells that a signal stopped, and one on those that had hardly begun, if at all."""
    logs = [(name, lines) for name, lines in _logs(grid, before) if not _errors(lines)]
    fates = {
        "stopped by a signal": [name for name, lines in logs if lines and _stopped(lines[-1])],
        "not begun, or killed as they began": [name for name, lines in logs if not lines],
    }
    return [
        f"{len(cells)} of {len(grid.cells)} cells were {fate}: {', '.join(cells[:3])}"
        + (" ..." if len(cells) > 3 else "")
        for fate, cells in fates.items()
        if cells
    ]


def _stopped(line: str) -> bool:
    return line.startswith(("stopped by ", "stopped; ")) and "nothing was saved" not in line


def _logs(grid: Grid, before: Mapping[Path, Stamp]) -> Iterator[tuple[str, list[str]]]:
    for cell in grid.cells:
        lines = _lines(LOGS / f"{cell.id}.log", before)
        if lines is not None:
            yield cell.id, lines


def other_failures(before: Mapping[Path, Stamp]) -> dict[str, str]:
    """Why weights could not be fetched or aggregates be made, from their logs likewise."""
    found = {}
    for log in sorted(LOGS.parent.glob("**/*.log")):
        if not log.is_relative_to(LOGS) and (errors := _errors(_lines(log, before) or [])):
            found[log.relative_to(LOGS.parent).with_suffix("").as_posix()] = errors[0]
    return found


def _lines(log: Path, before: Mapping[Path, Stamp]) -> list[str] | None:
    """The lines of a log that is not as it was before; None if there is no such log."""
    try:
        if stamp(log) == before.get(log):
            return None
        return log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return None


def _errors(lines: list[str]) -> list[str]:
    return [line.removeprefix("error: ") for line in lines if line.startswith("error: ")]
