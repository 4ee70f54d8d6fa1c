"""Masks: their edges, and the weights that they give to the positions of each layer."""

import pytest
import torch

from nst.config.layers import BACKBONES, cut
from nst.engine.losses import gram_matrix
from nst.engine.masks import counting, feathered, layer_weights, prepared, shrunk
from nst.engine.tiling import plan_tiles, positions

PLANS = {"vgg16": cut("vgg16", {"conv5_1"}), "alexnet": BACKBONES["alexnet"]}
NAMES = {"vgg16": ("conv1_1", "conv3_1", "conv5_1"), "alexnet": ("conv1", "relu2", "conv5")}


def grey(height, width, seed=0):
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(seed))


def left_half(height=20, width=30):
    """Black on the right from column 12."""
    mask = torch.ones(1, 1, height, width)
    mask[..., 12:] = 0
    return mask


def test_white_fades_out_inside_its_border():
    row = feathered(left_half(), 4)[0, 0, 7]
    assert row[:8].eq(1).all()
    torch.testing.assert_close(row[8:12], torch.tensor([1.0, 0.75, 0.5, 0.25]))
    assert row[12:].eq(0).all()


@pytest.mark.parametrize("edge", [0, 0.5, 1, 3, 8.5])
def test_a_feathered_mask_rises_slowly_and_nowhere_exceeds_what_it_was(edge):
    mask = grey(20, 30)
    mask[mask < 0.2] = 0
    soft = feathered(mask, edge)
    assert (soft <= mask).all()
    assert soft[mask == 0].eq(0).all()
    steepest = max(float(soft.diff(dim=dim).abs().max()) for dim in (2, 3))
    assert steepest <= (1 / edge if edge >= 1 else 1) + 1e-6
    torch.testing.assert_close(feathered(soft, edge), soft)


def test_distances_are_along_rows_columns_and_diagonals():
    mask = torch.ones(1, 1, 9, 9)
    mask[..., 4, 4] = 0
    soft = feathered(mask, 4)[0, 0]
    torch.testing.assert_close(soft[4, 4:], torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0]))
    torch.testing.assert_close(soft[4:, 4], soft[4, 4:])
    torch.testing.assert_close(soft.diagonal()[4:7], torch.tensor([0.0, 2**0.5 / 4, 2**0.5 / 2]))


def test_a_mask_that_rises_slowly_keeps_its_values():
    ramp = torch.linspace(0, 1, 40).expand(1, 1, 20, 40)
    assert feathered(ramp, 30).equal(ramp)
    assert feathered(torch.full((1, 1, 9, 9), 0.3), 8).eq(torch.tensor(0.3)).all()


def test_a_thin_line_fades_but_does_not_vanish():
    line = torch.zeros(1, 1, 20, 30)
    line[..., 12:15] = 1
    assert feathered(line, 8)[0, 0, 7, 11:16].tolist() == [0, 0.125, 0.25, 0.125, 0]


@pytest.mark.parametrize("protect", [0, 0.25, 1])
def test_black_is_left_by_as_much_as_is_protected(protect):
    mask = prepared(left_half(), 4, protect)
    if protect == 0:
        assert mask is None
    else:
        assert mask[..., :8].eq(1).all()
        assert mask[..., 12:].eq(1 - protect).all()


def test_a_mask_of_ones_is_none():
    assert prepared(torch.ones(1, 1, 9, 9), 8, 1) is None


@pytest.mark.parametrize("sides", [(101, 64), (70, 99)])
@pytest.mark.parametrize("backbone", PLANS)
def test_a_mask_has_the_positions_of_every_layer(backbone, sides):
    plan = PLANS[backbone]
    ones = shrunk(torch.ones(1, 1, *sides), plan)
    assert {name: mask.numel() for name, mask in ones.items()} == positions(plan, *sides)
    assert all(mask.eq(1).all() for mask in ones.values())


def test_a_mask_shrinks_by_area():
    mask = shrunk(left_half(20, 30), PLANS["vgg16"])["conv3_1"]
    assert mask[0, 0, 2].tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert shrunk(left_half(20, 30), PLANS["vgg16"])["conv4_1"][0, 0, 1].tolist() == [1, 0.5, 0]


