"""Losses and gradients by tiles against those of the whole picture."""

from dataclasses import replace

import pytest
import torch
from networks import load_backbone
from torch.nn import functional

from nst.config.recipes import resolve
from nst.engine.backbone import POOLINGS
from nst.engine.losses import GRAM_DIVISORS
from nst.engine.objective import Objective, Style
from nst.engine.pixel_losses import TV
from nst.engine.stages import Stage, optimize

CPU = torch.device("cpu")
STYLE = {"conv1_1": 1.0, "conv2_1": 0.5, "conv3_1": 2.0}
VGG = {"content_layers": {"conv3_2": 1.0}, "style_layers": STYLE}
SHALLOW = {"content_layers": {"relu2_2": 1.0}, "style_layers": {"relu1_1": 1.0, "conv2_1": 1.0}}
ALEXNET = {
    "backbone": "alexnet",
    "content_layers": {"conv3": 1.0},
    "style_layers": {"conv1": 1.0, "conv5": 1.0},
}
CASES = {
    "vgg16": VGG,
    "vgg16-deep": {"content_layers": {"conv4_2": 1.0}, "style_layers": {"conv5_1": 1.0}},
    "vgg19": {"backbone": "vgg19", **VGG},
    "vgg19-caffe": {"backbone": "vgg19-caffe", **SHALLOW},
    "vgg19-caffe-replicate": {"backbone": "vgg19-caffe", **SHALLOW, "padding": "replicate"},
    "alexnet": ALEXNET,
    "alexnet-average": {**ALEXNET, "pooling": "avg"},
    "replicate": {**SHALLOW, "padding": "replicate"},
    "alexnet-replicate": {**ALEXNET, "padding": "replicate"},
    "replicate-all": {**VGG, "padding": "replicate-all"},
    "balance": {**VGG, "balance": "pair"},
    "balance-wasserstein": {**SHALLOW, "balance": "pair", "style_loss": "wasserstein"},
    **{f"pooling-{name}": {**SHALLOW, "pooling": name} for name in POOLINGS},
    **{f"gram-{name}": {**SHALLOW, "gram": name} for name in GRAM_DIVISORS},
    "sums": {**SHALLOW, "content_reduction": "sum", "style_reduction": "sum", "style_divisor": "chw"},
    "wasserstein": {**VGG, "style_loss": "wasserstein"},
    "covariance": {**VGG, "style_loss": "covariance"},
    "gram-moments": {**VGG, "style_loss": "gram-moments"},
    "wasserstein-shallow": {**SHALLOW, "style_loss": "wasserstein", "pooling": "avg-rescaled"},
    "scaled": {**SHALLOW, "feature_scale": 57.0, "normalization": "none"},
    **{f"tv-{name}": {**SHALLOW, "tv": name, "tv_weight": 100.0} for name in TV},
    "edges": {**SHALLOW, "edges_weight": 1e3},
    "edges-balance": {**SHALLOW, "edges_weight": 2.0, "edges_pool": 7, "balance": "pair"},
    "content-only": {**VGG, "style_weight": 0.0},
    "style-only": {**VGG, "content_weight": 0.0},
}  # fmt: skip


