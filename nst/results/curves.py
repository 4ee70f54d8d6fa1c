"""Traces -> figures in results/curves: how the losses of a cell, and of all cells of a pair, fell."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from nst.config.grid import Cell, Grid, described
from nst.config.settings import KINDS
from nst.config.values import Number
from nst.disk.rebuild import Derived, code_digest, rebuild_outdated
from nst.disk.record import TERMS, Record, read_trace
from nst.results.choice import Group, groups
from nst.results.plot import CATEGORIES, DASHES, INK, Colour, Figure, Line, Panel, draw, ramp
from nst.results.table import records

CURVES = Path("results/curves")
MOST_POINTS = 300  # of a line; more would not be seen
MOST_LABELS = 12  # at the ends of lines; more lines are told apart by their colours alone
TERM_COLOURS = dict(zip(("content", "style", "tv"), CATEGORIES, strict=False))

Trace = dict[str, list[float]]
Looks = dict[str, tuple[Colour, str]]  # colour and dashes by the id of a cell


def pair_file(content: str, style: str) -> Path:
    """The figure of all cells of a pair."""
    return CURVES / content / style / "all.svg"  # no variant has this name


def cell_file(cell: Cell) -> Path:
    """The figure of one cell."""
    return CURVES / f"{cell.id}.svg"


def write_curves(grid: Grid) -> None:
    """Write the figures of all cells and pairs that are not there or older than what they show.

    Figures of what is no longer in the grid are removed. Raises NstError unless every cell has its
    record and trace.
    """
    made = records(grid)
    of = {cell.id: record for cell, record in made}
    by_pair = groupby(groups(grid, made), key=lambda group: (group.content, group.style))
    pairs = [_pair(list(parts), of) for _, parts in by_pair]
    rebuild_outdated(CURVES, [*(_cell(cell, of[cell.id]) for cell in grid.cells), *pairs])


def _cell(cell: Cell, record: Record) -> Derived:
    trace = cell.file(".csv")
    return Derived(
        cell_file(cell),
        (trace, cell.file(".json")),
        _kind(),
        lambda: draw(_cell_figure(cell, record, read_trace(trace))),
    )


def _pair(parts: Sequence[Group], of: dict[str, Record]) -> Derived:
    cells = [cell for part in parts for cell in part.cells]

    def figure() -> bytes:
        traces = {cell.id: read_trace(cell.file(".csv")) for cell in cells}
        return draw(_pair_figure(parts, of, traces))

    return Derived(
        pair_file(parts[0].content, parts[0].style),
        tuple(cell.file(ending) for cell in cells for ending in (".csv", ".json")),
        _kind(),
        figure,
    )


def _kind() -> str:
    return f"figure {code_digest('results/curves', 'results/plot', 'results/choice')}"


def _cell_figure(cell: Cell, record: Record, trace: Trace) -> Figure:
    """Weighted losses of one cell, as they were optimised."""
    total = _line("total", trace, trace["total"], INK, strong=True)
    terms = [_line(name, trace, trace[name], colour) for name, colour in TERM_COLOURS.items()]
    title = " · ".join(filter(None, [f"{cell.content} x {cell.style}", described(cell.axes)]))
    ended = f"{len(trace['total'])} evaluations, {record.outcome}"
    panel = Panel("losses, weighted as optimised", (*terms, total))
    return Figure(title, f"Losses by evaluation; {ended}.", ((panel,),), note=_note([record]))


def _pair_figure(parts: Sequence[Group], of: dict[str, Record], traces: dict[str, Trace]) -> Figure:
    """Unweighted losses of all cells of a pair; a row of two panels for every group of it."""
    names = _varying(parts)
    look, legend = _looks([cell for part in parts for cell in part.cells], names)
    rows = tuple(tuple(_panel(part, kind, names, look, of, traces) for kind in TERMS) for part in parts)
    many = any(len(part.cells) > MOST_LABELS for part in parts)
    suggested = "Bold: the cell to look at first." if any(part.knee for part in parts) else ""
    return Figure(
        f"{parts[0].content} x {parts[0].style}",
        "Content loss and style loss by evaluation, each without its weight, one line per cell.",
        rows,
        (_words(names[:1]), legend) if many else ("", ()),
        " ".join(filter(None, [suggested, _note(of[c.id] for part in parts for c in part.cells)])),
    )


def _panel(
    part: Group,
    kind: str,
    names: list[str],
    look: Looks,
    of: dict[str, Record],
    traces: dict[str, Trace],
) -> Panel:
    lines = []
    for cell in part.cells:
        weight, suggested = of[cell.id].settings[f"{kind}_weight"], cell == part.knee
        trace = traces[cell.id]
        values = [value / weight if weight else math.nan for value in trace[kind]]
        label = " · ".join(_spelled(cell, name) for name in names)
        shown = label if suggested or len(part.cells) <= MOST_LABELS else ""
        lines.append(_line(shown, trace, values, *look[cell.id], suggested))
    title = " · ".join(filter(None, [part.label, f"{kind} loss, unweighted"]))
    return Panel(title, tuple(lines), _words(names), f"not measured: {kind} weight 0")


def _varying(parts: Sequence[Group]) -> list[str]:
    """The axes that tell the cells of a group apart; the first with numbers leads."""
    names = [
        name
        for name in parts[0].cells[0].axes
        if any(len({_spelled(cell, name) for cell in part.cells}) > 1 for part in parts)
    ]
    return sorted(names, key=lambda name: not isinstance(KINDS[name], Number))


def _looks(cells: Sequence[Cell], names: list[str]) -> tuple[Looks, tuple[tuple[Colour, str], ...]]:
    """Colours by the first axis, dashes by the second; and what each colour stands for."""
    if not names:
        return {cell.id: (CATEGORIES[0], "") for cell in cells}, ()
    first, second = names[0], names[1:2]
    values = {cell.axes[first]: None for cell in cells} if isinstance(KINDS[first], Number) else {}
    ordered = [KINDS[first].text(value) for value in sorted(values)]
    texts = ordered or list(dict.fromkeys(_spelled(cell, first) for cell in cells))
    colours = {
        text: ramp(n / max(1, len(texts) - 1)) if ordered else CATEGORIES[n % len(CATEGORIES)]
        for n, text in enumerate(texts)
    }
    dashes: dict[str, str] = {}
    for text in (_spelled(cell, name) for name in second for cell in cells):
        dashes.setdefault(text, DASHES[len(dashes) % len(DASHES)])
    look = {
        cell.id: (colours[_spelled(cell, first)], dashes[_spelled(cell, second[0])] if second else "")
        for cell in cells
    }
    few = min(len(texts), MOST_LABELS)
    entries = [texts[round(n * (len(texts) - 1) / max(1, few - 1))] for n in range(few)]
    return look, tuple((colours[text], text) for text in entries)


def _line(
    label: str, trace: Trace, values: Sequence[float], colour: Colour, dash="", strong=False
) -> Line:
    kept = thinned(values)
    x = [trace["evaluation"][place] for place in kept]
    return Line(label, x, [values[place] for place in kept], colour, dash, strong)


def thinned(values: Sequence[float]) -> list[int]:
    """Places of at most MOST_POINTS values: the first and last, the least and greatest and the first
    that is no number of every stretch."""
    count = len(values)
    if count <= MOST_POINTS:
        return list(range(count))
    kept, stretches = {0, count - 1}, (MOST_POINTS - 2) // 3
    ends = [count * n // stretches for n in range(stretches + 1)]
    for start, end in pairwise(ends):
        seen = [place for place in range(start, end) if not math.isnan(values[place])]
        if seen:
            kept.update((min(seen, key=values.__getitem__), max(seen, key=values.__getitem__)))
        kept.update([place for place in range(start, end) if math.isnan(values[place])][:1])
    return sorted(kept)


def _note(made: Iterable[Record]) -> str:
    scaled = any(record.settings["scales"] > 1 for record in made)
    return "A jump is where a finer size begins." if scaled else ""


def _spelled(cell: Cell, name: str) -> str:
    return KINDS[name].text(cell.axes[name])


def _words(names: Sequence[str]) -> str:
    return " · ".join(name.replace("_", " ") for name in names)
