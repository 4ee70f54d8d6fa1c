"""Lines over evaluations -> SVG text: panels with a logarithmic y axis, in light and dark.

Not matplotlib: its SVGs do not follow the reader's colour scheme, and a grid has hundreds of figures,
80 ms each with matplotlib and 1 ms here (measured). `templates/curve.js` draws a single cell's curve in
the same look.
"""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import groupby
from pathlib import Path

from nst.config.values import spell_number
from nst.results.ticks import Axes, axes_of, is_visible

PLOT_WIDTH, PLOT_HEIGHT = 330, 210  # pixels of a panel between its axes
LEFT, RIGHT, TOP, BOTTOM = 54, 132, 50, 44  # pixels around it: tick labels, line labels, title, x axis
MARGIN, HEADER = 16, 34
LABEL_STEP = 13  # pixels between the labels of two lines
FOOTER = LABEL_STEP + MARGIN  # always there, so that figures with as many panels have one size
PANEL_SIZE = LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BOTTOM

Colour = tuple[str, str]  # in the light and in the dark scheme
INK: Colour = ("#1b1b1f", "#eceae6")
FAINT: Colour = ("#5f5f68", "#a3a09a")
PAPER: Colour = ("#ffffff", "#1e1e21")
RULE: Colour = ("#e6e4df", "#34343a")
# Okabe & Ito (2008), distinct for colour-blind people, too; lighter where the paper is dark.
CATEGORIES: tuple[Colour, ...] = (
    ("#0072b2", "#4aa3df"), ("#d55e00", "#ee7f2d"), ("#009e73", "#2fbf94"), ("#cc79a7", "#dd95bd"),
    ("#e69f00", "#e69f00"), ("#56b4e9", "#8accf2"),
)  # fmt: skip
DASHES = ("", "6 3", "2 3", "8 3 2 3")
# viridis (van der Walt & Smith 2015) at nine stops; ends too close to the paper's colour are cut.
VIRIDIS = (
    "#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725",
)  # fmt: skip
VIRIDIS_RANGES = ((0.0, 0.8), (0.35, 1.0))  # the part of viridis used on light and on dark paper
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Line:
    """One line: y by ascending x; a y that is not a finite number above 0 leaves a gap."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    colour: Colour = INK
    dash: str = ""
    strong: bool = False

    @cached_property
    def visible(self) -> list[float]:
        return [y for y in self.y if is_visible(y)]


@dataclass(frozen=True)
class Panel:
    """Lines on common axes; `heading` is above their labels, `empty` is shown without visible lines."""

    title: str
    lines: tuple[Line, ...]
    heading: str = ""
    empty: str = "nothing to show"


@dataclass(frozen=True)
class Figure:
    """Rows of panels; `legend` is a heading, and each colour with its meaning."""

    title: str
    description: str
    rows: tuple[tuple[Panel, ...], ...]
    legend: tuple[str, tuple[tuple[Colour, str], ...]] = ("", ())
    note: str = ""


def ramp(position: float) -> Colour:
    """The colour at a position from 0 to 1 of a ramp for ordered values."""
    light, dark = (_viridis(low + position * (high - low)) for low, high in VIRIDIS_RANGES)
    return light, dark


def _viridis(position: float) -> str:
    at = position * (len(VIRIDIS) - 1)
    before = min(int(at), len(VIRIDIS) - 2)
    pairs = zip(*(bytes.fromhex(VIRIDIS[n][1:]) for n in (before, before + 1)), strict=True)
    return "#" + bytes(round(a + (at - before) * (b - a)) for a, b in pairs).hex()


def draw(figure: Figure) -> bytes:
    """The figure as a self-contained SVG that follows the reader's colour scheme."""
    wide, high = PANEL_SIZE
    head = HEADER + (LABEL_STEP + 8 if figure.legend[1] else 0)
    width = 2 * MARGIN + wide * max(map(len, figure.rows))
    height = head + high * len(figure.rows) + FOOTER
    lines = [line for row in figure.rows for panel in row for line in panel.lines]
    used = [*(line.colour for line in lines), *(colour for colour, _ in figure.legend[1])]
    names = {colour: f"c{number}" for number, colour in enumerate(dict.fromkeys(used))}
    body = [_text(MARGIN, MARGIN + 15, figure.title, "title"), *_legend(figure.legend, names)]
    for down, row in enumerate(figure.rows):
        for across, panel in enumerate(row):
            origin = f"translate({MARGIN + across * wide + LEFT} {head + down * high + TOP})"
            body.append(f'<g transform="{origin}">{"".join(_panel(panel, names))}</g>')
    body.append(_text(MARGIN, height - MARGIN, figure.note, "faint"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}"><title>{_safe(figure.title)}</title>'
        f"<desc>{_safe(figure.description)}</desc><style>{_css(names)}</style>"
        f'<rect class="paper" width="{width}" height="{height}"/>{"".join(body)}</svg>\n'
    ).encode()


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height, in pixels, of a figure drawn by `draw`; None if there is no such file."""
    try:
        with path.open("rb") as file:
            head = file.read(200).decode("utf-8", "replace")
    except OSError:
        return None
    size = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', head)
    return (int(size[1]), int(size[2])) if size else None


def _css(names: dict[Colour, str]) -> str:
    def scheme(which: int) -> str:
        own = "".join(f".{name}{{stroke:{colour[which]}}}" for colour, name in names.items())
        return (
            f".paper{{fill:{PAPER[which]}}}text{{fill:{INK[which]}}}.faint{{fill:{FAINT[which]}}}"
            f".rule{{stroke:{RULE[which]}}}{own}"
        )

    return (
        "text{font:11px system-ui,sans-serif}.title{font-size:15px;font-weight:600}"
        ".strong{font-weight:700}path{fill:none;stroke-width:1.5;stroke-linejoin:round;"
        "stroke-linecap:round}path.rule{stroke-width:1}path.strong{stroke-width:3}"
        f".end{{text-anchor:end}}.middle{{text-anchor:middle}}{scheme(0)}"
        f"@media(prefers-color-scheme:dark){{{scheme(1)}}}"
    )


def _legend(
    legend: tuple[str, tuple[tuple[Colour, str], ...]], names: dict[Colour, str]
) -> Iterator[str]:
    heading, entries = legend
    if not entries:
        return
    x, y = MARGIN + 8.0 + _width(heading), MARGIN + 15 + LABEL_STEP + 8
    yield _text(MARGIN, y, heading, "faint")
    for colour, label in entries:
        yield f'<path class="{names[colour]} strong" d="M{x:.0f} {y - 4}h14"/>'
        yield _text(x + 20, y, label)
        x += 32 + _width(label)


def _panel(panel: Panel, names: dict[Colour, str]) -> Iterator[str]:
    """A panel around its own origin, the upper left corner of the plot."""
    yield _text(0, -28, panel.title, "strong")
    lines = [line for line in panel.lines if line.visible]
    if not lines:
        yield _text(0, PLOT_HEIGHT / 2, panel.empty, "faint")
        return
    axes = axes_of([(line.x, line.y) for line in lines])

    def down(y: float) -> float:
        share = (math.log10(y) - axes.low) / (axes.high - axes.low)
        return PLOT_HEIGHT * (1 - max(0.0, share))  # what lies below the axis runs along it

    yield from _axes(axes, down)
    for line in sorted(lines, key=lambda line: line.strong):
        dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
        kind = names[line.colour] + (" strong" if line.strong else "")
        points = [
            (PLOT_WIDTH * x / axes.last, down(y)) if is_visible(y) else None
            for x, y in zip(line.x, line.y, strict=True)
        ]
        yield f'<path class="{kind}"{dash} d="{_path(points)}"/>'
    yield from _labels(panel, names, down)


def _axes(axes: Axes, down: Callable[[float], float]) -> Iterator[str]:
    for tick in axes.y_ticks:
        yield f'<path class="rule" d="M0 {down(tick):.1f}h{PLOT_WIDTH}"/>'
        yield _text(-8, down(tick) + 4, spell_number(tick), "faint end")
    for tick in axes.x_ticks:
        yield _text(PLOT_WIDTH * tick / axes.last, PLOT_HEIGHT + 16, spell_number(tick), "faint middle")
    yield _text(PLOT_WIDTH / 2, PLOT_HEIGHT + 33, "evaluations", "faint middle")


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Path data through the points, with gaps at None; a single point is a dot."""
    parts = []
    for is_point, part in groupby(points, key=bool):
        if is_point:
            numbers = [f"{x:.1f} {y:.1f}" for x, y in filter(None, part)]
            parts.append(f"M{' '.join(numbers)}" + ("h0" if len(numbers) == 1 else ""))
    return "".join(parts)


