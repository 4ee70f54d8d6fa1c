"""`optimize`: the loop over stages, from the coarsest scale to the finest, and their evaluations."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.layers import IMAGENET_MEAN
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.engine.descent import Descent
from nst.engine.masks import both
from nst.engine.objective import Objective, Style
from nst.engine.optimizers import State


@dataclass(frozen=True)
class Evaluation:
    """One loss and gradient: its number from 1, its weighted losses, seconds since the start."""

    number: int
    total: float
    content: float
    style: float
    tv: float
    seconds: float


OnEvaluation = Callable[[Evaluation, Tensor], None]
OnStep = Callable[[State], None]


@dataclass(frozen=True)
class Result:
    """How a run ended; `image` is 1 x 3 x height x width in [0, 1]."""

    image: Tensor
    outcome: str
    evaluations: int
    seconds: float


@dataclass(frozen=True)
class Stage:
    """One scale: content and start, each 1 x 3 x height x width, style pictures, and its evaluations.

    Pictures are in [0, 1], but a start of noise may lie outside. The start has the content's size, and
    so have the masks, 1 x 1 x height x width in [0, 1]: the image is the content where `mask` is 0, and
    what is not `visible` counts in no loss. With regions, masks too, each style acts in its own.
    """

    content: Tensor
    styles: tuple[Style, ...]
    start: Tensor
    evaluations: int
    mask: Tensor | None = None
    visible: Tensor | None = None
    left: Tensor | None = None  # what is seen where the mask is 0, if it is not the content
    regions: tuple[Tensor, ...] = ()

    def counted(self) -> Tensor | None:
        """How much each pixel counts in the losses; None if all count alike."""
        return both(self.mask, self.visible)

    def masked(self) -> tuple[Tensor, Tensor] | None:
        """The mask, and what is seen where it is 0."""
        if self.mask is None:
            return None
        return self.mask, self.content if self.left is None else self.left


def optimize(
    backbone: Backbone,
    settings: Settings,
    stages: Sequence[Stage],
    on_evaluation: OnEvaluation = lambda evaluation, image: None,
    on_step: OnStep = lambda state: None,
    state: State | None = None,
    say: Callable[[str], None] = lambda message: None,
) -> Result:
    """Make the image that has the content of one picture and the style of others.

    Stages go from coarse to fine. `on_evaluation` gets every evaluation and the evaluated image
    (1 x 3 x height x width, at its stage's size), which the next step may change in place. `on_step`
    gets a state after every step; another call with the same arguments and that state continues from
    there and makes the same image. Raises NstError if the first evaluation is not finite, and
    LookupError, TypeError or ValueError for a state that is not of such a run.
    """
    run = _Run(len(stages), state)
    optimizer = image = None
    while run.stage < len(stages):
        stage = stages[run.stage]
        objective = Objective(
            backbone, settings, stage.content, stage.styles, stage.counted(), stage.regions
        )
        start = stage.start if image is None else _finer_start(settings, stages, run.stage, image)
        descent = Descent(settings, objective, start, run.stage == 0, optimizer, stage.masked(), say)
        run.restore(descent)
        while descent.goes_on(stage.evaluations):
            losses, evaluated, gradient = descent.evaluate()
            on_evaluation(run.count_evaluation(losses), evaluated)
            descent.step(gradient)
            if stage is stages[-1] and not descent.goes_on(stage.evaluations):
                # A state that is kept while the final losses are measured needs no pairs of L-BFGS.
                descent.optimizer.reset()
            on_step(run.state(descent))
            del evaluated, gradient  # not held during the next evaluation
        image = run.end_stage(descent)
        optimizer = descent.optimizer if settings.carry == "moments" else None
        del objective, descent  # frees this stage before the next one is built
    assert image is not None, "there is no stage"
    return Result(image, run.outcome, run.count, run.seconds())


def _finer_start(settings: Settings, stages: Sequence[Stage], number: int, image: Tensor) -> Tensor:
    """The start of a stage after the coarser one made `image`; both are 1 x 3 x height x width.

    `scale_start: residual` upsamples only the change, which keeps detail that the image lacks.
    """
    coarser, start = stages[number - 1].start, stages[number].start
    wraps = settings.padding == "circular"
    if settings.scale_start == "residual":
        return (start + upsampled(image - coarser, start, wraps)).clamp(0, 1)
    return upsampled(image, start, wraps).clamp(0, 1)


def upsampled(image: Tensor, like: Tensor, wraps: bool = False) -> Tensor:
    """An image, or a change of one, at the height and width of a larger one; both are 1 x 3 x ...

    One that `wraps` goes on at its opposite sides, so that it gets no seam.
    """
    height, width = like.shape[-2:]
    if not wraps:
        return F.interpolate(image, (height, width), mode="bicubic")
    tall = F.interpolate(image.repeat(1, 1, 3, 1), (3 * height, image.shape[3]), mode="bicubic")
    wide = tall[:, :, height : 2 * height].repeat(1, 1, 1, 3)
    return F.interpolate(wide, (height, 3 * width), mode="bicubic")[..., width : 2 * width]


class _Run:
    """What the stages of one run share: the count, the clock, the outcome."""

    def __init__(self, stages: int, state: State | None):
        self.stage, self.count, self.outcome = 0, 0, "completed"
        self.started = time.monotonic()
        self.stage_state = None
        if state is not None:
            if state["stage"] not in range(stages):
                raise ValueError(f"stage {state['stage']} of {stages}")
            self.stage, self.count, self.outcome = state["stage"], state["count"], state["outcome"]
            self.started -= state["seconds"]
            # Taken out of the state: it is as large as the optimizer and soon out of date.
            self.stage_state = state.pop("descent")

    def restore(self, descent: Descent) -> None:
        """Continue the stage in which the state was saved."""
        if self.stage_state is not None:
            descent.restore(self.stage_state)
            self.stage_state = None

    def seconds(self) -> float:
        """Seconds since the start, those before a resume included."""
        return time.monotonic() - self.started

    def count_evaluation(self, losses: Sequence[float]) -> Evaluation:
        """The next evaluation; `losses` are total, content, style and tv."""
        self.count += 1
        total, content, style, tv = losses
        return Evaluation(self.count, total, content, style, tv, self.seconds())

    def state(self, descent: Descent) -> State:
        """All that the rest of the run depends on."""
        shared = {name: getattr(self, name) for name in ("stage", "count", "outcome")}
        return {**shared, "seconds": self.seconds(), "descent": descent.state()}

    def end_stage(self, descent: Descent) -> Tensor:
        """The stage's image, 1 x 3 x height x width. A stalled stage is outlived, a diverged is not."""
        outcome, image = descent.end()
        self.outcome = "diverged" if "diverged" in (outcome, self.outcome) else outcome
        self.stage += 1
        return image


def noise(shape: tuple[int, ...], settings: Settings) -> Tensor:
    """The start of an `init` that is not a picture: grey, uniform noise in [0, 1], or normal noise.

    `shape` is 1 x 3 x height x width. Made on the CPU, so that a seed means the same on every device.
    """
    generator = torch.Generator().manual_seed(settings.seed)
    if settings.init == "grey":
        return torch.full(shape, 0.5)
    if settings.init == "uniform":
        return torch.rand(shape, generator=generator)
    means = {"grey": (0.5,) * 3, "black": (0.0,) * 3, "imagenet": IMAGENET_MEAN}
    mean = torch.tensor(means[settings.noise_mean]).view(1, 3, 1, 1)
    return mean + settings.noise_std * torch.randn(shape, generator=generator)
