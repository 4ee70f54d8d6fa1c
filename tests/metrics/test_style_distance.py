"""Style distance against numpy in float64, and against the loss of the same name."""

import numpy
import pytest
import torch

from nst.engine.losses import centred_sums, moments
from nst.engine.wasserstein import root, wasserstein_loss
from nst.metrics.style_distance import LAYERS, distributions, style_distance
from nst.metrics.style_distance import moments as position_moments


def alone(features):
    """The distributions of one picture."""
    return distributions([(1.0, position_moments(features))])


def features(seed, height, width):
    """Correlated features of four layers, none negative; the last has fewer positions than channels."""
    random = numpy.random.default_rng(seed)
    shapes = zip(LAYERS, (6, 8, 10, 40), (1, 2, 3, 4), strict=True)
    made = {}
    for name, channels, step in shapes:
        mixed = random.normal(size=(height // step, width // step, channels)) @ random.normal(
            size=(channels, channels)
        )
        made[name] = torch.tensor(numpy.maximum(mixed + seed, 0).transpose(2, 0, 1)[None]).float()
    return made


def plain(one, other):
    """The squared 2-Wasserstein distance of two normal distributions, by its formula."""

    def fitted(tensor):
        vectors = tensor[0].flatten(1).double().numpy()
        return vectors.mean(1), numpy.cov(vectors, bias=True)

    def half(matrix):
        values, directions = numpy.linalg.eigh(matrix)
        return directions * numpy.sqrt(values.clip(0)) @ directions.T

    (mean, covariance), (mean_2, covariance_2) = map(fitted, (one, other))
    own = half(covariance)
    shared = numpy.sqrt(numpy.linalg.eigvalsh(own @ covariance_2 @ own).clip(0)).sum()
    spread = numpy.trace(covariance) + numpy.trace(covariance_2) - 2 * shared
    return (((mean - mean_2) ** 2).sum() + spread) / len(mean)


def test_it_is_the_distance_of_normal_distributions_in_float64():
    one, other = features(0, 24, 30), features(1, 20, 20)
    wanted = numpy.mean([plain(one[name], other[name]) for name in LAYERS])
    assert style_distance(alone(one), alone(other)) == pytest.approx(wanted, rel=1e-6)


def test_it_is_the_loss_wasserstein_but_for_its_constant():
    one, other = features(0, 64, 64), features(1, 64, 64)
    losses = []
    for name in LAYERS:
        sums = []
        for tensor in (one[name], other[name]):
            centre = tensor.mean((0, 2, 3))
            sums.append(moments(centred_sums(tensor, centre), tensor[0, 0].numel(), centre))
        target = (*sums[1], root(sums[1][1]))
        losses.append(float(wasserstein_loss(*sums[0], target)))
    distance = style_distance(alone(one), alone(other))
    assert distance == pytest.approx(numpy.mean(losses), rel=1e-3)


def test_equal_pictures_are_at_zero_and_the_order_does_not_matter():
    one, other = alone(features(0, 24, 30)), alone(features(1, 20, 20))
    assert style_distance(one, one) == pytest.approx(0, abs=1e-9)
    assert style_distance(one, other) == pytest.approx(style_distance(other, one), rel=1e-9)


def test_where_features_lie_does_not_matter():
    one, other = features(0, 24, 24), features(1, 20, 20)
    turned = {name: tensor.flip(2).transpose(2, 3) for name, tensor in one.items()}
    there, back = (style_distance(alone(each), alone(other)) for each in (one, turned))
    assert there == pytest.approx(back, rel=1e-9)


def test_pictures_with_shares_are_measured_as_all_their_positions_together():
    one, other = features(0, 24, 36), features(1, 24, 12)
    whole = {name: torch.cat((one[name], other[name]), 3) for name in LAYERS}
    parts = [(0.75, position_moments(one)), (0.25, position_moments(other))]
    assert style_distance(distributions(parts), alone(whole)) == pytest.approx(0, abs=1e-9)
    assert style_distance(distributions(parts[::-1]), alone(whole)) == pytest.approx(0, abs=1e-9)
