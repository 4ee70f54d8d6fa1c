"""Records -> losses.csv: one row per cell, in the config's order."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.config.settings import KINDS
from nst.disk.files import write_whole
from nst.results.dated_back import date_back
from nst.results.states import State, States, holes, survey

LOSS_COLUMNS = {
    "total": "total_loss",
    "content": "content_loss",
    "style": "style_loss",
    "tv": "tv_loss",
}


def write_table(grid: Grid, path: Path, states: States | None = None) -> None:
    """Write the final losses of all cells; a cell that is not made has its state as outcome only."""
    states = survey(grid.cells) if states is None else states
    head = [name for name, _ in _row(grid.cells[0], states[grid.cells[0].id])]
    lines = [_line(head), *(_row_line(cell, states[cell.id]) for cell in grid.cells)]
    write_whole(path, "".join(lines).encode())
    if holes(grid, states):
        date_back(path)


def cells_of_other_rows(cells: Iterable[Cell], states: States, path: Path) -> list[Cell]:
    """The cells whose rows in a table are not what their records say; none without a table."""
    try:
        rows = set(path.read_text(encoding="utf-8").splitlines(keepends=True))
    except (OSError, ValueError):
        return []
    return [cell for cell in cells if _row_line(cell, states[cell.id]) not in rows]


def _row_line(cell: Cell, state: State) -> str:
    return _line([_text(value) for _, value in _row(cell, state)])


def _line(fields: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue()


def _row(cell: Cell, state: State) -> list[tuple[str, object]]:
    """Column and value; pairs, as an axis may be named like a result (`evaluations`)."""
    axes = [(name, KINDS[name].text(value)) for name, value in cell.axes.items()]
    record = state.record
    return [
        ("content", cell.content),
        ("style", cell.style),
        *axes,
        *([] if "recipe" in cell.axes else [("recipe", KINDS["recipe"].text(cell.settings.recipe))]),
        *((column, record and record.losses[name]) for name, column in LOSS_COLUMNS.items()),
        ("evaluations", record and record.evaluations),
        ("outcome", record.outcome if record else state.kind),
        ("seconds", record and record.seconds),
        ("device", record and record.device),
        ("image", record and cell.file(".png").as_posix()),
    ]


def _text(value: object) -> object:
    """A value as the table has it; None is an empty field."""
    return f"{value:.6g}" if isinstance(value, float) else value
