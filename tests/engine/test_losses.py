"""Losses against the papers' formulas, written out with loops."""

import pytest
import torch

from nst.engine import losses
from nst.engine.losses import (
    COVARIANCE_RIDGE,
    centred_sums,
    gram_and_sum,
    gram_matrix,
    means_and_deviations,
    moments,
    moments_loss,
    normalized_gram,
    squared_error,
    style_loss,
)
from nst.engine.pixel_losses import tv_l1, tv_l2


def random(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def naive_gram(features):
    """Gatys et al. (2015), equation 3: G_ij = sum over k of F_ik F_jk."""
    _, channels, height, width = features.shape
    gram = torch.zeros(channels, channels)
    for i in range(channels):
        for j in range(channels):
            for y in range(height):
                for x in range(width):
                    gram[i, j] += features[0, i, y, x] * features[0, j, y, x]
    return gram


@pytest.mark.parametrize(("divisor", "number"), [("chw", 3 * 4 * 5), ("hw", 4 * 5), ("none", 1)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gram_matrix_is_the_papers(divisor, number, layout):
    features = random(1, 3, 4, 5).contiguous(memory_format=layout)
    gram = normalized_gram(gram_matrix(features), 4 * 5, divisor)
    torch.testing.assert_close(gram, naive_gram(features) / number)


def test_gram_matrix_of_half_precision_is_summed_in_float32():
    features = torch.full((1, 2, 200, 200), 3.0, dtype=torch.bfloat16)
    gram = gram_matrix(features)
    assert gram.dtype == torch.float32
    assert gram[0, 1] == 9 * 200 * 200  # bf16 sums would stop growing at 256 * 9


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_one_product_gradient_is_the_true_one(reduction):
    features, target = random(1, 4, 5, 6).double(), random(1, 4, 5, 6, seed=1)
    with torch.no_grad():
        wanted = gram_matrix(target) / 30
    ours = features.clone().float().requires_grad_()
    style_loss(gram_matrix(ours) / 30, wanted, reduction).backward()
    plain = features.clone().float().requires_grad_()
    matrix = plain[0].flatten(1)
    squares = ((matrix @ matrix.T) / 30 - wanted) ** 2
    (squares.sum() if reduction == "sum" else squares.mean()).backward()
    torch.testing.assert_close(ours.grad, plain.grad)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_moments_and_their_gradient(kind, monkeypatch):
    """About any centre, and in parts: the mean and the covariance that torch finds."""
    monkeypatch.setattr(losses, "CHUNK", 28)  # seven columns of bf16 at a time, of 30
    features, centre = random(1, 4, 5, 6).to(kind).requires_grad_(), random(4, seed=1)
    weights, slopes = random(4, 4, seed=2), random(4, seed=3)
    weights = weights + weights.T
    plain = features.detach().double().requires_grad_()
    naive = plain[0].flatten(1).mean(dim=1), torch.cov(plain[0].flatten(1), correction=0)
    mean, covariance = moments(centred_sums(features, centre), 30, centre)
    torch.testing.assert_close(mean, naive[0].float())
    ridge = COVARIANCE_RIDGE * torch.eye(4)
    torch.testing.assert_close(covariance - ridge, naive[1].float(), rtol=1e-4, atol=1e-5)
    (mean @ slopes + (weights * covariance).sum()).backward()
    (naive[0] @ slopes.double() + (weights * naive[1]).sum()).backward()
    close = {"rtol": 1e-2, "atol": 1e-3} if kind == torch.bfloat16 else {"rtol": 1e-4, "atol": 1e-6}
    torch.testing.assert_close(features.grad.float(), plain.grad.float(), **close)


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16])
def test_means_and_deviations_beside_a_gram_matrix_and_their_gradient(kind, monkeypatch):
    monkeypatch.setattr(losses, "CHUNK", 28)  # seven columns of bf16 at a time, of 30
    features, target = random(1, 4, 5, 6).to(kind).requires_grad_(), random(2, 4, seed=1)
    slopes = random(4, 4, seed=2)
    slopes = slopes + slopes.T
    gram, total = gram_and_sum(features)
    plain = features.detach().double().requires_grad_()
    matrix = plain[0].flatten(1)
    naive = matrix.mean(dim=1), matrix.var(dim=1, correction=0).sqrt()
    found = means_and_deviations(gram, total, 30)
    tolerance = {torch.float64: 1e-12, torch.float32: 1e-5, torch.bfloat16: 2e-2}[kind]
    close = {"rtol": tolerance, "atol": tolerance}
    torch.testing.assert_close(found.double(), torch.stack(naive), **{**close, "rtol": 1e-5})
    loss = moments_loss(found, target.to(found.dtype)) + (slopes.to(gram.dtype) * gram).sum()
    differences = ((naive[0] - target[0]) ** 2).mean() + ((naive[1] - target[1]) ** 2).mean()
    (differences + (slopes.double() * (matrix @ matrix.T)).sum()).backward()
    loss.backward()
    torch.testing.assert_close(features.grad.double(), plain.grad, **close)


@pytest.mark.parametrize("kind", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("value", [0.0, 0.3, 1e4])
def test_a_constant_channel_has_no_deviation_and_a_finite_gradient(kind, value):
    features = random(1, 4, 20, 30).to(kind)
    features[0, 2] = value
    features.requires_grad_()
    mean, deviation = found = means_and_deviations(*gram_and_sum(features), 600)
    assert deviation[2] <= 1e-3 * mean[2] + 1e-6
    moments_loss(found, torch.ones_like(found)).backward()
    assert features.grad.isfinite().all()
    assert features.grad[0, 2].abs().max() <= 10 * (value + 1) / 600 / 4


def test_a_gram_matrix_in_parts_is_the_whole_one(monkeypatch):
    features = random(1, 4, 5, 6).bfloat16().requires_grad_()
    whole = gram_matrix(features)
    (gradient,) = torch.autograd.grad(whole.sum(), features)
    monkeypatch.setattr(losses, "CHUNK", 28)
    parts = gram_matrix(features)
    torch.testing.assert_close(parts, whole)
    assert torch.autograd.grad(parts.sum(), features)[0].equal(gradient)


def test_squared_error_and_its_gradient():
    features, target = random(1, 2, 3, 4).requires_grad_(), random(1, 2, 3, 4, seed=1)
    total = sum((a - b) ** 2 for a, b in zip(features.flatten(), target.flatten(), strict=True))
    ours = squared_error(features, target)
    torch.testing.assert_close(ours, total)
    (gradient,) = torch.autograd.grad(3 * ours, features)
    torch.testing.assert_close(gradient, 6 * (features - target).detach())


def test_total_variation_of_a_known_picture():
    image = torch.zeros(1, 1, 2, 3)
    image[0, 0] = torch.tensor([[0.0, 0.5, 0.5], [1.0, 0.5, 0.0]])
    down, right = [1.0, 0.0, 0.5], [0.5, 0.0, 0.5, 0.5]
    torch.testing.assert_close(tv_l1(image), torch.tensor(sum(down) / 3 + sum(right) / 4))
    squares = sum(d**2 for d in down) / 3 + sum(r**2 for r in right) / 4
    torch.testing.assert_close(tv_l2(image), torch.tensor(squares))
