"""Masks: from a grey picture to a weight for every position of every layer.

A mask is 1 x 1 x height x width in [0, 1], of the size of its picture: what is 1 counts, what is 0 does
not.
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.layers import Layer
from nst.engine.tiling import Tile, positions

LEAST_POSITIONS = 1 - 1e-6  # a mask that covers less of a layer than one position is empty there


@dataclass(frozen=True)
class LayerWeights:
    """What a mask says of the positions of each layer, by tile.

    `by_tile` has, for each tile, the weights (1 x 1 x height x width) of the positions it counts at a
    layer. Their mean over all positions of the layer is 1, so that sums and losses are as large as
    without a mask. The layers in `empty` have none.
    """

    by_tile: list[dict[str, Tensor]]
    empty: tuple[str, ...] = ()


def prepared(mask: Tensor, edge: float, protect: float) -> Tensor | None:
    """A mask with soft edges of `edge` pixels, and 1 - protect where it was 0; None if it is all 1."""
    mask = 1 - protect * (1 - feathered(mask, edge))
    return None if bool((mask == 1).all()) else mask


def both(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    """What counts by two masks, either of which may be None: all counts."""
    if one is None or other is None:
        return other if one is None else one
    return one * other


def counting(picture: Tensor, mask: Tensor | None) -> Tensor:
    """The pixels of a picture that count, 1 x 3 x 1 x N: those by half or more, else any above 0."""
    if mask is None:
        return picture
    chosen = mask[0, 0] >= 0.5
    if not chosen.any():
        chosen = mask[0, 0] > 0
    return picture[..., chosen].unsqueeze(2) if chosen.any() else picture


def weighted(values: Tensor, weights: Tensor | None) -> Tensor:
    """Values (1 x C x height x width) times the weights of their positions, if there are any."""
    return values if weights is None else values * weights


def feathered(mask: Tensor, edge: float) -> Tensor:
    """The largest mask below this one that rises by at most 1 per `edge` pixels.

    The white part fades out inside its border, so what was 0 stays 0. A mask that rises more slowly is
    not changed. Distances are measured along rows, columns and diagonals.
    """
    for _ in range(math.ceil(edge)):
        # Max pooling of the negative is a minimum, and pads with nothing.
        straight = torch.maximum(
            F.max_pool2d(-mask, (3, 1), 1, (1, 0)), F.max_pool2d(-mask, (1, 3), 1, (0, 1))
        )
        any_way = F.max_pool2d(-mask, 3, 1, 1)
        limit = torch.minimum(1 / edge - straight, math.sqrt(2) / edge - any_way)
        if bool((mask <= limit).all()):
            break
        mask = torch.minimum(mask, limit)
    return mask


def shrunk(mask: Tensor, plan: Sequence[Layer]) -> dict[str, Tensor]:
    """A mask at the size of each layer: the share of the area that a position stands for.

    Linear, so masks that add up to 1 do so at every layer.
    """
    by_layer = {}
    for layer in plan:
        if layer.stride > 1:
            mask = F.avg_pool2d(
                mask, layer.kernel, layer.stride, layer.padding, count_include_pad=False
            )
        by_layer[layer.name] = mask
    return by_layer


def layer_weights(
    mask: Tensor | None, plan: tuple[Layer, ...], tiles: Sequence[Tile], names: Collection[str]
) -> LayerWeights:
    """The weights of a picture's positions at the layers `names`; without a mask there are none."""
    if mask is None:
        return LayerWeights([{} for _ in tiles])
    shares = []
    for tile in tiles:
        by_layer = shrunk(tile.read(mask), plan)
        shares.append({name: tile.counted(name, by_layer[name]) for name in names})
    counts = positions(plan, *mask.shape[-2:])
    covered = {name: float(sum(share[name].sum() for share in shares)) for name in names}
    factors = {
        name: counts[name] / number for name, number in covered.items() if number >= LEAST_POSITIONS
    }
    by_tile = [{name: share[name] * factors[name] for name in factors} for share in shares]
    return LayerWeights(by_tile, tuple(name for name in names if name not in factors))
