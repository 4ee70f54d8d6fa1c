"""Masks and regions as pictures to lay over an image: what is left is dim, each region has a colour."""

from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter

DIM, DIM_SHARE = "#0b0b0e", 0.72  # what a mask leaves as the content
BORDER = "#ff4f6e"
TINT_SHARE = 0.5  # of the colour of a region
# Told apart with every kind of sight (Okabe & Ito), on bright and on dark pictures.
COLOURS = (
    "#e69f00", "#56b4e9", "#009e73", "#f0e442", "#d55e00", "#cc79a7", "#0072b2", "#ffffff",
)  # fmt: skip
LINE = 1 / 220  # of the longer side; the width of a border
HALF = [0] * 128 + [255] * 128


def of_mask(mask: Image.Image, protect: float = 1) -> Image.Image:
    """What lies over an image with this mask, grey, white where it is stylised: RGBA.

    `protect` is how much of the content is left where the mask is black.
    """
    left = ImageChops.invert(mask)
    return _with_border(_tint(left, DIM, DIM_SHARE * protect), mask, BORDER)


def of_regions(masks: Sequence[Image.Image]) -> Image.Image:
    """What lies over an image with these masks of one size, white where each region is: RGBA."""
    size = masks[0].size
    laid = Image.new("RGBA", size)
    for number, mask in enumerate(masks):
        laid = Image.alpha_composite(laid, _tint(mask, colour_of(number), TINT_SHARE))
    for number, mask in enumerate(masks):
        laid = _with_border(laid, mask, colour_of(number))
    return laid


def colour_of(number: int) -> str:
    """The colour of a region, by its number from 0."""
    return COLOURS[number % len(COLOURS)]


def _tint(mask: Image.Image, colour: str, share: float) -> Image.Image:
    tint = Image.new("RGBA", mask.size, colour)
    tint.putalpha(mask.point([round(share * level) for level in range(256)]))
    return tint


def _with_border(laid: Image.Image, mask: Image.Image, colour: str) -> Image.Image:
    """With a line where the mask passes from more to less than half."""
    inside = mask.point(HALF)
    wide = 2 * max(1, round(max(mask.size) * LINE / 2)) + 1
    border = ImageChops.subtract(inside, inside.filter(ImageFilter.MinFilter(wide)))
    line = Image.new("RGBA", mask.size, colour)
    line.putalpha(border.filter(ImageFilter.GaussianBlur(0.8)))
    return Image.alpha_composite(laid, line)
