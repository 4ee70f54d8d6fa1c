"""Traces -> how the losses fell: a figure for every pair in results/curves, a curve for every cell.

The figure of a pair is an SVG file; the curve of a cell is data, which the page draws.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from nst.config.grid import Cell, Grid
from nst.config.settings import KINDS
from nst.config.values import Number, spell_number
from nst.disk.derived import Derived, code_digest, rebuild_outdated
from nst.disk.record import TERMS, Record, read_trace
from nst.results.curve_svg import CATEGORIES, DASHES, INK, Colour, Figure, Line, Panel, draw, ramp
from nst.results.page_paths import CURVES, pair_figure
from nst.results.pareto import Group, groups
from nst.results.states import States, finished_cells, survey
from nst.results.ticks import axes_of, is_visible

MAX_POINTS = 300  # of a line in a figure; more would not be seen
CELL_POINTS = 150  # of a line in the data of a cell, which the page loads for all cells of a pair
MAX_LABELS = 12  # at the ends of lines; more lines are told apart by their colours alone
# The total first: the others are drawn over it.
LOSS_COLOURS = {"total": INK, **dict(zip(("content", "style", "tv"), CATEGORIES, strict=False))}
CODE = ("results/curves", "results/curve_svg", "results/ticks", "results/pareto")

Trace = dict[str, list[float]]
Looks = dict[str, tuple[Colour, str]]  # colour and dashes by the id of a cell


def write_curves(grid: Grid, states: States | None = None) -> None:
    """Draw the figures of pairs that are missing or outdated, and remove those of other pairs.

    Cells that are not made have no line, and a pair without any image has no figure.
    """
    made = finished_cells(grid, survey(grid.cells) if states is None else states)
    by_id = {cell.id: record for cell, record in made}
    pairs = groupby(groups(made), key=lambda group: (group.content, group.style))
    rebuild_outdated(CURVES, [_figure_file(list(parts), by_id) for _, parts in pairs])


def cell_curve(trace: Trace, record: Record) -> dict[str, Any]:
    """The weighted losses of one cell as they were optimized, with axes, for the page to draw."""
    lines = []
    for name, colour in LOSS_COLOURS.items():
        line = _line(name, trace, trace[name], colour, points=CELL_POINTS)
        if line.visible:
            lines.append(line)
    if not lines:
        return {"lines": [], "note": ""}
    axes = axes_of([(line.x, line.y) for line in lines])
    return {
        "lines": [
            {
                "name": line.label,
                "colours": line.colour,
                "x": [int(x) for x in line.x],
                "y": [float(f"{y:.4g}") if is_visible(y) else None for y in line.y],
            }
            for line in lines
        ],
        "low": axes.low,
        "high": axes.high,
        "last": axes.last,
        "x_ticks": [[tick, spell_number(tick)] for tick in axes.x_ticks],
        "y_ticks": [[tick, spell_number(tick)] for tick in axes.y_ticks],
        "note": _note([record]),
    }


def _figure_file(parts: Sequence[Group], by_id: Mapping[str, Record]) -> Derived:
    cells = [cell for part in parts for cell in part.cells]

    def figure() -> bytes:
        traces = {cell.id: read_trace(cell.file(".csv")) for cell in cells}
        return draw(_figure(parts, by_id, traces))

    return Derived(
        pair_figure(parts[0].content, parts[0].style),
        tuple(cell.file(ending) for cell in cells for ending in (".csv", ".json")),
        f"figure {code_digest(*CODE)}",
        figure,
    )


def _figure(parts: Sequence[Group], by_id: Mapping[str, Record], traces: Mapping[str, Trace]) -> Figure:
    """Unweighted losses of all cells of a pair; two panels for each of its groups."""
    first = parts[0].cells[0]
    names = _varying(parts)
    looks, legend = _looks([cell for part in parts for cell in part.cells], names)
    rows = tuple(
        tuple(_panel(part, kind, names, looks, by_id, traces) for kind in TERMS) for part in parts
    )
    many = any(len(part.cells) > MAX_LABELS for part in parts)
    suggested = "Bold: the suggested image." if any(part.knee for part in parts) else ""
    note = _note(by_id[cell.id] for part in parts for cell in part.cells)
    return Figure(
        f"{first.content_label} x {first.style_label}",
        "Content loss and style loss by evaluation, each without its weight, one line per image.",
        rows,
        (_spaced(names[:1]), legend) if many else ("", ()),
        " ".join(filter(None, [suggested, note])),
    )


def _panel(
    part: Group,
    kind: str,
    names: list[str],
    looks: Looks,
    by_id: Mapping[str, Record],
    traces: Mapping[str, Trace],
) -> Panel:
    lines = []
    for cell in part.cells:
        weight, suggested = by_id[cell.id].settings[f"{kind}_weight"], cell == part.knee
        trace = traces[cell.id]
        values = [value / weight if weight else math.nan for value in trace[kind]]
        label = " · ".join(_value_text(cell, name) for name in names)
        label = label if suggested or len(part.cells) <= MAX_LABELS else ""
        lines.append(_line(label, trace, values, *looks[cell.id], suggested))
    title = " · ".join(filter(None, [part.label, f"{kind} loss, unweighted"]))
    return Panel(title, tuple(lines), _spaced(names), f"not measured: {kind} weight 0")


def _varying(parts: Sequence[Group]) -> list[str]:
    """The axes that tell the cells of a group apart; those with numbers first."""
    names = [
        name
        for name in parts[0].cells[0].axes
        if any(len({_value_text(cell, name) for cell in part.cells}) > 1 for part in parts)
    ]
    return sorted(names, key=lambda name: not isinstance(KINDS[name], Number))


def _looks(cells: Sequence[Cell], names: list[str]) -> tuple[Looks, tuple[tuple[Colour, str], ...]]:
    """Colours by the first axis, dashes by the second; and the meaning of each colour."""
    if not names:
        return {cell.id: (CATEGORIES[0], "") for cell in cells}, ()
    colours = _colours(cells, names[0])
    dashes: dict[str, str] = {}
    for text in [_value_text(cell, name) for name in names[1:2] for cell in cells]:
        dashes.setdefault(text, DASHES[len(dashes) % len(DASHES)])
    looks = {
        cell.id: (
            colours[_value_text(cell, names[0])],
            dashes[_value_text(cell, names[1])] if names[1:] else "",
        )
        for cell in cells
    }
    texts = list(colours)
    few = min(len(texts), MAX_LABELS)
    entries = [texts[round(n * (len(texts) - 1) / max(1, few - 1))] for n in range(few)]
    return looks, tuple((colours[text], text) for text in entries)


def _colours(cells: Sequence[Cell], axis: str) -> dict[str, Colour]:
    """A colour for every value of an axis: a ramp for numbers, categories for others."""
    if isinstance(KINDS[axis], Number):
        texts = [KINDS[axis].text(value) for value in sorted({cell.axes[axis] for cell in cells})]
        return {text: ramp(n / max(1, len(texts) - 1)) for n, text in enumerate(texts)}
    texts = list(dict.fromkeys(_value_text(cell, axis) for cell in cells))
    return {text: CATEGORIES[n % len(CATEGORIES)] for n, text in enumerate(texts)}


def _line(
    label: str,
    trace: Trace,
    values: Sequence[float],
    colour: Colour,
    dash: str = "",
    strong: bool = False,
    points: int = MAX_POINTS,
) -> Line:
    shown = thinned(values, points)
    x = [trace["evaluation"][index] for index in shown]
    return Line(label, x, [values[index] for index in shown], colour, dash, strong)


def thinned(values: Sequence[float], points: int = MAX_POINTS) -> list[int]:
    """Indices of at most `points` values that draw the same line.

    These are the first and the last, and of every stretch the least, the greatest and the first NaN.
    """
    count = len(values)
    if count <= points:
        return list(range(count))
    indices, stretches = {0, count - 1}, (points - 2) // 3
    ends = [count * n // stretches for n in range(stretches + 1)]
    for start, end in pairwise(ends):
        numbers = [index for index in range(start, end) if not math.isnan(values[index])]
        if numbers:
            indices.add(min(numbers, key=values.__getitem__))
            indices.add(max(numbers, key=values.__getitem__))
        indices.update([index for index in range(start, end) if math.isnan(values[index])][:1])
    return sorted(indices)


def _note(records: Iterable[Record]) -> str:
    scaled = any(record.settings["scales"] > 1 for record in records)
    return "A jump is where a larger size begins." if scaled else ""


def _value_text(cell: Cell, axis: str) -> str:
    return KINDS[axis].text(cell.axes[axis])


def _spaced(names: Sequence[str]) -> str:
    return " · ".join(name.replace("_", " ") for name in names)
