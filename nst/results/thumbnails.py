"""Small copies of pictures for the page, as WebP: what it shows first, and what a browser can show."""

import io
from pathlib import Path

from PIL import Image

from nst.disk import images

SMALL = 256  # pixels; the longer side of a picture among others
LARGE = 1024  # pixels; of an original beside its image
SHEET = 720  # pixels; of a contact sheet
QUALITY = 82
EFFORT = 2  # WebP's, of 6: half the time of the usual 4, 2 % more bytes, the same to look at
GAP = 1.5  # of much larger pictures the mean of so many pixels is shrunk that this factor is left


def shrunk_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Width and height, in pixels, with the longer side no longer than `longest`."""
    share = min(1.0, longest / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def thumbnail_bytes(path: Path, longest: int) -> bytes:
    """A picture as WebP with its longer side no longer than `longest` pixels.

    Raises NstError for a file that is no picture.
    """
    picture, _ = images.read(path, shown=longest)
    size = shrunk_size(picture.size, longest)
    picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=GAP)
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
