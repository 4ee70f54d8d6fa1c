"""Lines over evaluations -> SVG text: panels with a logarithmic y axis, in light and dark.

Our own writer: a grid has thousands of figures, matplotlib takes 80 ms for one of them and this 1 ms
(measured), and no SVG of matplotlib's follows the reader's colour scheme.
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

PLOT_WIDTH, PLOT_HEIGHT = 330, 210  # pixels of a panel between its axes
LEFT, RIGHT, TOP, BOTTOM = 54, 132, 50, 44  # pixels around it: tick labels, line labels, title, x axis
MARGIN, HEADER = 16, 34
LABEL_STEP = 13  # pixels between the labels of two lines
FOOTER = LABEL_STEP + MARGIN  # always there, so that figures of as many panels are of one size
PANEL_SIZE = LEFT + PLOT_WIDTH + RIGHT, TOP + PLOT_HEIGHT + BOTTOM
FIGURE_SIZE = 2 * MARGIN + PANEL_SIZE[0], HEADER + PANEL_SIZE[1] + FOOTER  # of one panel
MOST_TICKS = 8

Colour = tuple[str, str]  # in the light and in the dark scheme
INK: Colour = ("#1b1b1f", "#eceae6")
FAINT: Colour = ("#5f5f68", "#a3a09a")
PAPER: Colour = ("#ffffff", "#1e1e21")
RULE: Colour = ("#e6e4df", "#34343a")
# Okabe & Ito (2008), told apart by colour-blind people too; lighter where the paper is dark.
CATEGORIES: tuple[Colour, ...] = (
    ("#0072b2", "#4aa3df"), ("#d55e00", "#ee7f2d"), ("#009e73", "#2fbf94"), ("#cc79a7", "#dd95bd"),
    ("#e69f00", "#e69f00"), ("#56b4e9", "#8accf2"),
)  # fmt: skip
DASHES = ("", "6 3", "2 3", "8 3 2 3")
# viridis (van der Walt & Smith 2015) at nine places; the ends that the paper would swallow are cut.
VIRIDIS = (
    "#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725",
)  # fmt: skip
SEEN_ON = ((0.0, 0.8), (0.35, 1.0))  # the stretch of viridis seen on light and on dark paper
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Line:
    """One line: y against x, both ascending in x; a y that is no number above 0 leaves a gap."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    colour: Colour = INK
    dash: str = ""
    strong: bool = False

    @cached_property
    def seen(self) -> list[float]:
        return [y for y in self.y if 0 < y < math.inf]


@dataclass(frozen=True)
class Panel:
    """Lines on common axes; `heading` stands above the labels at their ends."""

    title: str
    lines: tuple[Line, ...]
    heading: str = ""
    empty: str = "nothing to show"


@dataclass(frozen=True)
class Figure:
    """Rows of panels; `legend` is a heading and what each colour stands for."""

    title: str
    description: str
    rows: tuple[tuple[Panel, ...], ...]
    legend: tuple[str, tuple[tuple[Colour, str], ...]] = ("", ())
    note: str = ""


def ramp(place: float) -> Colour:
    """The colour at a place from 0 to 1 of a ramp that shows an order."""
    light, dark = (_viridis(low + place * (high - low)) for low, high in SEEN_ON)
    return light, dark


def _viridis(place: float) -> str:
    at = place * (len(VIRIDIS) - 1)
    before = min(int(at), len(VIRIDIS) - 2)
    pairs = zip(*(bytes.fromhex(VIRIDIS[n][1:]) for n in (before, before + 1)), strict=True)
    return "#" + bytes(round(a + (at - before) * (b - a)) for a, b in pairs).hex()


