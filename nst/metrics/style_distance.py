"""Style distance: how far the features of two pictures are apart as sets, wherever they lie.

At each layer the features of all positions are taken for a normal distribution, and the squared
2-Wasserstein distance of the two is divided by the number of channels. That is the loss `wasserstein`,
in float64 and without the small constant that it adds to covariances. The distance is the mean of the
four layers.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from nst.engine.blending import pooled

LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3")  # of VGG-16


class Distribution(NamedTuple):
    """Mean (C), and root (C x C) and trace of the covariance of the features at a layer, in float64."""

    mean: Tensor
    root: Tensor
    trace: Tensor


Moments = tuple[Tensor, Tensor]  # mean (C) and covariance (C x C), in float64


def moments(features: Mapping[str, Tensor]) -> list[Moments]:
    """The moments of 1 x C x height x width features at LAYERS."""
    return [_moments(features[name].flatten(2)[0].double()) for name in LAYERS]


def distributions(parts: Sequence[tuple[float, list[Moments]]]) -> list[Distribution]:
    """The distributions at LAYERS of pictures with shares: of all their positions together."""
    by_layer = zip(*(layers for _, layers in parts), strict=True)
    shares = [share for share, _ in parts]
    return [_distribution(*pooled(list(zip(shares, one, strict=True)))) for one in by_layer]


def style_distance(one: list[Distribution], other: list[Distribution]) -> float:
    """The distance of two pictures of any sizes; 0 for equal ones, and whatever the order."""
    distances = [_squared_distance(a, b) / len(a.mean) for a, b in zip(one, other, strict=True)]
    return max(0.0, float(sum(distances) / len(distances)))


def _moments(vectors: Tensor) -> Moments:
    mean = vectors.mean(1)
    centred = vectors - mean.unsqueeze(1)
    return mean, centred @ centred.T / vectors.shape[1]


def _distribution(mean: Tensor, covariance: Tensor) -> Distribution:
    values, directions = torch.linalg.eigh(covariance)
    root = (directions * values.clamp(min=0).sqrt()) @ directions.T
    return Distribution(mean, root, covariance.trace())


def _squared_distance(one: Distribution, other: Distribution) -> Tensor:
    # The trace of (R S R)^1/2 for two roots R and T, S = T T, is the sum of the singular values of R T.
    shared = torch.linalg.svdvals(one.root @ other.root).sum()
    return (one.mean - other.mean).square().sum() + one.trace + other.trace - 2 * shared
