"""The style terms of one layer, by the setting `style_loss`: a target, then the loss of an image.

Each is a function of sums over positions, so that images can be evaluated by tiles. The sums may be
weighted by position (`nst.engine.masks`). The target of several style pictures is made of the
statistics of each: Gram matrices, means and second moments about zero are averaged with their shares.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from nst.config.settings import Settings
from nst.engine.blending import pooled, pooled_deviations, weighted_sum
from nst.engine.losses import (
    centred_sums,
    gram_and_sum,
    gram_matrix,
    means_and_deviations,
    moments,
    moments_loss,
    normalized_gram,
    style_loss,
)
from nst.engine.wasserstein import root, wasserstein_loss

Parts = Sequence[tuple[float, Any]]  # the share of each style picture, and its statistics


class _GramTerm:
    """The style term of one layer by Gram matrices (Gatys et al. 2015, equations 3 to 5)."""

    sums_each, passes = 1, 1

    def __init__(self, settings: Settings):
        self.gram, self.reduction = settings.gram, settings.style_reduction
        self.divide_by_size = settings.style_divisor == "chw"
        self.scale = settings.feature_scale**4

    def sums(
        self, features: Tensor, target: Tensor | None, weights: Tensor | None = None
    ) -> tuple[Tensor]:
        return (gram_matrix(features, weights),)

    def statistics(self, sums: tuple[Tensor], positions: int, previous: None) -> Tensor:
        return normalized_gram(sums[0], positions, self.gram)

    def target(self, parts: Parts) -> Tensor:
        return weighted_sum(parts)

    def __call__(self, sums: tuple[Tensor], positions: int, target: Tensor) -> Tensor:
        return self._loss(normalized_gram(sums[0], positions, self.gram), positions, target)

    def size(self, positions: int, target: Tensor) -> Tensor:
        """The loss of features that are zero."""
        return self._loss(torch.zeros_like(target), positions, target)

    def _loss(self, gram: Tensor, positions: int, target: Tensor) -> Tensor:
        loss = self.scale * style_loss(gram, target, self.reduction)
        return loss / (len(gram) * positions) if self.divide_by_size else loss


class _GramMomentsTerm:
    """The Gram term of one layer, with its means and deviations (Galerne et al. 2022)."""

    sums_each, passes = 2, 1

    def __init__(self, settings: Settings):
        self.gram_term = _GramTerm(settings)
        self.weight = settings.moments_weight * settings.feature_scale**2

    def sums(
        self, features: Tensor, target: tuple[Tensor, ...] | None, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        return gram_and_sum(features, weights)

    def statistics(
        self, sums: tuple[Tensor, Tensor], positions: int, previous: None
    ) -> tuple[Tensor, Tensor]:
        gram = self.gram_term.statistics(sums[:1], positions, previous)
        return gram, means_and_deviations(*sums, positions)

    def target(self, parts: Parts) -> tuple[Tensor, Tensor]:
        gram = self.gram_term.target([(share, gram) for share, (gram, _) in parts])
        return gram, pooled_deviations([(share, moments) for share, (_, moments) in parts])

    def __call__(
        self, sums: tuple[Tensor, Tensor], positions: int, target: tuple[Tensor, Tensor]
    ) -> Tensor:
        gram_loss = self.gram_term(sums[:1], positions, target[0])
        return gram_loss + self.weight * moments_loss(means_and_deviations(*sums, positions), target[1])

    def size(self, positions: int, target: tuple[Tensor, Tensor]) -> Tensor:
        """The loss of features that are zero."""
        moments_size = self.weight * moments_loss(torch.zeros_like(target[1]), target[1])
        return self.gram_term.size(positions, target[0]) + moments_size


class _CentredTerm:
    """What is common to style terms of means and covariances."""

    sums_each, passes = 2, 2  # the second pass centres the style's features on the mean of the first

    def sums(
        self, features: Tensor, target: tuple[Tensor, ...] | None, weights: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        centre = target[0] if target else torch.zeros((), device=features.device)
        return centred_sums(features, centre, weights)

    def statistics(
        self, sums: tuple[Tensor, Tensor], positions: int, previous: tuple[Tensor, ...] | None
    ) -> tuple[Tensor, Tensor]:
        centre = previous[0] if previous else torch.zeros((), device=sums[0].device)
        return moments(sums, positions, centre)


class _CovarianceTerm(_CentredTerm):
    """The Gram term of features minus their mean: of patterns without the mean of each channel."""

    def __init__(self, settings: Settings):
        self.gram_term = _GramTerm(settings)

    def target(self, parts: Parts) -> tuple[Tensor, Tensor]:
        return pooled(parts)

    def __call__(
        self, sums: tuple[Tensor, Tensor], positions: int, target: tuple[Tensor, Tensor]
    ) -> Tensor:
        return self._loss(moments(sums, positions, target[0])[1], positions, target[1])

    def size(self, positions: int, target: tuple[Tensor, Tensor]) -> Tensor:
        """The loss of features that are zero."""
        return self._loss(torch.zeros_like(target[1]), positions, target[1])

    def _loss(self, covariance: Tensor, positions: int, target: Tensor) -> Tensor:
        # Divided as the Gram matrix of so many positions, whatever the number of the style's.
        wanted = self.gram_term.statistics((positions * target,), positions, None)
        return self.gram_term((positions * covariance,), positions, wanted)


class _WassersteinTerm(_CentredTerm):
    """The style term of one layer by means and covariances of its features."""

    def __init__(self, settings: Settings):
        self.scale = settings.feature_scale**2

    def target(self, parts: Parts) -> tuple[Tensor, Tensor, Tensor]:
        mean, covariance = pooled(parts)
        return mean, covariance, root(covariance)

    def __call__(
        self, sums: tuple[Tensor, Tensor], positions: int, target: tuple[Tensor, Tensor, Tensor]
    ) -> Tensor:
        return self.scale * wasserstein_loss(*moments(sums, positions, target[0]), target)

    def size(self, positions: int, target: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        """The loss of features that are zero."""
        mean, covariance, _ = target
        return self.scale * ((mean**2).mean() + covariance.trace() / len(mean))


STYLE_TERMS = {
    "gram": _GramTerm,
    "gram-moments": _GramMomentsTerm,
    "covariance": _CovarianceTerm,
    "wasserstein": _WassersteinTerm,
}
