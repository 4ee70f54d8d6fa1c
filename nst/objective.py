"""What is minimised: targets computed once, then image -> named, weighted losses."""

from dataclasses import dataclass

import torch
from torch import Tensor

from nst.backbone import Backbone
from nst.losses import TV, content_loss, gram_matrix, moments, root, style_loss, wasserstein_loss
from nst.settings import Settings


@dataclass(frozen=True)
class Losses:
    """The losses of one image: weighted sums, and the unweighted term of every layer. Scalars."""

    total: Tensor
    content: Tensor
    style: Tensor
    tv: Tensor
    terms: dict[str, dict[str, Tensor]]


class Objective:
    """Content, style and total variation of an image against two given pictures.

    Total = content_weight * sum of w_l content_l + style_weight * sum of w_l style_l + tv_weight * TV
    (Gatys et al. 2015, equation 7, with the settings' normalisation). The content tensor sets the
    image's size; both are 1 x 3 x height x width in [0, 1].
    """

    def __init__(self, backbone: Backbone, settings: Settings, content: Tensor, style: Tensor):
        self.backbone, self.settings = backbone, settings
        self.content_weights = _weights(settings.content_layers, settings.content_weight)
        self.style_weights = _weights(settings.style_layers, settings.style_weight)
        self.style_term = STYLE_TERMS[settings.style_loss](settings)
        with torch.no_grad():
            features = backbone(content)
            self.content_targets = {name: features[name] for name in self.content_weights}
            features = backbone(style)
            self.style_targets = {
                name: self.style_term.target(features[name]) for name in self.style_weights
            }

    def __call__(self, image: Tensor) -> Losses:
        """The losses of `image`, 1 x 3 x height x width in [0, 1], all float32."""
        features = self.backbone(image)
        # Scaled features would do the same: F^2 stands in a content term, G^2 = F^4 in a style term.
        squared = self.settings.feature_scale**2
        content = {
            name: squared * content_loss(features[name], target, self.settings.content_reduction)
            for name, target in self.content_targets.items()
        }
        style = {
            name: self.style_term(features[name], target) for name, target in self.style_targets.items()
        }
        zero = image.new_zeros(())
        content_sum = sum((self.content_weights[k] * v for k, v in content.items()), zero)
        style_sum = sum((self.style_weights[k] * v for k, v in style.items()), zero)
        needed = self.settings.tv_weight > 0
        tv = TV[self.settings.tv](image if needed else image.detach())
        tv_sum = self.settings.tv_weight * tv if needed else zero
        return Losses(
            total=content_sum + style_sum + tv_sum,
            content=content_sum,
            style=style_sum,
            tv=tv_sum,
            terms={"content": content, "style": style, "tv": {self.settings.tv: tv}},
        )


class _GramTerm:
    """The style term of one layer by Gram matrices (Gatys et al. 2015, equations 3 to 5)."""

    def __init__(self, settings: Settings):
        self.gram, self.reduction = settings.gram, settings.style_reduction
        self.divided = settings.style_divisor == "chw"
        self.scale = settings.feature_scale**4

    def target(self, features: Tensor) -> Tensor:
        return gram_matrix(features, self.gram)

    def __call__(self, features: Tensor, target: Tensor) -> Tensor:
        loss = self.scale * style_loss(gram_matrix(features, self.gram), target, self.reduction)
        return loss / features[0].numel() if self.divided else loss


class _WassersteinTerm:
    """The style term of one layer by means and covariances of its features."""

    def __init__(self, settings: Settings):
        self.scale = settings.feature_scale**2

    def target(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean, covariance = moments(features)
        return mean, covariance, root(covariance)

    def __call__(self, features: Tensor, target: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        return self.scale * wasserstein_loss(*moments(features), target)


STYLE_TERMS = {"gram": _GramTerm, "wasserstein": _WassersteinTerm}


def _weights(layers: dict[str, float], weight: float) -> dict[str, float]:
    """The weight of every layer that counts at all."""
    return {name: weight * share for name, share in layers.items() if weight * share}
