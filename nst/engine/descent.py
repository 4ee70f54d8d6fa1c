"""One stage: its optimiser, the images that its result may need, and how it ends."""

import math
from collections.abc import Callable
from typing import Any

from torch import Tensor

from nst.config.settings import Settings
from nst.engine.optimizers import OPTIMIZERS, State
from nst.errors import NstError

RUNAWAY = 100.0  # times the least total at which the end of a run is no result
CALLS_BACK = 5  # how often losses that are no numbers are answered by half the step from the best


class Descent:
    """One stage under way: its optimiser, what is kept of it, and how it ends."""

    def __init__(self, settings: Settings, space: Any, start: Tensor, first: bool):
        self.settings, self.first = settings, first
        self.optimizer = OPTIMIZERS[settings.optimizer](space.encode(start), settings)
        self.kept = _Kept(settings, space, self.optimizer.x)
        self.done, self.calls_back, self.outcome = 0, 0, "completed"

    def step(self, evaluate: Callable[[Tensor], tuple[float, Tensor]]) -> None:
        """One evaluation and what is learned from it."""
        self.done += 1
        self.optimizer.step(evaluate)
        begun = math.isfinite(self.kept.least)
        if not begun and self.first:
            raise NstError(
                "the first evaluation is not a finite number: check the weights file and the"
                " pictures, or choose precision fp32"
            )
        if not begun:
            self._give_up()
        elif self.kept.stalled:
            self.outcome = "stalled"
        elif not math.isfinite(self.kept.last):
            self._call_back()
        else:
            self.kept.stepped(self.optimizer.x)

    def _call_back(self) -> None:
        """Start again from the best image, with half the step, unless that was done too often."""
        self.calls_back += 1
        self.optimizer.learning_rate /= 2
        self._return_to_best()
        if self.calls_back > CALLS_BACK:
            self.outcome = "diverged"

    def _give_up(self) -> None:
        """Leave it at the start, which is what the coarser stage came to, enlarged."""
        self._return_to_best()
        self.outcome = "diverged"

    def _return_to_best(self) -> None:
        self.optimizer.x = self.kept.best
        self.optimizer.forget()  # also at the end: a finer stage may go on with what it has learned

    def end(self) -> tuple[str, Tensor]:
        """The outcome and the image; the best one is a result even where the last try was too far."""
        ran_away = not self.kept.last <= RUNAWAY * self.kept.least
        if self.outcome != "diverged" and not (self.settings.result != "best" and ran_away):
            image = self.kept.image(self.optimizer.x)
            if image.isfinite().all():
                return self.outcome, image
        return "diverged", self.kept.image(self.optimizer.x, safe=True)

    def state(self) -> State:
        return {
            **{name: getattr(self, name) for name in ("done", "calls_back", "outcome")},
            "optimizer": self.optimizer.state(),
            "kept": self.kept.state(),
        }

    def restore(self, state: State) -> None:
        self.done, self.calls_back, self.outcome = (
            state[name] for name in ("done", "calls_back", "outcome")
        )
        self.optimizer.restore(state["optimizer"])
        self.kept.restore(state["kept"])


class _Kept:
    """The variables that a stage has been through, as far as its result may need them."""

    LASTING = ("best", "latest", "least", "last", "stalled", "sum", "missing")

    def __init__(self, settings: Settings, space: Any, start: Tensor):
        self.settings, self.space = settings, space
        self.best = self.latest = start.detach().clone()  # Adam changes its own in place
        self.least, self.last, self.stalled = math.inf, math.inf, False
        # An average with the bias of its zero start taken out (Kingma & Ba 2015, section 3).
        self.sum, self.missing = 0.0, 1.0
        self.stepped(start)

    def state(self) -> State:
        return {name: getattr(self, name) for name in self.LASTING}

    def restore(self, state: State) -> None:
        for name in self.LASTING:
            setattr(self, name, state[name])

    def evaluated(self, x: Tensor, total: float, steepest: float) -> None:
        """Take note of a loss and of the greatest part of its gradient, which must be numbers both."""
        total = total if math.isfinite(steepest) else math.nan
        self.latest, self.last, self.stalled = x.detach().clone(), total, steepest == 0
        if total < self.least:
            self.best, self.least = self.latest, total

    def stepped(self, x: Tensor) -> None:
        if self.settings.result == "average":
            decay = self.settings.average_decay
            self.space.bound(x.detach())
            self.sum = decay * self.sum + (1 - decay) * x.detach()
            self.missing *= decay

    def image(self, x: Tensor, safe: bool = False) -> Tensor:
        """The image that the settings ask for, in [0, 1]; the best one to be `safe`."""
        chosen = {
            "best": self.best,
            "last_evaluated": self.latest,
            "final_iterate": x,
            "average": self.sum / (1 - self.missing) if self.missing < 1 else x,
        }["best" if safe else self.settings.result]
        return self.space.decode(chosen.detach().clone()).clamp(0, 1)
