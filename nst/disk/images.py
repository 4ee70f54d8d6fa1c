"""Any common picture file -> sRGB -> tensor, 1 x 3 x height x width in [0, 1] -> PNG or JPEG.

All of it may be called from several threads.
"""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from PIL import Image, UnidentifiedImageError

from nst.disk import formats
from nst.disk.colours import as_srgb, lies_on_its_side
from nst.disk.deep import WHITE, Deep
from nst.disk.deep_files import is_deep
from nst.disk.deep_files import read_deep as read_deep_file
from nst.disk.files import write_whole
from nst.disk.run_inputs import source
from nst.errors import NstError

if TYPE_CHECKING:
    from torch import Tensor

# Pillow logs errors and warns of oddities in files that are refused or mended here anyway. Set once:
# what `warnings.catch_warnings` does per call is not safe among threads.
logging.getLogger("PIL").addHandler(logging.NullHandler())
warnings.filterwarnings("ignore", module=r"PIL\.")
Image.MAX_IMAGE_PIXELS = None  # `_open` has its own limit

Picture = Image.Image | Deep
Kind = TypeVar("Kind", bound=Picture)

STRETCH = 0.03  # of a side, which nobody sees; other programs round sides to multiples of 8 or 16
ROUNDED = 1.01  # pixels by which a program may round a side; a little more than 1, for rounding here
READ_WITH_8 = "was read with 8 bits per channel: its compression is not read with more"
MAX_PIXELS = 200_000_000  # a larger picture is taken for a decompression bomb


def size_of(path: Path) -> tuple[int, int]:
    """Width and height of a picture in pixels, as stored, from its header alone.

    Raises NstError, as `read` does, if the header already shows that the file is no picture.
    """
    return header_of(path)[0]


def header_of(path: Path) -> tuple[tuple[int, int], bool]:
    """The size as `size_of`, and whether the picture may have transparent parts."""
    with _open(path) as image:
        return image.size, image.has_transparency_data


def upright_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture in pixels, as `read` returns it. Raises NstError as `size_of`."""
    with _open(path) as image:
        width, height = image.size
        return (height, width) if lies_on_its_side(image) else (width, height)


def same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether one picture can be stretched to the size of another without showing it."""
    stretch = one[0] * other[1] / (one[1] * other[0])
    return max(stretch, 1 / stretch) <= 1 + max(STRETCH, ROUNDED / min(*one, *other))


def file_bytes(path: Path) -> bytes:
    """The bytes of a picture's file. Raises NstError if it is missing, empty or not readable."""
    with _refusing(path):
        _refuse_no_file(path)
        return source(path).read_bytes()


def read(
    path: Path, data: bytes | None = None, shown: int = 0, over_white: bool = True
) -> tuple[Image.Image, list[str]]:
    """A picture as upright 8-bit sRGB, and notes for the user on what was changed to get there.

    `data` are the bytes of its file, if they have been read already. If the picture will only be shown
    with at most `shown` pixels on its longer side, it may be decoded at a lower resolution. Raises
    NstError, naming the file, if it is missing, truncated, too large or no picture.
    """
    image, notes = decoded(path, data, shown)
    picture, more = converted(image, path, over_white)
    return picture, notes + more


def read_deep(
    path: Path, data: bytes | None = None, over_white: bool = True
) -> tuple[Picture, list[str]]:
    """As `read`, but with 16 bits per channel where the file has more than 8.

    If transparent parts are not laid over white, they keep the colours that the file has there.
    """
    if data is None:
        data = file_bytes(path)
    notes: list[str] = []
    with _open(path, data, notes) as image:
        if not is_deep(image):
            return read(path, data, over_white=over_white)
        cleaned = formats.without_large_chunks(data) if image.format == "PNG" else data
        with _decoding(path):
            try:
                return read_deep_file(image, cleaned, path.name, notes, over_white), notes
            except OSError:
                pass  # Pillow knows compressions of TIFF that libvips does not; damage it refuses, too
    picture, notes = read(path, data, over_white=over_white)
    return picture, [*notes, READ_WITH_8]


def converted(image: Image.Image, path: Path, over_white: bool = True) -> tuple[Image.Image, list[str]]:
    """As `read`, of a picture in memory; messages call it by a path.

    If transparent parts are not laid over white, they keep the colours that the picture has there.
    """
    with _decoding(path):
        return as_srgb(image, path.name, over_white)


