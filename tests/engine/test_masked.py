"""Images of which a mask leaves a part as it is: losses, gradients and stages."""

from dataclasses import replace

import pytest
import torch
from networks import backbone, picture, settings, stages

from nst.engine.colour import recoloured
from nst.engine.descent import Descent
from nst.engine.masks import both, layer_weights
from nst.engine.objective import Objective, Style
from nst.engine.parametrization import PARAMETRIZATIONS
from nst.engine.stages import optimize
from nst.engine.tiling import plan_tiles

LAYERS = {"conv1_1", "conv2_1", "conv2_2", "conv3_1"}
SIDES = (90, 130)
TERMS = {
    "gram": {},
    "sums": {"gram": "none", "style_reduction": "sum", "content_reduction": "sum"},
    "divided": {"style_divisor": "chw", "gram": "hw"},
    "gram-moments": {"style_loss": "gram-moments"},
    "wasserstein": {"style_loss": "wasserstein"},
    "balance": {"style_loss": "wasserstein", "balance": "pair"},
    "tv": {"tv_weight": 3.0},
}


def drawn(height=40, width=48, soft=True):
    """Black on the left, a ramp in the middle if it is soft, white on the right."""
    ramp = torch.linspace(-1, 2, width).clamp(0, 1) if soft else (torch.arange(width) > 20).float()
    return ramp.expand(1, 1, height, width).contiguous()


@pytest.fixture
def evaluated(seeded_weights):
    """A function (settings, mask, style mask...) -> (losses, gradient) of an image."""

    def call(chosen, mask=None, style_mask=None, sides=SIDES):
        network = backbone(seeded_weights("vgg16", LAYERS), chosen, "fp64")
        content, style, image = (picture(number, *sides).double() for number in (1, 2, 3))
        mask, style_mask = (one if one is None else one.double() for one in (mask, style_mask))
        objective = Objective(network, chosen, content, [Style(style, style_mask)], mask)
        image.requires_grad_()
        losses = objective(image)
        return losses, torch.autograd.grad(losses.total, image)[0]

    return call


@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
def test_masked_losses_are_the_same_by_tiles(evaluated, terms):
    masks = drawn(*SIDES), drawn(*SIDES, soft=False).flip(2)
    whole, gradient = evaluated(settings(**terms), *masks)
    tiled, by_tiles = evaluated(settings(**terms, tile=64), *masks)
    for kind, layers in whole.terms.items():
        for name, term in layers.items():
            torch.testing.assert_close(tiled.terms[kind][name], term, rtol=1e-6, atol=0)
    scale = float(gradient.abs().max())
    torch.testing.assert_close(by_tiles, gradient, rtol=0, atol=1e-6 * scale)


@pytest.mark.parametrize("terms", TERMS.values(), ids=TERMS)
def test_a_mask_of_ones_counts_all_alike(evaluated, terms):
    ones = torch.ones(1, 1, *SIDES)
    masked, gradient = evaluated(settings(**terms), ones, ones)
    plain, plain_gradient = evaluated(settings(**terms))
    torch.testing.assert_close(masked.total, plain.total, rtol=1e-6, atol=0)
    scale = float(plain_gradient.abs().max())
    torch.testing.assert_close(gradient, plain_gradient, rtol=0, atol=1e-6 * scale)


