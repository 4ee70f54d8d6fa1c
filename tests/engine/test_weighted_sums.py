"""Sums over positions with a weight for each, against the formulas written out."""

import pytest
import torch

from nst.engine import losses
from nst.engine.losses import centred_sums, gram_and_sum, gram_matrix, squared_error

KINDS = [torch.float64, torch.float32, torch.bfloat16]
CENTRE = torch.tensor([-1, -0.25, 0.5, 1])  # exact in every type
OURS = {
    "gram": lambda f, w: (gram_matrix(f, w),),
    "gram-and-sum": gram_and_sum,
    "centred": lambda f, w: centred_sums(f, CENTRE.to(f), w),
    "squared-error": lambda f, w: (squared_error(f, torch.ones_like(f), w),),
}


def centred(matrix, row, centre):
    shifted = matrix - centre[:, None]
    return (row * shifted).sum(1), (row * shifted) @ shifted.T


NAIVE = {
    "gram": lambda m, w: ((w * m) @ m.T,),
    "gram-and-sum": lambda m, w: ((w * m) @ m.T, (w * m).sum(1)),
    "centred": lambda m, w: centred(m, w, CENTRE.to(m)),
    "squared-error": lambda m, w: ((w * (m - 1) ** 2).sum(),),
}


def random(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def some_weights():
    weights = random(1, 1, 5, 6, seed=9).abs()
    weights[..., :2] = 0
    return weights


def added_up(sums):
    """A number that depends on all sums, and on those that are matrices symmetrically."""
    total = torch.zeros((), dtype=torch.float64)
    for number, part in enumerate(sums):
        slopes = random(*part.shape, seed=20 + number).double()
        total = total + ((slopes + slopes.mT if part.dim() == 2 else slopes) * part.double()).sum()
    return total


def ours(name, features, weights):
    features = features.clone().requires_grad_()
    sums = OURS[name](features, weights)
    return sums, torch.autograd.grad(added_up(sums), features)[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OURS)
def test_each_position_counts_as_often_as_its_weight_says(name, kind, monkeypatch):
    monkeypatch.setattr(losses, "CHUNK", 28)  # seven columns at a time, of 30
    features = random(1, 4, 5, 6).to(kind).contiguous(memory_format=torch.channels_last)
    weights = some_weights()
    sums, gradient = ours(name, features, weights.to(losses.wide_type(kind)))
    plain = features.double().requires_grad_()
    wanted = NAIVE[name](plain[0].flatten(1), weights.double().flatten())
    (by_hand,) = torch.autograd.grad(added_up(wanted), plain)
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 2e-2}[kind]
    for found, expected in zip(sums, wanted, strict=True):
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(gradient.double(), by_hand, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OURS)
def test_a_position_of_weight_0_has_no_gradient_and_counts_for_nothing(name, kind):
    features, weights = random(1, 4, 5, 6).to(kind), some_weights().to(losses.wide_type(kind))
    sums, gradient = ours(name, features, weights)
    assert gradient[..., :2].eq(0).all()
    assert gradient[..., 2:].ne(0).any()
    changed = features.clone()
    changed[..., :2] = 7
    for before, after in zip(sums, ours(name, changed, weights)[0], strict=True):
        assert before.equal(after)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", OURS)
def test_weights_of_1_change_nothing(name, kind):
    features = random(1, 4, 5, 6).to(kind).contiguous(memory_format=torch.channels_last)
    sums, gradient = ours(name, features, torch.ones(1, 1, 5, 6, dtype=losses.wide_type(kind)))
    plain, plain_gradient = ours(name, features, None)
    for found, expected in zip(sums, plain, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(gradient, plain_gradient)
