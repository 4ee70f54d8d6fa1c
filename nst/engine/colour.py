"""Colours of pictures: their moments, maps that change them, and what is pasted into a finished image.

Pictures are 1 x 3 x height x width, sRGB in [0, 1] as it is stored. All is computed in float64.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nst.engine.blending import pooled
from nst.engine.masks import LEAST_POSITIONS
from nst.engine.objective import Style

GAIN = 8  # at most: more would turn the noise of a picture with little colour into coloured grain
LUMA = (0.299, 0.587, 0.114)  # of ITU-R BT.601


@dataclass(frozen=True)
class Colours:
    """The mean (3) and the covariance (3 x 3) of a picture's colours, in float64 on the CPU.

    Of other channels than three, too.
    """

    mean: Tensor
    covariance: Tensor

    @classmethod
    def of(cls, picture: Tensor, mask: Tensor | None = None) -> "Colours":
        """Those of a picture, over its pixels as a mask (1 x 1 x height x width) weighs them."""
        pixels = _pixels(picture)
        if mask is None:
            return cls(pixels.mean(1).cpu(), torch.cov(pixels, correction=0).cpu())
        weights = mask.flatten().double()
        covariance = torch.cov(pixels, correction=0, aweights=weights)
        return cls((pixels @ weights / weights.sum()).cpu(), covariance.cpu())

    @classmethod
    def pooled(cls, parts: Sequence[tuple[float, "Colours"]]) -> "Colours":
        """Those of several pictures, each with its share."""
        return cls(*pooled([(share, (one.mean, one.covariance)) for share, one in parts if share]))

    def luma(self) -> tuple[Tensor, Tensor]:
        """The mean and the deviation of the luma."""
        weights = _luma_weights(self.mean)
        variance = weights @ self.covariance @ weights
        return weights @ self.mean, variance.clamp(min=0).sqrt()


@dataclass(frozen=True)
class ColourMap:
    """The colours x -> A (x - m) + n; A is 3 x 3, m and n are of 3, in float64."""

    matrix: Tensor
    mean: Tensor
    new_mean: Tensor

    def __call__(self, picture: Tensor) -> Tensor:
        """The picture in these colours, clamped to [0, 1], in its own type."""
        return self.unclamped(picture).clamp(0, 1).to(picture.dtype)

    def unclamped(self, picture: Tensor) -> Tensor:
        """The picture in these colours, in float64."""
        matrix, mean, new_mean = (t.to(picture.device) for t in (self.matrix, self.mean, self.new_mean))
        changed = matrix @ (_pixels(picture) - mean[:, None]) + new_mean[:, None]
        return changed.view(picture.shape)


def colour_map(source: Colours, wanted: Colours, kind: str = "symmetric") -> ColourMap:
    """The map that gives a picture of the colours `source` the mean and the covariance `wanted`.

    A is `wanted`'s root, turned, times the inverse symmetric root of `source`'s covariance. The
    turn is what the kinds differ by (`TURNS`). A enlarges no principal direction of the colours of
    `source` by more than GAIN: a grey picture stays grey.
    """
    variances, directions = _principal(source.covariance)
    root = _turned_root(source, wanted, kind)
    scales = torch.minimum(variances.rsqrt(), GAIN / (root @ directions).norm(dim=0))
    return ColourMap(root @ (directions * scales) @ directions.T, source.mean, wanted.mean)


def recoloured(
    content: Tensor, styles: Sequence[tuple[float, Style]], mask: Tensor | None = None
) -> Tensor:
    """The content in the colours of the style, from which an image starts with `init: recoloured`.

    `styles` are the pictures of the style, each with its share (Gatys et al. 2016, "Preserving Color in
    Neural Artistic Style Transfer", the other way round). By masks only a part of a picture counts.
    """
    parts = [(share, Colours.of(style.picture, style.mask)) for share, style in styles if share]
    return colour_map(Colours.of(content, mask), Colours.pooled(parts))(content)


def recoloured_by_regions(
    content: Tensor,
    styles: Sequence[tuple[float, Style]],
    regions: Sequence[Tensor],
    mask: Tensor | None,
) -> Tensor:
    """The content with each region in the colours of its style; a mix where regions overlap or fade.

    `styles` are in the order of the regions, each with its share: one without leaves its region as it
    is. Only what counts by the mask gives a region its colours. What is of no region is not changed.
    """
    mixed = torch.zeros_like(content)
    for (share, style), region in zip(styles, regions, strict=True):
        counted = region if mask is None else region * mask
        has_colours = share and float(counted.sum()) >= LEAST_POSITIONS
        changed = recoloured(content, [(1.0, style)], counted) if has_colours else content
        mixed += region * changed
    total = torch.stack(tuple(regions)).sum(0)
    return mixed / total.clamp(min=1) + (1 - total).clamp(min=0) * content


def _turned_root(source: Colours, wanted: Colours, kind: str) -> Tensor:
    root = _root(wanted.covariance)
    return root @ TURNS[kind](_root(source.covariance), root) if kind in TURNS else root


def _by_cholesky(source_root: Tensor, root: Tensor) -> Tensor:
    """Q with S_w^1/2 Q = L_w V', where S^1/2 = L V': so that A = L_w L_s^-1, also of singular S."""
    (source_turn, _), (turn, _) = (_positive_qr(one) for one in (source_root, root))
    return turn @ source_turn.T


def _by_transport(source_root: Tensor, root: Tensor) -> Tensor:
    """Q of the polar decomposition of S_w^1/2 S_s^1/2: A is then the only map that is symmetric."""
    left, _, right = torch.linalg.svd(root @ source_root)
    return left @ right


TURNS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "cholesky": _by_cholesky,
    "transport": _by_transport,
}


def _positive_qr(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Q and R of a matrix, with no negative number on the diagonal of R."""
    q, r = torch.linalg.qr(matrix)
    signs = torch.where(r.diagonal() < 0, -1.0, 1.0).to(matrix)
    return q * signs, signs[:, None] * r


def _root(covariance: Tensor) -> Tensor:
    variances, directions = _principal(covariance)
    return (directions * variances.sqrt()) @ directions.T


def _principal(covariance: Tensor) -> tuple[Tensor, Tensor]:
    """The variances along the principal directions, above 0; the directions."""
    variances, directions = torch.linalg.eigh(covariance)
    return variances.clamp(min=torch.finfo(covariance.dtype).tiny), directions


def grey_map() -> ColourMap:
    """The map to a grey picture of the same luma."""
    zero = torch.zeros(3, dtype=torch.float64)
    return ColourMap(_luma_weights(zero).expand(3, 3), zero, zero)


def luma_map(source: Colours, wanted: Colours) -> ColourMap:
    """The map to a grey picture whose luma has the mean and the deviation of `wanted`'s luma."""
    (_, deviation), (wanted_mean, wanted_deviation) = source.luma(), wanted.luma()
    gain = (wanted_deviation / deviation).nan_to_num(0).clamp(max=GAIN)
    matrix = gain * _luma_weights(source.mean).expand(3, 3)
    return ColourMap(matrix, source.mean, wanted_mean.expand(3))


def luma(picture: Tensor) -> Tensor:
    """The luma of a picture, 1 x 1 x height x width in float64."""
    weights = _luma_weights(picture)
    return torch.einsum("c,nchw->nhw", weights, picture.double())[:, None]


def with_chroma(image: Tensor, content: Tensor) -> Tensor:
    """The luma of an image with the chroma of a content of the same size.

    Where a colour of this luma would leave [0, 1], its chroma is made smaller and the luma kept.
    """
    light, dark = luma(image), luma(content)
    chroma = content.double() - dark
    room = torch.where(chroma > 0, 1 - light, light)
    share = (room / chroma.abs().clamp(min=torch.finfo(chroma.dtype).tiny)).amin(1, keepdim=True)
    share = share.clamp(0, 1)
    return (light + share * chroma).clamp(0, 1).to(image.dtype)


def _luma_weights(like: Tensor) -> Tensor:
    kind: dict[str, Any] = {"dtype": torch.float64, "device": like.device}
    return torch.tensor(LUMA, **kind)


def _pixels(picture: Tensor) -> Tensor:
    return picture[0].flatten(1).double()
