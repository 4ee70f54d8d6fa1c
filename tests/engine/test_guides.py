"""Regions: which positions of each layer are of one, and with which weight."""

import pytest
import torch

from nst.config.layers import BACKBONES, cut, layer_names
from nst.config.recipes import resolve
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.engine.guides import region_maps, region_weights
from nst.engine.losses import gram_matrix
from nst.engine.tiling import plan_tiles, positions

PLANS = {"vgg16": cut("vgg16", {"conv5_1"}), "alexnet": BACKBONES["alexnet"]}
NAMES = {"vgg16": ("conv1_1", "conv3_1", "conv5_1"), "alexnet": ("conv1", "relu2", "conv5")}


def guided(mode="simple", grow=0, **values) -> Settings:
    return resolve({"guide_mode": mode, "guide_grow": grow, **values})


def blob(height, width, down=40, right=10, tall=90, wide=120):
    """A region with a hole and a second part."""
    region = torch.zeros(1, 1, height, width)
    region[..., down : down + tall, right : right + wide] = 1
    region[..., down + 30 : down + 34, right + 40 : right + 50] = 0
    region[..., -9:, -20:] = 1
    return region


def grey(height, width, seed=0):
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed))


def probe(backbone, **values):
    """A backbone whose features change wherever any pixel that they see changes, however little."""
    names = layer_names(backbone)
    settings = resolve(
        {"backbone": backbone, "pooling": "avg", "normalization": "none", "precision": "fp64",
         "content_layers": {names[0]: 1.0}, "style_layers": dict.fromkeys(names, 1.0), **values}
    )  # fmt: skip
    weights, channels = {}, 3
    for layer in BACKBONES[backbone]:
        if layer.kind == "conv":
            shape = (2, channels, layer.kernel, layer.kernel)
            generator = torch.Generator().manual_seed(layer.index)
            weight = torch.rand(shape, generator=generator, dtype=torch.float64) + 0.5
            weights[f"features.{layer.index}.weight"] = weight / weight[0].numel()
            weights[f"features.{layer.index}.bias"] = torch.zeros(2, dtype=torch.float64)
            channels = 2
    return Backbone(settings, weights, "fp64", torch.device("cpu"))


