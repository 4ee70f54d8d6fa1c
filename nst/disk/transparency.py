"""The alpha channel of a picture, and what lies under its transparent parts."""

from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from nst.disk import images
from nst.errors import NstError

if TYPE_CHECKING:
    from numpy import ndarray


def straight(
    image: Image.Image, alpha: Image.Image, path: Path
) -> tuple[Image.Image, Image.Image, list[str]]:
    """A decoded picture as upright 8-bit sRGB, its alpha channel, and notes for the user.

    Where nothing is visible the picture has the colours around, so that nothing that is computed or
    resized of it shows a rim; what the file has there does not matter. Messages call it by a path.
    """
    picture, notes = images.converted(image, path, over_white=False)
    return _extended(picture, alpha), alpha, notes


def nothing_seen(path: Path) -> NstError:
    """Why a picture is refused whose alpha channel acts, and is 0 everywhere."""
    return NstError(f"{path} is transparent everywhere: nothing of it would count")


def _extended(picture: Image.Image, alpha: Image.Image) -> Image.Image:
    """A picture whose visible colours are spread over what its alpha channel makes invisible."""
    import numpy

    levels = _spread(
        numpy.asarray(picture, dtype=numpy.float32), numpy.asarray(alpha, dtype=numpy.float32)
    )
    return Image.fromarray(levels.round().clip(0, 255).astype(numpy.uint8))


def _spread(levels: "ndarray", weights: "ndarray") -> "ndarray":
    """Levels (height x width x 3) that are replaced where they have no weight, by those around.

    By those at half the size, where a level is the mean of four by their weights, and so on.
    """
    if weights.min() > 0 or weights.size == 1:
        return levels
    import numpy

    height, width = weights.shape
    sums = _sums_of_four(weights)
    half = _sums_of_four(levels * weights[..., None]) / numpy.maximum(sums, 1e-6)[..., None]
    ground = [
        Image.fromarray(channel).resize((width, height), Image.Resampling.BILINEAR)
        for channel in numpy.moveaxis(_spread(half, sums), 2, 0)
    ]
    spread = numpy.dstack([numpy.asarray(channel) for channel in ground])
    return numpy.where(weights[..., None] > 0, levels, spread)


def _sums_of_four(array: "ndarray") -> "ndarray":
    import numpy

    height, width, *rest = array.shape
    padded = numpy.pad(array, [(0, height % 2), (0, width % 2), *[(0, 0) for _ in rest]])
    return padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]
