"""The optimisation of one transfer, from the start or from where a checkpoint has left it.

A checkpoint with the right key and checksum may still be of another program, or made by hand. Whatever
is amiss shows as one of AMISS, at the latest when the run has come to its end; then it starts anew.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import torch
from PIL import Image

from nst.config.settings import KINDS, Settings
from nst.disk import images
from nst.disk.record import OUTCOMES
from nst.engine import stages as engine
from nst.engine.backbone import Backbone
from nst.engine.objective import Objective
from nst.engine.stages import Evaluation, Result, Stage
from nst.errors import NstError
from nst.machine.memory import give_back
from nst.text import shown
from nst.transfer.breakdown import is_breakdown
from nst.transfer.checkpoint import Checkpoint
from nst.transfer.originals import Originals
from nst.transfer.progress import Progress
from nst.transfer.snapshots import Snapshots

AMISS = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError)


@dataclass(frozen=True)
class Optimisation:
    """What one optimisation works with; `load` takes a precision and a device."""

    load: Callable[[str, torch.device], Backbone]
    settings: Settings
    device: torch.device
    originals: Originals
    snapshots: Snapshots
    checkpoint: Checkpoint | None

    def run(self, saved: Any) -> tuple[Result, list[Evaluation]]:
        """Its end, and every evaluation on the way; `saved` is a checkpoint's state, None without."""
        if saved is not None:
            try:
                return self._descend(saved)
            except AMISS as error:
                if is_breakdown(error):
                    raise
                self.snapshots.restore([])
                self.checkpoint.ignored("does not lead on")
        return self._descend(None)

    def _descend(self, saved: Any) -> tuple[Result, list[Evaluation]]:
        backbone = self.load(self.settings.precision, self.device)
        rows = [] if saved is None else _rows_of(saved)
        if saved is not None:
            self.snapshots.restore(saved["frames"])
            self.checkpoint.say(f"going on after evaluation {len(rows)} of {self.settings.evaluations}")
        progress = Progress(self.settings.evaluations, rows)

        def seen(row: Evaluation, image: torch.Tensor) -> None:
            progress(row)
            self.snapshots(row, image)

        def stepped(state: dict) -> None:
            if self.checkpoint:
                self._offer(state, progress.rows)

        try:
            stages = self.originals.stages(self.settings, self.device)
            begun = None if saved is None else saved["engine"]
            result = engine.optimize(backbone, self.settings, stages, seen, stepped, begun)
            if saved is not None:
                _refuse_odd(result, progress.rows, stages)
        finally:
            progress.close()
        return result, progress.rows

    def _offer(self, state: dict, rows: Sequence[Evaluation]) -> None:
        """Let the checkpoint have what there is now, though it may ask for it only later."""
        done, frames = len(rows), len(self.snapshots.frames)
        self.checkpoint.offer(
            lambda: {
                "engine": state,
                "rows": [astuple(row) for row in rows[:done]],
                "frames": self.snapshots.state(frames),
                "means": _means(self.settings.tile),
            }
        )

    def final_losses(
        self, picture: Image.Image
    ) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
        """Losses of the saved 8-bit picture in fp32, so that cells of any precision compare; terms.

        Raises NstError for losses that are not finite.
        """
        settings, device = self.settings, self.device
        give_back()  # else the peak of a small picture is here, where float32 meets what bf16 has left
        content = self.originals.content_at(settings.size).to(device)
        style = self.originals.style_at(settings, settings.size).to(device)
        with torch.no_grad():
            objective = Objective(self.load("fp32", device), settings, content, style)
            losses = objective(images.to_tensor(picture).to(device))
        summary = {name: float(getattr(losses, name)) for name in ("total", "content", "style", "tv")}
        if not all(map(math.isfinite, summary.values())):
            raise NstError(
                "the final losses are not finite numbers: choose smaller weights, or check the"
                " weights file"
            )
        terms = {
            kind: {layer: float(term) for layer, term in table.items()}
            for kind, table in losses.terms.items()
        }
        return summary, terms


def tile_to_go_on_by(
    saved: Any, settings: Settings, tile: int | str, say: Callable[[str], None]
) -> int | str:
    """With `tile: auto` that of the saved state, for the same bytes, if it takes no more memory.

    `tile` is what the settings come to here and now.
    """
    try:
        before = dict(saved["means"])
        earlier = KINDS["tile"].parse(before["tile"])
    except (NstError, *AMISS):  # nothing is saved, or it is odd: seen to later
        return tile
    side = {"none": math.inf}
    if settings.tile == "auto" and side.get(earlier, earlier) <= side.get(tile, tile):
        tile = earlier
    for name, value in _means(tile).items():
        if before.get(name) != value:
            say(
                f"note: going on with {name} {value} instead of {shown(before.get(name))}: the image"
                " will not be quite that of a run that nothing stops"
            )
    return tile


def _means(tile: int | str) -> dict[str, int | str]:
    """What a checkpoint's key leaves out, though sums depend on it."""
    return {"tile": tile, "threads": torch.get_num_threads()}


def _rows_of(saved: Any) -> list[Evaluation]:
    """The evaluations that a saved state has behind it. Raises one of AMISS for an odd state."""
    rows = [Evaluation(int(number), *map(float, rest)) for number, *rest in saved["rows"]]
    count, done = saved["engine"]["count"], saved["engine"]["descent"]["done"]
    if count != len(rows) or not 0 <= done <= count:
        raise ValueError(f"{len(rows)} rows of {count} evaluations, {done} of them in the last stage")
    return rows


def _refuse_odd(result: Result, rows: Sequence[Evaluation], stages: Sequence[Stage]) -> None:
    """Raise one of AMISS for a result that no transfer through these stages comes to."""
    if [row.number for row in rows] != list(range(1, result.evaluations + 1)):
        raise ValueError(f"{len(rows)} rows of {result.evaluations} evaluations")
    if result.image.shape != stages[-1].start.shape or not result.image.isfinite().all():
        raise ValueError(f"an image of {tuple(result.image.shape)}, or with what are no numbers")
    if result.outcome not in OUTCOMES or not math.isfinite(result.seconds):
        raise ValueError(f"outcome {result.outcome} after {result.seconds} s")
