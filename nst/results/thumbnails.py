"""Small WebP copies of pictures for the page: quick to load, and in a format that browsers show."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from nst.disk import images
from nst.disk.colours import alpha_of

SMALL = 512  # pixels; the longer side of an image in the grid, enough for 256 on a dense screen
SHARED = 256  # pixels; of such an image in a page that is one file to send
LARGE = 1024  # pixels; of an original beside its image
SHEET = 720  # pixels; of a contact sheet
QUALITY = 82
EFFORT = 2  # WebP's method, 0 to 6: half the time of the usual 4, 2 % more bytes, the same look
REDUCING_GAP = 1.5  # a much larger picture is first averaged down to this multiple of the size


def shrunk_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Width and height, in pixels, shrunk so that the longer side is at most `longest`."""
    share = min(1.0, longest / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def thumbnail_bytes(path: Path, longest: int) -> bytes:
    """A picture as WebP with its longer side at most `longest` pixels.

    Raises NstError for a file that is no picture.
    """
    picture = seen(path, longest)
    size = shrunk_size(picture.size, longest)
    return webp(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP))


def seen(path: Path, longest: int) -> Image.Image:
    """A picture to be shown at this size, upright 8-bit sRGB, transparent where it is.

    Raises NstError for a file that is no picture.
    """
    picture, _ = images.decoded(path, shown=longest)
    alpha = alpha_of(picture)
    whole = alpha is None or not alpha.getextrema()[1]  # one that would be invisible is opaque
    shown, _ = images.converted(picture, path, over_white=whole)
    if alpha and not whole:
        shown.putalpha(alpha)
    return shown


def look_of(path: Path) -> dict[str, Any]:
    """What the page knows of a picture before it loads it: `size`, and `alpha` if it may have it."""
    size, alpha = images.header_of(path)
    return {"size": size, **({"alpha": True} if alpha else {})}


def webp(picture: Image.Image) -> bytes:
    """A picture as WebP."""
    file = io.BytesIO()
    picture.save(file, "WEBP", quality=QUALITY, method=EFFORT)
    return file.getvalue()
