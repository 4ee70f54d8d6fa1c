"""L-BFGS: quasi-Newton steps from the last pairs of a step and its change of gradient."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nst.config.settings import Settings
from nst.engine.two_loop import Pair, Products, TwoLoop

# Images of more variables than this keep their pairs in bfloat16: 20 pairs of 4096 x 2731 pixels take
# 5.4 GB in float32. The limit is a size and not the free memory, which no image may depend on.
# After 150 evaluations at 256 px the losses were those of float32 within 0.2 %.
LARGE = 2**23
MIN_CURVATURE = 1e-10  # y^T s of a pair that is kept, as in torch.optim.LBFGS, or its share of |y| |s|
INITIAL_STEP = 0.01  # share of the variables' norm; 0.003 to 0.03 gave the same losses within 3 %
MAX_INCREASE = 2.0  # of the loss in one step; L-BFGS without line search needs room for small rises
LEAST_NORM = 1e-30  # of a gradient that a step is divided by
MOST_COPIED = 2**26  # values of the vectors that a GPU multiplies at once: 256 MB in float32

State = dict[str, Any]  # dicts, lists, numbers and tensors; no tensor in it is changed in place


def pair_type(x: Tensor) -> torch.dtype:
    """The type in which the pairs of L-BFGS are kept for such variables."""
    return torch.bfloat16 if x.dtype == torch.float32 and x.numel() > LARGE else x.dtype


class LBFGS:
    """Limited-memory BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4), full steps only.

    `line_search: none` takes every step and begins with min(1, 1/|g|_1), as torch.optim.LBFGS does.
    That first step is so short here that in bf16 the curvature it measures is rounding error, which can
    make the second step far too long. So `line_search: backtracking` begins with a hundredth of the
    variables' norm, and undoes a step that more than doubles the loss to retry it at half length.
    """

    STATE = ("x", "learning_rate", "curved_pairs", "last_step")

    def __init__(self, x: Tensor, settings: Settings):
        self.x = x
        self.learning_rate, self.history = settings.learning_rate, settings.history
        self.backtracking = settings.line_search == "backtracking"
        self.pair_type = pair_type(x)
        copied = (2 * self.history + 3) * x.numel()
        self.recursion = Products if x.is_cuda and copied <= MOST_COPIED else TwoLoop
        self.reset()

    def reset(self) -> None:
        """Forget all steps and start again from the current variables."""
        self.curved_pairs: list[Pair] = []  # with their curvature, from old to new
        self.origin: _Point | None = None  # where the last step began
        self.last_step: Tensor | None = None  # flat

    def warm_start(self, coarser: "LBFGS") -> None:
        """Take nothing over: pairs of another size are no curvature here, so settings refuse this."""

    def state(self) -> State:
        """All that the next step depends on."""
        origin = self.origin and [self.origin.x, self.origin.loss, self.origin.gradient]
        return {name: getattr(self, name) for name in self.STATE} | {"origin": origin}

    def restore(self, state: State) -> None:
        """Continue from the state of another optimizer with the same settings."""
        for name in self.STATE:
            setattr(self, name, state[name])
        self.origin = state["origin"] and _Point(*state["origin"])

    def measure(self, gradient: Tensor) -> Tensor:
        """The numbers that `step` needs, on the device, given the gradient (of x's shape) at `x`."""
        flat, candidate = gradient.flatten(), None
        if self.origin and self.last_step is not None:
            # The step that was asked for, even if a clamp has shortened it since.
            change = flat - self.origin.gradient
            candidate = self.last_step.to(self.pair_type), change.to(self.pair_type)
        self.search = self.recursion(self.curved_pairs, candidate, flat)
        norms = () if self.curved_pairs else (self.x.norm(), flat.norm(), flat.abs().sum())
        return torch.cat([self.search.numbers, *(norm.view(1) for norm in norms)])

    def step(self, loss: float, gradient: Tensor, measured: Sequence[float]) -> None:
        """Move `x`, given the loss, the gradient and the numbers that were measured there."""
        origin, last_step = self.origin, self.last_step
        allowed = MAX_INCREASE * origin.loss if origin and self.backtracking else math.inf
        if origin and last_step is not None and loss > allowed:
            self.last_step = 0.5 * last_step
        else:
            self.origin = origin = _Point(self.x, loss, gradient.flatten())
            norms = () if self.curved_pairs else measured[-3:]
            self._remember(*self.search.curvature(measured))
            length = self.learning_rate
            # torch.optim.LBFGS takes a full gradient step when its first step gave no pair.
            if last_step is None or (self.backtracking and not self.curved_pairs):
                length *= self._initial_step(*norms)
            self.last_step = length * self.search.direction(self.curved_pairs)
        self.x = origin.x + self.last_step.view_as(self.x)

    def _initial_step(self, norm: float, gradient_norm: float, gradient_sum: float) -> float:
        """The multiple of the gradient to step by before any curvature is known."""
        if self.backtracking:
            norm = max(norm, 0.1 * self.x.numel() ** 0.5)  # grey waves have norm 0
            return INITIAL_STEP * norm / max(gradient_norm, LEAST_NORM)
        return min(1.0, 1 / max(gradient_sum, LEAST_NORM))

    def _remember(self, curvature: float, scale: float) -> None:
        """Keep the newest pair if the curvature along it is positive; `scale` is |y| |s|."""
        # Relative, so that a factor on the loss changes nothing; the published recipes use torch's own.
        least = MIN_CURVATURE * (scale if self.backtracking else 1.0)
        if self.search.candidate and curvature > least:
            pairs = [*self.curved_pairs, (*self.search.candidate, curvature)]
            self.curved_pairs = pairs[-self.history :]


@dataclass(frozen=True)
class _Point:
    """Variables with their loss and flat gradient."""

    x: Tensor
    loss: float
    gradient: Tensor
