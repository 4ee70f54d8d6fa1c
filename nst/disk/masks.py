"""Masks: grey pictures that say which parts of another picture count."""

from pathlib import Path

from PIL import Image

from nst.disk import images
from nst.disk.colours import alpha_of
from nst.errors import NstError

LEAST_SIDE = 8  # pixels, of the longer side


def read_mask(path: Path) -> tuple[Image.Image, list[str]]:
    """A mask as upright 8-bit grey, and notes for the user on what was changed to get there.

    Raises NstError as `images.read`, and for a mask that is black everywhere, or transparent anywhere.
    """
    image, notes = images.decoded(path)
    mask, more = as_mask(image, path)
    return mask, [*notes, *more]


def as_mask(image: Image.Image, path: Path) -> tuple[Image.Image, list[str]]:
    """As `read_mask`, of a decoded picture; messages call it by a path."""
    if alpha_of(image) is not None:
        raise NstError(
            f"{path} has transparent parts, which are neither black nor white: save the mask without"
            " transparency"
        )
    picture, notes = images.converted(image, path)
    mask = picture.convert("L")
    if max(mask.size) < LEAST_SIDE:
        raise NstError(
            f"{path} is {mask.width} x {mask.height} pixels, too small for a mask: draw it at the size"
            " of its picture"
        )
    if not mask.getextrema()[1]:
        raise NstError(f"{path} is black everywhere: a mask is white where its picture counts")
    return mask, notes


def white_share(path: Path) -> float:
    """How much of a mask is white, from 0 to 1. Raises NstError as `read_mask`."""
    mask, _ = read_mask(path)
    levels = mask.histogram()
    return sum(level * count for level, count in enumerate(levels)) / (255 * sum(levels))


def shape_fault(path: Path, mask: tuple[int, int], picture: Path, size: tuple[int, int]) -> str:
    """Why a mask does not fit its picture, by their widths and heights; "" if it does."""
    if images.same_shape(mask, size):
        return ""
    return (
        f"{path} is {mask[0]} x {mask[1]} pixels, its picture {picture} is {size[0]} x {size[1]}: make"
        " the mask in the shape of its picture"
    )
