"""`style_loss: covariance`: Gram matrices of features minus their mean."""

import numpy
import pytest
import torch
from networks import settings

from nst.engine.style_terms import STYLE_TERMS


def features(seed, height=5, width=6):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 4, height, width, generator=generator, dtype=torch.float64)


def loss_of(image, styles, **given):
    """The loss of features at a layer, against those of style pictures with their shares."""
    term = STYLE_TERMS[given.pop("style_loss", "covariance")](settings(**given))
    parts = []
    for share, style in styles:
        found, count = None, style[0, 0].numel()
        for _ in range(term.passes):
            found = term.statistics(term.sums(style, found), count, found)
        parts.append((share, found))
    target = term.target(parts)
    return term(term.sums(image, target), image[0, 0].numel(), target)


def naive(image, style, divisor, reduction):
    """For pictures of one size: F minus its mean, F F^T over the divisor, the difference squared."""
    grams = []
    for one in (image, style):
        matrix = one[0].flatten(1).numpy()
        matrix = matrix - matrix.mean(1, keepdims=True)
        grams.append(matrix @ matrix.T / divisor)
    return getattr((grams[0] - grams[1]) ** 2, reduction)()


@pytest.mark.parametrize(("gram", "divisor"), [("chw", 120), ("hw", 30), ("none", 1)])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_it_is_that_of_the_second_writing(gram, divisor, reduction):
    found = loss_of(features(1), [(1.0, features(2))], gram=gram, style_reduction=reduction)
    assert float(found) == pytest.approx(naive(features(1), features(2), divisor, reduction), rel=1e-9)


def test_a_constant_added_to_a_channel_changes_nothing():
    added = torch.tensor([3.0, -1.0, 0.0, 50.0]).double().view(1, 4, 1, 1)
    style = [(1.0, features(2))]
    plain = float(loss_of(features(1), style))
    assert float(loss_of(features(1) + added, style)) == pytest.approx(plain, rel=1e-9)
    assert float(loss_of(features(1), [(1.0, features(2) - added)])) == pytest.approx(plain, rel=1e-9)
    gram = [float(loss_of(one, style, style_loss="gram")) for one in (features(1), features(1) + added)]
    assert gram[1] > 10 * gram[0]


def test_the_number_of_positions_does_not_count():
    style = features(2)
    doubled = torch.cat((style, style), 3)
    for gram in ("chw", "hw", "none"):
        assert float(loss_of(style, [(1.0, doubled)], gram=gram)) == pytest.approx(0, abs=1e-20)


def test_a_blend_has_the_covariance_of_all_positions():
    one, other = features(2), features(3) + 2
    both = torch.cat((one, other), 3)
    found = loss_of(features(1), [(0.5, one), (0.5, other)])
    assert float(found) == pytest.approx(float(loss_of(features(1), [(1.0, both)])), rel=1e-9)


def test_the_gradient_is_the_true_one():
    image, style = features(1).requires_grad_(), features(2)
    loss_of(image, [(1.0, style)]).backward()
    step = torch.zeros_like(style)
    step[0, 1, 2, 3] = 1e-5
    moved = [float(loss_of(features(1) + s, [(1.0, style)])) for s in (step, -step)]
    assert float(image.grad[0, 1, 2, 3]) == pytest.approx(numpy.subtract(*moved) / 2e-5, rel=1e-6)
