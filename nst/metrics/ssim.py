"""SSIM of two pictures (Wang et al. 2004): how much of the structure is the same, 1 for equal ones."""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)
WINDOW, SIGMA = 11, 1.5  # pixels
C1, C2 = 0.01**2, 0.03**2


def luma(picture: Tensor) -> Tensor:
    """The brightness of a picture (1 x 3 x height x width in [0, 1]), 1 x 1 x height x width."""
    return torch.einsum("bchw,c->bhw", picture.double(), torch.tensor(LUMA).double()).unsqueeze(1)


def ssim(one: Tensor, other: Tensor) -> float:
    """The mean over all windows that lie inside the pictures, of two `luma` of one size."""
    m1, m2, s11, s22, s12 = map(_blurred, (one, other, one * one, other * other, one * other))
    structure = (2 * (s12 - m1 * m2) + C2) / (s11 - m1 * m1 + s22 - m2 * m2 + C2)
    return float(((2 * m1 * m2 + C1) / (m1 * m1 + m2 * m2 + C1) * structure).mean())


def _blurred(picture: Tensor) -> Tensor:
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    window = torch.exp(-(offsets**2) / (2 * SIGMA**2))
    window = (window / window.sum()).view(1, 1, 1, WINDOW)
    rows = torch.nn.functional.conv2d(picture, window)
    return torch.nn.functional.conv2d(rows, window.transpose(2, 3))
