"""Any common picture file -> 8-bit sRGB -> tensor, 1 x 3 x height x width in [0, 1] -> PNG.

All of it may be called from several threads.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from nst.disk.files import write_whole
from nst.errors import NstError

if TYPE_CHECKING:
    from torch import Tensor

# Pillow logs errors and warns of oddities in files that are refused or mended here anyway. Set once:
# what `warnings.catch_warnings` does per call is not safe among threads.
logging.getLogger("PIL").addHandler(logging.NullHandler())
warnings.filterwarnings("ignore", module=r"PIL\.")
Image.MAX_IMAGE_PIXELS = None  # `_open` has its own limit

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
MAX_PIXELS = 200_000_000  # a larger picture is taken for a decompression bomb
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


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture in pixels, as stored, from its header alone.

    Raises NstError, as `read` does, if the header already shows that the file is no picture.
    """
    with _open(path) as image:
        return image.size


def file_bytes(path: Path) -> bytes:
    """The bytes of a picture's file. Raises NstError if it is missing, empty or not readable."""
    with _refusing(path):
        _refuse_no_file(path)
        return path.read_bytes()


def read(path: Path, data: bytes | None = None, shown: int = 0) -> tuple[Image.Image, list[str]]:
    """A picture as upright 8-bit sRGB, and notes for the user on what was changed to get there.

    `data` are the bytes of its file, if they have been read already. If the picture will only be shown
    with at most `shown` pixels on its longer side, it may be decoded at a lower resolution. Raises
    NstError, naming the file, if it is missing, truncated, too large or no picture.
    """
    image = _open(path, data)
    try:
        with image:
            if 0 < 2 * shown < max(image.size):
                # A JPEG can be decoded at 1/2, 1/4 or 1/8; at twice the size shown it looks the same.
                image.draft(None, size_at(image.size, 2 * shown))
            image.load()
            return _as_srgb(image)
    except MemoryError:
        raise _too_large(path) from None
    except Exception as error:  # Pillow's decoders raise all kinds of errors
        raise _damaged(path, error) from None


def resized(image: Image.Image, longer_side: int) -> Image.Image:
    """The picture with its longer side as given, in pixels; the shorter in proportion, at least 1."""
    return image.resize(size_at(image.size, longer_side), Image.Resampling.LANCZOS)


def size_at(size: tuple[int, int], longer_side: int) -> tuple[int, int]:
    """Width and height of a picture of this size, scaled to the given longer side, in pixels."""
    factor = longer_side / max(size)
    width, height = (max(1, round(side * factor)) for side in size)
    return width, height


def to_tensor(image: Image.Image) -> "Tensor":
    """An 8-bit RGB picture as float32, 1 x 3 x height x width in [0, 1]."""
    import numpy
    import torch

    array = torch.from_numpy(numpy.array(image.convert("RGB")))
    return (array.permute(2, 0, 1).unsqueeze(0).float() / 255).contiguous()


def to_picture(tensor: "Tensor") -> Image.Image:
    """A 1 x 3 x height x width tensor in [0, 1] as an 8-bit RGB picture, rounded to nearest."""
    array = (tensor[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(array)


def png_bytes(image: Image.Image, effort: int = 6) -> bytes:
    """A picture as PNG; `effort` is zlib's level, 1 to 9."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue()


def write_png(image: Image.Image, path: Path, effort: int = 6) -> None:
    """Write a PNG that appears whole or not at all."""
    write_whole(path, png_bytes(image, effort))


def _open(path: Path, data: bytes | None = None) -> Image.Image:
    """Open a file lazily: only its header is read."""
    with _refusing(path):
        _refuse_no_file(path)
        image = Image.open(path if data is None else io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise NstError(
            f"{path} is {image.width} x {image.height} pixels, more than"
            f" {MAX_PIXELS // 1_000_000} million: shrink it first"
        )
    return image


def _refuse_no_file(path: Path) -> None:
    if not path.is_file():
        raise NstError(f"{path} {'is not a file' if path.exists() else 'does not exist'}")
    if path.stat().st_size == 0:
        raise NstError(f"{path} is empty")


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong with a file into one line that names it."""
    try:
        yield
    except UnidentifiedImageError:
        raise NstError(
            f"{path} is not a picture ({', '.join(FORMATS)}) or is cut short; save it again as one"
        ) from None
    except NstError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except Exception as error:  # Pillow's parsers raise all kinds of errors
        if isinstance(error, OSError) and error.strerror:  # from the system, not from Pillow
            raise NstError(f"cannot read {path}: {error.strerror}") from None
        raise _damaged(path, error) from None


def _too_large(path: Path) -> NstError:
    return NstError(f"not enough memory to read {path}: shrink it first")


def _damaged(path: Path, error: Exception) -> NstError:
    reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
    return NstError(f"{path} is damaged or cut short: {reason}; save it again")


def _as_srgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    """A decoded picture as upright 8-bit sRGB, and the notes of `read`."""
    notes: list[str] = []
    profile = image.info.get("icc_profile")
    turn = _upright(image, notes)
    image, alpha = _split_alpha(_as_8_bit(image, notes))
    if profile:
        image = _to_srgb(image, profile, notes)
    image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        white = Image.new("RGB", image.size, "white")
        image = Image.composite(image, white, alpha)
        notes.append("transparent parts were laid over white")
    return (image if turn is None else image.transpose(turn)), notes


def _upright(image: Image.Image, notes: list[str]) -> Image.Transpose | None:
    """The transposition that makes the picture upright, by its EXIF orientation."""
    try:
        return UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # Pillow's EXIF parser raises all kinds of errors
        notes.append("its EXIF data cannot be read and was left out")
        return None


def _split_alpha(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours, in a mode that a colour profile can describe, and the alpha channel if any."""
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("LA" if grey else "RGBA")
        return image.convert("L" if grey else "RGB"), image.getchannel("A")
    if image.mode in ("L", "RGB", "CMYK"):
        return image, None
    return image.convert("L" if grey else "RGB"), None


def _to_srgb(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
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
        if image.mode == "I" and low >= 0 and high < 2**16:
            low, high = 0, 2**16 - 1
        else:
            notes.append(f"its levels, {low:.6g} to {high:.6g}, were stretched from black to white")
        scale = 255 / (high - low) if high > low else 0
        return Image.fromarray(((levels - low) * scale).round().astype(numpy.uint8))
    if image.mode == "RGB" and isinstance(transparent, tuple) and max(transparent) > 255:
        # Pillow keeps the upper 8 of 16 bits, but does not shift the transparent colour.
        image.info["transparency"] = tuple(level >> 8 for level in transparent)
    return image
