"""Records -> losses.csv: one row per cell, in the config's order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.config.recipes import complete_settings
from nst.config.settings import KINDS
from nst.disk.files import write_whole
from nst.disk.record import Record, differences, read_record
from nst.errors import NstError

LOSS_COLUMNS = {
    "total": "total_loss",
    "content": "content_loss",
    "style": "style_loss",
    "tv": "tv_loss",
}

Finished = Sequence[tuple[Cell, Record]]  # cells that are made, with their records


def write_table(grid: Grid, path: Path) -> None:
    """Write the final losses of all cells. Raises NstError unless every cell has its record."""
    import pandas

    rows = [_row(cell, record) for cell, record in records(grid)]
    columns = [name for name, _ in rows[0]]
    frame = pandas.DataFrame([[value for _, value in row] for row in rows], columns=columns)
    write_whole(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())


def records(grid: Grid) -> list[tuple[Cell, Record]]:
    """The record of every cell. Raises NstError for cells without a record of their settings."""
    missing = [cell.id for cell in grid.cells if not cell.file(".json").is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise NstError(
            f"{len(missing)} of {len(grid.cells)} cells are not made: {', '.join(missing[:3])}{more};"
            " run snakemake"
        )
    finished = [(cell, read_cell(cell)) for cell in grid.cells]
    for cell, record in finished:
        if changes := differences(record, cell.settings.pixels()):
            raise NstError(
                f"{cell.id} was made with other settings ({'; '.join(changes)[:200]}): delete"
                f" {cell.file('.png')} and run snakemake"
            )
    return finished


def by_pair(finished: Finished) -> Iterator[tuple[tuple[str, str], Finished]]:
    """Every content and style with its finished cells, in the grid's order."""
    for pair, cells in groupby(finished, key=lambda one: (one[0].content, one[0].style)):
        yield pair, list(cells)


def read_cell(cell: Cell) -> Record:
    """The record of a cell; settings that are newer than the record have their defaults.

    Raises NstError as `read_record` does.
    """
    record = read_record(cell.file(".json"))
    return replace(record, settings=complete_settings(record.settings))


def _row(cell: Cell, record: Record) -> list[tuple[str, object]]:
    """Column and value; pairs, as an axis may be named like a result (`evaluations`)."""
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
