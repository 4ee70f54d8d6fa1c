"""How the variables are changed: one signature, `step(evaluate)`, one evaluation a step.

`evaluate(x)` returns the loss (a float) and its gradient at `x`. A step evaluates at the current
variables, then moves them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.settings import Settings

Evaluate = Callable[[Tensor], tuple[float, Tensor]]
State = dict[str, Any]  # a tree of dicts, lists, numbers and tensors that nobody changes in place

# Variables of an image from which on L-BFGS keeps its pairs in bfloat16: 20 pairs of 4096 x 2731 pixels
# take 5.4 GB in float32. By size and not by the memory at hand, on which no image should depend.
# After 150 evaluations at 256 px the losses were those of float32 within 0.2 %.
LARGE = 2**23
CURVATURE = 1e-10  # least y^T s of a pair that L-BFGS keeps, as in torch.optim.LBFGS
FIRST_STEP = 0.01  # of the variables' length; 0.003 to 0.03 came to the same losses within 3 %
WORST_STEP = 2.0  # times the loss; L-BFGS without line search needs room for small rises


class LBFGS:
    """Limited-memory BFGS (Nocedal & Wright, Numerical Optimization, algorithm 7.4).

    Full steps, of which `line_search: none` takes every one and begins with min(1, 1/|g|_1), as
    torch.optim.LBFGS does. That first step is so short here that in bf16 the curvature it measures is
    rounding, and the second step may then be a catastrophe; so `line_search: guarded` begins with a
    hundredth of the variables' length, and takes a step back that more than doubles the loss.
    """

    LASTING = ("x", "learning_rate", "pairs", "taken_back", "first", "taken")

    def __init__(self, x: Tensor, settings: Settings):
        self.x = x
        self.learning_rate, self.history = settings.learning_rate, settings.history
        self.guarded = settings.line_search == "backtracking"
        self.kept_as = torch.bfloat16 if x.numel() > LARGE else x.dtype
        self.forget()

    def forget(self) -> None:
        """Start again from the current variables, as if no step had been taken."""
        self.pairs: list[tuple[Tensor, Tensor, Tensor]] = []  # s, y, 1 / y^T s
        self.origin: _Point | None = None  # where the last step started
        self.taken: Tensor | None = None  # that step
        self.taken_back = 0
        self.first = True

    def state(self) -> State:
        """All that the next step depends on."""
        return {name: getattr(self, name) for name in self.LASTING} | {
            "origin": self.origin and [self.origin.x, self.origin.loss, self.origin.gradient],
        }

    def restore(self, state: State) -> None:
        """Be where another optimiser of the same settings was."""
        for name in self.LASTING:
            setattr(self, name, state[name])
        self.origin = state["origin"] and _Point(*state["origin"])

    def step(self, evaluate: Evaluate) -> None:
        loss, gradient = evaluate(self.x)
        here = _Point(self.x, loss, gradient.flatten())
        if self.guarded and self.origin and not loss <= WORST_STEP * self.origin.loss:
            self.taken_back += 1
        else:
            if self.origin:
                # The step as it was taken, even if a clamp has shortened it since.
                self._remember(self.taken, here.gradient - self.origin.gradient)
            self.origin, self.taken_back = here, 0
        length = self.learning_rate * 0.5**self.taken_back
        # torch.optim.LBFGS goes a full gradient where it could learn nothing from its first step.
        if self.first or (self.guarded and not self.pairs):
            length *= self._first_step(self.origin)
        self.first = False
        self.taken = length * self._direction(self.origin.gradient)
        self.x = self.origin.x + self.taken.view_as(self.x)

    def _first_step(self, point: "_Point") -> float:
        """The share of the gradient to go before any curvature is known."""
        if self.guarded:
            length = max(float(point.x.norm()), 0.1 * point.x.numel() ** 0.5)  # grey has none
            return FIRST_STEP * length / float(point.gradient.norm().clamp(min=1e-30))
        return min(1.0, 1 / float(point.gradient.abs().sum().clamp(min=1e-30)))

    def _remember(self, s: Tensor, y: Tensor) -> None:
        # Of the numbers that are kept: y^T s > 0 is what makes every direction one of descent.
        wide, s, y = s.dtype, s.to(self.kept_as), y.to(self.kept_as)
        curvature = y.to(wide).dot(s.to(wide))
        if curvature > CURVATURE:
            kept = self.pairs[-(self.history - 1) :] if self.history > 1 else []
            self.pairs = [*kept, (s, y, 1 / curvature)]

    def _direction(self, gradient: Tensor) -> Tensor:
        """The two-loop recursion: -H g."""
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
        self.forget()

    def forget(self) -> None:
        """Start again from the current variables, as if no step had been taken."""
        self.x = self.x.clone()
        self.adam = torch.optim.Adam([self.x], lr=self.learning_rate, betas=self.betas)

    def carry(self, coarser: "Adam") -> None:
        """Go on with the moments and the count of a coarser scale, enlarged."""
        shape = self.x.shape[-2:]
        state = dict(coarser.adam.state.get(coarser.x, {}))
        if not state:  # the coarser scale ended by forgetting them
            return
        state["exp_avg"] = F.interpolate(state["exp_avg"], shape, mode="bicubic")
        # A bicubic would make some of the squares negative.
        state["exp_avg_sq"] = F.interpolate(state["exp_avg_sq"], shape, mode="bilinear")
        self.adam.state[self.x] = state

    def state(self) -> State:
        """All that the next step depends on, copied: Adam changes it in place."""
        moments = {name: value.clone() for name, value in self.adam.state[self.x].items()}
        return {"x": self.x.clone(), "learning_rate": self.learning_rate, "moments": moments}

    def restore(self, state: State) -> None:
        """Be where another optimiser of the same settings was."""
        self.x, self.learning_rate = state["x"], state["learning_rate"]
        self.forget()
        self.adam.state[self.x] = state["moments"]

    def step(self, evaluate: Evaluate) -> None:
        _, self.x.grad = evaluate(self.x)
        self.adam.step()


OPTIMIZERS = {"lbfgs": LBFGS, "adam": Adam}
