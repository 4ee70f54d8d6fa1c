"""`colour: palette`: the style's palette spread over the content's colours (Kolkin et al. 2022, NNST).

All in Oklab (Ottosson 2020), computed from sRGB values as they are stored, as NNST does: its constants
are made for that. Pictures are 1 x 3 x height x width in [0, 1]; L, a and b likewise, in float64.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.engine.colour import Colours, colour_map

# RGB -> cone responses, and their cube roots -> L, a and b.
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
OPPONENTS = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
RIDGE = 1e-4  # added to the variances of a and b
NEARLY_GREY = 6e-5  # the largest entry of the covariance of a and b of a style without a palette
PASSES = 5  # of the bilateral filter of a and b, 3 x 3
SHARPNESS = 10  # of the filter: a neighbour counts by exp(-SHARPNESS x difference of L)


@dataclass(frozen=True)
class Palette:
    """What is kept of a style: the moments of L, a and b, and the least and the largest of each."""

    colours: Colours
    least: Tensor  # 1 x 3 x 1 x 1
    largest: Tensor

    @classmethod
    def of(cls, styles: Iterable[tuple[float, Tensor]]) -> "Palette":
        """That of the pictures of a style, each with its share."""
        parts, least, largest = [], [], []
        for share, style in styles:
            if share:
                lab = to_oklab(style)
                parts.append((share, Colours.of(lab)))
                least.append(lab.amin((2, 3), keepdim=True))
                largest.append(lab.amax((2, 3), keepdim=True))
        return cls(
            Colours.pooled(parts), torch.cat(least).amin(0)[None], torch.cat(largest).amax(0)[None]
        )

    def opponents(self) -> Colours:
        """The moments of a and b."""
        return Colours(self.colours.mean[1:], self.colours.covariance[1:, 1:])

    def is_grey(self) -> bool:
        """Whether there are hardly any colours."""
        return bool(self.opponents().covariance.abs().max() < NEARLY_GREY)


def with_palette(image: Tensor, content: Tensor, palette: Palette, edges: str = "replicate") -> Tensor:
    """The L of an image, with the content's a and b in the style's palette.

    Both pictures have one size. L stays within the style's; a and b are smoothed where L is smooth,
    so that they follow the strokes. In a nearly grey style, all of the image's L, a and b are mapped.
    `edges` is how torch pads: what the filter sees beyond them.
    """
    lab = to_oklab(image)
    least, largest = palette.least.to(lab), palette.largest.to(lab)
    if palette.is_grey():
        lab = colour_map(Colours.of(lab), palette.colours).unclamped(lab)
    else:
        light = lab[:, :1].clamp(least[:, :1], largest[:, :1])
        opponents = to_oklab(content)[:, 1:]
        to_style = colour_map(_ridged(Colours.of(opponents)), _ridged(palette.opponents()))
        lab = torch.cat((light, _smoothed(to_style.unclamped(opponents), light, edges)), 1)
    return from_oklab(lab.clamp(least, largest)).clamp(0, 1).to(image.dtype)


def to_oklab(picture: Tensor) -> Tensor:
    """L, a and b of a picture, of which L is from 0 to 1."""
    cones = _mixed(CONES, picture.double().clamp(min=0))
    return _mixed(OPPONENTS, cones ** (1 / 3))


def from_oklab(lab: Tensor) -> Tensor:
    """The picture of L, a and b; colours that no screen has lie outside [0, 1]."""
    return _mixed(CONES, _mixed(OPPONENTS, lab, inverse=True) ** 3, inverse=True)


def _mixed(rows: Sequence[Sequence[float]], channels: Tensor, inverse: bool = False) -> Tensor:
    matrix = torch.tensor(rows, dtype=torch.float64)
    matrix = torch.linalg.inv(matrix) if inverse else matrix
    return torch.einsum("dc,nchw->ndhw", matrix.to(channels.device), channels)


def _ridged(colours: Colours) -> Colours:
    ridge = RIDGE * torch.eye(len(colours.covariance), dtype=torch.float64)
    return Colours(colours.mean, colours.covariance + ridge)


def _smoothed(opponents: Tensor, light: Tensor, edges: str) -> Tensor:
    """a and b after the passes of a bilateral filter that L guides."""
    height, width = light.shape[-2:]
    around = F.pad(light, (1, 1, 1, 1), edges)
    places = [(slice(y, y + height), slice(x, x + width)) for y in range(3) for x in range(3)]
    for _ in range(PASSES):
        padded = F.pad(opponents, (1, 1, 1, 1), edges)
        total, weights = torch.zeros_like(opponents), torch.zeros_like(light)
        for rows, columns in places:
            weight = (-SHARPNESS * (around[..., rows, columns] - light).abs()).exp()
            total += weight * padded[..., rows, columns]
            weights += weight
        opponents = total / weights
    return opponents
