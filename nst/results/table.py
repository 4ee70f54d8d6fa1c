"""Records -> losses.csv, one row per image, and losses_by_layer.csv, one row per image and layer.

The losses are those that the page shows: without `content_weight`, `style_weight` and `tv_weight`, so
that images of different weights compare. The weighted ones, whose sum was minimized, stand beside them.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.config.settings import EXECUTION, KINDS, Settings
from nst.disk.files import write_whole
from nst.disk.record import TERMS
from nst.results.dated_back import date_back
from nst.results.pareto import unweighted
from nst.results.states import State, States, finished_cells, holes, survey

ALWAYS = ("size", "backbone", "seed")  # settings with a column even if all images share them
LOSSES = ("content", "style", "tv")
TERM_COLUMNS = ("term", "layer", "layer_weight", "layer_loss", "image")  # of losses_by_layer.csv

Column = tuple[str, Callable[[Cell, State], object]]


def write_table(grid: Grid, path: Path, states: States | None = None) -> None:
    """Write the final losses of all images; one that is not made has its state as outcome only."""
    states = survey(grid.cells) if states is None else states
    columns = _columns(grid)
    rows = [[column(cell, states[cell.id]) for _, column in columns] for cell in grid.cells]
    _write(path, [name for name, _ in columns], rows, dated_back=bool(holes(grid, states)))


def write_layers(grid: Grid, path: Path, states: States | None = None) -> None:
    """Write the final losses of all images by layer, without weights; `layer_weight` is the layer's."""
    states = survey(grid.cells) if states is None else states
    axes = [_setting(name) for name in grid.axes]
    head = ["content", "style", *(name for name, _ in axes), *TERM_COLUMNS]
    rows = [
        [cell.content, cell.style, *(value(cell, states[cell.id]) for _, value in axes), *row]
        for cell, record in finished_cells(grid, states)
        for row in _layer_rows(cell, record.terms, record.settings)
    ]
    _write(path, head, rows, dated_back=bool(holes(grid, states)))


def _layer_rows(cell: Cell, terms: dict, settings: dict) -> Iterator[list[object]]:
    for term in TERMS:
        for layer, loss in terms[term].items():
            yield [term, layer, settings[f"{term}_layers"][layer], loss, cell.file(".png").as_posix()]


def cells_of_other_rows(grid: Grid, cells: Iterable[Cell], states: States, path: Path) -> list[Cell]:
    """The cells whose rows in a table are not what their records say; none without a table."""
    try:
        rows = set(path.read_text(encoding="utf-8").splitlines(keepends=True))
    except (OSError, ValueError):
        return []
    columns = _columns(grid)
    return [
        cell
        for cell in cells
        if _line([column(cell, states[cell.id]) for _, column in columns]) not in rows
    ]


def _columns(grid: Grid) -> list[Column]:
    """Names and values of the columns."""
    first = list(dict.fromkeys([*grid.axes, "recipe"]))
    last = [name for name in dict.fromkeys([*varying(grid), *ALWAYS]) if name not in first]
    return [
        ("content", lambda cell, _: cell.content),
        ("style", lambda cell, _: cell.style),
        *(_setting(name) for name in first),
        *((f"{name}_loss", _loss(name)) for name in LOSSES),
        *((f"weighted_{name}", _weighted(name)) for name in LOSSES),
        ("total_loss", _weighted("total")),
        *(_setting(name) for name in last),
        ("made_evaluations", lambda _, state: state.record and state.record.evaluations),
        ("outcome", lambda _, state: state.record.outcome if state.record else state.kind),
        ("seconds", lambda _, state: state.record and state.record.seconds),
        ("made_on", lambda _, state: state.record and state.record.device),
        ("image", lambda cell, state: state.record and cell.file(".png").as_posix()),
    ]


def varying(grid: Grid) -> list[str]:
    """The settings that differ between images, by overrides or by their recipes, and are no axes."""
    distinct = list({id(cell.settings): cell.settings for cell in grid.cells}.values())
    return [
        field.name
        for field in fields(Settings)
        if field.name not in (*grid.axes, *EXECUTION)
        and any(getattr(one, field.name) != getattr(distinct[0], field.name) for one in distinct)
    ]


def _setting(name: str) -> Column:
    """The column of a setting; one of them is called as a loss is."""
    column = f"{name}_setting" if name == "style_loss" else name
    return column, lambda cell, _: KINDS[name].text(getattr(cell.settings, name))


def _loss(name: str) -> Callable[[Cell, State], object]:
    return lambda _, state: state.record and getattr(unweighted(state.record), name)


def _weighted(name: str) -> Callable[[Cell, State], object]:
    return lambda _, state: state.record and state.record.losses[name]


def _write(path: Path, head: Sequence[str], rows: Iterable[Sequence[object]], dated_back: bool) -> None:
    write_whole(path, "".join([_line(head), *map(_line, rows)]).encode())
    if dated_back:
        date_back(path)


def _line(fields: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(map(_text, fields))
    return text.getvalue()


def _text(value: object) -> object:
    """A value as the table has it; None is an empty field."""
    return f"{value:.6g}" if isinstance(value, float) else value
