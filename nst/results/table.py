"""Records -> losses.csv, one row per image, and losses_by_layer.csv, one row per image and layer.

The pictures of other programs have rows, too, without settings and losses; `external` names them.

The losses are those that the page shows: without `content_weight`, `style_weight` and `tv_weight`, so
that images of different weights compare. The weighted ones, whose sum was minimized, stand beside them,
and after these the metrics, which compare between all images of a pair.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.config.setting_sets import EXECUTION
from nst.config.settings import KINDS, Settings
from nst.disk.files import write_whole
from nst.disk.home import abbreviate_home
from nst.disk.record import TERMS
from nst.results.dated_back import date_back
from nst.results.externals import EXTERNAL, survey_externals
from nst.results.metrics import METRICS, Metrics, stored
from nst.results.pareto import unweighted
from nst.results.states import State, States, finished_cells, holes, survey

ALWAYS = ("size", "backbone", "seed")  # settings with a column even if all images share them
LOSSES = ("content", "style", "tv")
TERM_COLUMNS = ("term", "layer", "layer_weight", "layer_loss", "image")  # of losses_by_layer.csv

Value = Callable[[Cell, State], object]
Column = tuple[str, Value]


def write_table(grid: Grid, path: Path, states: States | None = None) -> None:
    """Write the final losses of all images; one that is not made has its state as outcome only."""
    states = survey(grid.cells) if states is None else states
    metrics = stored(grid)
    columns = _columns(grid, metrics)
    head = [name for name, _ in columns]
    rows = [[column(cell, states[cell.id]) for _, column in columns] for cell in grid.cells]
    rows += [[facts.get(name) for name in head] for facts in _external_rows(grid, metrics)]
    _write(path, head, rows, dated_back=bool(holes(grid, states)))


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


def _external_rows(grid: Grid, metrics: Metrics) -> Iterator[dict[str, object]]:
    """What the table says of the pictures of other programs, by the names of its columns."""
    states = survey_externals(grid)
    for one in grid.externals:
        kind = states[one.id].kind
        picture = abbreviate_home(str(one.picture)) if kind == EXTERNAL else None
        names = {"content": one.content, "style": one.style, "external": one.name}
        yield {**names, **metrics.get(one.id, {}), "outcome": kind, "image": picture}


def _layer_rows(cell: Cell, terms: dict, settings: dict) -> Iterator[list[object]]:
    for term in TERMS:
        for layer, loss in terms[term].items():
            yield [term, layer, settings[f"{term}_layers"][layer], loss, cell.file(".png").as_posix()]


def cells_of_other_rows(cells: Iterable[Cell], states: States, path: Path) -> list[Cell]:
    """The cells whose results in a table are not those of their records; none without a table.

    The settings are not compared: which of them have a column depends on the other images.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = {tuple(map(row.get, RESULTS)) for row in csv.DictReader(file)}
    except (OSError, ValueError, csv.Error):
        return []

    def results(cell: Cell) -> tuple[str, ...]:
        values = (value(cell, states[cell.id]) for value in RESULTS.values())
        return tuple("" if value is None else str(_text(value)) for value in values)

    return [cell for cell in cells if results(cell) not in rows]


def _columns(grid: Grid, metrics: Metrics) -> list[Column]:
    """Names and values of the columns."""
    first = list(dict.fromkeys([*grid.axes, "recipe"]))
    last = [name for name in (*varying(grid), *ALWAYS) if name not in first]
    return [
        ("content", lambda cell, _: cell.content),
        ("style", lambda cell, _: cell.style),
        *map(_setting, first),
        *([("external", lambda *_: None)] if grid.externals else []),
        *LOSS_VALUES.items(),
        *((name, _metric(name, metrics)) for name in METRICS),
        *map(_setting, last),
        *MAKING_VALUES.items(),
    ]


def varying(grid: Grid) -> list[str]:
    """The other settings that differ between images, by overrides or by their recipes."""
    distinct = list({id(cell.settings): cell.settings for cell in grid.cells}.values())
    return [
        field.name
        for field in fields(Settings)
        if field.name not in (*grid.axes, *ALWAYS, *EXECUTION, "recipe")
        and any(getattr(one, field.name) != getattr(distinct[0], field.name) for one in distinct)
    ]


def _setting(name: str) -> Column:
    """The column of a setting; one of them is called as a loss is."""
    column = f"{name}_setting" if name == "style_loss" else name
    return column, lambda cell, _: KINDS[name].text(getattr(cell.settings, name))


def _loss(name: str) -> Value:
    return lambda _, state: state.record and getattr(unweighted(state.record), name)


def _weighted(name: str) -> Value:
    return lambda _, state: state.record and state.record.losses[name]


def _metric(name: str, metrics: Metrics) -> Value:
    return lambda cell, state: metrics.get(cell.id, {}).get(name) if state.record else None


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


LOSS_VALUES: dict[str, Value] = {
    **{f"{name}_loss": _loss(name) for name in LOSSES},
    **{f"weighted_{name}": _weighted(name) for name in LOSSES},
    "total_loss": _weighted("total"),
}
MAKING_VALUES: dict[str, Value] = {
    "made_evaluations": lambda _, state: state.record and state.record.evaluations,
    "outcome": lambda _, state: state.record.outcome if state.record else state.kind,
    "seconds": lambda _, state: state.record and state.record.seconds,
    "made_on": lambda _, state: state.record and state.record.device,
    "image": lambda cell, state: state.record and cell.file(".png").as_posix(),
}
RESULTS = LOSS_VALUES | MAKING_VALUES
