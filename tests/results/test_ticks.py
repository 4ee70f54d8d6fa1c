"""Axes of loss curves: the ticks, and the losses that are visible."""

import math
import random

import pytest

from nst.results.ticks import MAX_TICKS, axes_of, linear_ticks, log_ticks


@pytest.mark.parametrize("seed", range(30))
def test_ticks_are_few_ascending_and_within(seed):
    draw = random.Random(seed)
    low = draw.uniform(-290, 290)
    high = low + 10 ** draw.uniform(-1.3, 2.4)
    last = 10 ** draw.uniform(0, 5)
    by_log, linear = log_ticks(low, high), linear_ticks(0, last)
    for ticks in (by_log, linear):
        assert 1 <= len(ticks) <= MAX_TICKS
        assert ticks == sorted(set(ticks))
    assert all(low - 1e-9 <= math.log10(tick) <= high + 1e-9 for tick in by_log)
    assert all(0 <= tick <= last for tick in linear)


def test_ticks_are_round():
    assert log_ticks(0.9, 2.1) == [10, 20, 50, 100]
    assert log_ticks(-3.1, 3.1) == [1e-3, 0.01, 0.1, 1, 10, 100, 1000]
    assert linear_ticks(0, 80) == [0, 20, 40, 60, 80]
    assert log_ticks(math.log10(3), math.log10(4)) == [3, 3.2, 3.4, 3.6, 3.8, 4]


def test_the_axis_starts_where_the_content_loss_has_left_its_start():
    x = list(range(1, 101))
    content = [1e-10, *(10.0 + n / 100 for n in range(99))]
    style = [1e4 / n for n in x]
    axes = axes_of([(x, content), (x, style)])
    assert 10**axes.low == pytest.approx(10, rel=0.5)
    assert 10**axes.high == pytest.approx(1e4, rel=0.5)
    assert axes.last == 100


def test_the_end_of_a_falling_loss_is_visible():
    x = list(range(1, 1001))
    axes = axes_of([(x, [1e6 / n**2 for n in x])])
    assert axes.low < math.log10(1)


@pytest.mark.parametrize("y", [[5.0], [1e-10, 5.0], [5.0, math.nan, math.inf]])
def test_a_line_of_few_losses_has_an_axis(y):
    axes = axes_of([(list(range(1, len(y) + 1)), y)])
    assert axes.low < math.log10(5) < axes.high
    assert axes.x_ticks and axes.y_ticks
