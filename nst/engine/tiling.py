"""Tiles: an image is evaluated tile by tile, and sums over positions are added up, exactly.

The core of each tile starts at a multiple of the network's total stride, so that the poolings of all
tiles fall on the grid of the whole image. The tile is read with a halo as wide as the deepest layer
sees. Inside the image a convolution pads the tile with zeros that the whole image does not have; they
spoil only features of the halo, which are not counted. At the image's own edge there is no halo, and
the padding is that of the whole image.
"""

# pyright: reportIncompatibleMethodOverride=false
# (torch declares `backward` for any number of outputs; `_Counted` has one.)

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import torch
from torch import Tensor

from nst.config.layers import Layer
from nst.engine.operations import empty_channels_last


@dataclass(frozen=True)
class Window:
    """A range of rows and one of columns; each stops before its second number."""

    rows: tuple[int, int]
    columns: tuple[int, int]

    def of(self, tensor: Tensor) -> Tensor:
        """This part of a tensor (... x height x width), as a view."""
        return tensor[..., slice(*self.rows), slice(*self.columns)]


@dataclass(frozen=True)
class Tile:
    """The window of the image that a tile reads, halo included, and that of each layer which it counts.

    The windows in `own` are relative to the tile; those of all tiles cover each layer once. A tile
    without windows is the whole image.
    """

    image: Window | None = None
    own: dict[str, Window] = field(default_factory=dict)

    def read(self, image: Tensor) -> Tensor:
        """The tile's part of an image, 1 x 3 x height x width, as a view."""
        return self.image.of(image) if self.image else image

    def counted(self, name: str, features: Tensor) -> Tensor:
        """The tile's features at a layer (1 x C x height x width) without its halo, as a view."""
        return _Counted.apply(features, self.own[name]) if self.own else features

    def of_layer(self, name: str, stride: int, whole: Tensor) -> Tensor:
        """What the tile counts of a map of a whole layer (... x height x width), as a view.

        `stride` is the layer's, in pixels.
        """
        if self.image is None:
            return whole
        down, right = self.image.rows[0] // stride, self.image.columns[0] // stride
        rows, columns = self.own[name].rows, self.own[name].columns
        return Window((rows[0] + down, rows[1] + down), (columns[0] + right, columns[1] + right)).of(
            whole
        )


class _Counted(torch.autograd.Function):
    """A window of features, whose gradient is channels-last as theirs; torch's of a slice is not.

    Every convolution before the layer would convert the layout of its gradient.
    """

    @staticmethod
    def forward(ctx, features: Tensor, window: Window) -> Tensor:
        ctx.shape, ctx.window = features.shape, window
        return window.of(features)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        whole = empty_channels_last(ctx.shape, gradient).zero_()
        ctx.window.of(whole).copy_(gradient)
        return whole, None


def plan_tiles(plan: tuple[Layer, ...], height: int, width: int, core: int | None) -> list[Tile]:
    """The tiles of an image, with cores of at most `core` pixels a side; one tile without `core`."""
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
    """How many positions (height x width) each layer has for an image of this size."""
    counts = {}
    for layer in plan:
        height, width = layer.side_after(height), layer.side_after(width)
        counts[layer.name] = height * width
    return counts


def halo(plan: tuple[Layer, ...]) -> int:
    """How many pixels beyond its core a tile reads, a multiple of the total stride."""
    stride, left, right, widest = 1, 0, 0, 0
    for layer in plan:
        if layer.kernel:
            left += layer.padding * stride
            right += (layer.kernel - 1 - layer.padding) * stride
        stride *= layer.stride
        # The last position of a core begins one stride before the end of the core.
        widest = max(widest, left, right - (stride - 1))
    return stride * math.ceil(widest / stride)


def _total_stride(plan: tuple[Layer, ...]) -> int:
    return math.prod(layer.stride for layer in plan)


def _spans(
    plan: tuple[Layer, ...], side: int, core: int
) -> Iterator[tuple[tuple[int, int], dict[str, tuple[int, int]]]]:
    """For each tile along one side: the range it reads, and the range it counts at each layer."""
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
    """The range that a core from `start` to `stop` counts at each layer, relative to its tile.

    `offset` is where the tile begins to read.
    """
    stride, length = 1, side
    for layer in plan:
        stride *= layer.stride
        length = layer.side_after(length)
        # A layer of AlexNet may end before the last core begins, which then counts nothing there.
        first = min(start // stride, length)
        last = length if stop == side else min(stop // stride, length)
        yield layer.name, (first - offset // stride, last - offset // stride)


# The part of an image that a tile reads, and the tile's number -> sums over the positions it counts.
TileSums = Callable[[Tensor, int], tuple[Tensor, ...]]


def sum_over_tiles(tile_sums: TileSums, image: Tensor, tiles: Sequence[Tile]) -> tuple[Tensor, ...]:
    """The sums of all tiles of an image (1 x 3 x height x width), added up.

    Exact, as is the gradient of any function of the sums. The gradient evaluates each tile a second
    time, so that never more than one tile is held in memory.
    """
    if len(tiles) == 1:
        return tile_sums(tiles[0].read(image), 0)
    return _SumOverTiles.apply(image, tile_sums, tiles)


class _SumOverTiles(torch.autograd.Function):
    """Backward knows the gradient by the sums before it evaluates any tile again."""

    @staticmethod
    def forward(ctx, image: Tensor, tile_sums: TileSums, tiles: Sequence[Tile]) -> tuple[Tensor, ...]:
        ctx.save_for_backward(image)
        ctx.tile_sums, ctx.tiles = tile_sums, tiles
        totals = list(tile_sums(tiles[0].read(image), 0))
        for number, tile in enumerate(tiles[1:], start=1):
            for total, tile_sum in zip(totals, tile_sums(tile.read(image), number), strict=True):
                total += tile_sum
        return tuple(totals)

    @staticmethod
    def backward(ctx, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (image,) = ctx.saved_tensors
        whole = torch.zeros_like(image)
        for number, tile in enumerate(ctx.tiles):
            with torch.enable_grad():
                part = tile.read(image).detach().requires_grad_()
                sums = ctx.tile_sums(part, number)
            (gradient,) = torch.autograd.grad(sums, part, gradients)
            del sums
            tile.read(whole).add_(gradient)
        return whole, None, None
