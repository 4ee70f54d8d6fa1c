"""Optimizers: each moves the variables `x` once per evaluation.

The variables are what a parametrization makes of an image: 1 x 3 x height x width, or the waves of
`Fourier`. The caller evaluates the loss and its gradient at `optimizer.x`, calls `measure`, transfers
its numbers together with the losses, and calls `step`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.settings import Settings
from nst.engine.lbfgs import LBFGS, State


class Optimizer(Protocol):
    """What every optimizer has; it is made of the first variables and the settings."""

    x: Tensor
    learning_rate: float

    def measure(self, gradient: Tensor) -> Tensor:
        """The numbers that `step` needs, on the device, given the gradient (of x's shape) at `x`."""
        ...

    def step(self, loss: float, gradient: Tensor, measured: Sequence[float]) -> None:
        """Move `x`, given the loss, the gradient and the numbers that were measured there."""
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
        if moments:
            moments["step"] = float(moments["step"])  # Adam keeps it on the CPU
        return {"x": self.x.clone(), "learning_rate": self.learning_rate, "moments": moments}

    def restore(self, state: State) -> None:
        """Continue from the state of another optimizer with the same settings."""
        self.x, self.learning_rate = state["x"], state["learning_rate"]
        self.reset()
        moments = dict(state["moments"])
        if moments:
            # On a GPU, as the tensors of a state that is read, every step would wait for its value.
            moments["step"] = torch.tensor(float(moments["step"]))
        self.adam.state[self.x] = moments

    def measure(self, gradient: Tensor) -> Tensor:
        """Nothing."""
        return gradient.new_empty(0)

    def step(self, loss: float, gradient: Tensor, measured: Sequence[float]) -> None:
        """Move `x`, given the loss and its gradient (of x's shape) there."""
        self.x.grad = gradient
        self.adam.step()


OPTIMIZERS: dict[str, Callable[[Tensor, Settings], Optimizer]] = {"lbfgs": LBFGS, "adam": Adam}
