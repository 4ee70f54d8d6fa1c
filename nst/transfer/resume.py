"""What a transfer has behind it, and whether a saved state can be resumed.

A state with the right key and checksum may still be another program's, or made by hand. Whatever is
wrong with it raises one of BAD_STATE, at the latest when the result is checked; the transfer then
starts at the beginning.
"""

import hashlib
import json
import math
import platform
import traceback
from collections.abc import Callable, Sequence
from dataclasses import astuple
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from nst.config.settings import KINDS, Settings
from nst.disk.record import ENGINE, OUTCOMES
from nst.engine.optimizers import State
from nst.engine.stages import Evaluation, Result, Stage
from nst.errors import NstError
from nst.text import shown
from nst.transfer.final_losses import largest_term
from nst.transfer.needed_memory import is_breakdown
from nst.transfer.originals import Originals
from nst.transfer.progress import Progress
from nst.transfer.saving import Saver
from nst.transfer.snapshots import Snapshots

BAD_STATE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError)


def versions() -> dict[str, str]:
    """The versions of the programs that an image's bytes depend on."""
    names = ("nst-grid", "torch", "pillow")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def resume_key(
    settings: Settings, originals: Originals, weights_sha256: str, snapshots: Snapshots
) -> str:
    """A checksum of all that an image's bytes depend on, but the number of threads and the tiles."""
    facts = {
        **settings.pixels(),
        "device": settings.device,
        "inputs": [(one["sha256"], one.get("bits", 8)) for one in originals.inputs().values()],
        "weights": weights_sha256,
        "engine": ENGINE,
        "snapshots": snapshots.every,
        "versions": versions(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def resumed_tile(
    saved: Any, settings: Settings, tile: int | str, say: Callable[[str], None]
) -> int | str:
    """The tile to resume with: for `tile: auto` the saved one, unless it takes more memory than `tile`.

    `tile` is what the settings come to on this machine now. The same tile gives the same bytes.
    """
    try:
        execution = dict(saved["execution"])
        saved_tile = KINDS["tile"].parse(execution["tile"])
    except (NstError, *BAD_STATE):  # nothing is saved, or a bad state, which is found later
        return tile
    if settings.tile == "auto" and _side(saved_tile) <= _side(tile):
        tile = saved_tile
    for name, value in _execution(tile).items():
        if execution.get(name) != value:
            say(
                f"note: resuming with {name} {value} instead of {shown(execution.get(name))}: the image"
                " will differ by rounding from that of a run without a stop"
            )
    return tile


def _side(tile: int | str) -> float:
    return tile if isinstance(tile, int) else math.inf


def _execution(tile: int | str) -> dict[str, int | str]:
    """What the key leaves out although sums depend on it."""
    return {"tile": tile, "threads": torch.get_num_threads()}


class Session:
    """The evaluations and frames of one transfer, resumed from a saved state or from the beginning."""

    def __init__(
        self,
        settings: Settings,
        snapshots: Snapshots,
        saver: Saver,
        progress: Callable[[int, int], Progress] = Progress,
    ):
        self.progress = progress
        self.settings, self.snapshots, self.saver = settings, snapshots, saver
        self.rows: list[Evaluation] = []
        self.show: Callable[[Evaluation], None] = lambda row: None

    def resume_or_begin(
        self, saved: Any, stages: Sequence[Stage], optimize: Callable[[State | None], Result]
    ) -> Result:
        """The result of `optimize` from the saved state, or from None where that cannot be resumed."""
        evaluations = sum(stage.evaluations for stage in stages)
        if saved is not None:
            try:
                self.rows = _saved_rows(saved)
                self.snapshots.restore(saved["frames"])
                self.saver.say(f"resuming after evaluation {len(self.rows)} of {evaluations}")
                # Popped, since the state is large and soon out of date.
                result = self._shown(evaluations, optimize, saved.pop("engine"))
                _refuse_bad_result(result, self.rows, stages)
                return result
            except BAD_STATE as error:
                if is_breakdown(error):
                    raise
                traceback.clear_frames(error.__traceback__)  # they hold the state's tensors
            self.rows = []
            self.snapshots.restore([])
            self.saver.ignore("cannot be resumed")
        return self._shown(evaluations, optimize, None)

    def _shown(
        self, evaluations: int, optimize: Callable[[State | None], Result], state: State | None
    ) -> Result:
        progress = self.progress(evaluations, len(self.rows))
        self.show = progress.show
        try:
            return optimize(state)
        finally:
            progress.close()

    def on_evaluation(self, row: Evaluation, image: Tensor) -> None:
        """Keep an evaluation for the trace, and its image for the film; show it."""
        self.rows.append(row)
        self.show(row)
        self.snapshots.add(row, image)
        if row.number == 1:
            _refuse_infinite(row, self.settings)

    def on_step(self, state: State) -> None:
        """Offer the state after an evaluation to the checkpoint, which may take it later."""
        done, frames = len(self.rows), len(self.snapshots.frames)
        self.saver.offer(
            done,
            lambda: {
                "engine": state,
                "rows": [astuple(row) for row in self.rows[:done]],
                "frames": self.snapshots.state(frames),
                "execution": _execution(self.settings.tile),
            },
        )


def _refuse_infinite(row: Evaluation, settings: Settings) -> None:
    """Raise NstError for a first loss that is infinite or NaN: no step can follow from it."""
    if not math.isfinite(row.total):
        weighted = {"content": row.content, "style": row.style, "tv": row.tv}
        raise NstError(
            f"the first loss is not a finite number: {largest_term(weighted, settings)}; choose a"
            " smaller weight, or check the weights file and the pictures"
        )


def _saved_rows(saved: Any) -> list[Evaluation]:
    """The evaluations of a saved state. Raises one of BAD_STATE."""
    rows = [Evaluation(int(number), *map(float, rest)) for number, *rest in saved["rows"]]
    count, done = saved["engine"]["count"], saved["engine"]["descent"]["done"]
    if count != len(rows) or not 0 <= done <= count:
        raise ValueError(f"{len(rows)} rows of {count} evaluations, {done} of them in the last stage")
    return rows


def _refuse_bad_result(result: Result, rows: Sequence[Evaluation], stages: Sequence[Stage]) -> None:
    """Raise one of BAD_STATE for a result that no transfer through these stages has."""
    if [row.number for row in rows] != list(range(1, result.evaluations + 1)):
        raise ValueError(f"{len(rows)} rows of {result.evaluations} evaluations")
    if result.image.shape != stages[-1].start.shape or not result.image.isfinite().all():
        raise ValueError(f"an image of {tuple(result.image.shape)}, or one with NaN in it")
    if result.outcome not in OUTCOMES or not math.isfinite(result.seconds):
        raise ValueError(f"outcome {result.outcome} after {result.seconds} s")