def noise(seed):
    generator = torch.Generator().manual_seed(seed)
    return 1e4 * torch.rand(1, 3, 160, 160, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("padding", ["zero", "replicate-all", "circular"])
@pytest.mark.parametrize("backbone", ["vgg16", "alexnet"])
def test_inside_are_the_positions_that_no_noise_outside_the_region_reaches(backbone, padding):
    """And in `all` those that noise in the region reaches: probed by two pictures, at every layer."""
    network, region = probe(backbone, padding=padding), blob(160, 160)
    inside = region_maps(region, network.plan, guided("inside", padding=padding))
    reached = region_maps(region, network.plan, guided("all", padding=padding))
    is_region, still = region.bool(), noise(0)
    before = network(still)
    outside_changed = network(torch.where(is_region, still, noise(1)))
    region_changed = network(torch.where(is_region, noise(1), still))
    for name in layer_names(backbone):
        unmoved = (outside_changed[name] == before[name]).all(1, keepdim=True)
        moved = (region_changed[name] != before[name]).any(1, keepdim=True)
        assert inside[name].bool().equal(unmoved), name
        assert reached[name].bool().equal(moved), name
    shallow = layer_names(backbone)[0]
    assert 0 < inside[shallow].sum() < reached[shallow].sum() < reached[shallow].numel()


def test_a_region_thinner_than_a_receptive_field_has_no_position_inside():
    """Of conv5_1 of VGG-16, which sees 132 pixels."""
    for wide, inside in ((131, 0), (147, 1)):  # 147: wherever the region begins on the grid of 16
        region = torch.zeros(1, 1, 320, 320)
        region[..., :, 93 : 93 + wide] = 1
        at_layer = region_maps(region, PLANS["vgg16"], guided("inside"))["conv5_1"]
        assert (at_layer[0, 0, 10].sum() >= 1) == bool(inside)


@pytest.mark.parametrize("mode", ["simple", "inside", "all"])
def test_a_region_grows_by_a_box_of_positions_of_the_layer(mode):
    plan, region = PLANS["vgg16"], blob(160, 160)
    plain, grown, less = (region_maps(region, plan, guided(mode, k)) for k in (0, 2, -1))
    for name in NAMES["vgg16"]:
        padded = torch.nn.functional.pad(plain[name], (2,) * 4, value=-1)
        boxes = padded.unfold(2, 5, 1).unfold(3, 5, 1)
        torch.testing.assert_close(grown[name], boxes.amax((-2, -1)), rtol=0, atol=0)
        padded = torch.nn.functional.pad(plain[name], (1,) * 4, value=2)
        boxes = padded.unfold(2, 3, 1).unfold(3, 3, 1)
        torch.testing.assert_close(less[name], boxes.amin((-2, -1)), rtol=0, atol=0)


@pytest.mark.parametrize("mode", ["simple", "inside", "all"])
@pytest.mark.parametrize("backbone", PLANS)
def test_weights_by_tiles_are_those_of_the_whole(backbone, mode):
    plan, names, region, mask = PLANS[backbone], NAMES[backbone], blob(250, 301), grey(250, 301)
    tiles = plan_tiles(plan, 250, 301, 64)
    assert len(tiles) > 4
    chosen = guided(mode, 1)
    whole = region_weights(region, mask, plan, plan_tiles(plan, 250, 301, None), names, chosen)
    tiled = region_weights(region, mask, plan, tiles, names, chosen)
    assert tiled.shares == whole.shares
    (of_whole,) = whole.weights.by_tile
    for tile, weights in zip(tiles, tiled.weights.by_tile, strict=True):
        picture = torch.arange(250 * 301, dtype=torch.float64).view(1, 1, 250, 301)
        for name in of_whole:
            # Which positions these are, as strides take them from the picture.
            found = tile.counted(name, _by_strides(tile.read(picture), plan, name))
            where = _by_strides(picture, plan, name)
            at = torch.isin(where.contiguous(), found.contiguous())
            assert at.sum() == found.numel()
            torch.testing.assert_close(of_whole[name][at], weights[name].flatten(), rtol=0, atol=0)


def _by_strides(picture, plan, until):
    """One pixel for every position of a layer: the first that it may see."""
    for layer in plan:
        height, width = (layer.side_after(side) for side in picture.shape[-2:])
        step = layer.stride
        picture = picture[..., : height * step : step, : width * step : step]
        if layer.name == until:
            return picture
    raise AssertionError(until)


@pytest.mark.parametrize("backbone", PLANS)
def test_complementary_regions_add_up_to_the_whole(backbone):
    """Gram matrices, each a mean over its region, times the shares of the regions: to 1e-6."""
    plan, tiles = PLANS[backbone], plan_tiles(PLANS[backbone], 133, 141, None)
    region, counts = blob(133, 141), positions(PLANS[backbone], 133, 141)
    parts = [
        region_weights(one, None, plan, tiles, NAMES[backbone], guided())
        for one in (region, 1 - region)
    ]
    for name in NAMES[backbone]:
        (shape,) = {part.weights.by_tile[0][name].shape for part in parts}
        generator = torch.Generator().manual_seed(5)
        features = torch.randn(1, 6, *shape[-2:], generator=generator, dtype=torch.float64)
        assert features[0, 0].numel() == counts[name]
        added = sum(
            part.shares[name] * gram_matrix(features, part.weights.by_tile[0][name].double())
            for part in parts
        )
        torch.testing.assert_close(added, gram_matrix(features), rtol=1e-6, atol=1e-4)
        assert sum(part.shares[name] for part in parts) == pytest.approx(1, abs=1e-6)


def test_a_region_that_is_white_everywhere_is_all_of_the_mask():
    plan, tiles, mask = PLANS["vgg16"], plan_tiles(PLANS["vgg16"], 96, 96, None), grey(96, 96)
    white = torch.ones(1, 1, 96, 96)
    found = region_weights(white, mask, plan, tiles, NAMES["vgg16"], guided())
    assert found.shares == pytest.approx(dict.fromkeys(NAMES["vgg16"], 1))
    alone = region_weights(mask, None, plan, tiles, NAMES["vgg16"], guided())
    torch.testing.assert_close(found.weights.by_tile, alone.weights.by_tile)
    plain = region_weights(white, None, plan, tiles, NAMES["vgg16"], guided("inside"))
    assert all(weights.eq(1).all() for weights in plain.weights.by_tile[0].values())


def test_a_region_that_is_empty_at_a_layer_has_no_weights_there():
    plan, names = PLANS["vgg16"], ("conv1_1", "conv3_1", "conv4_1", "conv5_1")
    tiles = plan_tiles(plan, 160, 160, None)
    found = region_weights(blob(160, 160), None, plan, tiles, names, guided("inside"))
    assert found.weights.empty == ("conv5_1",)
    assert set(found.shares) == set(found.weights.by_tile[0]) == {"conv1_1", "conv3_1", "conv4_1"}
