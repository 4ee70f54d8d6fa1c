"""Which cells of a pair are worth choosing: the trade-off of content against style, and its knee."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nst.config.grid import Cell, axes_text
from nst.disk.record import TERMS, Record
from nst.results.metrics import COMPARED, Metrics
from nst.results.states import Finished, by_pair

# The settings that define the content and style loss: losses of cells that differ in one of these
# cannot be compared.
MEASURES = (
    "backbone", "normalization", "feature_scale", "padding", "pooling", "content_layers",
    "content_reduction", "style_layers", "style_loss", "moments_weight", "gram", "style_reduction",
    "style_divisor", "balance", "size", "style_scale", "colour", "colour_map",
)  # fmt: skip
MIN_DEPTH = 1e-9  # of a knee below the chord; less is rounding
MIN_POINTS = 5  # of a front for a suggestion; of three points it could only be the middle one

Points = Sequence[tuple[Cell, tuple[float, float]]]


class Losses(NamedTuple):
    """Losses without their weights; one that had no weight was not measured and is None."""

    content: float | None
    style: float | None
    tv: float | None


@dataclass(frozen=True)
class Group:
    """Cells of one pair whose two losses can be compared.

    `label` tells the group from the others of its pair, if there are any. `front` are the cells that no
    other beats in both losses, in order of content loss; `knee` is the one of them to look at first, if
    there is one.
    """

    content: str
    style: str
    label: str
    cells: tuple[Cell, ...]
    front: tuple[Cell, ...]
    knee: Cell | None


def unweighted(record: Record) -> Losses:
    """The losses of the saved picture without `content_weight`, `style_weight` and `tv_weight`.

    The `losses` of a record include these weights, so they cannot be compared between cells.
    """
    content, style = (_sum_of_terms(record, kind) for kind in TERMS)
    tv_weight = record.settings.get("tv_weight")
    return Losses(content, style, record.losses["tv"] / tv_weight if tv_weight else None)


def _sum_of_terms(record: Record, kind: str) -> float | None:
    terms, weights = record.terms[kind], record.settings[f"{kind}_layers"]
    return sum(weights[layer] * term for layer, term in terms.items()) if terms else None


def groups(finished: Finished) -> list[Group]:
    """The cells of every pair in groups of comparable losses, in the config's order.

    `finished` are the cells that are made, with their records (`states.finished`).
    """
    result: list[Group] = []
    for _, pair in by_pair(finished):
        parts: dict[str, list[tuple[Cell, Record]]] = {}
        for cell, record in pair:
            measure = repr([_measure(cell, name) for name in MEASURES])
            parts.setdefault(measure, []).append((cell, record))
        labels = _labels([[cell for cell, _ in part] for part in parts.values()])
        result += [_group(label, part) for label, part in zip(labels, parts.values(), strict=True)]
    return result


def groups_by_metrics(finished: Finished, metrics: Metrics) -> list[Group]:
    """The measured images of the pairs whose losses do not all compare, as one group each.

    The first metric of COMPARED stands for the content loss, the second for the style loss.
    """
    counts = Counter((group.content, group.style) for group in groups(finished))
    result = []
    for pair, cells in by_pair(finished):
        part = [one for one in cells if set(metrics.get(one[0].id, ())) >= set(COMPARED)]
        if counts[pair] > 1 and part:
            first, second = COMPARED
            numbers = [(cell, metrics[cell.id]) for cell, _ in part]
            points = [(cell, (one[first], one[second])) for cell, one in numbers]
            result.append(_with_front("", part, points))
    return result


def _group(label: str, part: Finished) -> Group:
    losses = [(cell, unweighted(record)) for cell, record in part]
    points = [(cell, (c, s)) for cell, (c, s, _) in losses if c is not None and s is not None]
    return _with_front(label, part, points)


def _with_front(label: str, part: Finished, points: Points) -> Group:
    """A group with the best of these points of its cells."""
    # The image of a run that diverged is not the one that was asked for.
    diverged = {cell.id for cell, record in part if record.outcome == "diverged"}
    cells = tuple(cell for cell, _ in part)
    front = pareto([point for point in points if point[0].id not in diverged])
    index = knee([pair for _, pair in front]) if len(front) >= MIN_POINTS else None
    first = cells[0]
    return Group(
        first.content,
        first.style,
        label,
        cells,
        front=tuple(cell for cell, _ in front),
        knee=None if index is None else front[index][0],
    )


def _measure(cell: Cell, name: str) -> Any:
    return getattr(cell.settings, name)


def _labels(parts: list[list[Cell]]) -> list[str]:
    """What tells each part of a pair from the others: values of axes, or else of settings."""
    if len(parts) == 1:
        return [""]
    by_axes = [_distinction(part, parts, lambda cell: cell.axes) for part in parts]
    if len(set(by_axes)) == len(parts) and all(by_axes):
        return by_axes
    return [
        _distinction(part, parts, lambda c: {n: _measure(c, n) for n in MEASURES}) for part in parts
    ]


def _distinction(
    part: list[Cell], parts: list[list[Cell]], values: Callable[[Cell], Mapping[str, Any]]
) -> str:
    """The names that take fewer values in this part than in the pair, with these values."""
    texts = []
    for name in values(part[0]):
        here = {axes_text({name: values(cell)[name]}): None for cell in part}
        anywhere = {axes_text({name: values(cell)[name]}) for other in parts for cell in other}
        if len(here) < len(anywhere):
            first, *more = here
            texts.append(", ".join([first, *(text[len(name) + 1 :] for text in more)]))
    return " · ".join(texts)


def pareto(losses: Sequence[tuple[Any, tuple[float, float]]]) -> list[tuple[Any, tuple[float, float]]]:
    """The named pairs of losses that no other dominates, by the first loss; the first of equal ones."""
    front, least = [], math.inf
    for name, pair in sorted(losses, key=lambda one: one[1]):  # stable: equal pairs keep their order
        if pair[1] < least:
            front.append((name, pair))
            least = pair[1]
    return front


def knee(front: Sequence[tuple[float, float]]) -> int | None:
    """The index of the point of a front that is farthest below the chord between the front's ends.

    The farthest point from the chord is Das's knee (1999, "On characterizing the 'knee' of the Pareto
    curve based on Normal-Boundary Intersection"); on axes scaled to [0, 1] it is the one of Satopää et
    al. (2011, "Finding a 'Kneedle' in a Haystack"). Not in logarithms: what minimizes a weighted sum
    lies below the chord as the losses are, while in logarithms whole fronts of ours lie above it.
    """
    if len(front) < 3:
        return None
    (left, top), (right, bottom) = front[0], front[-1]
    depths = [
        (1 - (content - left) / (right - left) - (style - bottom) / (top - bottom)) / math.sqrt(2)
        for content, style in front
    ]
    deepest = max(range(len(front)), key=depths.__getitem__)
    return deepest if depths[deepest] > MIN_DEPTH else None
