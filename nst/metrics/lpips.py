"""LPIPS v0.1 on AlexNet (Zhang et al. 2018): how different two pictures look, 0 for equal ones."""

from collections.abc import Mapping

import torch
from torch import Tensor

LAYERS = ("relu1", "relu2", "relu3", "relu4", "relu5")
EPSILON = 1e-10  # added to the norm of a feature vector, as in the published package


def unit_features(features: Mapping[str, Tensor]) -> list[Tensor]:
    """The features at LAYERS, C x positions, the vector of each position divided by its norm."""
    return [_normalized(features[name].flatten(2)[0]) for name in LAYERS]


def lpips(one: list[Tensor], other: list[Tensor], heads: list[Tensor]) -> float:
    """The distance of two pictures of one size, from their `unit_features` and the heads (C each)."""
    layers = zip(one, other, heads, strict=True)
    return float(sum((head @ (a - b).square()).mean(dtype=torch.float64) for a, b, head in layers))


def _normalized(vectors: Tensor) -> Tensor:
    return vectors / (vectors.square().sum(0).sqrt() + EPSILON)
