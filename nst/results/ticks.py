"""The axes of loss curves: which losses are visible, and where the ticks are."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_TICKS = 8
START = 0.05  # share of a line's evaluations that may fall below the visible losses
MIN_DECADES = 0.7  # 1-2-5 ticks of a shorter axis might be a single one


@dataclass(frozen=True)
class Axes:
    """Evaluations from 0 to `last`, losses from `low` to `high` as powers of ten."""

    last: float
    low: float
    high: float

    @property
    def x_ticks(self) -> list[float]:
        """Round numbers of evaluations."""
        return linear_ticks(0, self.last)

    @property
    def y_ticks(self) -> list[float]:
        """Round losses."""
        return log_ticks(self.low, self.high)


def is_visible(loss: float) -> bool:
    """Whether a loss has a point on a logarithmic axis."""
    return 0 < loss < math.inf


def axes_of(lines: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Axes:
    """Axes for lines of evaluations and losses, each with a visible loss.

    The start of a line may lie below the axis: the content loss of an image that starts from the
    content is almost zero, and showing it would leave no room for the rest.
    """
    losses = [loss for line in lines for loss in _after_start(*line)]
    tops = [loss for _, y in lines for loss in y if is_visible(loss)]
    low, high = math.log10(min(losses or tops)), math.log10(max(tops))
    room = max(0.04 * (high - low), 0.02)
    return Axes(max(max(x) for x, _ in lines), low - room, high + room)


def _after_start(x: Sequence[float], y: Sequence[float]) -> Iterable[float]:
    start = max(x[min(1, len(x) - 1)], START * x[-1])
    return [loss for at, loss in zip(x, y, strict=True) if at >= start and is_visible(loss)]


def log_ticks(low: float, high: float) -> list[float]:
    """Ticks between two powers of ten, as fine as there is room: 1-2-5, decades, or every so many."""
    if high - low < MIN_DECADES:  # nearly linear
        return linear_ticks(10**low, 10**high)
    ticks: list[float] = []
    candidates = [(1, (1, 2, 5)), *((stride, (1,)) for stride in (1, 2, 5, 10, 20, 50, 100))]
    for stride, mantissas in candidates:
        powers = range(math.floor(low) // stride * stride, math.ceil(high) + 1, stride)
        # Parsed from text: the float nearest to 2e-3, not a product of rounded powers.
        ticks = [float(f"{m}e{p}") for p in powers if -300 < p < 300 for m in mantissas]
        ticks = [tick for tick in ticks if low <= math.log10(tick) <= high]
        if len(ticks) <= MAX_TICKS:
            break
    return ticks


def linear_ticks(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten between two numbers, as many as there is room for."""
    power = math.floor(math.log10((high - low) / MAX_TICKS))
    steps = [float(f"{m}e{power + up}") for up in (0, 1) for m in (1, 2, 5)]
    step = next(step for step in steps if _last(high, step) - _first(low, step) < MAX_TICKS)
    return [float(f"{n * step:.12g}") for n in range(_first(low, step), _last(high, step) + 1)]


def _first(low: float, step: float) -> int:
    return math.ceil(low / step)


def _last(high: float, step: float) -> int:
    return math.floor(high / step)
