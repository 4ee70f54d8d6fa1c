"""A picture gone through tile by tile: which part is read for which features, and sums over all parts.

A tile's core is cut out of the picture at multiples of the network's total stride, so that the
poolings of every tile fall on the grid of the whole picture. It is read with a halo as wide as the
deepest layer looks. Inside the picture a convolution pads the tile with zeros that the whole picture
does not have: they spoil no more than the halo's features. At the picture's own edge there is no
halo, and the padding is the whole picture's.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor

from nst.config.layers import Layer


@dataclass(frozen=True)
class Window:
    """Rows and columns, each from a first one to the one after the last."""

    rows: tuple[int, int]
    columns: tuple[int, int]

    def of(self, tensor):
        """This part of a tensor (... x height x width), a view."""
        return tensor[..., slice(*self.rows), slice(*self.columns)]


@dataclass(frozen=True)
class Tile:
    """What is read of the picture, halo included, and what of the tile's own features counts.

    `own` has a window for every layer; the windows of all tiles cover each layer once. Without
    windows a tile is the whole picture.
    """

    picture: Window | None = None
    own: dict[str, Window] = field(default_factory=dict)

    def read(self, image):
        """The tile's part of an image, 1 x 3 x height x width, a view."""
        return self.picture.of(image) if self.picture else image

    def counted(self, name: str, features):
        """What counts of the tile's features at a layer, 1 x C x height x width, a view."""
        return self.own[name].of(features) if self.own else features


def plan_tiles(plan: tuple[Layer, ...], height: int, width: int, core: int | None) -> list[Tile]:
    """The tiles of a picture, none with a core of more than `core` pixels; None: the whole picture."""
    if core is None or core >= max(height, width):
        return [Tile()]
    across = list(_spans(plan, width, core))
    return [
        Tile(
            Window(read, read_across),
            {name: Window(own[name], own_across[name]) for name in own},
        )
        for read, own in _spans(plan, height, core)
        for read_across, own_across in across
    ]


def positions(plan: tuple[Layer, ...], height: int, width: int) -> dict[str, int]:
    """How many positions each layer has for a picture of these sides."""
    found = {}
    for layer in plan:
        height, width = layer.side_after(height), layer.side_after(width)
        found[layer.name] = height * width
    return found


def halo(plan: tuple[Layer, ...]) -> int:
    """How far beyond its core a tile is read, in pixels: a multiple of the total stride."""
    stride, left, right, widest = 1, 0, 0, 0
    for layer in plan:
        if layer.kernel:
            left += layer.padding * stride
            right += (layer.kernel - 1 - layer.padding) * stride
        stride *= layer.stride
        # A core's last position begins one stride before the core's end.
        widest = max(widest, left, right - (stride - 1))
    return stride * math.ceil(widest / stride)


def _total_stride(plan: tuple[Layer, ...]) -> int:
    return math.prod(layer.stride for layer in plan)


def _spans(
    plan: tuple[Layer, ...], side: int, core: int
) -> Iterator[tuple[tuple[int, int], dict[str, tuple[int, int]]]]:
    """Along one side: what every tile reads, and what counts of its features at each layer."""
    stride, margin = _total_stride(plan), halo(plan)
    units = math.ceil(side / stride)
    count = math.ceil(units / max(1, core // stride))
    cuts = [units * number // count * stride for number in range(count)] + [side]
    for start, stop in pairwise(cuts):
        read = max(0, start - margin), min(side, stop + margin)
        yield read, dict(_own(plan, side, start, stop, read[0]))


def _own(
    plan: tuple[Layer, ...], side: int, start: int, stop: int, offset: int
) -> Iterator[tuple[str, tuple[int, int]]]:
    """What counts at each layer of a core from `start` to `stop`, seen from where the tile begins."""
    stride, reached = 1, side
    for layer in plan:
        stride *= layer.stride
        reached = layer.side_after(reached)
        # AlexNet's layers may end before the last core begins: nothing of it counts there.
        first = min(start // stride, reached)
        last = reached if stop == side else min(stop // stride, reached)
        yield layer.name, (first - offset // stride, last - offset // stride)


# A part of an image and the tile's number -> sums over the positions that count.
Measure = Callable[[Tensor, int], tuple[Tensor, ...]]


def summed(measure: Measure, image: Tensor, tiles: Sequence[Tile]) -> tuple[Tensor, ...]:
    """What `measure` finds in all tiles of an image (1 x 3 x height x width), added up.

    Exact, gradient included: what is a function of such sums is the same function by tiles. Several
    tiles are measured a second time for the gradient, so that no more than one is held in memory.
    """
    if len(tiles) == 1:
        return measure(tiles[0].read(image), 0)
    return _Summed.apply(image, measure, tiles)


class _Summed(torch.autograd.Function):
    """Sums over tiles; the gradient by the sums is given before any tile is gone through again."""

    @staticmethod
    def forward(ctx, image: Tensor, measure: Measure, tiles: Sequence[Tile]) -> tuple[Tensor, ...]:
        ctx.save_for_backward(image)
        ctx.measure, ctx.tiles = measure, tiles
        sums = list(measure(tiles[0].read(image), 0))
        for number, tile in enumerate(tiles[1:], start=1):
            for total, found in zip(sums, measure(tile.read(image), number), strict=True):
                total += found
        return tuple(sums)

    @staticmethod
    def backward(ctx, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (image,) = ctx.saved_tensors
        whole = torch.zeros_like(image)
        for number, tile in enumerate(ctx.tiles):
            with torch.enable_grad():
                part = tile.read(image).detach().requires_grad_()
                sums = ctx.measure(part, number)
            (gradient,) = torch.autograd.grad(sums, part, gradients)
            del sums
            tile.read(whole).add_(gradient)
        return whole, None, None