@contextmanager
def _decoding(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong with pixels and colours into one line that names the file."""
    try:
        yield
    except NstError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except Exception as error:  # Pillow's decoders and converters raise all kinds of errors
        raise _damaged(path, error) from None


def check(path: Path) -> None:
    """Decode a picture whole. Raises NstError, as `read` does, if it is truncated or no picture."""
    # Of a JPEG, all data are read at 1/8 of its size, too, without most of the arithmetic.
    decoded(path, None, shown=1)


def decoded(path: Path, data: bytes | None = None, shown: int = 0) -> tuple[Image.Image, list[str]]:
    """A picture with its pixels in memory, and notes on what was skipped."""
    notes: list[str] = []
    image = _open(path, data, notes)
    try:
        with image:
            if 0 < 2 * shown < max(image.size):
                # A JPEG can be decoded at 1/2, 1/4 or 1/8; at twice the size shown it looks the same.
                image.draft(None, size_at(image.size, 2 * shown))
            image.load()
            return image, notes
    except NstError:
        raise
    except MemoryError:
        raise _too_large(path) from None
    except Exception as error:  # Pillow's decoders raise all kinds of errors
        if formats.has_large_chunk(error) and formats.LEFT_OUT not in notes:
            data = formats.without_large_chunks(source(path).read_bytes() if data is None else data)
            image, more = decoded(path, data, shown)
            return image, [*more, formats.LEFT_OUT]
        raise _damaged(path, error) from None


def resized(image: Kind, longer_side: int) -> Kind:
    """The picture with its longer side as given, in pixels; the shorter in proportion, at least 1."""
    return cast(Kind, image.resize(size_at(image.size, longer_side), Image.Resampling.LANCZOS))


def size_at(size: tuple[int, int], longer_side: int) -> tuple[int, int]:
    """Width and height of a picture of this size, scaled to the given longer side, in pixels."""
    factor = longer_side / max(size)
    width, height = (max(1, round(side * factor)) for side in size)
    return width, height


def to_tensor(image: Picture, double: bool = False) -> "Tensor":
    """An RGB picture as float32, or float64, 1 x 3 x height x width in [0, 1]."""
    import numpy
    import torch

    levels, white = (image.levels, WHITE) if isinstance(image, Deep) else (image.convert("RGB"), 255)
    array = torch.from_numpy(numpy.array(levels, dtype=numpy.int32 if white == WHITE else None))
    kind = torch.float64 if double else torch.float32
    return (array.permute(2, 0, 1).unsqueeze(0).to(kind) / white).contiguous()


def to_picture(tensor: "Tensor") -> Image.Image:
    """A 1 x 3 x height x width tensor in [0, 1] as an 8-bit RGB picture, rounded to nearest."""
    array = (tensor[0].clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    return Image.fromarray(array)


def to_deep(tensor: "Tensor") -> Deep:
    """A 1 x 3 x height x width tensor in [0, 1] with 16 bits per channel, rounded to nearest."""
    levels = (tensor[0].double().clamp(0, 1) * WHITE).round().int().permute(1, 2, 0)
    return Deep.of(levels.cpu().numpy())


def over_white(image: Image.Image) -> Image.Image:
    """An 8-bit picture laid over white, as RGB."""
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def png_bytes(image: Image.Image, effort: int = 6) -> bytes:
    """A picture as PNG; `effort` is zlib's level, 1 to 9."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=effort)
    return buffer.getvalue()


def write_png(image: Image.Image, path: Path, effort: int = 6) -> None:
    """Write a PNG that appears whole or not at all."""
    write_whole(path, png_bytes(image, effort))


def _open(path: Path, data: bytes | None = None, notes: list[str] | None = None) -> Image.Image:
    """Open a file lazily: only its header is read. What is skipped is put into `notes`."""
    with _refusing(path):
        _refuse_no_file(path)
        image = formats.open_picture(path, data, [] if notes is None else notes)
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise NstError(
            f"{path} is {image.width} x {image.height} pixels, more than"
            f" {MAX_PIXELS // 1_000_000} million: shrink it first"
        )
    return image


def _refuse_no_file(path: Path) -> None:
    file = source(path)
    if not file.is_file():
        raise NstError(f"{path} {'is not a file' if file.exists() else 'does not exist'}")
    if file.stat().st_size == 0:
        raise NstError(f"{path} is empty")


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong with a file into one line that names it."""
    try:
        yield
    except UnidentifiedImageError:
        raise NstError(
            f"{path} is not a picture ({formats.NAMES}) or is cut short; save it again as one"
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
