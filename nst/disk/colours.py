"""A decoded picture of any mode -> upright 8-bit sRGB, with notes on what was changed to get there."""

import io
import struct
from dataclasses import dataclass
from functools import cache

from PIL import ExifTags, Image, ImageCms

SRGB = ImageCms.createProfile("sRGB")
# EXIF orientation -> the transposition that makes the picture upright. ImageOps.exif_transpose would
# also rewrite the EXIF data, and fails if these are damaged.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
UNCALIBRATED, ADOBE_RGB = 0xFFFF, 2  # values of EXIF's colour space
OVER_WHITE = "transparent parts were laid over white"
USUAL_GAMMA = 0.45455  # of PNG; that of sRGB
# Adobe RGB (1998): the XYZ of its primaries, adapted to D50, and its gamma.
ADOBE_PRIMARIES = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
    b"wtpt": (0.9642, 1.0, 0.8249),
}
ADOBE_GAMMA = 563 / 256


def lies_on_its_side(image: Image.Image) -> bool:
    """Whether a picture, of which only the header is read, is stored turned by 90 degrees."""
    if image.format == "PNG" and not {"exif", "Raw profile type exif"} & image.info.keys():
        return False  # Pillow would decode all of it to look for EXIF data after the pixels
    if image.format == "TIFF":
        return False  # Pillow turns it, and says the size that it has then
    exif = _exif(image, [])
    return bool(exif) and exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8)


@dataclass(frozen=True)
class Facts:
    """What a file says of its colours, and the transposition that makes it upright."""

    profile: bytes | None = None  # of ICC
    gamma: float | None = None  # of a PNG, where it is not that of sRGB
    turn: Image.Transpose | None = None


def facts_of(image: Image.Image, name: str, notes: list[str]) -> Facts:
    """What a file says of its colours, of which the header is read; `name` is that of the file."""
    profile = image.info.get("icc_profile")
    if profile == srgb_profile():  # ours: nothing is to be rounded by a conversion
        profile = None
    exif = _exif(image, notes)
    turn = UPRIGHT.get(exif.get(ExifTags.Base.Orientation, 1)) if exif else None
    if not profile and exif and _is_adobe_rgb(exif, name):
        profile = adobe_rgb_profile()
        notes.append("its colours were taken for Adobe RGB, as its EXIF data say")
    gamma = image.info.get("gamma") if image.format == "PNG" and "srgb" not in image.info else None
    if isinstance(gamma, float) and not profile and _is_unusual(gamma):
        notes.append(f"its gamma of {gamma:.3g} was converted to that of sRGB")
        return Facts(None, gamma, turn)
    return Facts(profile or None, None, turn)


def _is_unusual(gamma: float) -> bool:
    return 0.1 < gamma < 10 and abs(gamma - USUAL_GAMMA) > 0.02


def as_srgb(
    image: Image.Image, name: str = "", over_white: bool = True
) -> tuple[Image.Image, list[str]]:
    """A decoded picture as upright 8-bit sRGB, and notes for the user; `name` is that of its file.

    Transparent parts are laid over white, or keep the colours that the file has under them.
    """
    notes: list[str] = []
    facts = facts_of(image, name, notes)
    image, alpha = _split_alpha(_as_8_bit(image, notes))
    if facts.profile:
        image = _from_profile(image, facts.profile, notes)
    elif facts.gamma:
        image = image.convert("RGB").point(gamma_table(facts.gamma) * 3)
    image = image.convert("RGB")
    if over_white and alpha is not None and alpha.getextrema() != (255, 255):
        image = _over_white(image, alpha, notes)
    return (image if facts.turn is None else image.transpose(facts.turn)), notes


def alpha_of(image: Image.Image) -> Image.Image | None:
    """The alpha channel of a decoded picture, upright, 8-bit grey; None if it is opaque."""
    alpha = _split_alpha(_as_8_bit(image, []))[1]
    if alpha is None or alpha.getextrema() == (255, 255):
        return None
    turn = facts_of(image, "", []).turn
    return alpha if turn is None else alpha.transpose(turn)


def _exif(image: Image.Image, notes: list[str]) -> Image.Exif | None:
    try:
        exif = image.getexif()
        exif.get(ExifTags.Base.Orientation)
        return exif
    except Exception:  # Pillow's EXIF parser raises all kinds of errors
        notes.append("its EXIF data cannot be read and was left out")
        return None


def _is_adobe_rgb(exif: Image.Exif, name: str) -> bool:
    """Whether a camera marked a picture as Adobe RGB: in EXIF data, or as DCF says, by `_` and EXIF."""
    try:
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        index = exif.get_ifd(ExifTags.IFD.Interop).get(1)
    except Exception:  # Pillow's EXIF parser raises all kinds of errors
        return False
    marked = index in ("R03", b"R03\0", b"R03") or name.startswith("_")
    return space == ADOBE_RGB or (space == UNCALIBRATED and marked)


@cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, with a fixed date: the same bytes each time."""
    data = bytearray(ImageCms.ImageCmsProfile(SRGB).tobytes())
    struct.pack_into(">6H", data, 24, 2026, 1, 1, 0, 0, 0)
    return bytes(data)


@cache
def adobe_rgb_profile() -> bytes:
    """An ICC profile of Adobe RGB (1998), version 2.1."""
    text = b"Adobe RGB (1998) compatible\0"
    tags = {
        b"desc": b"desc" + struct.pack(">II", 0, len(text)) + text + bytes(78),
        b"cprt": b"text" + bytes(4) + b"CC0\0",
    }
    for tag, values in ADOBE_PRIMARIES.items():
        fixed = (round(value * 65536) for value in values)
        tags[tag] = b"XYZ " + struct.pack(">I3i", 0, *fixed)
    for tag in (b"rTRC", b"gTRC", b"bTRC"):
        tags[tag] = b"curv" + struct.pack(">IIH", 0, 1, round(ADOBE_GAMMA * 256))
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += struct.pack(">4sII", tag, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    white = struct.pack(">3i", 63190, 65536, 54061)
    head = struct.pack(
        ">I4xI4s4s4s12x4s", start + len(data), 0x02100000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    return (head.ljust(68, b"\0") + white).ljust(128, b"\0") + table + data


def gamma_table(gamma: float, white: int = 255) -> list[int]:
    """The levels of sRGB, from 0 to `white`, for those of a PNG with this gamma."""
    linear = ((level / white) ** (1 / gamma) for level in range(white + 1))
    return [
        round(white * (12.92 * x if x <= 0.0031308 else 1.055 * x ** (1 / 2.4) - 0.055)) for x in linear
    ]


def _over_white(image: Image.Image, alpha: Image.Image, notes: list[str]) -> Image.Image:
    """The picture laid over white; a picture that would be invisible is opaque."""
    if alpha.getextrema() == (0, 0) and len(image.getcolors(1) or ()) != 1:
        notes.append("its alpha channel is empty and was left out")
        return image
    notes.append(OVER_WHITE)
    return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours, in a mode that a colour profile can describe, and the alpha channel if any."""
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("LA" if grey else "RGBA")
        return image.convert("L" if grey else "RGB"), image.getchannel("A")
    if image.mode in ("L", "RGB", "CMYK"):
        return image, None
    return image.convert("L" if grey else "RGB"), None


def _from_profile(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """The picture converted from its colour profile to sRGB."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space  # pyright: ignore[reportAttributeAccessIssue]: Pillow's hint is wrong
        if image.mode == "L" and space.strip() == "RGB":
            image = image.convert("RGB")  # grey pictures often carry the profile of colour ones
        return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        notes.append("its colour profile cannot be used and was left out")
        return image


def black_and_white(low: float, high: float, white: float, notes: list[str]) -> tuple[float, float]:
    """The levels of black and white in a picture with levels from `low` to `high`.

    They are 0 and `white` if all levels lie between these, else the least and the greatest level.
    """
    if low >= 0 and high <= white:
        return 0, white
    notes.append(f"its levels, {low:.6g} to {high:.6g}, were stretched from black to white")
    return low, high


def _as_8_bit(image: Image.Image, notes: list[str]) -> Image.Image:
    """Levels of 16 or 32 bits scaled to 8: Pillow's own convert clips them instead."""
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        import numpy  # importing it takes longer than reading a picture that does not need it

        levels = numpy.asarray(image)
        grey = Image.fromarray((levels >> 8).astype(numpy.uint8))
        if isinstance(transparent, int):
            grey.putalpha(Image.fromarray(numpy.where(levels == transparent, 0, 255).astype("uint8")))
        return grey
    if image.mode in ("I", "F"):
        import numpy

        levels = numpy.asarray(image, dtype=numpy.float64)
        finite = levels[numpy.isfinite(levels)]
        low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
        levels = numpy.nan_to_num(levels, nan=low, neginf=low, posinf=high)
        low, high = black_and_white(low, high, 2**16 - 1 if image.mode == "I" else 1, notes)
        scale = 255 / (high - low) if high > low else 0
        return Image.fromarray(((levels - low) * scale).round().astype(numpy.uint8))
    if image.mode == "RGB" and isinstance(transparent, tuple) and max(transparent) > 255:
        # Pillow keeps the upper 8 of 16 bits, but does not shift the transparent colour.
        image.info["transparency"] = tuple(level >> 8 for level in transparent)
    return image
