"""Records -> results/summary.md: where to look first, what is missing or incomplete, what it cost."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import jinja2

from nst.config.grid import Cell, Grid, axes_text
from nst.disk.files import write_whole
from nst.disk.record import OUTCOMES, Record
from nst.results.metrics import COMPARED, METRICS, Metrics, stored
from nst.results.page_paths import link
from nst.results.pareto import Group, groups, groups_by_metrics, unweighted
from nst.results.states import Finished, States, finished_cells, holes, survey
from nst.text import counted, duration

TEMPLATE = Path(__file__).with_name("templates") / "summary.md.j2"
SLOWEST = 5
MOST_VARIANTS = 30  # whose means are listed
MOST_HOLES = 200  # rows; losses.csv lists all
# What Markdown or HTML reads as markup; an underscore only where it could begin or end emphasis.
MARKUP = re.compile(r"[\\`*\[\]<>|&~#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")

Rows = list[list[str]]


def write_summary(grid: Grid, path: Path, states: States | None = None) -> None:
    """Write what stands out in a grid, and which images are not there and why."""
    states = survey(grid.cells) if states is None else states
    made, absent = finished_cells(grid, states), holes(grid, states)
    comparable, metrics = groups(made), stored(grid)
    across = [(one, one.knee) for one in groups_by_metrics(made, metrics) if one.knee]
    suggested = [(group, group.knee) for group in comparable if group.knee]
    labelled = any(group.label for group, _ in suggested)
    heads = ["content", "style", *(["group"] if labelled else []), "suggestion"]
    by_id = {cell.id: record for cell, record in made}
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    text = template.render(
        table=_table,
        images=(f"{len(made)} of " if absent else "") + counted(len(grid.cells), "image"),
        contents=counted(len(grid.config.content), "content"),
        styles=counted(len(grid.config.style), "style"),
        variants=counted(len(grid.variants), "variant"),
        excluded=grid.excluded,
        suggestion_heads=[*heads, "content loss", "style loss", "total, weighted"],
        suggestions=[_suggestion(group, knee, labelled, by_id) for group, knee in suggested],
        without=_without(comparable),
        across=[_across(group, knee, metrics) for group, knee in across],
        metrics=_metrics(grid, made, metrics),
        holes=[[plain(cell.id), hole.kind, plain(hole.reason)] for cell, hole in absent[:MOST_HOLES]],
        more_holes=max(0, len(absent) - MOST_HOLES),
        unfinished=_unfinished(made),
        completed=OUTCOMES["completed"],
        slowest=_slowest(made),
        devices=_devices(made),
        evaluations=sum(record.evaluations for _, record in made),
    )
    write_whole(path, text.encode())


def _suggestion(group: Group, knee: Cell, labelled: bool, by_id: Mapping[str, Record]) -> list[str]:
    """A row of the first table: the suggestion of a group, and the ranges of its losses."""
    group_records = [by_id[cell.id] for cell in group.cells]
    contents, styles, _ = zip(*map(unweighted, group_records), strict=True)
    return [
        plain(group.cells[0].content_label),
        plain(group.cells[0].style_label),
        *([plain(group.label)] if labelled else []),
        _link(knee, axes_text(knee.axes)),
        _range(contents),
        _range(styles),
        _range([record.losses["total"] for record in group_records]),
    ]


def _across(group: Group, knee: Cell, metrics: Metrics) -> list[str]:
    """A row of the suggestions among images whose losses do not compare."""
    ranges = [_range([metrics[cell.id][name] for cell in group.cells]) for name in COMPARED]
    labels = plain(group.cells[0].content_label), plain(group.cells[0].style_label)
    return [*labels, _link(knee, axes_text(knee.axes)), *ranges]


def _without(comparable: Sequence[Group]) -> str:
    """How many pairs have no suggestion, or groups where a pair has several; "" if all have one."""
    number = sum(not group.knee for group in comparable)
    pairs = {(group.content, group.style) for group in comparable}
    return counted(number, "pair" if len(pairs) == len(comparable) else "group") if number else ""


def _metrics(grid: Grid, made: Finished, metrics: Metrics) -> Rows:
    """The means of every variant and other program over the pairs; none of many variants."""
    if len(grid.variants) > MOST_VARIANTS:
        return []
    shown = {cell.id for cell, _ in made} | {external.id for external in grid.externals}
    rows: dict[str, list[str]] = {}
    for cell in grid.cells:
        rows.setdefault(axes_text(cell.axes) or "all", []).append(cell.id)
    for external in grid.externals:
        rows.setdefault(external.made_by, []).append(external.id)
    return [
        [plain(name), _of(len(found), len(ids)), *(_mean(found, metric) for metric in METRICS)]
        for name, ids in rows.items()
        if (found := [metrics[each] for each in ids if each in metrics and each in shown])
    ]


def _of(number: int, total: int) -> str:
    return f"{number} of {total}" if number < total else str(number)


def _mean(found: Sequence[Mapping[str, float]], metric: str) -> str:
    known = [numbers[metric] for numbers in found if metric in numbers]
    return f"{sum(known) / len(known):.4g}" if known else "too small"


def _range(losses: Sequence[float | None]) -> str:
    measured = [loss for loss in losses if loss is not None]  # some are, as there is a suggestion
    return " to ".join(dict.fromkeys(f"{end:.4g}" for end in (min(measured), max(measured))))


def _unfinished(made: Finished) -> Rows:
    return [
        [_link(cell, cell.id), plain(record.outcome), OUTCOMES.get(record.outcome, "unknown")]
        for cell, record in made
        if record.outcome != "completed"
    ]


def _slowest(made: Finished) -> Rows:
    slowest = sorted(made, key=lambda one: -one[1].seconds)[:SLOWEST]
    return [
        [_link(cell, cell.id), duration(record.seconds), str(record.evaluations), plain(record.device)]
        for cell, record in slowest
    ]


def _devices(made: Finished) -> Rows:
    by_device: dict[str, list[Record]] = {}
    for _, record in made:
        by_device.setdefault(record.device, []).append(record)
    return [
        [
            plain(device),
            str(len(images)),
            str(sum(record.evaluations for record in images)),
            duration(sum(record.seconds for record in images)),
        ]
        for device, images in by_device.items()
    ]


def _table(heads: Sequence[str], rows: Rows) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def _link(cell: Cell, text: str) -> str:
    return f"[{plain(text or cell.id)}]({quote(link(cell.file('.png')))})"


def plain(text: str) -> str:
    """Text on one line, escaped so that Markdown shows it as it is."""
    return MARKUP.sub(r"\\\g<0>", " ".join(text.split()))
