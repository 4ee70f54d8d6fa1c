"""Records -> results/summary.md: where to look first, what did not end well, what it all took."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from urllib.parse import quote

from nst.config.grid import Cell, Grid, described
from nst.disk.files import write_whole
from nst.disk.record import OUTCOMES, Record
from nst.results.choice import Group, groups, unweighted
from nst.results.table import records
from nst.text import duration

RESULTS = Path("results")
SLOWEST = 5
# What Markdown or HTML would read as a sign; an underscore only where it could begin or end emphasis.
SIGNS = re.compile(r"[\\`*\[\]<>|&~#!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
MEANING = (
    "A suggestion is the knee of its row: of the cells that no other beats in content and style loss"
    " both, the one past which a little less of either costs much of the other. It is arithmetic on two"
    " numbers, depends on which values were tried, and knows nothing of taste: look there first, then"
    " at its neighbours."
)
NONE = "No suggestion: fewer than three cells to choose between, or none below the line of the ends."
APART = "Losses of different rows do not compare. Content and style losses are without their weights."

Made = Sequence[tuple[Cell, Record]]


def write_summary(grid: Grid, path: Path) -> None:
    """Write what stands out in a grid. Raises NstError unless every cell has its record."""
    made = records(grid)
    choices = _opening(grid, made), _choices(grid, made)
    lines = chain(*choices, _unfinished(made), _slowest(made), _cost(made))
    write_whole(path, "\n".join(lines).encode())


def _opening(grid: Grid, made: Made) -> Iterator[str]:
    contents, styles = len(grid.config.content), len(grid.config.style)
    yield "# Summary"
    yield ""
    yield (
        f"{_counted(len(made), 'image')}: {_counted(contents, 'content')}, {_counted(styles, 'style')},"
        f" {_counted(len(grid.variants), 'variant')} of each pair."
    )
    yield ""


def _choices(grid: Grid, made: Made) -> Iterator[str]:
    found, of = groups(grid, made), {cell.id: record for cell, record in made}
    labelled = any(group.label for group in found)
    yield "## Where to look first"
    yield ""
    heads = ["content", "style", *(["group"] if labelled else []), "suggestion"]
    rows = [
        [
            plain(group.content),
            plain(group.style),
            *([plain(group.label)] if labelled else []),
            _link(group.knee) if group.knee else "none",
            *_ranges([of[cell.id] for cell in group.cells]),
        ]
        for group in found
    ]
    yield from _table([*heads, "content loss", "style loss", "total, weighted"], rows)
    yield MEANING
    yield ""
    yield APART + _why_none(found)
    yield ""


def _why_none(found: Sequence[Group]) -> str:
    if all(group.knee for group in found):
        return ""
    return f" {NONE}"


def _ranges(of: Sequence[Record]) -> list[str]:
    """Least and greatest content, style and total loss."""
    contents, styles = zip(*map(unweighted, of), strict=True)
    return [_range(contents), _range(styles), _range([record.losses["total"] for record in of])]


def _range(losses: Sequence[float | None]) -> str:
    known = [loss for loss in losses if loss is not None]
    if not known:
        return "not measured"
    return " to ".join(dict.fromkeys(f"{end:.4g}" for end in (min(known), max(known))))


def _unfinished(made: Made) -> Iterator[str]:
    yield "## Cells that did not complete"
    yield ""
    rows = [
        [_link(cell, cell.id), plain(record.outcome), plain(OUTCOMES.get(record.outcome, "unknown"))]
        for cell, record in made
        if record.outcome != "completed"
    ]
    if rows:
        yield from _table(["cell", "outcome", "meaning"], rows)
    else:
        yield f"None: in all cells {OUTCOMES['completed']}."
        yield ""


def _slowest(made: Made) -> Iterator[str]:
    slowest = sorted(made, key=lambda one: -one[1].seconds)[:SLOWEST]
    yield "## The slowest cells"
    yield ""
    rows = [
        [_link(cell, cell.id), duration(record.seconds), str(record.evaluations), plain(record.device)]
        for cell, record in slowest
    ]
    yield from _table(["cell", "time", "evaluations", "device"], rows)


def _cost(made: Made) -> Iterator[str]:
    yield "## What it took"
    yield ""
    rows = []
    for device in dict.fromkeys(record.device for _, record in made):
        of = [record for _, record in made if record.device == device]
        seconds = duration(sum(record.seconds for record in of))
        evaluations = sum(record.evaluations for record in of)
        rows.append([plain(device), str(len(of)), str(evaluations), seconds])
    yield from _table(["device", "images", "evaluations", "time"], rows)
    total = sum(record.evaluations for _, record in made)
    yield f"{total} evaluations in all. Times are of the computing alone, jobs side by side added up."
    yield ""


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (heads, ["---"] * len(heads), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


def _link(cell: Cell, text: str = "") -> str:
    target = quote(cell.file(".png").relative_to(RESULTS).as_posix())
    return f"[{plain(text or described(cell.axes) or cell.id)}]({target})"


def plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    return SIGNS.sub(r"\\\g<0>", " ".join(text.split()))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
