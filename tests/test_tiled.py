"""Losses and gradients by tiles against those of the whole picture."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from nst.backbone import POOLINGS, Backbone
from nst.losses import GRAM_DIVISORS, TV
from nst.objective import Objective
from nst.recipes import resolve

CPU = torch.device("cpu")
STYLE = {"conv1_1": 1.0, "conv3_1": 0.5, "conv4_1": 2.0}
VGG = {"content_layers": {"conv4_2": 1.0}, "style_layers": STYLE}
SHALLOW = {"content_layers": {"relu2_2": 1.0}, "style_layers": {"relu1_1": 1.0, "conv2_1": 1.0}}
ALEXNET = {
    "backbone": "alexnet",
    "content_layers": {"conv3": 1.0},
    "style_layers": {"conv1": 1.0, "conv5": 1.0},
}
CASES = {
    "vgg16": {**VGG},
    "vgg19": {"backbone": "vgg19", **VGG},
    "alexnet": ALEXNET,
    "alexnet-average": {**ALEXNET, "pooling": "avg"},
    "replicate": {**SHALLOW, "padding": "replicate"},
    "alexnet-replicate": {**ALEXNET, "padding": "replicate"},
    **{f"pooling-{name}": {**SHALLOW, "pooling": name} for name in POOLINGS},
    **{f"gram-{name}": {**SHALLOW, "gram": name} for name in GRAM_DIVISORS},
    "sums": {**SHALLOW, "content_reduction": "sum", "style_reduction": "sum", "style_divisor": "chw"},
    "wasserstein": {**VGG, "style_loss": "wasserstein"},
    "wasserstein-shallow": {**SHALLOW, "style_loss": "wasserstein", "pooling": "avg-rescaled"},
    "scaled": {**SHALLOW, "feature_scale": 57.0, "normalization": "none"},
    **{f"tv-{name}": {**SHALLOW, "tv": name, "tv_weight": 100.0} for name in TV},
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


def both(weights, given, precision="fp32", core=64, sides=(150, 131)):
    settings = resolve({"backbone": "vgg16", **given})
    file = weights(settings.backbone, settings.layers())
    network = Backbone(settings, file, precision, CPU)
    image, content, style = picture(0, *sides), picture(1, *sides), picture(2, 141, 99)
    for tile in ("none", core):
        yield evaluated(Objective(network, replace(settings, tile=tile), content, style), image)


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_losses_and_gradient_are_the_whole_pictures(given, seeded_weights):
    (whole, gradient), (tiled, by_tiles) = both(seeded_weights, given)
    for name in ("total", "content", "style", "tv"):
        torch.testing.assert_close(getattr(tiled, name), getattr(whole, name), rtol=1e-5, atol=0)
    torch.testing.assert_close(tiled.terms, whole.terms, rtol=1e-5, atol=0)
    assert (by_tiles - gradient).abs().max() < 1e-4 * gradient.abs().max()
    assert functional.cosine_similarity(by_tiles.flatten(), gradient.flatten(), dim=0) > 1 - 1e-6
