"""Pictures in and out: any common file -> 8-bit sRGB -> 1 x 3 x height x width in [0, 1] -> PNG."""

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

# Pillow logs errors of files that are refused here anyway, in a line of their own.
logging.getLogger("PIL").addHandler(logging.NullHandler())

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")
MOST_PIXELS = 200_000_000  # a larger picture is taken for a decompression bomb
SRGB = ImageCms.createProfile("sRGB")
# EXIF orientation -> what makes the picture upright. ImageOps.exif_transpose would also write the
# EXIF data anew, and fails where that is odd.
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
    """Width and height of a picture in pixels, as it is stored, from its header alone.

    Raises NstError, as `read` does, for what the header already shows to be no picture.
    """
    with _open(path) as image:
        return image.size


def file_bytes(path: Path) -> bytes:
    """What a picture's file holds. Raises NstError for one that is missing, empty or closed to us."""
    with _refused(path):
        _refuse_no_file(path)
        return path.read_bytes()


def read(path: Path, data: bytes | None = None, shown: int = 0) -> tuple[Image.Image, list[str]]:
    """A picture as upright 8-bit sRGB, and what had to be done to it that a user should know.

    `data` is what its file holds, if it has been read already. One that is only to be shown, with its
    longer side of `shown` pixels or fewer, may come smaller than it is. Raises NstError, naming the
    file, for one that is missing, truncated, too large or no picture.
    """
    image = _open(path, data)
    try:
        with image, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of oddities in files it can read
            if 0 < 2 * shown < max(image.size):
                # A JPEG is decoded at a half, quarter or eighth: from twice the size it looks the same.
                image.draft(None, size_at(image.size, 2 * shown))
            image.load()
            return _as_srgb(image)
    except MemoryError:
        raise _too_large(path) from None
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise _damaged(path, error) from None


def resized(image: Image.Image, longer_side: int) -> Image.Image:
    """The picture with its longer side as asked, in pixels; the shorter follows, at least 1."""
    return image.resize(size_at(image.size, longer_side), Image.Resampling.LANCZOS)


def size_at(size: tuple[int, int], longer_side: int) -> tuple[int, int]:
    """Width and height, in pixels, of a picture of this size when its longer side is as asked."""
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
    """A 1 x 3 x height x width tensor in [0, 1] as an 8-bit RGB picture, rounded, not cut off."""
    array = (tensor[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(array)


def png_bytes(image: Image.Image, effort: int = 6) -> bytes:
    """A picture as PNG; `effort` is zlib's, 1 to 9."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue()


def write_png(image: Image.Image, path: Path, effort: int = 6) -> None:
    """Write a PNG that appears whole or not at all."""
    write_whole(path, png_bytes(image, effort))


def _open(path: Path, data: bytes | None = None) -> Image.Image:
    """Open a file lazily: its header is read and its size known, nothing is decoded."""
    with _refused(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _refuse_no_file(path)
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # ours is checked below
        try:
            image = Image.open(path if data is None else io.BytesIO(data), formats=FORMATS)
        finally:
            Image.MAX_IMAGE_PIXELS = limit
    if image.width * image.height > MOST_PIXELS:
        image.close()
        raise NstError(
            f"{path} is {image.width} x {image.height} pixels, more than"
            f" {MOST_PIXELS // 1_000_000} million: shrink it first"
        )
    return image


def _refuse_no_file(path: Path) -> None:
    if not path.is_file():
        raise NstError(f"{path} {'is not a file' if path.exists() else 'does not exist'}")
    if path.stat().st_size == 0:
        raise NstError(f"{path} is empty")


@contextmanager
def _refused(path: Path) -> Iterator[None]:
    """Whatever goes wrong with a file within, as one line."""
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
    except Exception as error:  # Pillow's parsers raise whatever they stumble over
        if isinstance(error, OSError) and error.strerror:  # from the system, not from Pillow
            raise NstError(f"cannot read {path}: {error.strerror}") from None
        raise _damaged(path, error) from None


def _too_large(path: Path) -> NstError:
    return NstError(f"not enough memory to read {path}: shrink it first")


def _damaged(path: Path, error: Exception) -> NstError:
    reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
    return NstError(f"{path} is damaged or cut short: {reason}; save it again")


def _as_srgb(image: Image.Image) -> tuple[Image.Image, list[str]]:
    notes: list[str] = []
    profile = image.info.get("icc_profile")
    turn = _turn(image, notes)
    image, alpha = _apart(_as_8_bit(image, notes))
    if profile:
        image = _converted(image, profile, notes)
    image = image.convert("RGB")
    if alpha is not None and alpha.getextrema()[0] < 255:
        white = Image.new("RGB", image.size, "white")
        image = Image.composite(image, white, alpha)
        notes.append("transparent parts were laid over white")
    return (image if turn is None else image.transpose(turn)), notes


def _turn(image: Image.Image, notes: list[str]) -> Image.Transpose | None:
    """What makes the picture upright, by its EXIF orientation."""
    try:
        return UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # Pillow's EXIF parser raises whatever it stumbles over
        notes.append("its EXIF data cannot be read and was left out")
        return None


def _apart(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """The colours, in a mode that a colour profile may describe, and the alpha channel if any."""
    grey = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("LA" if grey else "RGBA")
        return image.convert("L" if grey else "RGB"), image.getchannel("A")
    if image.mode in ("L", "RGB", "CMYK"):
        return image, None
    return image.convert("L" if grey else "RGB"), None


def _converted(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """The picture from its colour profile to sRGB."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if image.mode == "L" and source.profile.xcolor_space.strip() == "RGB":
            image = image.convert("RGB")  # grey pictures often carry the profile of colour ones
        return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        notes.append("its colour profile cannot be used and was left out")
        return image


def _as_8_bit(image: Image.Image, notes: list[str]) -> Image.Image:
    """Levels of 16 or 32 bits as 8, the whole range kept: Pillow's own convert cuts them off."""
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16"):
        import numpy  # takes longer than to read a picture that does not need it

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
        # Of 16 bits Pillow keeps the upper 8, but leaves the transparent colour as it was.
        image.info["transparency"] = tuple(level >> 8 for level in transparent)
    return image
