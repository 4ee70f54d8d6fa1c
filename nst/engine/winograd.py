"""Convolutions of 3 x 3 by Winograd's F(4 x 4, 3 x 3), which takes a quarter of the products.

Lavin and Gray (2016), arXiv 1509.09308. A tile of 4 x 4 results needs 6 x 6 inputs. Inputs and
kernels are transformed, so that a tile takes 36 products per channel instead of 144, and the results
are transformed back. The weights are frozen, so they are transformed once. The gradient is the adjoint
of each step, in turn, with the same transformed weights.

Tensors are 1 x C x height x width in float32 on a CPU, channels last. A result differs from a direct
convolution's by about 2e-6 of its norm, where that differs from the exact one by 1e-6.
"""

# pyright: reportIncompatibleMethodOverride=false
# (torch declares `backward` for any number of outputs; ours have one.)

import math

import torch
from torch import Tensor

from nst.engine.operations import empty_channels_last

TILE, WINDOW = 4, 6  # results and inputs of a tile, in each direction
LEAST_CHANNELS = 64  # with fewer, the transforms take longer than what they save
LEAST_TILES = 16  # likewise; also, images of a few pixels keep the bytes that they had
# The numbers transformed at a time: few enough for the caches, unless the weights alone fill these.
LEAST_BLOCK, BLOCK_PER_WEIGHT = 2**19, 16