@pytest.mark.parametrize("core", [None, 64])
@pytest.mark.parametrize("backbone", PLANS)
def test_the_weights_of_a_layer_have_mean_1_whatever_the_tiles(backbone, core):
    plan, names = PLANS[backbone], NAMES[backbone]
    mask, counts = grey(150, 201), positions(PLANS[backbone], 150, 201)
    weights = layer_weights(mask, plan, plan_tiles(plan, 150, 201, core), names)
    for name in names:
        found = torch.cat([tile[name].flatten() for tile in weights.by_tile])
        assert len(found) == counts[name]
        assert float(found.double().mean()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("backbone", PLANS)
def test_weights_by_tiles_are_those_of_the_whole(backbone):
    plan, names, mask = PLANS[backbone], NAMES[backbone], grey(150, 201)
    (whole,) = layer_weights(mask, plan, plan_tiles(plan, 150, 201, None), names).by_tile
    tiles = plan_tiles(plan, 150, 201, 64)
    assert len(tiles) > 4
    for tile, weights in zip(tiles, layer_weights(mask, plan, tiles, names).by_tile, strict=True):
        for name in names:
            features = tile.counted(name, torch.zeros_like(shrunk(tile.read(mask), plan)[name]))
            top, left = (round(at[0] * whole[name].shape[dim] / mask.shape[dim]) for at, dim in (
                (tile.image.rows, 2), (tile.image.columns, 3)))  # fmt: skip
            top, left = top + tile.own[name].rows[0], left + tile.own[name].columns[0]
            height, width = features.shape[-2:]
            part = whole[name][..., top : top + height, left : left + width]
            torch.testing.assert_close(weights[name], part, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("backbone", PLANS)
def test_the_gram_matrices_under_complementary_masks_add_up_to_the_whole(backbone):
    plan, tiles = PLANS[backbone], plan_tiles(PLANS[backbone], 101, 133, None)
    counts = positions(plan, 101, 133)
    parts = grey(101, 133), 1 - grey(101, 133)
    (one,), (other,) = (layer_weights(part, plan, tiles, NAMES[backbone]).by_tile for part in parts)
    for name in NAMES[backbone]:
        generator = torch.Generator().manual_seed(5)
        features = torch.randn(1, 6, *one[name].shape[-2:], generator=generator, dtype=torch.float64)
        covered = [shrunk(part, plan)[name].double().sum() for part in parts]
        grams = [gram_matrix(features, weights[name].double()) for weights in (one, other)]
        added = sum(n / counts[name] * gram for n, gram in zip(covered, grams, strict=True))
        torch.testing.assert_close(added, gram_matrix(features), rtol=1e-6, atol=1e-6)


def test_without_a_mask_there_are_no_weights():
    plan = PLANS["vgg16"]
    assert layer_weights(None, plan, plan_tiles(plan, 150, 201, 64), ("conv1_1",)).by_tile[0] == {}


def test_a_mask_smaller_than_one_position_is_empty_at_that_layer():
    mask = torch.zeros(1, 1, 64, 64)
    mask[..., 10:14, 20:24] = 1
    plan, names = PLANS["vgg16"], ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")
    weights = layer_weights(mask, plan, plan_tiles(plan, 64, 64, None), names)
    assert weights.empty == ("conv4_1", "conv5_1")
    assert set(weights.by_tile[0]) == {"conv1_1", "conv2_1", "conv3_1"}


@pytest.mark.parametrize(("lightest", "columns"), [(1.0, 12), (0.5, 12), (0.4, 24), (0.0, 30)])
def test_the_colours_of_a_faint_mask_are_those_of_its_pixels(lightest, columns):
    """A mask of two steps, black on the right: the lighter one counts, both if both are faint."""
    mask = torch.zeros(1, 1, 20, 30)
    mask[..., :12], mask[..., 12:24] = lightest, lightest / 3
    picture = torch.rand(1, 3, 20, 30)
    counted = counting(picture, mask)
    assert sorted(counted.flatten().tolist()) == sorted(picture[..., :columns].flatten().tolist())
