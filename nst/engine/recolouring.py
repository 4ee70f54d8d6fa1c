"""A content with the colours of a style, from which an image starts with `init: recoloured`."""

import torch
from torch import Tensor

RIDGE = 1e-5  # added to the variances: a grey picture has no chroma that could be scaled


def recoloured(content: Tensor, style: Tensor) -> Tensor:
    """The content with the mean and the covariance of the style's colours, clamped to [0, 1].

    x -> A (x - m_c) + m_s with A = S_s^1/2 S_c^-1/2, symmetric roots (Gatys et al. 2016, "Preserving
    Color in Neural Artistic Style Transfer", the other way round). Both are 1 x 3 x height x width in
    [0, 1].
    """
    pixels = content[0].flatten(1).double()
    wanted = style[0].flatten(1).double()
    mean, style_mean = pixels.mean(1, keepdim=True), wanted.mean(1, keepdim=True)
    map_ = _power(wanted, 0.5) @ _power(pixels, -0.5)
    changed = map_ @ (pixels - mean) + style_mean
    return changed.clamp(0, 1).to(content.dtype).view_as(content)


def _power(pixels: Tensor, exponent: float) -> Tensor:
    """A power of the covariance of 3 x N pixels, 3 x 3."""
    covariance = torch.cov(pixels, correction=0) + RIDGE * torch.eye(3, dtype=pixels.dtype)
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values**exponent) @ vectors.T
