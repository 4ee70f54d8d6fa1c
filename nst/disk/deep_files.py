"""PNG and TIFF files of more than 8 bits per channel: which they are, and how they are read.

TIFFs of kinds that Pillow does not read are opened by `UnreadTiff`, so that they can be shown, too.
"""

import io
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageFile

from nst.disk import vips
from nst.disk.colours import UPRIGHT, Facts, facts_of
from nst.disk.deep import Deep
from nst.disk.deep_colours import Levels, as_deep, over_white

if TYPE_CHECKING:
    from numpy import ndarray

BITS = 258  # a tag of TIFF


class UnreadTiff(ImageFile.ImageFile):
    """A TIFF that Pillow does not read, as upright 8-bit sRGB; `notes` grow when it is loaded."""

    format = "TIFF"

    def __init__(self, data: bytes, notes: list[str]):
        """Raises OSError for a kind that libvips does not read, either."""
        self.data, self.notes = data, notes
        super().__init__(io.BytesIO(data))

    def _open(self) -> None:
        self.header = vips.open_header(self.data, "TIFF")
        lies = self.header.orientation in (5, 6, 7, 8)
        self._size = self.header.size[::-1] if lies else self.header.size
        self._mode = "RGBA" if self.header.has_alpha else "RGB"

    def load(self) -> Any:
        """Decode the pixels. Raises OSError if they are damaged."""
        if self._im is None:
            picture, alpha = self.deep()
            image = picture.rounded()
            if self.mode == "RGBA":
                image.putalpha(_mask(alpha, image.size))
            self.im = image.im
        return Image.Image.load(self)

    def deep(self) -> tuple[Deep, "ndarray | None"]:
        """The picture with 16 bits, and its alpha."""
        facts = Facts(self.header.profile, None, UPRIGHT.get(self.header.orientation))
        return as_deep(_levels(self.header), facts, self.notes)


def is_deep(image: Image.Image) -> bool:
    """Whether a file, of which only the header is read, has more than 8 bits, or colours of Lab."""
    if image.format == "PNG":
        return any(";16" in str(tile) for tile in getattr(image, "tile", ()))
    if image.format != "TIFF":
        return False
    tags = getattr(image, "tag_v2", {})
    return isinstance(image, UnreadTiff) or image.mode == "LAB" or max(tags.get(BITS, (8,))) > 8


def read_deep(
    image: Image.Image, data: bytes, name: str, notes: list[str], on_white: bool = True
) -> Deep:
    """The picture in a file with these bytes, whose header is read; on request laid over white.

    Raises OSError for data that are damaged, or of a kind that is not read.
    """
    if isinstance(image, UnreadTiff):
        picture, alpha = image.deep()
    else:
        kind = image.format or ""
        header = vips.open_header(data, kind, image.tell() if kind == "TIFF" else 0)
        picture, alpha = as_deep(_levels(header), facts_of(image, name, notes), notes)
    return over_white(picture, alpha, notes) if on_white else picture


def _levels(header: vips.Header) -> Levels:
    return Levels(header.pixels(), header.space, header.has_alpha)


def _mask(alpha: "ndarray | None", size: tuple[int, int]) -> Image.Image:
    """An alpha of 16 bits with 8."""
    if alpha is None:
        return Image.new("L", size, 255)
    return Image.fromarray(((alpha + 128.0) // 257).astype("uint8"))
