"""Parametrizations: the variables that an optimizer changes <-> the image that they stand for.

All have `encode(image) -> variables`, `decode(variables) -> image` and `bound(variables)`, and are made
of an image of the right size. Images are 1 x 3 x height x width; so are variables, unless said.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from nst.config.layers import IMAGENET_MEAN, IMAGENET_STD

# A start keeps this distance from black and white, where a sigmoid is flat.
MARGIN = 1 / 255


class Fourier:
    """A sigmoid of waves, each scaled by 1/sqrt(frequency): bounded and preconditioned.

    Spectra of natural pictures fall with frequency (Olah et al. 2017, "Feature Visualization", scale
    by 1/f); the square root gave lower losses at every number of evaluations tried. The variables are
    the complex amplitudes of half the spectrum, 1 x 3 x height x (width/2 + 1) x 2.
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
        """Do nothing: a sigmoid stays within (0, 1)."""

    def decode(self, variables: Tensor) -> Tensor:
        waves = torch.view_as_complex(variables) * self.scale
        return torch.sigmoid(torch.fft.irfft2(waves, s=self.shape, norm="ortho"))


class Pixels:
    """The pixels themselves, clamped to [0, 1] only in the result."""

    def __init__(self, image: Tensor):
        pass

    def encode(self, image: Tensor) -> Tensor:
        return image.clone()

    def bound(self, variables: Tensor) -> None:
        """Clamp the variables to the range of pixels, in place, if this parametrization does."""

    def decode(self, variables: Tensor) -> Tensor:
        return variables


class Clamped(Pixels):
    """The pixels, clamped to [0, 1] before every evaluation."""

    def bound(self, variables: Tensor) -> None:
        variables.data.clamp_(0, 1)

    def decode(self, variables: Tensor) -> Tensor:
        # In place and outside the graph: a clamped pixel stays clamped and keeps its gradient.
        self.bound(variables)
        return variables


class Normalized(Pixels):
    """The pixels minus ImageNet's mean, divided by its standard deviation, unbounded."""

    def __init__(self, image: Tensor):
        self.mean = torch.tensor(IMAGENET_MEAN, device=image.device).view(1, 3, 1, 1)
        self.std = torch.tensor(IMAGENET_STD, device=image.device).view(1, 3, 1, 1)

    def encode(self, image: Tensor) -> Tensor:
        return (image - self.mean) / self.std

    def decode(self, variables: Tensor) -> Tensor:
        return variables * self.std + self.mean


class Levels(Pixels):
    """The pixels as levels from 0 to 255, unbounded, which scales an optimizer's steps."""

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
