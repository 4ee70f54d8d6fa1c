"""The peak memory of an optimization, counted exactly on tensors without data (torch's meta device)."""

import math
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nst.config.blend import EQUAL
from nst.config.layers import cut
from nst.config.scales import plan_scales
from nst.config.settings import Settings
from nst.engine.backbone import Backbone, picture_type
from nst.engine.lbfgs import pair_type
from nst.engine.losses import GPU_CHUNK
from nst.engine.objective import Objective, Style
from nst.engine.parametrization import Masked, parametrization
from nst.engine.tiling import Tile
from nst.transfer.device import final_precision
from nst.transfer.state_dict import tensor_shapes

META = torch.device("meta")
# Tensors of the variables' size that are alive during an evaluation, beside L-BFGS's pairs, and those
# that a step adds to them: iterates, gradients and directions. Held against real runs by the tests.
STATE = {"lbfgs": 6, "adam": 9}
STEP = {"lbfgs": 5, "adam": 4}
FINISHED = 3  # of them are left when the optimization has ended: the variables and two iterates

Shape = tuple[int, int]  # height and width of a picture, in pixels


class LiveBytes(TorchDispatchMode):
    """Counts the bytes of all tensors that are created within and still alive, and their peak.

    Raises OverLimit as soon as more than `limit` bytes are alive.
    """

    def __init__(self, limit: float = float("inf")):
        super().__init__()
        self.live, self.peak, self.limit = 0, 0, limit
        self.storages: dict[int, weakref.ref] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor):
                self._count(leaf.untyped_storage())
        return result

    def _count(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self.storages:  # a view, or a result in place
            return

        def freed(reference: object) -> None:
            del self.storages[key]
            self.live -= size

        self.storages[key] = weakref.ref(storage, freed)
        self.live += size
        self.peak = max(self.peak, self.live)
        if self.live > self.limit:
            raise OverLimit


class OverLimit(Exception):
    """More bytes are alive than the limit of a count."""


def peak_bytes(
    settings: Settings, image: Shape, styles: Sequence[Shape], limit: float = float("inf")
) -> int:
    """The most that is alive at once while an image is optimized, or its final losses are measured.

    `image` and `styles` are the sides at `settings.size`, of the style pictures in use;
    `settings.tile` is a number or none. Stops once it is clear that the peak is above `limit`, and
    then returns any number above it.
    """
    settings = replace(settings, blend=EQUAL)  # as many statistics as any blend
    pictures = _coarse_pictures(settings, image, styles)
    if settings.device == "cuda":  # the count is that of a CPU, which converts less at a time
        pictures += 4 * GPU_CHUNK
    peaks = []
    for phase in (_measuring, _optimizing):
        memory = LiveBytes(limit - pictures)
        try:
            with memory:
                peaks.append(phase(memory, settings, image, styles))
        except OverLimit:
            return pictures + memory.peak
    return pictures + max(peaks)


def ample_bytes(settings: Settings, image: Shape, styles: Sequence[Shape]) -> int:
    """More than `peak_bytes` without tiles, in no time: the first count takes a second of imports."""
    plan = cut(settings.backbone, settings.layers())
    features = 0
    for height, width in (image, *styles):
        sizes = []
        for layer in plan:
            height, width = layer.side_after(height), layer.side_after(width)
            sizes.append((layer.channels or sizes[-1][0], height * width))
        values = [channels * positions for channels, positions in sizes]
        features = max(features, sum(values) + 6 * max(values))
    copies = 6 if settings.precision == "fp32-winograd" else 2
    weights = copies * sum(math.prod(shape) for _, shape in tensor_shapes(plan))
    pairs = 2 * settings.history if settings.optimizer == "lbfgs" else 0
    pictures = 3 * image[0] * (image[1] + 2) * (44 + 3 * len(settings.guide) + pairs)  # masks included
    pictures += 6 * sum(height * width for height, width in styles)
    return picture_type(settings.precision).itemsize * (features + weights + pictures)


def _optimizing(memory: LiveBytes, settings: Settings, image: Shape, styles: Sequence[Shape]) -> int:
    backbone = _backbone(settings, settings.precision)
    kind = picture_type(settings.precision)
    content, start = _picture(image, kind), _picture(image, kind)  # held all along, as the styles
    style_pictures = [Style(_picture(shape, kind)) for shape in styles]
    objective = _TwoTiles(
        backbone, settings, content, style_pictures, None, _regions(settings, content)
    )
    masks = _masks(settings, objective, image, styles)
    space = parametrization(settings, start)
    space = Masked(space, masks[0], content) if settings.mask != "none" else space
    variables = space.encode(start).requires_grad_()
    stepping = memory.live + STEP[settings.optimizer] * variables.nbytes
    losses = objective(space.decode(variables))
    torch.autograd.grad(losses.total, variables)
    state = _state_bytes(settings, variables)
    return max(memory.peak, stepping) + state + objective.missing_target_bytes()


def _measuring(memory: LiveBytes, settings: Settings, image: Shape, styles: Sequence[Shape]) -> int:
    precision = final_precision(settings)
    backbone, kind = _backbone(settings, precision), picture_type(precision)
    content = _picture(image, kind)  # held all along, as the styles
    style_pictures = [Style(_picture(shape, kind)) for shape in styles]
    objective = _TwoTiles(
        backbone, settings, content, style_pictures, None, _regions(settings, content)
    )
    masks = _masks(settings, objective, image, styles)
    with torch.no_grad():
        objective(_picture(image, kind))
    del masks
    variables = parametrization(settings, content).encode(content)
    # Kept for a stop that comes while losses are measured.
    state = (FINISHED + (settings.result == "average")) * variables.nbytes
    return memory.peak + state + objective.missing_target_bytes()


class _TwoTiles(Objective):
    """An objective of no more than the two largest tiles of each picture: others need no more memory.

    Two, since the sums of a single tile are computed in another way.
    """

    def _tiles(self, picture: Tensor) -> list[Tile]:
        tiles = super()._tiles(picture)
        return sorted(tiles, key=lambda tile: tile.read(picture).numel(), reverse=True)[:2]

    def missing_target_bytes(self) -> int:
        """The content targets of the other tiles."""
        missing = 0
        for name in self.content_weights:
            present = [targets[name] for targets in self.content_targets]
            whole = present[0].shape[1] * self.positions[name] * present[0].itemsize
            missing += whole - sum(target.nbytes for target in present)
        return missing


def _backbone(settings: Settings, precision: str) -> Backbone:
    plan = cut(settings.backbone, settings.layers())
    weights = {key: torch.empty(shape, device=META) for key, shape in tensor_shapes(plan)}
    return Backbone(settings, weights, precision, META)


def _picture(shape: Shape, kind: torch.dtype) -> Tensor:
    return torch.empty((1, 3, *shape), dtype=kind, device=META)


def _regions(settings: Settings, content: Tensor) -> list[Tensor]:
    return [torch.empty_like(content[:, :1]) for _ in settings.guide]


def _masks(
    settings: Settings, objective: Objective, image: Shape, styles: Sequence[Shape]
) -> list[Tensor]:
    """The masks of the pictures, and the weights that the image's gives to the positions of layers.

    An objective with a mask would read values of it.
    """
    kind: dict[str, Any] = {"dtype": picture_type(settings.precision), "device": META}
    limits_image, limits_styles = (
        settings.mask != "none" or settings.alpha == "keep",
        settings.style_mask,
    )
    masks = [torch.empty(shape, **kind) for shape in (styles if limits_styles != "none" else ())]
    if limits_image:
        sizes = [objective.positions[name] for name in settings.layers()]
        masks = [torch.empty((1, 1, *image), **kind), *masks]
        masks += [torch.empty(size, **kind) for size in sizes]
    return masks


def _state_bytes(settings: Settings, variables: Tensor) -> int:
    """What the optimizer and the iterates hold, and what a finer scale holds of the coarser one."""
    tensors = STATE[settings.optimizer] + (settings.result == "average")
    if settings.carry == "moments" and settings.scales > 1:
        tensors += (STATE["adam"] + 1) / settings.scale_ratio**2
    pairs = 0
    if settings.optimizer == "lbfgs":
        item = pair_type(variables).itemsize
        pairs = 2 * settings.history * item * variables.numel()
    return round(tensors * variables.nbytes) + pairs


def _coarse_pictures(settings: Settings, image: Shape, styles: Sequence[Shape]) -> int:
    """The content, the styles and the start of every coarser scale, and the image that it came to."""
    scales = plan_scales(settings, settings.least_side)[:-1]
    shares = sum((scale.size / settings.size) ** 2 for scale in scales)
    pixels = 2 * image[0] * image[1] + sum(height * width for height, width in styles)
    started = 2 * image[0] * image[1] if scales else 0
    return round(3 * picture_type(settings.precision).itemsize * (shares * pixels + started))
