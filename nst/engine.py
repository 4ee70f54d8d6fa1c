"""The loop, from the coarsest scale to the finest. It does not print or save."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.backbone import Backbone
from nst.errors import NstError
from nst.layers import IMAGENET_MEAN
from nst.objective import Objective
from nst.optimizers import OPTIMIZERS
from nst.parametrization import PARAMETRIZATIONS
from nst.settings import Settings

RUNAWAY = 100.0  # times the least total at which the end of a run is no result
CALLS_BACK = 5  # how often losses that are no numbers are answered by half the step from the best


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


def transfer(
    backbone: Backbone,
    settings: Settings,
    stages: Sequence[Stage],
    callback: Callback = lambda evaluation, image: None,
) -> Result:
    """Make the image that has the content of one picture and the style of another.

    Stages go from coarse to fine. With `scale_start: change` a finer one starts from its own start
    plus the enlarged *change* of the coarser one, which keeps detail that an enlarged image lacks.
    The callback is handed every evaluation with the image that was evaluated, at its stage's size;
    it lasts no longer than the call.
    """
    run = _Run(backbone, settings, callback)
    optimizer, image, before = None, None, None
    for stage in stages:
        start = stage.start
        if image is not None and settings.scale_start == "change":
            start = (start + _enlarged(image - before.start, start)).clamp(0, 1)
        elif image is not None:
            start = _enlarged(image, start).clamp(0, 1)
        optimizer, image = run.minimise(stage, start, optimizer)
        before = stage
    return Result(image, run.outcome, run.count, time.monotonic() - run.started)


def _enlarged(image: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(image, like.shape[-2:], mode="bicubic")


class _Run:
    """What the stages of one transfer share: the count, the clock, the outcome."""

    def __init__(self, backbone: Backbone, settings: Settings, callback: Callback):
        self.backbone, self.settings, self.callback = backbone, settings, callback
        self.count, self.outcome = 0, "completed"
        self.started = time.monotonic()

    def minimise(self, stage: Stage, start: Tensor, coarser: Any) -> tuple[Any, Tensor]:
        """The optimiser at the end of a stage, and the image that the settings keep of it."""
        objective = Objective(self.backbone, self.settings, stage.content, stage.style)
        space = PARAMETRIZATIONS[self.settings.parametrization](start)
        optimizer = OPTIMIZERS[self.settings.optimizer](space.encode(start), self.settings)
        if coarser is not None and self.settings.carry == "moments":
            optimizer.carry(coarser)
        kept = _Kept(self.settings, space, optimizer.x)

        def evaluate(x: Tensor) -> tuple[float, Tensor]:
            x = x.detach().requires_grad_()
            image = space.decode(x)
            losses = objective(image)
            (gradient,) = torch.autograd.grad(losses.total, x)
            # One transfer from the device per evaluation, after all of it: a GPU never waits within.
            *numbers, moved = torch.stack((*losses.summary(), gradient.any())).tolist()
            self._count(*numbers, image.detach())
            kept.evaluated(x, numbers[0], bool(moved))
            return kept.last, gradient

        calls_back, outcome = 0, "completed"
        for _ in range(stage.evaluations):
            optimizer.step(evaluate)
            if not math.isfinite(kept.least):
                raise NstError(
                    "the first evaluation is not a finite number: check the weights file and the"
                    " pictures, or choose precision fp32"
                )
            if kept.stalled:
                outcome = "stalled"
                break
            if not math.isfinite(kept.last):
                calls_back += 1
                if calls_back > CALLS_BACK:
                    outcome = "diverged"
                    break
                optimizer.x = kept.best
                optimizer.learning_rate /= 2
                optimizer.forget()
                continue
            kept.stepped(optimizer.x)
        # The best image is a result even where the last try was a step too far.
        if self.settings.result != "best" and not kept.last <= RUNAWAY * kept.least:
            outcome = "diverged"
        # A coarse stage that had nothing to change is no fault of the whole; one that ran away is.
        self.outcome = "diverged" if "diverged" in (outcome, self.outcome) else outcome
        return optimizer, kept.image(optimizer.x, safe=outcome == "diverged")

    def _count(self, total: float, content: float, style: float, tv: float, image: Tensor) -> None:
        self.count += 1
        seconds = time.monotonic() - self.started
        self.callback(Evaluation(self.count, total, content, style, tv, seconds), image)


class _Kept:
    """The variables that a stage has been through, as far as its result may need them."""

    def __init__(self, settings: Settings, space: Any, start: Tensor):
        self.settings, self.space = settings, space
        self.best = self.latest = start
        self.least, self.last, self.stalled = math.inf, math.inf, False
        # An average with the bias of its zero start taken out (Kingma & Ba 2015, section 3).
        self.sum, self.missing = 0.0, 1.0
        self.stepped(start)

    def evaluated(self, x: Tensor, total: float, moved: bool) -> None:
        self.latest, self.last, self.stalled = x.detach().clone(), total, not moved
        if total < self.least:
            self.best, self.least = self.latest, total

    def stepped(self, x: Tensor) -> None:
        if self.settings.result == "average":
            decay = self.settings.average_decay
            self.space.bound(x.detach())
            self.sum = decay * self.sum + (1 - decay) * x.detach()
            self.missing *= decay

    def image(self, x: Tensor, safe: bool) -> Tensor:
        """The image that the settings ask for, in [0, 1]; the best one to be `safe`."""
        chosen = {
            "best": self.best,
            "last": self.latest,
            "stepped": x,
            "average": self.sum / (1 - self.missing) if self.missing < 1 else x,
        }["best" if safe else self.settings.result]
        return self.space.decode(chosen.detach().clone()).clamp(0, 1)


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
