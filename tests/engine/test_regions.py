"""The objective of an image whose regions have styles of their own."""

from dataclasses import replace

import pytest
import torch
from networks import load_backbone
from test_guides import blob, grey
from test_tiled import ALEXNET, VGG, cosine, evaluated, picture

from nst.config.recipes import resolve
from nst.engine.objective import Objective, Style
from nst.engine.tiling import halo

SIDES = (101, 118)
STYLE_ONLY = {**VGG, "content_weight": 0.0}
TERMS = {
    "gram": VGG,
    "gram-moments": {**VGG, "style_loss": "gram-moments"},
    "wasserstein": {**VGG, "style_loss": "wasserstein"},
    "sums": {**VGG, "style_reduction": "sum", "style_divisor": "chw"},
    "balance": {**VGG, "balance": "pair"},
    "alexnet": ALEXNET,
}
CASES = [(name, "simple") for name in TERMS] + [("gram", "inside"), ("balance", "all")]


def guided(weights, given, guide, **values):
    """Settings and backbone of a transfer with regions."""
    pairs = [list(pair) for pair in guide]
    settings = resolve(
        {"recipe": "gatys", "backbone": "vgg16", "precision": "fp32", **given, "guide": pairs, **values}
    )
    return settings, load_backbone(settings, weights(settings.backbone, settings.layers()))


def styles(*seeds):
    return [Style(picture(seed, 99, 80)) for seed in seeds]


def two_regions():
    region = blob(*SIDES)
    return region, 1 - region


@pytest.mark.parametrize(("term", "mode"), CASES)
def test_a_region_that_is_white_everywhere_is_no_guide(term, mode, seeded_weights):
    settings, network = guided(seeded_weights, TERMS[term], [("all", 1.0)], guide_mode=mode)
    content, image, white = picture(1, *SIDES), picture(0, *SIDES), torch.ones(1, 1, *SIDES)
    plain, gradient = evaluated(
        Objective(network, replace(settings, guide=[]), content, styles(2)), image
    )
    of_region, by_region = evaluated(
        Objective(network, settings, content, styles(2), None, [white]), image
    )
    torch.testing.assert_close(of_region.summary(), plain.summary(), rtol=1e-6, atol=0)
    torch.testing.assert_close(of_region.terms, plain.terms, rtol=1e-6, atol=0)
    torch.testing.assert_close(by_region, gradient, rtol=1e-4, atol=1e-6 * float(gradient.abs().max()))


@pytest.mark.parametrize(("term", "mode"), CASES)
def test_tiles_come_to_the_same(term, mode, seeded_weights):
    guide = [("blob", 0.3), ("rest", 1.0)]
    settings, network = guided(seeded_weights, TERMS[term], guide, guide_mode=mode, guide_grow=1)
    image, content, mask = picture(0, *SIDES), picture(1, *SIDES), grey(*SIDES)
    (whole, gradient), (tiled, by_tiles) = (
        evaluated(
            Objective(
                network, replace(settings, tile=tile), content, styles(2, 3), mask, two_regions()
            ),
            image,
        )
        for tile in ("none", 64)
    )
    torch.testing.assert_close(tiled.summary(), whole.summary(), rtol=1e-5, atol=0)
    torch.testing.assert_close(tiled.terms, whole.terms, rtol=1e-5, atol=0)
    assert (by_tiles - gradient).abs().max() < 1e-4 * gradient.abs().max()
    assert cosine(by_tiles, gradient) > 1 - 1e-6


@pytest.mark.parametrize("given", [VGG, ALEXNET], ids=["vgg16", "alexnet"])
def test_each_position_of_a_region_is_pulled_as_without_regions(given, seeded_weights):
    """Two regions of one style and weight have, of its loss, their shares of the area."""
    settings, network = guided(seeded_weights, given, [("blob", 1.0), ("rest", 0.0)])
    content, image = picture(1, *SIDES), picture(0, *SIDES)
    parts = two_regions()
    share = float(parts[0].mean())
    losses = Objective(network, settings, content, styles(2, 2), None, parts)(image)
    alone = replace(settings, guide=[["blob", 1.0]])
    (part,) = Objective(network, alone, content, styles(2), None, parts[:1]).parts
    assert all(factor == pytest.approx(share, rel=0.1) for factor in part.factors.values())
    doubled = replace(settings, guide=[["blob", 2.0]])
    twice = Objective(network, doubled, content, styles(2), None, parts[:1])(image)
    torch.testing.assert_close(twice.style, 2 * losses.style, rtol=1e-5, atol=0)


