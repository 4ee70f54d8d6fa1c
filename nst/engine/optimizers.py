"""Optimizers: each moves the variables `x` once per evaluation.

The variables are what a parametrization makes of an image: 1 x 3 x height x width, or the waves of
`Fourier`. The caller evaluates the loss and its gradient at `optimizer.x`, then calls `step`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.settings import Settings

State = dict[str, Any]  # dicts, lists, numbers and tensors; no tensor in it is changed in place

# Images of more variables than this keep their L-BFGS pairs in bfloat16: 20 pairs of 4096 x 2731 pixels
# take 5.4 GB in float32. The limit is a size and not the free memory, which no image may depend on.
# After 150 evaluations at 256 px the losses were those of float32 within 0.2 %.
LARGE = 2**23
MIN_CURVATURE = 1e-10  # y^T s of a pair that is kept, as in torch.optim.LBFGS, or its share of |y| |s|
INITIAL_STEP = 0.01  # share of the variables' norm; 0.003 to 0.03 gave the same losses within 3 %
MAX_INCREASE = 2.0  # of the loss in one step; L-BFGS without line search needs room for small rises


class Optimizer(Protocol):
    """What every optimizer has; it is made of the first variables and the settings."""

    x: Tensor
    learning_rate: float

    def step(self, loss: float, gradient: Tensor) -> None:
        """Move `x`, given the loss and its gradient (of x's shape) there."""
        ...

    def reset(self) -> None:
        """Forget all steps and start again from the current variables."""
        ...

    def warm_start(self, coarser: Any) -> None:
        """Take over what an optimizer of the same class learned at the scale before."""
        ...

    def state(self) -> State:
        """All that the next step depends on."""
        ...

    def restore(self, state: State) -> None:
        """Continue from the state of another optimizer with the same settings."""
        ...


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

    STATE = ("x", "learning_rate", "pairs", "backtracks", "first", "last_step")

    def __init__(self, x: Tensor, settings: Settings):
        self.x = x
        self.learning_rate, self.history = settings.learning_rate, settings.history
        self.backtracking = settings.line_search == "backtracking"
        self.pair_type = pair_type(x)
        self.reset()

    def reset(self) -> None:
        """Forget all steps and start again from the current variables."""
        self.pairs: list[tuple[Tensor, Tensor, Tensor]] = []  # s, y (both flat), 1 / y^T s
        self.origin: _Point | None = None  # where the last step began
        self.last_step: Tensor | None = None  # flat
        self.backtracks = 0
        self.first = True

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

    def step(self, loss: float, gradient: Tensor) -> None:
        """Move `x`, given the loss and its gradient (of x's shape) there."""
        origin, point = self.origin, _Point(self.x, loss, gradient.flatten())
        if origin and self.backtracking and not loss <= MAX_INCREASE * origin.loss:
            self.backtracks += 1
        else:
            if origin and self.last_step is not None:
                # The step that was asked for, even if a clamp has shortened it since.
                self._remember(self.last_step, point.gradient - origin.gradient)
            origin, self.backtracks = point, 0
        length = self.learning_rate * 0.5**self.backtracks
        # torch.optim.LBFGS takes a full gradient step when its first step gave no pair.
        if self.first or (self.backtracking and not self.pairs):
            length *= self._initial_step(origin)
        self.first = False
        self.origin, self.last_step = origin, length * self._direction(origin.gradient)
        self.x = origin.x + self.last_step.view_as(self.x)

    def _initial_step(self, point: "_Point") -> float:
        """The multiple of the gradient to step by before any curvature is known."""
        if self.backtracking:
            norm = max(float(point.x.norm()), 0.1 * point.x.numel() ** 0.5)  # grey waves have norm 0
            return INITIAL_STEP * norm / float(point.gradient.norm().clamp(min=1e-30))
        return min(1.0, 1 / float(point.gradient.abs().sum().clamp(min=1e-30)))

    def _remember(self, s: Tensor, y: Tensor) -> None:
        """Keep a step and its change of gradient, both flat, if the curvature along it is positive."""
        # Measured on the rounded pair: only y^T s > 0 of what is kept makes every direction descend.
        dtype, s, y = s.dtype, s.to(self.pair_type), y.to(self.pair_type)
        curvature = y.to(dtype).dot(s.to(dtype))
        # Relative, so that a factor on the loss changes nothing; the published recipes use torch's own.
        scale = y.to(dtype).norm() * s.to(dtype).norm() if self.backtracking else 1.0
        if curvature > MIN_CURVATURE * scale:
            recent = self.pairs[-(self.history - 1) :] if self.history > 1 else []
            self.pairs = [*recent, (s, y, 1 / curvature)]

    def _direction(self, gradient: Tensor) -> Tensor:
        """-H g of a flat gradient g, by the two-loop recursion."""
        q = -gradient
        alphas = []
        for s, y, rho in reversed(self.pairs):
            alphas.append(rho * s.to(q.dtype).dot(q))
            q.addcmul_(y.to(q.dtype), alphas[-1], value=-1)
        if self.pairs:
            y, rho = self.pairs[-1][1].to(q.dtype), self.pairs[-1][2]
            q.div_(rho * y.dot(y))
        for (s, y, rho), alpha in zip(self.pairs, reversed(alphas), strict=True):
            q.addcmul_(s.to(q.dtype), alpha - rho * y.to(q.dtype).dot(q))
        return q


@dataclass(frozen=True)
class _Point:
    """Variables with their loss and flat gradient."""

    x: Tensor
    loss: float
    gradient: Tensor


class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1), PyTorch's own."""

    def __init__(self, x: Tensor, settings: Settings):
        self.x = x
        self.learning_rate = settings.learning_rate
        self.betas = (settings.beta1, settings.beta2)
        self.reset()

    def reset(self) -> None:
        """Forget all steps and start again from the current variables."""
        self.x = self.x.clone()
        self.adam = torch.optim.Adam([self.x], lr=self.learning_rate, betas=self.betas)

    def warm_start(self, coarser: "Adam") -> None:
        """Take over the moments of a coarser scale, upsampled, and its count of steps."""
        shape = self.x.shape[-2:]
        moments = dict(coarser.adam.state.get(coarser.x, {}))
        if not moments:  # the coarser scale ended with a reset
            return
        moments["exp_avg"] = F.interpolate(moments["exp_avg"], shape, mode="bicubic")
        # Bicubic interpolation would make some of the squares negative.
        moments["exp_avg_sq"] = F.interpolate(moments["exp_avg_sq"], shape, mode="bilinear")
        self.adam.state[self.x] = moments

    def state(self) -> State:
        """All that the next step depends on, copied: Adam changes its tensors in place."""
        moments = {name: value.clone() for name, value in self.adam.state[self.x].items()}
        return {"x": self.x.clone(), "learning_rate": self.learning_rate, "moments": moments}

    def restore(self, state: State) -> None:
        """Continue from the state of another optimizer with the same settings."""
        self.x, self.learning_rate = state["x"], state["learning_rate"]
        self.reset()
        self.adam.state[self.x] = state["moments"]

    def step(self, loss: float, gradient: Tensor) -> None:
        """Move `x`, given the loss and its gradient (of x's shape) there."""
        self.x.grad = gradient
        self.adam.step()


OPTIMIZERS: dict[str, Callable[[Tensor, Settings], Optimizer]] = {"lbfgs": LBFGS, "adam": Adam}
