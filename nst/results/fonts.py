"""Fonts for what is written on sheets: Pillow's own, or one of the system that has the letters."""

import unicodedata
from functools import cache

from PIL import ImageFont

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
MISSING = "\uffff"  # no font has it
# Pillow's own font has few letters beyond ASCII. These are looked for where systems keep fonts.
SYSTEM_FONTS = (
    "DejaVuSans.ttf", "NotoSans-Regular.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf",
    "NotoSansCJK-Regular.ttc", "NotoSansCJKjp-Regular.otf", "DroidSansFallbackFull.ttf",
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "Arial Unicode.ttf", "PingFang.ttc",
)  # fmt: skip


def fitting(text: str, plain: str = "") -> tuple[str, str]:
    """The text, and the name of a font that has its letters ("" for Pillow's own).

    If no font has them all, `plain` is taken, or else the text without accents and with ? for letters.
    """
    for name in ("", *SYSTEM_FONTS):
        if _has(name, text):
            return text, name
    letters = [c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)]
    return plain or "".join(c if _has("", c) else "?" for c in letters), ""


@cache
def font(name: str, size: int) -> Font:
    """A font of `fitting` at a size in pixels."""
    return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)


@cache
def _has(name: str, text: str) -> bool:
    try:
        face = font(name, 16)
    except OSError:  # this system does not have it
        return False
    missing = _image(face, MISSING)
    return all(character.isspace() or _image(face, character) != missing for character in text)


def _image(face: Font, character: str) -> tuple[tuple[int, int], bytes]:
    mask = face.getmask(character)
    return mask.size, bytes(mask)  # pyright: ignore[reportArgumentType]: Pillow's hint is wrong