# Transforms of one direction: of inputs, of kernels, of results.
OF_INPUT = torch.tensor(
    [
        [4.0, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ]
)
OF_KERNEL = torch.tensor(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)
OF_RESULT = torch.tensor(
    [[1.0, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
)


def suits(x: Tensor, weight: Tensor, stride: int, padding: int) -> bool:
    """Whether a convolution of x (1 x C x H x W) by a weight (C' x C x k x k) is faster in this way."""
    if weight.shape[2:] != (3, 3) or stride != 1 or min(weight.shape[:2]) < LEAST_CHANNELS:
        return False
    down, across = (_tiles(side + 2 * padding - 2) for side in x.shape[2:])
    return down * across >= LEAST_TILES


def transformed(weight: Tensor) -> Tensor:
    """The transform of weights (C' x C x 3 x 3): 36 x C x C', four times their memory."""
    to, of = weight.shape[:2]
    kernels = weight.permute(2, 3, 1, 0).reshape(3, 3, of * to)
    half, whole = weight.new_empty(6 * 3 * of * to), weight.new_empty(36 * of * to)
    return _transform(OF_KERNEL, kernels, half, whole).view(36, of, to)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor, weights: Tensor, bias: Tensor, padding: int) -> Tensor:
        ctx.save_for_backward(weights)
        ctx.shape, ctx.padding = x.shape, padding
        return _forward(x, weights, bias, padding)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (weights,) = ctx.saved_tensors
        return _backward(gradient, weights, ctx.shape, ctx.padding), None, None, None


def convolution(x: Tensor, weights: Tensor, bias: Tensor, padding: int) -> Tensor:
    """`conv2d` of features (1 x C x H x W) by transformed weights (36 x C x C'), padded by zeros.

    Only gradients by the features are computed, and only first ones.
    """
    return _Convolution.apply(x, weights, bias, padding)


def _forward(x: Tensor, weights: Tensor, bias: Tensor, padding: int) -> Tensor:
    source = x.permute(0, 2, 3, 1)[0]
    (height, width, of), to = source.shape, weights.shape[2]
    rows, columns = height + 2 * padding - 2, width + 2 * padding - 2
    features = empty_channels_last((1, to, rows, columns), x)
    result = features.permute(0, 2, 3, 1)[0]
    across, blocks = _tiles(columns), _blocks(rows, columns, weights)
    one, other, band = _buffers(x, blocks, across, of, to)
    for top, down in blocks:
        count = down * across
        padded = _view(band, TILE * down + 2, TILE * across + 2, of)
        _cut_out(source, top - padding, -padding, padded)
        of_row, of_column = padded.stride()[:2]
        windows = padded.as_strided(
            (WINDOW, WINDOW, down, across, of), (of_row, of_column, TILE * of_row, TILE * of_column, 1)
        )
        inputs = _view(one, WINDOW, WINDOW, down, across, of).copy_(windows)
        spectrum = _transform(OF_INPUT, inputs.view(WINDOW, WINDOW, -1), other, one)
        products = _view(other, 36, count, to)
        torch.bmm(spectrum.view(36, count, of), weights, out=products)
        results = _transform(OF_RESULT, products.view(WINDOW, WINDOW, -1), one, other)
        results = results.view(TILE, TILE, down, across, to).permute(2, 0, 3, 1, 4)
        block = result[top : top + TILE * down]
        if block.shape[:2] == (TILE * down, TILE * across):
            torch.add(results, bias, out=block.view(results.shape))
        else:
            padded = torch.add(results, bias, out=_view(one, *results.shape))
            block.copy_(padded.view(TILE * down, TILE * across, to)[: len(block), :columns])
    return features


def _backward(gradient: Tensor, weights: Tensor, shape: torch.Size, padding: int) -> Tensor:
    source = gradient.permute(0, 2, 3, 1)[0]
    (rows, columns, to), of = source.shape, weights.shape[1]
    by_input = empty_channels_last(shape, gradient).zero_()
    result = by_input.permute(0, 2, 3, 1)[0]
    across, blocks = _tiles(columns), _blocks(rows, columns, weights)
    one, other, band = _buffers(gradient, blocks, across, of, to)
    for top, down in blocks:
        count = down * across
        padded = _view(band, TILE * down, TILE * across, to)
        _cut_out(source, top, 0, padded)
        tiles = padded.view(down, TILE, across, TILE, to).permute(1, 3, 0, 2, 4)
        results = _view(one, *tiles.shape).copy_(tiles)
        products = _transform(OF_RESULT.T, results.view(TILE, TILE, -1), other, one)
        spectrum = _view(other, 36, count, of)
        torch.bmm(products.view(36, count, to), weights.transpose(1, 2), out=spectrum)
        inputs = _transform(OF_INPUT.T, spectrum.view(WINDOW, WINDOW, -1), one, other)
        inputs = inputs.view(WINDOW, WINDOW, down, across, of).permute(2, 0, 3, 1, 4)
        tiles = _view(band, down + 1, TILE, across + 1, TILE, of).zero_()
        tiles[:-1, :, :-1] += inputs[:, :TILE, :, :TILE]
        tiles[:-1, :, 1:, :2] += inputs[:, :TILE, :, TILE:]
        tiles[1:, :2, :-1] += inputs[:, TILE:, :, :TILE]
        tiles[1:, :2, 1:, :2] += inputs[:, TILE:, :, TILE:]
        _add(tiles.view(TILE * (down + 1), -1, of), result, top - padding, -padding)
    return by_input


def _transform(matrix: Tensor, x: Tensor, half: Tensor, whole: Tensor) -> Tensor:
    """Transform the rows and columns of windows (side x side x N): side' x side' x N, in `whole`.

    `half` is memory for rows that are done. `x` may lie in `whole`.
    """
    side, to = x.shape[0], len(matrix)
    matrix = matrix.to(x.device)
    rows = torch.mm(matrix, x.view(side, -1), out=_view(half, to, side * x.shape[2]))
    by_row = matrix.expand(to, *matrix.shape)
    return torch.bmm(by_row, rows.view(to, side, -1), out=_view(whole, to, to, x.shape[2]))


def _tiles(side: int) -> int:
    return -(-side // TILE)


def _blocks(rows: int, columns: int, weights: Tensor) -> list[tuple[int, int]]:
    """The rows of tiles that are computed at a time: the first row of the result, and how many."""
    _, of, to = weights.shape
    most = max(LEAST_BLOCK, BLOCK_PER_WEIGHT * of * to) // (36 * _tiles(columns) * max(of, to))
    down, step = _tiles(rows), max(1, most)
    return [(TILE * start, min(step, down - start)) for start in range(0, down, step)]


def _buffers(
    x: Tensor, blocks: list[tuple[int, int]], across: int, of: int, to: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Memory for all blocks: two tensors that each step reads and writes in turn, one for a band."""
    down = blocks[0][1]
    windows = 36 * down * across * max(of, to)
    band = max((TILE * (down + 1)) * (TILE * (across + 1)) * of, TILE * down * TILE * across * to)
    return x.new_empty(windows), x.new_empty(windows), x.new_empty(band)


def _view(memory: Tensor, *shape: int) -> Tensor:
    """The start of a flat tensor in a shape."""
    return memory[: math.prod(shape)].view(shape)


def _cut_out(source: Tensor, top: int, left: int, to: Tensor) -> None:
    """Copy from a row and column of features (height x width x C), with zeros around them."""
    inside, inner = _overlap(source, top, left, to)
    if inner.shape != to.shape:
        to.zero_()
    inner.copy_(inside)


def _add(band: Tensor, to: Tensor, top: int, left: int) -> None:
    """Add to features (height x width x C) from a row and column on what lies within them."""
    inside, inner = _overlap(to, top, left, band)
    inside += inner


def _overlap(features: Tensor, top: int, left: int, block: Tensor) -> tuple[Tensor, Tensor]:
    """What features share with a block that begins at this row and column, as a view of each."""
    for side, start in enumerate((top, left)):
        first = max(0, start)
        count = min(features.shape[side], start + block.shape[side]) - first
        features = features.narrow(side, first, count)
        block = block.narrow(side, first - start, count)
    return features, block
