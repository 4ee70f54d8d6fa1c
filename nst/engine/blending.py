"""Statistics of several pictures in one: each picture's with its share, and the shares sum to 1.

With shares in proportion to the numbers of positions, they are those of all positions together.
The statistics of one picture are left as they are.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def normalized(parts: Sequence[tuple[float, Any]]) -> list[tuple[float, Any]]:
    """The parts with shares that sum to 1, as where the part of a picture is missing."""
    total = sum(share for share, _ in parts)
    return [(share / total, part) for share, part in parts]


def weighted_sum(parts: Sequence[tuple[float, Tensor]]) -> Tensor:
    """The sum of tensors of one shape, each times its share."""
    if len(parts) == 1:
        return parts[0][1]
    return torch.stack([share * tensor for share, tensor in parts]).sum(0)


def pooled(parts: Sequence[tuple[float, tuple[Tensor, Tensor]]]) -> tuple[Tensor, Tensor]:
    """Mean (C) and covariance (C x C) from those of several pictures.

    Second moments about zero are averaged, not covariances: pictures that differ in their means spread
    more together. Written about the mean of all, which loses less to rounding.
    """
    if len(parts) == 1:
        return parts[0][1]
    mean = weighted_sum([(share, part[0]) for share, part in parts])
    spreads = [
        (share, covariance + torch.outer(own - mean, own - mean)) for share, (own, covariance) in parts
    ]
    return mean, weighted_sum(spreads)


def pooled_deviations(parts: Sequence[tuple[float, Tensor]]) -> Tensor:
    """Means and standard deviations (2 x C) from those of several pictures."""
    if len(parts) == 1:
        return parts[0][1]
    mean = weighted_sum([(share, part[0]) for share, part in parts])
    variance = weighted_sum([(share, part[1] ** 2 + (part[0] - mean) ** 2) for share, part in parts])
    return torch.stack((mean, variance.sqrt()))
