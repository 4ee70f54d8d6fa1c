"""One stage of a run: its optimizer, the iterates that its result may need, and how it ends."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nst.config.settings import Settings
from nst.engine.captured import Captured, Computed
from nst.engine.image_losses import LOSSES, largest_term
from nst.engine.objective import Objective
from nst.engine.optimizers import OPTIMIZERS, Optimizer, State
from nst.engine.parametrization import Masked, parametrization
from nst.errors import NstError

DIVERGENCE_RATIO = 100.0  # a run whose last total is this many times its least one has diverged
MAX_RESTARTS = 5  # from the best image with half the step, after a loss or gradient that is not finite


class Descent:
    """One stage under way, from `start` (1 x 3 x height x width), towards an objective.

    With `masked`, a mask (1 x 1 x height x width) and a picture, the image is this picture where the
    mask is 0. `coarser` is the optimizer of the stage before, if its moments are carried over.
    `is_first` says that no stage came before, so that there is no other image to fall back on.
    """

    STATE = ("done", "restarts", "outcome")

    def __init__(
        self,
        settings: Settings,
        objective: Objective,
        start: Tensor,
        is_first: bool,
        coarser: Optimizer | None = None,
        masked: tuple[Tensor, Tensor] | None = None,
        say: Callable[[str], None] = lambda message: None,
    ):
        self.settings, self.objective, self.is_first = settings, objective, is_first
        self.captured = Captured(say)
        space = parametrization(settings, start)
        self.space = Masked(space, *masked) if masked else space
        self.optimizer = OPTIMIZERS[settings.optimizer](self.space.encode(start), settings)
        self.iterates = Iterates(settings, self.space, self.optimizer.x)
        self.done, self.restarts, self.outcome = 0, 0, "completed"
        self.measured: list[float] = []  # by the optimizer, of the last evaluation
        self.last: dict[str, float] = dict.fromkeys(
            LOSSES, math.nan
        )  # of the last evaluation, weighted
        if coarser is not None:
            self.optimizer.warm_start(coarser)

    def goes_on(self, evaluations: int) -> bool:
        """Whether another evaluation is to come, of so many in all."""
        return self.done < evaluations and self.outcome == "completed"

    def evaluate(self) -> tuple[list[float], Tensor, Tensor]:
        """Evaluate the current variables.

        Total, content, style and tv; the image, 1 x 3 x height x width; the gradient by the variables.
        """
        x = self.optimizer.x.detach()
        self.space.bound(x)  # a captured evaluation would bound a copy
        scalars, image, gradient = self.captured(self._computed, x)
        # All numbers in one transfer, the only one of an evaluation and its step.
        found = torch.cat((scalars, self.optimizer.measure(gradient))).tolist()
        (*numbers, grad_max), self.measured = found[:5], found[5:]
        self.done += 1
        self.last = dict(zip(LOSSES, numbers, strict=True))
        self.iterates.record_evaluation(x, numbers[0], grad_max)
        return numbers, image, gradient

    def _computed(self, x: Tensor) -> Computed:
        """Total, content, style, tv and the largest part of the gradient; the image; the gradient."""
        x = x.detach().requires_grad_()
        image = self.space.decode(x)
        losses = self.objective(image)
        (gradient,) = torch.autograd.grad(losses.total, x)
        grad_max = torch.linalg.vector_norm(gradient, math.inf)
        return torch.stack((*losses.summary(), grad_max)), image.detach(), gradient

    def step(self, gradient: Tensor) -> None:
        """Move the variables, given the gradient that `evaluate` returned, or end or restart the stage.

        Raises NstError if the very first evaluation of a run is not finite.
        """
        iterates = self.iterates
        if math.isinf(iterates.least):  # no evaluation has been finite yet
            self._fail_at_start()
        elif iterates.stalled:
            self.outcome = "stalled"
        elif math.isfinite(iterates.last):
            self.optimizer.step(iterates.last, gradient, self.measured)
            iterates.record_step(self.optimizer.x)
        else:
            self._restart_from_best()

    def _fail_at_start(self) -> None:
        """Keep the start, which is what the coarser stage came to, upsampled."""
        if self.is_first:
            wider = ", or precision fp32" if self.settings.precision in ("bf16", "tf32") else ""
            largest = largest_term(self.last, self.settings)
            raise NstError(
                f"the first evaluation is not a finite number: {largest}; choose a smaller"
                f" weight{wider}, or check the weights file"
            )
        self._return_to_best()
        self.outcome = "diverged"

    def _restart_from_best(self) -> None:
        """Start again from the best image with half the step, or give up after too many restarts."""
        self.restarts += 1
        self.optimizer.learning_rate /= 2
        self._return_to_best()
        if self.restarts > MAX_RESTARTS:
            self.outcome = "diverged"

    def _return_to_best(self) -> None:
        self.optimizer.x = self.iterates.best
        self.optimizer.reset()  # even when the stage ends: a finer stage may take over what it learned

    def end(self) -> tuple[str, Tensor]:
        """The outcome and the resulting image, 1 x 3 x height x width in [0, 1].

        After a divergence that is the best image. `result: best` is good however the run ended.
        """
        iterates, x = self.iterates, self.optimizer.x
        diverged = not iterates.last <= DIVERGENCE_RATIO * iterates.least
        if self.outcome != "diverged" and (self.settings.result == "best" or not diverged):
            image = iterates.image(self.settings.result, x)
            if image.isfinite().all():
                return self.outcome, image
        return "diverged", iterates.image("best", x)

    def state(self) -> State:
        """All that the rest of the stage depends on."""
        return {
            **{name: getattr(self, name) for name in self.STATE},
            "optimizer": self.optimizer.state(),
            "iterates": self.iterates.state(),
        }

    def restore(self, state: State) -> None:
        """Continue from the state of another descent of the same stage."""
        for name in self.STATE:
            setattr(self, name, state[name])
        self.optimizer.restore(state["optimizer"])
        self.iterates.restore(state["iterates"])


class Iterates:
    """The variables that a stage has been through, as far as its result may need them."""

    STATE = ("best", "latest", "least", "last", "stalled", "ema", "ema_bias")

    def __init__(self, settings: Settings, space: Any, start: Tensor):
        self.settings, self.space = settings, space
        self.best = self.latest = start.detach().clone()  # Adam changes its own in place
        self.least, self.last, self.stalled = math.inf, math.inf, False
        # An average whose bias to its start at zero is divided out (Kingma & Ba 2015, section 3).
        self.ema, self.ema_bias = torch.zeros((), device=start.device), 1.0
        self.record_step(start)

    def record_evaluation(self, x: Tensor, total: float, grad_max: float) -> None:
        """Note the total loss at `x` and the largest part of its gradient; both must be finite."""
        total = total if math.isfinite(grad_max) else math.nan
        self.latest, self.last, self.stalled = x.detach().clone(), total, grad_max == 0
        if total < self.least:
            self.best, self.least = self.latest, total

    def record_step(self, x: Tensor) -> None:
        """Note the variables after a step, for `result: average`."""
        if self.settings.result == "average":
            decay = self.settings.average_decay
            self.space.bound(x.detach())
            self.ema = decay * self.ema + (1 - decay) * x.detach()
            self.ema_bias *= decay

    def image(self, result: str, x: Tensor) -> Tensor:
        """The image of a `result`, 1 x 3 x height x width in [0, 1]; `x` are the final variables."""
        variables = {
            "best": self.best,
            "last_evaluated": self.latest,
            "final_iterate": x,
            "average": self.ema / (1 - self.ema_bias) if self.ema_bias < 1 else x,
        }[result]
        return self.space.decode(variables.detach().clone()).clamp(0, 1)

    def state(self) -> State:
        """All of them."""
        return {name: getattr(self, name) for name in self.STATE}

    def restore(self, state: State) -> None:
        """Take over the iterates of a state."""
        for name in self.STATE:
            setattr(self, name, state[name])
