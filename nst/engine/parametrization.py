"""What the optimiser's numbers mean: free variables <-> an image.

One shape for all: `encode(image) -> variables`, `decode(variables) -> image`, `bound(variables)`;
images are 1 x 3 x height x width.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from nst.config.layers import IMAGENET_MEAN, IMAGENET_STD

# Distance that a start keeps from black and white: a sigmoid is flat at 0 and 1.
MARGIN = 1 / 255


class Fourier:
    """A sigmoid of waves, each scaled by 1/sqrt(frequency): bounded and preconditioned.

    Natural pictures have spectra that fall with frequency (Olah et al. 2017, "Feature
    Visualization", scale by 1/f); the square root gave lower losses at every budget tried. The
    variables are the complex amplitudes of half the spectrum, 1 x 3 x height x (width/2 + 1) x 2.
    """

    def __init__(self, image: Tensor):
        self.shape = image.shape[-2:]
        height, width = self.shape
        down = torch.fft.fftfreq(height, device=image.device)[:, None]
        right = torch.fft.rfftfreq(width, device=image.device)[None, :]
        lowest = 1 / max(height, width)
        self.scale = (down**2 + right**2).sqrt().clamp(min=lowest) ** -0.5

    def encode(self, image: Tensor) -> Tensor:
        waves = torch.fft.rfft2(torch.logit(image, eps=MARGIN), norm="ortho")
        return torch.view_as_real(waves / self.scale)

    def bound(self, variables: Tensor) -> None:
        """Nothing to do: a sigmoid has no outside."""

    def decode(self, variables: Tensor) -> Tensor:
        waves = torch.view_as_complex(variables) * self.scale
        return torch.sigmoid(torch.fft.irfft2(waves, s=self.shape, norm="ortho"))


class Pixels:
    """The pixels themselves; what leaves [0, 1] is cut off at the end only."""

    def __init__(self, image: Tensor):
        pass

    def encode(self, image: Tensor) -> Tensor:
        return image.clone()

    def bound(self, variables: Tensor) -> None:
        """Bring variables that have left the range back to its edge, in place, if this space does."""

    def decode(self, variables: Tensor) -> Tensor:
        return variables


class Clamped(Pixels):
    """The pixels, brought back to [0, 1] before every evaluation."""

    def bound(self, variables: Tensor) -> None:
        variables.data.clamp_(0, 1)

    def decode(self, variables: Tensor) -> Tensor:
        # In place and outside the graph: a pixel that left the range comes back to its edge for
        # good, and keeps its gradient.
        self.bound(variables)
        return variables


class Normalized(Pixels):
    """The pixels minus ImageNet's mean, over its deviation, unbounded."""

    def __init__(self, image: Tensor):
        self.mean = torch.tensor(IMAGENET_MEAN, device=image.device).view(1, 3, 1, 1)
        self.std = torch.tensor(IMAGENET_STD, device=image.device).view(1, 3, 1, 1)

    def encode(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.std

    def decode(self, variables: Tensor) -> Tensor:
        return variables * self.std + self.mean


class Levels(Pixels):
    """The pixels as grey levels from 0 to 255, unbounded: it scales an optimiser's steps."""

    def encode(self, image: Tensor) -> Tensor:
        return image * 255

    def decode(self, variables: Tensor) -> Tensor:
        return variables / 255


PARAMETRIZATIONS: dict[str, Callable[[Tensor], Fourier | Pixels]] = {
    "fourier": Fourier,
    "pixels": Pixels,
    "clamped": Clamped,
    "normalized": Normalized,
    "levels": Levels,
}