def test_the_content_losses_under_complementary_masks_add_up_to_the_whole(evaluated):
    mask = drawn(*SIDES)
    whole, _ = evaluated(settings())
    parts = [evaluated(settings(), part)[0].terms["content"]["conv2_2"] for part in (mask, 1 - mask)]
    shares = [float(part.mean()) for part in (mask, 1 - mask)]
    added = sum(share * part for share, part in zip(shares, parts, strict=True))
    torch.testing.assert_close(added, whole.terms["content"]["conv2_2"], rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", PARAMETRIZATIONS)
def test_what_is_protected_is_the_content_and_has_no_gradient(seeded_weights, name):
    chosen = settings(parametrization=name, init="content")
    content, mask = picture(1), drawn()
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    objective = Objective(network, chosen, content, [Style(picture(2))], mask)
    descent = Descent(chosen, objective, picture(4), True, masked=(mask, content))
    black = mask.expand_as(content) == 0
    for _ in range(3):
        _, image, gradient = descent.evaluate()
        assert image[black].equal(content[black])
        assert not image[~black].equal(content[~black])
        if gradient.shape == image.shape:
            assert gradient[black].eq(0).all()
            assert gradient[~black].ne(0).any()
        descent.step(gradient)
    assert descent.end()[1][black].equal(content[black])


def test_the_image_between_black_and_white_is_a_mix(seeded_weights):
    """So that the gradient there is that of the image times the mask."""
    chosen = settings(parametrization="pixels")
    content, mask, start = picture(1), drawn(), picture(4)
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    objective = Objective(network, chosen, content, [Style(picture(2))], mask)
    _, image, gradient = Descent(chosen, objective, start, True, masked=(mask, content)).evaluate()
    torch.testing.assert_close(image, mask * start + (1 - mask) * content)
    seen = image.clone().requires_grad_()
    (by_image,) = torch.autograd.grad(objective(seen).total, seen)
    torch.testing.assert_close(gradient, mask * by_image)


@pytest.mark.parametrize("scale_start", ["residual", "upsampled"])
def test_all_scales_leave_the_protected_part(seeded_weights, scale_start):
    chosen = settings(scales=2, scale_ratio=2, scale_least=8, evaluations=6, scale_start=scale_start)
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    coarse, fine = stages(chosen, start=picture(5))
    masked = [replace(coarse, mask=drawn(20, 24)), replace(fine, mask=drawn())]
    image = optimize(network, chosen, masked).image
    black = drawn().expand_as(image) == 0
    assert image[black].equal(fine.content[black])
    assert not image[~black].equal(fine.content[~black])


def test_what_is_invisible_counts_for_nothing_but_is_not_left(seeded_weights):
    chosen = settings(evaluations=4, parametrization="pixels", scales=1)
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    (stage,) = stages(chosen, start=picture(5))
    hidden = drawn(soft=False)
    seen = Objective(network, chosen, stage.content, stage.styles, hidden)
    image = picture(6)
    other = torch.where(torch.arange(48) < 8, 0.5, image)  # farther from the border than layers see
    for one in (seen(image), seen(other)):
        torch.testing.assert_close(one.total, seen(image).total)
    shown = optimize(network, chosen, [replace(stage, visible=hidden)]).image
    masked = optimize(network, chosen, [replace(stage, mask=hidden)]).image
    black = hidden.expand_as(shown) == 0
    assert not shown[black].equal(stage.content[black])
    assert masked[black].equal(stage.content[black])
    assert both(None, hidden).equal(hidden)
    assert both(hidden, hidden).equal(hidden * hidden)


def test_a_layer_at_which_the_mask_is_empty_is_left_out(evaluated):
    chosen = settings(style_layers={"conv1_1": 1.0, "conv3_1": 1.0})
    mask = torch.zeros(1, 1, *SIDES)
    mask[..., 50:53, 70:73] = 1
    losses, gradient = evaluated(chosen, mask)
    assert set(losses.terms["style"]) == {"conv1_1"}
    assert set(losses.terms["content"]) == {"conv2_2"}
    assert gradient.isfinite().all()
    losses, _ = evaluated(chosen, None, mask)
    assert set(losses.terms["style"]) == {"conv1_1"}
    assert set(losses.terms["content"]) == {"conv2_2"}


@pytest.mark.parametrize("tile", ["none", 64])
def test_a_mask_that_is_empty_everywhere_leaves_an_image_as_it_is(evaluated, tile):
    losses, gradient = evaluated(settings(tile=tile), torch.full((1, 1, *SIDES), 1e-6))
    assert losses.total == 0
    assert gradient.eq(0).all()


def test_the_part_of_a_style_that_counts_is_the_style(evaluated, seeded_weights):
    """Of a style twice side by side, the mask of one is as good as it alone, but for the seam."""
    chosen = settings(style_layers={"conv1_1": 1.0})
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    one, other = picture(2), picture(7)
    both_sides = torch.cat([one, other], dim=3)
    mask = torch.zeros(1, 1, 40, 96)
    mask[..., :48] = 1
    alone, half, whole = (
        Objective(network, chosen, picture(1), [style]).parts[0].targets["conv1_1"]
        for style in (Style(one), Style(both_sides, mask), Style(both_sides))
    )
    assert float((half - alone).norm()) < 0.25 * float((whole - alone).norm())


def test_a_picture_without_a_part_in_a_layer_leaves_it_to_the_others(seeded_weights):
    chosen = settings(style_layers={"conv1_1": 1.0, "conv3_1": 1.0})
    network = backbone(seeded_weights("vgg16", LAYERS), chosen)
    dot = torch.zeros(1, 1, 40, 48)
    dot[..., 4:6, 4:6] = 1
    first = Style(picture(2))
    blend, alone = (
        Objective(network, chosen, picture(1), styles).parts[0].targets["conv3_1"]
        for styles in ([first, Style(picture(7), dot)], [first])
    )
    torch.testing.assert_close(blend, alone)


@pytest.mark.parametrize("of_style", [True, False])
def test_the_colours_of_what_counts_become_those_of_what_counts_of_the_style(of_style):
    content, style = picture(1) / 2 + 0.25, picture(2) / 2 + 0.25
    mask, style_mask = drawn(), drawn(soft=False) if of_style else None
    changed = recoloured(content, [(1.0, Style(style, style_mask))], mask).double()

    def colours(image, weights):
        weights = torch.ones(1920) if weights is None else weights.flatten()
        pixels, weights = image[0].flatten(1).double(), weights.double() / weights.double().sum()
        mean = pixels @ weights
        return mean, (weights * (pixels - mean[:, None])) @ (pixels - mean[:, None]).T

    for found, wanted in zip(colours(changed, mask), colours(style, style_mask), strict=True):
        torch.testing.assert_close(found, wanted, rtol=0, atol=2e-3)  # a few pixels are clamped


def test_without_a_mask_weights_are_not_even_made(seeded_weights):
    chosen = settings()
    objective = Objective(
        backbone(seeded_weights("vgg16", LAYERS), chosen), chosen, picture(1), [Style(picture(2))]
    )
    assert objective.counted.by_tile == [{}]
    plan = objective.backbone.plan
    weights = layer_weights(drawn(), plan, plan_tiles(plan, 40, 48, None), ["conv1_1"])
    assert weights.by_tile[0]["conv1_1"].shape == (1, 1, 40, 48)
