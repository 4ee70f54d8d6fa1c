"""Pixels and colour profiles of more than 8 bits, by libvips, where Pillow has only 8.

It is imported when the first such picture is read, since its threads would not survive a fork.
"""

import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from nst.disk.colours import srgb_profile
from nst.errors import NstError

if TYPE_CHECKING:
    from numpy import ndarray

logging.getLogger("pyvips").addHandler(logging.NullHandler())  # errors are raised as well

# How libvips interprets pixels -> what their channels mean here.
SPACES = {
    "b-w": "grey", "grey16": "grey", "rgb": "rgb", "rgb16": "rgb", "srgb": "rgb", "scrgb": "rgb",
    "cmyk": "cmyk", "lab": "lab", "labs": "lab",
}  # fmt: skip
CHANNELS = {"grey": 1, "rgb": 3, "cmyk": 4, "lab": 3}
INTERPRETATIONS = {"grey": "grey16", "rgb": "rgb16", "cmyk": "cmyk"}  # of 16 bits


@dataclass(frozen=True)
class Header:
    """A file whose pixels are not read yet: what its channels mean, and what it says of itself."""

    image: Any
    space: str  # grey, rgb, cmyk or lab
    has_alpha: bool
    profile: bytes | None
    orientation: int  # as in EXIF data

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as stored."""
        return self.image.width, self.image.height

    def pixels(self) -> "ndarray":
        """All levels, height x width x channels. Raises OSError for data that are damaged."""
        try:
            image = self.image.colourspace("lab") if self.image.interpretation == "labs" else self.image
            return image.numpy().reshape(image.height, image.width, image.bands)
        except library().Error as error:
            raise _as_builtin(error) from None


@cache
def library() -> Any:
    """The module pyvips, in which only the loaders of PNG and TIFF are left.

    Raises NstError where it is missing.
    """
    try:
        import pyvips
    except (ImportError, OSError) as error:  # the latter: of the libraries that it opens
        raise NstError(f"pyvips is missing ({error}): install nst-grid again") from None
    pyvips.block_untrusted_set(True)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for loader in ("VipsForeignLoadPngBuffer", "VipsForeignLoadTiffBuffer"):
        pyvips.operation_block_set(loader, False)
    pyvips.cache_set_max(0)
    # As many images are made at the same time as there are cores.
    pyvips.concurrency_set(1)  # pyright: ignore[reportAttributeAccessIssue]: taken from a star import
    return pyvips


def open_header(data: bytes, kind: str, page: int = 0) -> Header:
    """The header of a PNG or TIFF. Raises OSError for one that is damaged or of an unknown kind."""
    vips = library()
    try:
        if kind == "PNG":
            image = vips.Image.pngload_buffer(data, fail_on="error")
        else:
            image = vips.Image.tiffload_buffer(data, page=page, fail_on="error")
    except vips.Error as error:
        raise _as_builtin(error) from None
    space = SPACES.get(image.interpretation, "grey" if image.bands < 3 else "rgb")
    further = image.bands - CHANNELS[space]
    if further not in (0, 1) or "complex" in image.format:
        raise OSError(f"{image.bands} channels of {image.interpretation}")
    fields = image.get_fields()
    profile = image.get("icc-profile-data") if "icc-profile-data" in fields else None
    orientation = image.get("orientation") if "orientation" in fields else 1
    return Header(image, space, bool(further), profile, orientation)


def from_profile(levels: "ndarray", space: str, profile: bytes) -> "ndarray":
    """Levels of 16 bits converted from a colour profile to sRGB. Raises OSError if it does not fit."""
    vips = library()
    image = vips.Image.new_from_array(levels, interpretation=INTERPRETATIONS[space])
    try:
        # The rendering intent that Pillow uses for pictures of 8 bits.
        lab = _with_profile(image, profile).icc_import(embedded=True, intent="perceptual", pcs="lab")
        return _as_srgb(lab)
    except vips.Error as error:
        raise _as_builtin(error) from None


def from_lab(levels: "ndarray") -> "ndarray":
    """Lab of D50, L from 0 to 100, as sRGB of 16 bits."""
    levels = levels.astype("float32")
    return _as_srgb(library().Image.new_from_array(levels, interpretation="lab"))


def _as_srgb(lab: Any) -> "ndarray":
    return _with_profile(lab, srgb_profile()).icc_export(intent="perceptual", depth=16).numpy()


def _with_profile(image: Any, profile: bytes) -> Any:
    image = image.copy()
    image.set_type(library().GValue.blob_type, "icc-profile-data", profile)
    return image


def deep_png(levels: "ndarray", profile: bytes, dpi: int) -> bytes:
    """The bytes of a PNG of 16 bits, height x width x 3, or 4 with an alpha."""
    return _written(levels, profile, dpi).pngsave_buffer(compression=6, filter="all", keep="icc")


def deep_tiff(levels: "ndarray", profile: bytes, dpi: int, xmp: bytes | None) -> bytes:
    """The bytes of a TIFF of 16 bits, height x width x 3, or 4 with an alpha."""
    image = _written(levels, profile, dpi)
    if xmp:
        image.set_type(library().GValue.blob_type, "xmp-data", xmp)
    return image.tiffsave_buffer(
        compression="deflate", predictor="horizontal", resunit="inch", keep="icc|xmp"
    )


def _written(levels: "ndarray", profile: bytes, dpi: int) -> Any:
    image = library().Image.new_from_array(levels, interpretation="rgb16")
    per_millimetre = dpi / 25.4
    return _with_profile(image.copy(xres=per_millimetre, yres=per_millimetre), profile)


def _as_builtin(error: Exception) -> OSError | MemoryError:
    if "out of memory" in str(error):
        return MemoryError()
    lines = [line for line in str(error).splitlines() if line.strip()]
    return OSError(lines[-1].strip() if lines else "libvips gives no reason")