def test_the_content_has_a_style_loss_of_1_in_every_region_with_balance(seeded_weights):
    """As without regions: each region has its own distance from its own style as divisor."""
    given = {**VGG, "balance": "pair"}
    settings, network = guided(seeded_weights, given, [("blob", 1.0), ("rest", 1.0)])
    content = picture(1, *SIDES)
    losses = Objective(network, settings, content, styles(2, 3), None, two_regions())(content)
    torch.testing.assert_close(
        losses.terms["style"], {name: torch.tensor(1.0) for name in losses.terms["style"]}
    )


def test_overlaps_add(seeded_weights):
    settings, network = guided(seeded_weights, VGG, [("one", 0.25), ("other", 0.5)])
    content, image, region = picture(1, *SIDES), picture(0, *SIDES), blob(*SIDES)
    both = Objective(network, settings, content, styles(2, 2), None, [region, region])(image)
    alone = replace(settings, guide=[["one", 0.75]])
    one = Objective(network, alone, content, styles(2), None, [region])(image)
    torch.testing.assert_close(both.summary(), one.summary(), rtol=1e-5, atol=0)


def gradient_of_style(weights, region, **values):
    sides = region.shape[-2:]
    given = {**STYLE_ONLY, "style_layers": {"conv3_1": 1.0}}
    settings, network = guided(weights, given, [("part", 1.0)], **values)
    objective = Objective(network, settings, picture(1, *sides), styles(2), None, [region])
    _, gradient = evaluated(objective, picture(0, *sides))
    return gradient[0].abs().amax(0), network


def test_inside_nothing_beyond_the_region_is_pulled(seeded_weights):
    region = blob(*SIDES)
    gradient, _ = gradient_of_style(seeded_weights, region, guide_mode="inside")
    assert gradient[region[0, 0] == 0].eq(0).all()
    assert gradient[region[0, 0] == 1].gt(0).any()


@pytest.mark.parametrize("mode", ["simple", "all"])
def test_nothing_farther_than_a_receptive_field_is_pulled(mode, seeded_weights):
    region = torch.zeros(1, 1, 197, 150)
    region[..., 100:140, 30:60] = 1
    gradient, network = gradient_of_style(seeded_weights, region, guide_mode=mode)
    reach = 2 * halo(network.plan)
    far = torch.ones(197, 150, dtype=torch.bool)
    far[100 - reach : 140 + reach, : 60 + reach] = False
    assert far.any()
    assert gradient[far].eq(0).all()
    assert gradient[region[0, 0] == 1].gt(0).all()


def test_a_layer_at_which_a_region_is_empty_is_left_out(seeded_weights):
    """There the other region alone is compared; if both are empty, nothing is."""
    given = {**STYLE_ONLY, "style_layers": {"conv1_1": 1.0, "conv5_1": 1.0}}
    guide = [("blob", 1.0), ("rest", 1.0)]
    settings, network = guided(seeded_weights, given, guide, guide_mode="inside")
    content, image, parts = picture(1, *SIDES), picture(0, *SIDES), two_regions()
    objective = Objective(network, settings, content, styles(2, 3), None, parts)
    assert [sorted(part.targets) for part in objective.parts] == [["conv1_1"], ["conv1_1"]]
    losses, gradient = evaluated(objective, image)
    assert list(losses.terms["style"]) == ["conv1_1"]
    assert gradient.isfinite().all()


def test_a_region_of_a_style_keeps_clear_of_its_border_too(seeded_weights):
    """What of the style lies outside the style's region changes nothing inside it."""
    settings, network = guided(seeded_weights, VGG, [("all", 1.0)], guide_mode="inside")
    content, image = picture(1, *SIDES), picture(0, *SIDES)
    region = torch.zeros(1, 1, 99, 80)
    region[..., 60:] = 1
    one = picture(2, 99, 80)
    other = torch.where(region.bool(), one, picture(3, 99, 80))
    white = [torch.ones(1, 1, *SIDES)]
    first, second = (
        Objective(network, settings, content, [Style(each, region)], None, white)(image)
        for each in (one, other)
    )
    torch.testing.assert_close(first.summary(), second.summary(), rtol=1e-6, atol=0)
