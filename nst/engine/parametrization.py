"""Parametrizations: the variables that an optimizer changes <-> the image that they stand for.

All have `encode(image) -> variables`, `decode(variables) -> image` and `bound(variables)`, and are made
of an image of the right size. Images are 1 x 3 x height x width; so are variables, unless said.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nst.config.layers import IMAGENET_MEAN, IMAGENET_STD
from nst.config.settings import Settings

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
        like: dict[str, Any] = {"dtype": image.dtype, "device": image.device}
        down = torch.fft.fftfreq(height, **like)[:, None]
        right = torch.fft.rfftfreq(width, **like)[None, :]
        lowest = 1 / max(height, width)
        self.scale = (down**2 + right**2).sqrt().clamp(min=lowest) ** -0.5

    def encode(self, image: Tensor) -> Tensor:
        return self._waves(torch.logit(image, eps=MARGIN))

    def bound(self, variables: Tensor) -> None:
        """Do nothing: a sigmoid stays within (0, 1)."""

    def decode(self, variables: Tensor) -> Tensor:
        return torch.sigmoid(self._pixels(variables))

    def _waves(self, pixels: Tensor) -> Tensor:
        return torch.view_as_real(torch.fft.rfft2(pixels, norm="ortho") / self.scale)

    def _pixels(self, variables: Tensor) -> Tensor:
        waves = torch.view_as_complex(variables) * self.scale
        return torch.fft.irfft2(waves, s=self.shape, norm="ortho")


class DecorrelatedFourier(Fourier):
    """Waves of colours that are uncorrelated in natural pictures, mixed to RGB before the sigmoid.

    A step then changes light and colour apart, and leaves no coloured grain (Olah et al. 2017).
    """

    # The square root of the covariance of ImageNet's colours, of which only the directions and the
    # ratio of the columns count: light, blue to red, and green to magenta.
    MIXED = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))

    def __init__(self, image: Tensor):
        super().__init__(image)
        columns = torch.tensor(self.MIXED, dtype=torch.float64)
        columns /= torch.linalg.vector_norm(columns, dim=0).max()
        self.mixing = columns.to(image)
        self.unmixing = torch.linalg.inv(columns).to(image)

    def encode(self, image: Tensor) -> Tensor:
        return self._waves(_mixed(self.unmixing, torch.logit(image, eps=MARGIN)))

    def decode(self, variables: Tensor) -> Tensor:
        return torch.sigmoid(_mixed(self.mixing, self._pixels(variables)))


def _mixed(matrix: Tensor, colours: Tensor) -> Tensor:
    """Colours (1 x 3 x height x width) multiplied by a 3 x 3 matrix."""
    return torch.einsum("dc,nchw->ndhw", matrix, colours)


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
        like: dict[str, Any] = {"dtype": image.dtype, "device": image.device}
        self.mean = torch.tensor(IMAGENET_MEAN, **like).view(1, 3, 1, 1)
        self.std = torch.tensor(IMAGENET_STD, **like).view(1, 3, 1, 1)

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


class Masked:
    """Images of another parametrization where a mask is 1, a picture where it is 0, between them a mix.

    The mask is 1 x 1 x height x width. Where it is 0 the variables have no gradient.
    """

    def __init__(self, space: "Fourier | Pixels | Grey", mask: Tensor, picture: Tensor):
        self.space, self.encode, self.bound = space, space.encode, space.bound
        self.mask, self.rest = mask, (1 - mask) * picture

    def decode(self, variables: Tensor) -> Tensor:
        return self.mask * self.space.decode(variables) + self.rest


PARAMETRIZATIONS: dict[str, Callable[[Tensor], Fourier | Pixels]] = {
    "fourier": Fourier,
    "fourier-decorrelated": DecorrelatedFourier,
    "pixels": Pixels,
    "clamped": Clamped,
    "normalized": Normalized,
    "levels": Levels,
}


class Grey:
    """Images of another parametrization that are made grey, each pixel the mean of its channels."""

    def __init__(self, space: Fourier | Pixels):
        self.space, self.encode, self.bound = space, space.encode, space.bound

    def decode(self, variables: Tensor) -> Tensor:
        return self.space.decode(variables).mean(1, keepdim=True).repeat(1, 3, 1, 1)


def parametrization(settings: Settings, image: Tensor) -> Fourier | Pixels | Grey:
    """The parametrization of the settings, for images of the size of this one."""
    space = PARAMETRIZATIONS[settings.parametrization](image)
    return Grey(space) if settings.colour == "luminance" else space
