"""Tiles against the network's own geometry, walked through position by position."""

import math

import pytest
import torch

from nst.config.layers import BACKBONES, cut
from nst.engine.tiling import halo, plan_tiles, positions

PLANS = {
    "vgg16": cut("vgg16", {"conv5_1"}),
    "vgg19": cut("vgg19", {"relu5_4"}),
    "vgg19-whole": BACKBONES["vgg19"],
    "alexnet": cut("alexnet", {"conv5"}),
    "alexnet-whole": BACKBONES["alexnet"],
    "one-layer": cut("vgg16", {"conv1_1"}),
}
SIDES = [(320, 251), (97, 400), (333, 64), (160, 160)]


def looks_at(plan, name, position):
    """The first and the last pixel that a position of a layer looks at, beyond the edges too."""
    first = last = position
    names = [layer.name for layer in plan]
    for layer in reversed(plan[: names.index(name) + 1]):
        if layer.kernel:
            first = first * layer.stride - layer.padding
            last = last * layer.stride - layer.padding + layer.kernel - 1
    return first, last


def stride_at(plan, name):
    names = [layer.name for layer in plan]
    return math.prod(layer.stride for layer in plan[: names.index(name) + 1])


def spans(tiles, axis):
    """Along one axis, each once: what is read, and what counts of every layer."""
    seen = []
    for tile in tiles:
        own = {name: getattr(window, axis) for name, window in tile.own.items()}
        if (getattr(tile.image, axis), own) not in seen:
            seen.append((getattr(tile.image, axis), own))
    return seen


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
@pytest.mark.parametrize("core", [64, 150])
@pytest.mark.parametrize("sides", SIDES)
def test_every_position_counts_once_and_sees_what_it_would_see(plan, core, sides):
    tiles = plan_tiles(plan, *sides, core)
    for axis, side in zip(("rows", "columns"), sides, strict=True):
        reached = side
        for layer in plan:
            reached = layer.side_after(reached)
            counted, stride = [], stride_at(plan, layer.name)
            for (start, stop), own in spans(tiles, axis):
                assert start % stride == 0
                for position in range(*own[layer.name]):
                    first, last = looks_at(plan, layer.name, position + start // stride)
                    assert start <= first or start == 0
                    assert last < stop or stop == side
                    counted.append(position + start // stride)
            assert counted == list(range(reached))


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_no_core_is_larger_than_asked(plan):
    for tile in plan_tiles(plan, 1000, 700, 200):
        for start, stop in (tile.image.rows, tile.image.columns):
            assert stop - start <= 200 + 2 * halo(plan)


def test_a_picture_within_one_core_is_not_tiled():
    (tile,) = plan_tiles(PLANS["vgg16"], 200, 100, 200)
    assert tile.image is None
    assert len(plan_tiles(PLANS["vgg16"], 200, 100, 199)) > 1
    assert len(plan_tiles(PLANS["vgg16"], 20000, 100, None)) == 1


@pytest.mark.parametrize(("plan", "pixels"), [("vgg16", 64), ("vgg19", 128), ("alexnet", 96)])
def test_the_halo_is_what_the_deepest_layer_looks_at(plan, pixels):
    assert halo(PLANS[plan]) == pixels


def test_positions_are_those_of_the_plan():
    found = positions(PLANS["vgg16"], 101, 64)
    assert found["conv1_1"] == 101 * 64
    assert found["pool1"] == 50 * 32
    assert found["conv5_1"] == 6 * 4


def test_the_gradient_of_what_a_tile_counts_is_channels_last():
    """Else every convolution before the layer converts it."""
    plan = PLANS["vgg16"]
    tile = plan_tiles(plan, 300, 300, 100)[4]
    rows, columns = tile.own["conv2_1"].rows, tile.own["conv2_1"].columns
    generator = torch.Generator().manual_seed(0)
    shape, layout = (1, 8, 80, 90), torch.channels_last
    features = torch.randn(shape, generator=generator).contiguous(memory_format=layout)
    gradients = []
    for cut_out in (
        lambda x: tile.counted("conv2_1", x),
        lambda x: x[..., slice(*rows), slice(*columns)],
    ):
        x = features.clone().requires_grad_()
        gradients += torch.autograd.grad((cut_out(x) ** 3).sum(), x)
    ours, torchs = gradients
    assert torch.equal(ours, torchs) and ours.any()
    assert ours.stride() == features.stride()
