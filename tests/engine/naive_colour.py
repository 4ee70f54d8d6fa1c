"""A second writing of `colour`, with numpy, matrix by matrix and pixel by pixel."""

import math

import numpy

RIDGE, SHARPNESS, PASSES = 1e-4, 10, 5


def sqrtm(matrix):
    """The square root of a positive definite matrix, by the iteration of Denman and Beavers."""
    root, inverse = matrix, numpy.eye(len(matrix))
    for _ in range(60):
        root, inverse = (
            (root + numpy.linalg.inv(inverse)) / 2,
            (inverse + numpy.linalg.inv(root)) / 2,
        )
    return root


def matched(source, wanted, kind):
    """`source` with the mean and the covariance of `wanted`, not clamped; both are N x 3."""
    of_source, of_wanted = (numpy.cov(one, rowvar=False, bias=True) for one in (source, wanted))
    if kind == "cholesky":
        matrix = numpy.linalg.cholesky(of_wanted) @ numpy.linalg.inv(numpy.linalg.cholesky(of_source))
    elif kind == "symmetric":
        matrix = sqrtm(of_wanted) @ numpy.linalg.inv(sqrtm(of_source))
    else:
        root = sqrtm(of_source)
        inverse = numpy.linalg.inv(root)
        matrix = inverse @ sqrtm(root @ of_wanted @ root) @ inverse
    return (source - source.mean(0)) @ matrix.T + wanted.mean(0)


def luma(picture):
    """The luma of a picture, height x width x 3."""
    return 0.299 * picture[..., 0] + 0.587 * picture[..., 1] + 0.114 * picture[..., 2]


def in_luma_of(style, content):
    """The style as grey, its luma shifted and scaled to the content's; not clamped."""
    dark, wanted = luma(style), luma(content)
    return (dark - dark.mean()) * wanted.std() / dark.std() + wanted.mean()


def with_chroma(image, content):
    """The luma of the image, the chroma of the content; less chroma where it has no room."""
    made = numpy.empty_like(image)
    for at in numpy.ndindex(image.shape[:2]):
        light = luma(image[at])
        chroma = content[at] - luma(content[at])
        share = 1.0
        for part in chroma:
            if part > 0:
                share = min(share, (1 - light) / part)
            if part < 0:
                share = min(share, light / -part)
        made[at] = light + share * chroma
    return made


def oklab(rgb):
    """L, a and b of a colour (Ottosson 2020), without making it linear first."""
    r, g, b = rgb
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def in_oklab(picture):
    return numpy.apply_along_axis(oklab, -1, picture)


def palette(image, content, style):
    """L, a and b of the image in the palette of the style (NNST); pictures are height x width x 3."""
    light = in_oklab(image)[..., 0]
    wanted = in_oklab(style).reshape(-1, 3)
    light = light.clip(wanted[:, 0].min(), wanted[:, 0].max())
    own = in_oklab(content)[..., 1:].reshape(-1, 2)
    ridge = RIDGE * numpy.eye(2)
    to, of = (sqrtm(numpy.cov(one, rowvar=False, bias=True) + ridge) for one in (wanted[:, 1:], own))
    mapped = (own - own.mean(0)) @ (to @ numpy.linalg.inv(of)).T + wanted[:, 1:].mean(0)
    chroma = mapped.reshape(*light.shape, 2)
    for _ in range(PASSES):
        chroma = _smoothed(chroma, light)
    made = numpy.concatenate((light[..., None], chroma), -1)
    return made.clip(wanted.min(0), wanted.max(0))


def _smoothed(chroma, light):
    height, width = light.shape
    made = numpy.zeros_like(chroma)
    for y, x in numpy.ndindex(height, width):
        weights = 0.0
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                at = min(max(y + dy, 0), height - 1), min(max(x + dx, 0), width - 1)
                weight = math.exp(-SHARPNESS * abs(light[at] - light[y, x]))
                made[y, x] += weight * chroma[at]
                weights += weight
        made[y, x] /= weights
    return made
