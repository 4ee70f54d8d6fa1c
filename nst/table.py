"""Records -> losses.csv: one row per cell, in the config's order."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from nst.errors import NstError
from nst.files import Stamp, stamp, write_whole
from nst.grid import Cell, Grid
from nst.record import Record, differences, read_record
from nst.settings import KINDS

LOGS = Path("results/logs/cells")
KILLED = ("evaluation ", "GPU ", "note: ", "going on ", "torch sees ")  # logs end so in mid-work
LOSS_COLUMNS = {
    "total": "total_loss",
    "content": "content_loss",
    "style": "style_loss",
    "tv": "tv_loss",
}


def write_table(grid: Grid, path: Path) -> None:
    """Write the final losses of all cells. Raises NstError unless every cell has its record."""
    import pandas

    rows = [_row(cell, record) for cell, record in records(grid)]
    columns = [name for name, _ in rows[0]]
    frame = pandas.DataFrame([[value for _, value in row] for row in rows], columns=columns)
    write_whole(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())


def records(grid: Grid) -> list[tuple[Cell, Record]]:
    """The record of every cell. Raises NstError, naming them, if there are cells without one."""
    missing = [cell.id for cell in grid.cells if not cell.file(".json").is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise NstError(
            f"{len(missing)} of {len(grid.cells)} cells are not made: {', '.join(missing[:3])}{more};"
            " run snakemake"
        )
    made = [(cell, read_record(cell.file(".json"))) for cell in grid.cells]
    for cell, record in made:
        if other := differences(record, cell.settings.pixels()):
            raise NstError(
                f"{cell.id} was made with other settings ({'; '.join(other)[:200]}): delete"
                f" {cell.file('.png')} and run snakemake"
            )
    return made


def unmade(grid: Grid) -> tuple[list[Cell], list[Cell]]:
    """Cells that are not there, whole, and cells that are but were made with other settings."""
    missing, other = [], []
    endings = (".png", ".json", *((".webp",) if grid.snapshots else ()))
    for cell in grid.cells:
        if not all(cell.file(ending).is_file() for ending in endings):
            missing.append(cell)
            continue
        try:
            fits = not differences(read_record(cell.file(".json")), cell.settings.pixels())
        except NstError:  # a damaged record: the aggregates name it, and the way out
            missing.append(cell)
            continue
        if not fits:
            other.append(cell)
    return missing, other


def _row(cell: Cell, record: Record) -> list[tuple[str, object]]:
    """Column and value; an axis and a result may have one name (`evaluations`), so no mapping."""
    axes = [(name, KINDS[name].text(value)) for name, value in cell.axes.items()]
    return [
        ("content", cell.content),
        ("style", cell.style),
        *axes,
        *([] if "recipe" in cell.axes else [("recipe", KINDS["recipe"].text(cell.settings.recipe))]),
        *((column, record.losses[name]) for name, column in LOSS_COLUMNS.items()),
        ("evaluations", record.evaluations),
        ("outcome", record.outcome),
        ("seconds", record.seconds),
        ("device", record.device),
        ("image", cell.file(".png").as_posix()),
    ]


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
