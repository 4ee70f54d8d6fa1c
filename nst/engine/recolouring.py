"""A content with the colours of a style, from which an image starts with `init: recoloured`."""

from collections.abc import Sequence

import torch
from torch import Tensor

from nst.engine.blending import pooled

GAIN = 8  # at most: more would turn the noise of a picture with little colour into coloured grain


def recoloured(content: Tensor, styles: Sequence[tuple[float, Tensor]]) -> Tensor:
    """The content with the mean and the covariance of the style's colours, clamped to [0, 1].

    `styles` are the pictures of the style, each with its share.

    x -> A (x - m_c) + m_s with A = S_s^1/2 S_c^-1/2, symmetric roots (Gatys et al. 2016, "Preserving
    Color in Neural Artistic Style Transfer", the other way round). A enlarges no principal direction
    of the content's colours by more than GAIN. All are 1 x 3 x height x width in [0, 1].
    """
    pixels = content[0].flatten(1).double()
    mean, covariance = _moments(content)
    style_mean, style_covariance = pooled([(share, _moments(one)) for share, one in styles if share])
    variances, directions = _principal(covariance)
    style_variances, style_directions = _principal(style_covariance)
    root = (style_directions * style_variances.sqrt()) @ style_directions.T
    scales = torch.minimum(variances.rsqrt(), GAIN / (root @ directions).norm(dim=0))
    map_ = root @ (directions * scales) @ directions.T
    changed = map_ @ (pixels - mean.unsqueeze(1)) + style_mean.unsqueeze(1)
    return changed.clamp(0, 1).to(content.dtype).view_as(content)


def _moments(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (3) and covariance (3 x 3) of the colours of a picture."""
    pixels = picture[0].flatten(1).double()
    return pixels.mean(1), torch.cov(pixels, correction=0)


def _principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The variances along the principal directions of a covariance, above 0; the directions."""
    variances, directions = torch.linalg.eigh(covariance)
    return variances.clamp(min=torch.finfo(covariance.dtype).tiny), directions
