"""The loop, from the coarsest scale to the finest. It does not print or save."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.layers import IMAGENET_MEAN
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.engine.descent import Descent
from nst.engine.objective import Objective
from nst.engine.optimizers import State
from nst.engine.parametrization import PARAMETRIZATIONS


@dataclass(frozen=True)
class Evaluation:
    """One loss and gradient: its number from 1, its weighted losses, seconds since the start."""

    number: int
    total: float
    content: float
    style: float
    tv: float
    seconds: float


Callback = Callable[[Evaluation, Tensor], None]  # with the evaluated image, 1 x 3 x height x width
Stepped = Callable[[State], None]


@dataclass(frozen=True)
class Result:
    """How a run ended; `image` is 1 x 3 x height x width in [0, 1]."""

    image: Tensor
    outcome: str
    evaluations: int
    seconds: float


@dataclass(frozen=True)
class Stage:
    """One scale: content, style and start, each 1 x 3 x height x width, and how long.

    Pictures are in [0, 1]; a start of noise may lie outside. The start has the content's size.
    """

    content: Tensor
    style: Tensor
    start: Tensor
    evaluations: int


def optimize(
    backbone: Backbone,
    settings: Settings,
    stages: Sequence[Stage],
    on_evaluation: Callback = lambda evaluation, image: None,
    on_step: Stepped = lambda state: None,
    state: State | None = None,
) -> Result:
    """Make the image that has the content of one picture and the style of another.

    Stages go from coarse to fine. With `scale_start: change` a finer one starts from its own start
    plus the enlarged *change* of the coarser one, which keeps detail that an enlarged image lacks.
    `on_evaluation` is handed every evaluation with the image that was evaluated, at its stage's size;
    it lasts no longer than the call. After every step `on_step` is handed a state from which another
    call with the same arguments goes on and comes to the same image.
    """
    run = _Run(backbone, settings, on_evaluation, on_step)
    first = run.restore(state) if state else 0
    optimizer, image, before = None, None, None
    for stage in stages[first:]:
        start = stage.start
        if image is not None and settings.scale_start == "residual":
            start = (start + _enlarged(image - before.start, start)).clamp(0, 1)
        elif image is not None:
            start = _enlarged(image, start).clamp(0, 1)
        optimizer, image = run.minimise(stage, start, optimizer)
        before = stage
    return Result(image, run.outcome, run.count, run.seconds())


def _enlarged(image: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(image, like.shape[-2:], mode="bicubic")


class _Run:
    """What the stages of one transfer share: the count, the clock, the outcome."""

    def __init__(self, backbone: Backbone, settings: Settings, callback: Callback, stepped: Stepped):
        self.backbone, self.settings, self.callback = backbone, settings, callback
        self.stepped, self.stage_state = stepped, None
        self.stage, self.count, self.outcome = 0, 0, "completed"
        self.started = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def state(self, descent: Descent) -> State:
        return {
            "stage": self.stage,
            "count": self.count,
            "outcome": self.outcome,
            "seconds": self.seconds(),
            "descent": descent.state(),
        }

    def restore(self, state: State) -> int:
        """Go on from a state; the number of the stage that it was taken in."""
        self.stage, self.count, self.outcome = state["stage"], state["count"], state["outcome"]
        self.started -= state["seconds"]
        self.stage_state = state.pop("descent")  # soon out of date, and as large as the optimiser
        return self.stage

    def minimise(self, stage: Stage, start: Tensor, coarser: Any) -> tuple[Any, Tensor]:
        """The optimiser at a stage's end, if it is carried on, and the image that is kept of it."""
        objective = Objective(self.backbone, self.settings, stage.content, stage.style)
        space = PARAMETRIZATIONS[self.settings.parametrization](start)
        descent = Descent(self.settings, space, start, first=self.stage == 0)
        if coarser is not None:
            descent.optimizer.carry(coarser)
        if self.stage_state:
            descent.restore(self.stage_state)
            self.stage_state = None

        def evaluate(x: Tensor) -> tuple[float, Tensor]:
            x = x.detach().requires_grad_()
            image = space.decode(x)
            losses = objective(image)
            (gradient,) = torch.autograd.grad(losses.total, x)
            # One transfer from the device per evaluation, after all of it: a GPU never waits within.
            steepest = torch.linalg.vector_norm(gradient, math.inf)
            *numbers, steepest = torch.stack((*losses.summary(), steepest)).tolist()
            self._count(*numbers, image.detach())
            descent.kept.evaluated(x, numbers[0], steepest)
            return descent.kept.last, gradient

        while descent.done < stage.evaluations and descent.outcome == "completed":
            descent.step(evaluate)
            self.stepped(self.state(descent))
        outcome, image = descent.end()
        # A coarse stage that had nothing to change is no fault of the whole; one that ran away is.
        self.outcome = "diverged" if "diverged" in (outcome, self.outcome) else outcome
        self.stage += 1
        # As large as all that a fine stage has: kept only where that takes something from it.
        return descent.optimizer if self.settings.carry == "moments" else None, image

    def _count(self, total: float, content: float, style: float, tv: float, image: Tensor) -> None:
        self.count += 1
        self.callback(Evaluation(self.count, total, content, style, tv, self.seconds()), image)


def noise(shape: tuple[int, ...], settings: Settings) -> Tensor:
    """What `init` names that is no picture: grey, uniform noise in [0, 1], or normal noise.

    The same on every device, from `settings.seed` alone.
    """
    generator = torch.Generator().manual_seed(settings.seed)
    if settings.init == "grey":
        return torch.full(shape, 0.5)
    if settings.init == "uniform":
        return torch.rand(shape, generator=generator)
    means = {"grey": (0.5,) * 3, "black": (0.0,) * 3, "imagenet": IMAGENET_MEAN}
    mean = torch.tensor(means[settings.noise_mean]).view(1, 3, 1, 1)
    return mean + settings.noise_std * torch.randn(shape, generator=generator)
