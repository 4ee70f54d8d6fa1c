"""`balance: pair`: losses relative to those of the two given pictures."""

import pytest
import torch
from networks import LAYERS, backbone, picture, settings

from nst.config.layers import Layer
from nst.engine.objective import Objective, Style

PAIR = {**LAYERS, "balance": "pair", "style_weight": 2.0, "content_weight": 0.5}


def objective(weights, content, style, **given):
    chosen = settings(**{**PAIR, **given})
    network = backbone(weights(chosen.backbone, chosen.layers()), chosen)
    return Objective(network, chosen, content, [Style(style)])


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"style_divisor": "chw"},
        {"style_loss": "gram-moments"},
        # So small that the Gram term counts.
        {"style_loss": "gram-moments", "style_divisor": "chw", "moments_weight": 1e-12},
        {"style_loss": "wasserstein"},
        {"style_loss": "covariance"},
    ],
    ids=lambda chosen: "-".join(map(str, chosen.values())),
)
def test_the_content_is_at_a_distance_of_one_from_the_style(chosen, seeded_weights):
    content, style = picture(1, 128, 160), picture(2, 128, 160)
    losses = objective(seeded_weights, content, style, **chosen)(content)
    assert {name: float(term) for name, term in losses.terms["style"].items()} == pytest.approx(
        dict.fromkeys(LAYERS["style_layers"], 1.0)
    )
    assert float(losses.style) == pytest.approx(2.0 * sum(LAYERS["style_layers"].values()))
    assert float(losses.content) == 0


def test_a_content_loss_of_one_is_the_variance_of_the_contents_features(seeded_weights):
    content, image = picture(1), picture(3)
    balanced = objective(seeded_weights, content, picture(2))
    plain = objective(seeded_weights, content, picture(2), balance="none")
    features = balanced.backbone(content)["conv2_2"]
    variance = float(features.var(dim=(2, 3), correction=0).mean())
    ratio = float(plain(image).content / balanced(image).content)
    assert ratio == pytest.approx(variance, rel=1e-4)


def test_a_factor_on_all_features_changes_nothing(seeded_weights):
    image, content, style = picture(3), picture(1), picture(2)
    once = objective(seeded_weights, content, style)(image)
    scaled = objective(seeded_weights, content, style, feature_scale=57.0)(image)
    torch.testing.assert_close(scaled.total, once.total, rtol=1e-4, atol=0)


def test_the_same_picture_as_content_and_style_does_not_divide_by_zero(seeded_weights):
    content = picture(1)
    alike = objective(seeded_weights, content, content)
    assert float(alike(content).total) == pytest.approx(0, abs=1e-6)
    assert alike(picture(3)).total.isfinite()


def test_a_flat_content_may_be_left(seeded_weights):
    flat = torch.full_like(picture(1), 0.5)
    chosen = {"padding": "replicate-all"}  # no edge gives the features any variance
    losses = objective(seeded_weights, flat, picture(2), **chosen)(picture(3))
    assert 0 < float(losses.content) < 100


class Pixels:
    """A stand-in for a network: the features of its one layer are the picture."""

    plan = (Layer("conv1_1", "relu", 0),)

    def __call__(self, image):
        return {"conv1_1": image}


@pytest.mark.parametrize("style_loss", ["gram", "gram-moments", "covariance", "wasserstein"])
def test_features_that_are_zero_do_not_divide_by_zero(style_loss):
    black = torch.zeros_like(picture(1))
    layers = {"content_layers": {"conv1_1": 1.0}, "style_layers": {"conv1_1": 1.0}}
    chosen = settings(**{**PAIR, **layers, "style_loss": style_loss})
    for style, total in ((black, pytest.approx(0, abs=0.1)), (picture(2), pytest.approx(2))):
        assert float(Objective(Pixels(), chosen, black, [Style(style)])(black).total) == total
