"""A second writing of losses of pixels, with loops; pictures are height x width x 3 numpy arrays."""

import numpy


def laplacian(picture, pool, wraps=False):
    """The Laplacian of the summed channels of squares' means, by rows."""
    height, width = (side // pool for side in picture.shape[:2])
    light = numpy.empty((height, width))
    for y, x in numpy.ndindex(height, width):
        square = picture[y * pool : (y + 1) * pool, x * pool : (x + 1) * pool]
        light[y, x] = square.mean((0, 1)).sum()
    return [
        [
            4 * light[y, x]
            - light[y - 1, x]
            - light[(y + 1) % height, x]
            - light[y, x - 1]
            - light[y, (x + 1) % width]
            for x in (range(width) if wraps else range(1, width - 1))
        ]
        for y in (range(height) if wraps else range(1, height - 1))
    ]


def edges(image, content, pool, wraps=False):
    """The mean squared difference of two Laplacians."""
    one, other = (numpy.array(laplacian(p, pool, wraps)) for p in (image, content))
    return ((one - other) ** 2).mean()
