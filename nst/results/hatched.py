"""A hatched box with a word in it, in the place of a picture that is not there."""

from PIL import Image, ImageDraw, ImageFont

GROUND, HATCH, INK = "#efede8", "#dcd9d1", "#55555e"
STEP = 14  # pixels between two lines
SIZES = (17, 14, 11)  # of the word, the first that fits


def hatched(size: tuple[int, int], word: str) -> Image.Image:
    """A box of this width and height in pixels, with the word in its middle."""
    width, height = size
    box = Image.new("RGB", size, GROUND)
    pen = ImageDraw.Draw(box)
    for x in range(-height, width, STEP):
        pen.line([(x, height), (x + height, 0)], fill=HATCH, width=3)
    fonts = [ImageFont.load_default(points) for points in SIZES]
    font = next((font for font in fonts if font.getlength(word) + 16 <= width), fonts[-1])
    left, top, right, bottom = font.getbbox(word)
    x, y = (width - right + left) / 2, (height - bottom + top) / 2
    pen.rectangle([x - 6, y - 4, x + right - left + 6, y + bottom - top + 4], fill=GROUND)
    pen.text((x - left, y - top), word, font=font, fill=INK)
    pen.rectangle([0, 0, width - 1, height - 1], outline=HATCH)
    return box
