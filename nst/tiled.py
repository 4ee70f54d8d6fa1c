"""Sums over the positions of a picture, made tile by tile; and so their gradient."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nst.tiles import Tile

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
