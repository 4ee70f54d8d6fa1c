"""Colour distance: how far the colours of one picture must move to become those of another.

Colours are points in CIELAB, where a distance of 1 (Delta E) is about the least that one sees. Along a
fixed set of directions the colours of both pictures are sorted and compared, rank by rank (the sliced
1-Wasserstein distance). The unit is Delta E: where all colours are shifted by 10, the distance is 10.
"""

import math
from collections.abc import Sequence

import numpy
from numpy.typing import NDArray
from PIL import Image

DIRECTIONS = 32
RANKS = 1024  # at which the sorted colours are compared, as pictures have different numbers of pixels
WHITE = numpy.array([0.95047, 1.0, 1.08883])  # D65
# Linear sRGB to CIE XYZ.
TO_XYZ = numpy.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)

Array = NDArray[numpy.float64]


def lab(picture: Image.Image) -> Array:
    """The colours of a picture's pixels in CIELAB, N x 3."""
    levels = numpy.arange(256) / 255
    linear = numpy.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    pixels = linear[numpy.asarray(picture.convert("RGB")).reshape(-1, 3)]
    x, y, z = (_lightness(channel) for channel in (pixels @ TO_XYZ.T / WHITE).T)
    return numpy.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def palette(picture: Image.Image) -> Array:
    """The colours of a picture in order along every direction, DIRECTIONS x RANKS."""
    projected = numpy.sort(_projected(picture))
    ranks = (numpy.arange(RANKS) + 0.5) / RANKS * projected.shape[1]
    return projected[:, ranks.astype(int)].astype(float)


def pooled_palette(parts: Sequence[tuple[float, Image.Image]]) -> Array:
    """The palette of pictures with shares: of all their pixels, each picture's as much as its share."""
    if len(parts) == 1:
        return palette(parts[0][1])
    projected = [_projected(picture) for _, picture in parts]
    counts = [one.shape[1] for one in projected]
    weights = numpy.repeat([share / n for (share, _), n in zip(parts, counts, strict=True)], counts)
    every = numpy.concatenate(projected, axis=1)
    order = numpy.argsort(every, axis=1, kind="stable")
    ranks = (numpy.arange(RANKS) + 0.5) / RANKS
    chosen = [numpy.searchsorted(numpy.cumsum(weights[row]), ranks, "right") for row in order]
    last = every.shape[1] - 1
    return numpy.stack(
        [row[by[numpy.minimum(at, last)]] for row, by, at in zip(every, order, chosen, strict=True)]
    ).astype(float)


def _projected(picture: Image.Image) -> NDArray[numpy.float32]:
    return (_directions() @ lab(picture).T).astype(numpy.float32)


def colour_distance(one: Array, other: Array) -> float:
    """The distance of two palettes; 0 for those of one picture, and whatever the order."""
    # Twice the mean: along a direction of chance, a shift shows with half of its length on average.
    return float(2 * numpy.abs(one - other).mean())


def _lightness(t: Array) -> Array:
    return numpy.where(t > (6 / 29) ** 3, numpy.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)


def _directions() -> Array:
    """Points that are spread evenly over half of the unit sphere, on a spiral."""
    z = (numpy.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    angle = numpy.arange(DIRECTIONS) * math.pi * (3 - math.sqrt(5))
    radius = numpy.sqrt(1 - z**2)
    return numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle), z], axis=1)