def draw(figure: Figure) -> bytes:
    """The figure as an SVG that stands alone and follows the reader's colour scheme."""
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
            place = f"translate({MARGIN + across * wide + LEFT} {head + down * high + TOP})"
            body.append(f'<g transform="{place}">{"".join(_panel(panel, names))}</g>')
    body.append(_text(MARGIN, height - MARGIN, figure.note, "faint"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}"><title>{_safe(figure.title)}</title>'
        f"<desc>{_safe(figure.description)}</desc><style>{_css(names)}</style>"
        f'<rect class="paper" width="{width}" height="{height}"/>{"".join(body)}</svg>\n'
    ).encode()


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height, in pixels, of a figure that `draw` made; None if there is no such file."""
    try:
        with path.open("rb") as file:
            head = file.read(200).decode("utf-8", "replace")
    except OSError:
        return None
    found = re.search(r'<svg [^>]*width="(\d+)" height="(\d+)"', head)
    return (int(found[1]), int(found[2])) if found else None


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
    lines = [line for line in panel.lines if line.seen]
    if not lines:
        yield _text(0, PLOT_HEIGHT / 2, panel.empty, "faint")
        return
    low, high = _range([y for line in lines for y in line.seen])
    last = max(max(line.x) for line in lines)

    def down(y: float) -> float:
        return PLOT_HEIGHT * (1 - (math.log10(y) - low) / (high - low))

    yield from _axes(low, high, last, down)
    for line in sorted(lines, key=lambda line: line.strong):
        dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
        kind = names[line.colour] + (" strong" if line.strong else "")
        points = [
            (PLOT_WIDTH * x / last, down(y)) if 0 < y < math.inf else None
            for x, y in zip(line.x, line.y, strict=True)
        ]
        yield f'<path class="{kind}"{dash} d="{_path(points)}"/>'
    yield from _labels(panel, names, down)


def _axes(low: float, high: float, last: float, down: Callable[[float], float]) -> Iterator[str]:
    for tick in log_ticks(low, high):
        yield f'<path class="rule" d="M0 {down(tick):.1f}h{PLOT_WIDTH}"/>'
        yield _text(-8, down(tick) + 4, spell_number(tick), "faint end")
    for tick in linear_ticks(0, last):
        yield _text(PLOT_WIDTH * tick / last, PLOT_HEIGHT + 16, spell_number(tick), "faint middle")
    yield _text(PLOT_WIDTH / 2, PLOT_HEIGHT + 33, "evaluations", "faint middle")


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Path data through the points, with gaps; a point alone is a dot."""
    parts = []
    for there, part in groupby(points, key=lambda point: point is not None):
        if there:
            text = " ".join([f"{x:.1f} {y:.1f}" for x, y in part])  # a list is a tenth faster here
            parts.append(f"M{text}" + ("" if text.count(" ") > 1 else "h0"))
    return "".join(parts)


def _labels(panel: Panel, names: dict[Colour, str], down: Callable[[float], float]) -> Iterator[str]:
    """Labels at the lines' ends, each as near to its end as the others leave room."""
    ends = sorted(
        ((down(line.seen[-1]), line) for line in panel.lines if line.label and line.seen),
        key=lambda end: end[0],
    )
    if ends:
        yield _text(PLOT_WIDTH + RIGHT - 8, -10, _cut(panel.heading, PLOT_WIDTH), "faint end")
    for y, (end, line) in zip(_spread([y for y, _ in ends]), ends, strict=True):
        start = f"M{PLOT_WIDTH + 2} {end:.1f}L{PLOT_WIDTH + 12} {y:.1f}h5"
        yield f'<path class="{names[line.colour]}" d="{start}"/>'
        text = _cut(line.label, RIGHT - 14)
        yield _text(PLOT_WIDTH + 21, y + 4, text, "strong" if line.strong else "")


def _spread(wanted: Sequence[float]) -> list[float]:
    """Places near the wanted ones, which ascend, at least one label apart, and within the plot."""
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + LABEL_STEP) if places else max(y, 0.0))
    limit = float(PLOT_HEIGHT)
    for n in range(len(places) - 1, -1, -1):
        places[n] = min(places[n], limit)
        limit = places[n] - LABEL_STEP
    return places


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From and to, as powers of ten, with some room at both ends."""
    low, high = math.log10(min(values)), math.log10(max(values))
    room = max(0.04 * (high - low), 0.02)
    return low - room, high + room


def log_ticks(low: float, high: float) -> list[float]:
    """Ticks between two powers of ten, as fine as there is room: 1-2-5, decades, or every so many."""
    if high - low < 0.7:  # 1-2-5 might show a single tick; so short a stretch is nearly linear
        return linear_ticks(10**low, 10**high)
    candidates = [(1, (1, 2, 5)), *((stride, (1,)) for stride in (1, 2, 5, 10, 20, 50, 100))]
    for stride, mantissas in candidates:
        powers = range(math.floor(low) // stride * stride, math.ceil(high) + 1, stride)
        # Read from text: the float nearest to 2e-3 and no product of rounded powers.
        ticks = [float(f"{m}e{p}") for p in powers if -300 < p < 300 for m in mantissas]
        ticks = [tick for tick in ticks if low <= math.log10(tick) <= high]
        if len(ticks) <= MOST_TICKS:
            break
    return ticks


def linear_ticks(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two numbers, as many as there is room for."""
    power = math.floor(math.log10((high - low) / MOST_TICKS))
    for step in (float(f"{m}e{power + up}") for up in (0, 1) for m in (1, 2, 5)):
        first, last = math.ceil(low / step), math.floor(high / step)
        if last - first < MOST_TICKS:
            break
    return [float(f"{n * step:.12g}") for n in range(first, last + 1)]


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{named}>{_safe(text)}</text>' if text else ""


def _width(text: str) -> float:
    return 6.1 * len(text)  # pixels, about, at 11 pixels of system-ui


def _cut(text: str, room: float) -> str:
    most = int(room / _width("x"))
    return text if len(text) <= most else text[: most - 1] + "…"


def _safe(text: str) -> str:
    """Text for XML, whatever a file name holds."""
    return escape(NOT_XML.sub("?", text))
