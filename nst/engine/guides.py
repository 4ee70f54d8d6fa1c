"""Regions of a picture: how much each position of each layer belongs to one.

A region is a mask (1 x 1 x height x width in [0, 1]); `guide_mode` says what it comes to at a layer:
`simple`: the share of the area that a position stands for; `inside`: 1 for positions that see nothing
outside the region, else 0; `all`: 1 for positions that see any of it. A position sees its receptive
field, as far as that lies within the picture.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.layers import Layer
from nst.config.settings import Settings
from nst.engine.backbone import wrapped
from nst.engine.masks import LEAST_POSITIONS, LayerWeights, shrunk
from nst.engine.tiling import Tile

INSIDE = 0.5  # where a mask is at least this, `inside` and `all` take it as the region


@dataclass(frozen=True)
class RegionWeights:
    """The weights of a region, as a mask has them, and its share of each layer that is not empty."""

    weights: LayerWeights
    shares: dict[str, float]


def region_weights(
    region: Tensor,
    mask: Tensor | None,
    plan: Sequence[Layer],
    tiles: Sequence[Tile],
    names: Collection[str],
    settings: Settings,
) -> RegionWeights:
    """The weights of a region at the layers `names`, within a mask if there is one.

    Shares are of all positions, or of those that the mask counts.
    """
    maps = region_maps(region, plan, settings)
    masks = {} if mask is None else shrunk(mask, plan)
    strides, by_tile = _strides(plan), [{} for _ in tiles]
    shares: dict[str, float] = {}
    for name in names:
        counted = maps[name] * masks[name] if masks else maps[name]
        positions = counted.numel()
        covered = positions if counted.is_meta else float(counted.sum())  # meta: to plan memory
        if covered < LEAST_POSITIONS:
            continue
        shares[name] = covered / (float(masks[name].sum()) if masks else positions)
        weights = counted * (positions / covered)
        for tile, parts in zip(tiles, by_tile, strict=True):
            parts[name] = tile.of_layer(name, strides[name], weights)
    return RegionWeights(LayerWeights(by_tile, tuple(n for n in names if n not in shares)), shares)


def region_maps(region: Tensor, plan: Sequence[Layer], settings: Settings) -> dict[str, Tensor]:
    """How much of a region each position of each layer is, from 0 to 1.

    After `guide_mode`, the region grows by `guide_grow` positions of the layer, or shrinks.
    """
    wraps, grow = settings.padding == "circular", settings.guide_grow
    if settings.guide_mode == "simple":
        maps = shrunk(region, plan)
    elif settings.guide_mode == "all":
        maps = _seen(region >= INSIDE, region.dtype, plan, wraps)
    else:
        outside = _seen(region < INSIDE, region.dtype, plan, wraps)
        maps = {name: 1 - seen for name, seen in outside.items()}
    return {name: _grown(at_layer, grow, wraps) for name, at_layer in maps.items()}


def _seen(region: Tensor, kind: torch.dtype, plan: Sequence[Layer], wraps: bool) -> dict[str, Tensor]:
    """1 for the positions of each layer that see any of the region, else 0."""
    at_layer, by_layer = region.to(kind), {}
    for layer in plan:
        if layer.kernel:
            at_layer = _largest(at_layer, layer.kernel, layer.stride, layer.padding, wraps)
        by_layer[layer.name] = at_layer
    return by_layer


def _largest(at_layer: Tensor, kernel: int, stride: int, padding: int, wraps: bool) -> Tensor:
    """The largest value in each window; a picture that wraps goes on at its opposite edge."""
    if wraps:
        at_layer, padding = wrapped(at_layer, padding), 0
    # Max pooling pads with nothing, and the network with values that tell of nothing but the edge.
    return F.max_pool2d(at_layer, kernel, stride, padding)


def _grown(at_layer: Tensor, grow: int, wraps: bool) -> Tensor:
    """The largest value in a box of 2 k + 1 positions, for k = `grow`; the least if k is below 0."""
    sign = 1 if grow > 0 else -1
    for _ in range(min(abs(grow), max(at_layer.shape[-2:]))):
        at_layer = sign * _largest(sign * at_layer, 3, 1, 1, wraps)
    return at_layer


def _strides(plan: Sequence[Layer]) -> dict[str, int]:
    """The distance of neighbouring positions of each layer, in pixels."""
    stride, strides = 1, {}
    for layer in plan:
        stride *= layer.stride
        strides[layer.name] = stride
    return strides
