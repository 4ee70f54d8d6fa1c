"""The roots of Wasserstein losses by matrix products, as on a GPU, against eigendecompositions."""

import pytest
import torch

from nst.engine import wasserstein
from nst.engine.losses import COVARIANCE_RIDGE

# Positions of the features: more than channels; fewer, so that most eigenvalues are the ridge alone.
POSITIONS = {"many": 4096, "few": 100}
CHANNELS = 256


def features(positions, seed):
    """Of a spectrum that decays as that of a network's."""
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(CHANNELS, CHANNELS, generator=generator) * torch.logspace(1.5, -1.5, CHANNELS)
    return torch.relu(mixing @ torch.randn(CHANNELS, positions, generator=generator))


def mean_and_covariance(columns):
    return columns.mean(1), torch.cov(columns) + COVARIANCE_RIDGE * torch.eye(CHANNELS)


def loss_and_gradient(positions, monkeypatch, by_products):
    monkeypatch.setattr(wasserstein, "takes_products", lambda covariance: by_products)
    image, (mean, wanted) = (
        features(positions, 0).requires_grad_(),
        mean_and_covariance(features(999, 1)),
    )
    target = (mean, wanted, wasserstein.root(wanted))
    loss = wasserstein.wasserstein_loss(*mean_and_covariance(image), target)
    # By the features: of a covariance's null space, where its own gradient is steep, they have no part.
    return float(loss.detach()), torch.autograd.grad(loss, image)[0]


@pytest.mark.parametrize("positions", list(POSITIONS))
def test_roots_by_products_are_those_of_eigenvalues_within_bounds(positions, monkeypatch):
    loss, gradient = loss_and_gradient(POSITIONS[positions], monkeypatch, False)
    near, near_gradient = loss_and_gradient(POSITIONS[positions], monkeypatch, True)
    assert near == pytest.approx(loss, rel=1e-3)
    assert near != loss  # another way, not the same one twice
    assert (near_gradient - gradient).norm() < 0.03 * gradient.norm()


def test_only_a_gpu_takes_products_and_not_in_fp64():
    assert not wasserstein.takes_products(torch.zeros(2, 2))
    assert wasserstein.takes_products(torch.zeros(2, 2, device="meta"))
    assert not wasserstein.takes_products(torch.zeros(2, 2, device="meta", dtype=torch.float64))