def _labels(panel: Panel, names: dict[Colour, str], down: Callable[[float], float]) -> Iterator[str]:
    """Labels at the ends of lines, each as close to its end as the others allow."""
    ends = sorted(
        ((down(line.visible[-1]), line) for line in panel.lines if line.label and line.visible),
        key=lambda end: end[0],
    )
    if ends:
        yield _text(PLOT_WIDTH + RIGHT - 8, -10, _cut(panel.heading, PLOT_WIDTH), "faint end")
    for y, (end, line) in zip(_spread([y for y, _ in ends]), ends, strict=True):
        start = f"M{PLOT_WIDTH + 2} {end:.1f}L{PLOT_WIDTH + 12} {y:.1f}h5"
        yield f'<path class="{names[line.colour]}" d="{start}"/>'
        text = _cut(line.label, RIGHT - 14)
        yield _text(PLOT_WIDTH + 21, y + 4, text, "strong" if line.strong else "")


def _spread(ends: Sequence[float]) -> list[float]:
    """Heights of labels near the ascending heights of their lines, a label apart, within the plot."""
    heights: list[float] = []
    for y in ends:
        heights.append(max(y, heights[-1] + LABEL_STEP) if heights else max(y, 0.0))
    limit = float(PLOT_HEIGHT)
    for n in range(len(heights) - 1, -1, -1):
        heights[n] = min(heights[n], limit)
        limit = heights[n] - LABEL_STEP
    return heights


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}>{_safe(text)}</text>' if text else ""


def _width(text: str) -> float:
    return 6.1 * len(text)  # pixels, estimated for system-ui at 11 pixels


def _cut(text: str, room: float) -> str:
    most = int(room / _width("x"))
    return text if len(text) <= most else text[: most - 1] + "…"


def _safe(text: str) -> str:
    """Text escaped for XML, whatever a file name holds."""
    return escape(NOT_XML.sub("?", text))