def picture(seed, height, width):
    """Waves and grain, so that no two tiles are alike."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(1, 3, 9, 11, generator=generator)
    waves = functional.interpolate(small, (height, width), mode="bicubic")
    return (waves + 0.1 * torch.randn(1, 3, height, width, generator=generator)).clamp(0, 1)


def evaluated(objective, image):
    image = image.clone().requires_grad_()
    losses = objective(image)
    (gradient,) = torch.autograd.grad(losses.total, image)
    return losses, gradient


def both(weights, given, precision="fp32", core=64, sides=(137, 101)):
    settings = resolve({"recipe": "gatys", "backbone": "vgg16", **given})
    file = weights(settings.backbone, settings.layers())
    network = load_backbone(settings, file, precision, CPU)
    image, content, style = picture(0, *sides), picture(1, *sides), picture(2, 99, 80)
    for tile in ("none", core):
        chosen = replace(settings, tile=tile)
        yield evaluated(Objective(network, chosen, content, [Style(style)]), image)


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_losses_and_gradient_are_the_whole_pictures(given, seeded_weights):
    (whole, gradient), (tiled, by_tiles) = both(seeded_weights, given)
    for name in ("total", "content", "style", "tv"):
        torch.testing.assert_close(getattr(tiled, name), getattr(whole, name), rtol=1e-5, atol=0)
    torch.testing.assert_close(tiled.terms, whole.terms, rtol=1e-5, atol=0)
    assert (by_tiles - gradient).abs().max() < 1e-4 * gradient.abs().max()
    assert cosine(by_tiles, gradient) > 1 - 1e-6


def cosine(a, b):
    return functional.cosine_similarity(a.flatten(), b.flatten(), dim=0)


@pytest.mark.parametrize("sides", [(64, 150), (129, 65)])
@pytest.mark.parametrize("backbone", [{"backbone": "vgg16", **VGG}, ALEXNET], ids=["vgg16", "alexnet"])
def test_odd_and_slender_pictures(backbone, sides, seeded_weights):
    (whole, gradient), (tiled, by_tiles) = both(seeded_weights, backbone, sides=sides)
    torch.testing.assert_close(tiled.terms, whole.terms, rtol=1e-5, atol=0)
    assert cosine(by_tiles, gradient) > 1 - 1e-6


def test_a_tile_without_a_position_of_the_deepest_layer(seeded_weights):
    given = {**ALEXNET, "style_layers": {"conv1": 1.0, "pool5": 1.0}}
    (whole, gradient), (tiled, by_tiles) = both(seeded_weights, given, sides=(97, 97), core=64)
    torch.testing.assert_close(tiled.terms, whole.terms, rtol=1e-5, atol=0)
    assert cosine(by_tiles, gradient) > 1 - 1e-6


def test_in_bf16_they_agree_as_well_as_bf16_itself(seeded_weights):
    """The kernels may sum in another order for another width: half a percent was never reached."""
    (whole, gradient), (tiled, by_tiles) = both(seeded_weights, VGG, precision="bf16")
    torch.testing.assert_close(tiled.total, whole.total, rtol=5e-3, atol=0)
    assert cosine(by_tiles, gradient) > 0.999


def test_the_gradient_is_that_of_the_loss(seeded_weights):
    """Against a finite difference along the gradient, where tiles meet as elsewhere."""
    settings = resolve(
        {"recipe": "gatys", "backbone": "vgg16", **SHALLOW, "pooling": "avg", "tile": 64}
    )
    network = load_backbone(settings, seeded_weights("vgg16", settings.layers()), "fp32", CPU)
    objective = Objective(network, settings, picture(1, 100, 90), [Style(picture(2, 70, 70))])
    image = picture(0, 100, 90)
    _, gradient = evaluated(objective, image)
    step = 0.05 * gradient / gradient.norm()
    with torch.no_grad():
        rise = objective(image + step).total - objective(image - step).total
    torch.testing.assert_close(rise, 2 * (gradient * step).sum(), rtol=2e-2, atol=0)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_transfer_comes_to_the_same_losses(optimizer, seeded_weights):
    rates = {"lbfgs": 1.0, "adam": 0.02}
    ends = []
    for tile in ("none", 64):
        settings = resolve(
            {"backbone": "vgg16", **SHALLOW, "tile": tile, "evaluations": 8, "scales": 1,
             "optimizer": optimizer, "learning_rate": rates[optimizer]}
        )  # fmt: skip
        network = load_backbone(settings, seeded_weights("vgg16", settings.layers()), "fp32", CPU)
        content, style, rows = picture(1, 100, 90), picture(2, 70, 70), []
        optimize(
            network,
            settings,
            [Stage(content, (Style(style),), content, 8)],
            lambda row, image, kept=rows: kept.append(row),
        )
        ends.append(rows[-1].total)
        assert rows[-1].total < 0.9 * rows[0].total
    assert ends[1] == pytest.approx(ends[0], rel=1e-3)


def test_no_more_than_one_tile_is_held(seeded_weights):
    """What the forward pass keeps for the backward one is the image, not any feature."""
    settings = resolve({"recipe": "gatys", "backbone": "vgg16", **SHALLOW, "tile": 64})
    network = load_backbone(settings, seeded_weights("vgg16", settings.layers()), "fp32", CPU)
    objective = Objective(network, settings, picture(1, 100, 90), [Style(picture(2, 70, 70))])
    image, kept = picture(0, 100, 90).requires_grad_(), []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t.numel()) or t, lambda t: t):
        objective(image)
    assert max(kept) <= max(image.numel(), 128**2)
