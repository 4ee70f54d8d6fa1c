"""A content with the colours of a style, from which an image starts with `init: recoloured`."""

import torch
from torch import Tensor

GAIN = 8  # at most: more would turn the noise of a picture with little colour into coloured grain


def recoloured(content: Tensor, style: Tensor) -> Tensor:
    """The content with the mean and the covariance of the style's colours, clamped to [0, 1].

    x -> A (x - m_c) + m_s with A = S_s^1/2 S_c^-1/2, symmetric roots (Gatys et al. 2016, "Preserving
    Color in Neural Artistic Style Transfer", the other way round). A enlarges no principal direction
    of the content's colours by more than GAIN. Both are 1 x 3 x height x width in [0, 1].
    """
    pixels = content[0].flatten(1).double()
    wanted = style[0].flatten(1).double()
    mean, style_mean = pixels.mean(1, keepdim=True), wanted.mean(1, keepdim=True)
    variances, directions = _principal(pixels)
    style_variances, style_directions = _principal(wanted)
    root = (style_directions * style_variances.sqrt()) @ style_directions.T
    scales = torch.minimum(variances.rsqrt(), GAIN / (root @ directions).norm(dim=0))
    map_ = root @ (directions * scales) @ directions.T
    changed = map_ @ (pixels - mean) + style_mean
    return changed.clamp(0, 1).to(content.dtype).view_as(content)


def _principal(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """The variances of 3 x N pixels along their principal directions, above 0; the directions."""
    variances, directions = torch.linalg.eigh(torch.cov(pixels, correction=0))
    return variances.clamp(min=torch.finfo(pixels.dtype).tiny), directions
