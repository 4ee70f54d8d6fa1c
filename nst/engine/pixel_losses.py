"""Losses of pixels: total variation, and the edges that an image has in common with its content.

Images are 1 x 3 x height x width in [0, 1]. An image that `wraps` goes on at its opposite side.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.settings import Settings


def tv_l1(image: Tensor, wraps: bool = False) -> Tensor:
    """Mean absolute difference of neighbours, down and right (anisotropic total variation)."""
    down, right = _differences(image, wraps)
    return _mean(down.abs()) + _mean(right.abs())


def tv_l2(image: Tensor, wraps: bool = False) -> Tensor:
    """Mean squared difference of neighbours, down and right."""
    down, right = _differences(image, wraps)
    return _mean(down**2) + _mean(right**2)


def tv_l1_sum(image: Tensor, wraps: bool = False) -> Tensor:
    """Sum of absolute differences of neighbours, which grows with the number of pixels."""
    down, right = _differences(image, wraps)
    return down.abs().sum() + right.abs().sum()


def tv_nine_point(image: Tensor, wraps: bool = False) -> Tensor:
    """Mean squared difference of a pixel and its eight neighbours, the edge repeated outwards.

    The weights are 2/3 for sides and 1/6 for corners, as in the nine-point stencil of the Laplacian.
    """
    down, right = _differences(image, wraps)
    sides = (down**2).sum() + (right**2).sum()
    # The repeated edge adds differences of zero to the sides, which count in the mean.
    padded = (
        F.pad(image, (0, 1, 0, 1), "circular") if wraps else F.pad(image, (1, 1, 1, 1), "replicate")
    )
    falling = padded[..., 1:, 1:] - padded[..., :-1, :-1]
    rising = padded[..., 1:, :-1] - padded[..., :-1, 1:]
    return 2 / 3 * sides / image.numel() + ((falling**2).mean() + (rising**2).mean()) / 6


def _differences(image: Tensor, wraps: bool) -> tuple[Tensor, Tensor]:
    """Differences of a pixel and the one below it, and the one right of it."""
    if wraps:
        return image.roll(-1, 2) - image, image.roll(-1, 3) - image
    return image.diff(dim=2), image.diff(dim=3)


def _mean(values: Tensor) -> Tensor:
    return values.sum() / max(1, values.numel())  # an image one pixel wide has no neighbours


TV: dict[str, Callable[[Tensor, bool], Tensor]] = {
    "l1": tv_l1,  # a mean over pixels: the same weight suits every size
    "l2": tv_l2,
    "l1-sum": tv_l1_sum,
    "nine-point": tv_nine_point,
}

LEAST_EDGES = (1 / 255) ** 2  # of a content, so that no rounding counts in one that is flat
LAPLACIAN = ((0.0, -1.0, 0.0), (-1.0, 4.0, -1.0), (0.0, -1.0, 0.0))


def laplacian(image: Tensor, pool: int, wraps: bool = False) -> Tensor:
    """The Laplacian of the sum of the channels, 1 x 1 x ..., of an image averaged over squares.

    `pool` is their side in pixels; smaller where the image would be less than three squares wide. There
    is nothing beyond the edge, unless the image wraps (Li et al. 2017, "Laplacian-Steered Neural Style
    Transfer").
    """
    pool = max(1, min(pool, *(side // 3 for side in image.shape[-2:])))
    light = F.avg_pool2d(image.sum(1, keepdim=True), pool)
    if wraps:
        light = F.pad(light, (1, 1, 1, 1), "circular")
    elif min(light.shape[-2:]) < 3:
        return light[..., :0, :0]  # too narrow an image to have a second difference
    kernel = torch.tensor(LAPLACIAN, dtype=image.dtype, device=image.device)
    return F.conv2d(light, kernel.view(1, 1, 3, 3))


class Edges:
    """The mean squared difference of an image's Laplacian from its content's.

    With `balance: pair` it is 1 for a flat picture, as a content loss is.
    """

    def __init__(self, settings: Settings, content: Tensor):
        self.pool, self.wraps = settings.edges_pool, settings.padding == "circular"
        self.target = laplacian(content, self.pool, self.wraps)
        size = _mean(self.target**2).clamp(min=LEAST_EDGES)
        self.divisor = size if settings.balance == "pair" else 1.0

    def __call__(self, image: Tensor) -> Tensor:
        edges = laplacian(image, self.pool, self.wraps)
        return _mean((edges - self.target) ** 2) / self.divisor
