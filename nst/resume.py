"""What a checkpoint holds of a transfer: looked at before it is gone on from, and after.

A checkpoint with the right key and checksum may still be of another program, or made by hand. Whatever
is amiss shows as one of AMISS, at the latest when the run has come to its end.
"""

import math
from collections.abc import Sequence
from typing import Any

from nst.engine import Evaluation, Result, Stage
from nst.record import OUTCOMES

AMISS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError)


def rows_of(saved: Any) -> list[Evaluation]:
    """The evaluations that a saved state has behind it. Raises one of AMISS for an odd state."""
    rows = [Evaluation(int(number), *map(float, rest)) for number, *rest in saved["rows"]]
    count, done = saved["engine"]["count"], saved["engine"]["descent"]["done"]
    if count != len(rows) or not 0 <= done <= count:
        raise ValueError(f"{len(rows)} rows of {count} evaluations, {done} of them in the last stage")
    return rows


def refuse_odd(result: Result, rows: Sequence[Evaluation], stages: Sequence[Stage]) -> None:
    """Raise one of AMISS for a result that no transfer through these stages comes to."""
    if [row.number for row in rows] != list(range(1, result.evaluations + 1)):
        raise ValueError(f"{len(rows)} rows of {result.evaluations} evaluations")
    if result.image.shape != stages[-1].start.shape or not result.image.isfinite().all():
        raise ValueError(f"an image of {tuple(result.image.shape)}, or with what are no numbers")
    if result.outcome not in OUTCOMES or not math.isfinite(result.seconds):
        raise ValueError(f"outcome {result.outcome} after {result.seconds} s")
