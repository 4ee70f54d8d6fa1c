"""An image as the bytes of a file: PNG, TIFF of 16 bits, JPEG or WebP, each with its record inside.

The plain PNG is what it was in every version. The others are for printers and other programs: with a
profile of sRGB and a resolution.
"""

import io
import struct
import zlib
from pathlib import Path

from PIL import Image

from nst.disk.colours import srgb_profile
from nst.disk.deep import WHITE, Deep
from nst.disk.embedded import KEYWORD, png_with_record, record_text, xmp
from nst.disk.images import over_white, png_bytes
from nst.disk.record import Record
from nst.disk.vips import deep_png, deep_tiff
from nst.errors import NstError

# Values of the setting `format` -> how the file beside X.png ends.
BESIDE = {"png16": ".16bit.png", "tiff16": ".tif", "jpeg": ".jpg", "webp": ".webp"}
DEEP = ("png16", "tiff16")  # made of the image before it is rounded to 8 bits
ENDINGS = {
    ".png": "png",
    ".tif": "tiff16",
    ".tiff": "tiff16",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
}
QUALITY = 95  # of JPEG and WebP
MOST_SIDE = {"jpeg": 65_500, "webp": 16_383}  # pixels, of the formats or their encoders
MOST_XMP = 65_504  # bytes, of a JPEG
INCH = 2  # of EXIF: the unit of the resolution
DPI = 300


def kind_of(path: Path) -> str:
    """The value of `format` that a file's name stands for; "" for an ending that is not written."""
    if path.name.lower().endswith(BESIDE["png16"]):
        return "png16"
    return ENDINGS.get(path.suffix.lower(), "")


def beside(path: Path, kind: str) -> Path | None:
    """The further file of this kind beside an image; None if it is of this kind itself."""
    if kind not in BESIDE or kind_of(path) == kind:
        return None
    return path.with_name(path.stem + BESIDE[kind])


def side_fault(side: int, kind: str) -> str:
    """Why an image with this longer side cannot be written as `kind`; "" if it can."""
    most = MOST_SIDE.get(kind, side)
    return f"a {kind} file has at most {most} pixels a side, not {side}" if side > most else ""


def refuse_large(out: Path, side: int) -> None:
    """Raise NstError if an image with this longer side cannot be written as `--out` ends."""
    if fault := side_fault(side, kind_of(out)):
        raise NstError(f"--out {out}: {fault}: name a .png or .tif")


def note_of_record(path: Path, record: Record | None) -> str:
    """What to say of a file that its record does not fit into; "" where it does."""
    if record is None or kind_of(path) != "jpeg" or len(xmp(record)) <= MOST_XMP:
        return ""
    return f"note: {path} has no record inside: with such long paths it does not fit into a JPEG"


def encoded(image: Image.Image, deep: Deep, record: Record | None, kind: str, dpi: int = DPI) -> bytes:
    """The bytes of an image of 8 bits, RGB or RGBA, or of the same with 16 bits, as `kind` says.

    The alpha of the one is that of the other, too. A record that is too large for a JPEG is left out.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    if kind == "png":
        return png_with_record(image, record) if record else png_bytes(image)
    if kind in DEEP:
        levels = _with_alpha(deep, alpha)
        if kind == "tiff16":
            return deep_tiff(levels, srgb_profile(), dpi, record and xmp(record))
        return _with_text(deep_png(levels, srgb_profile(), dpi), record)
    buffer = io.BytesIO()
    packet = xmp(record) if record else b""
    if kind == "jpeg":
        packet = packet if len(packet) <= MOST_XMP else b""
        options = {"quality": QUALITY, "subsampling": "4:4:4", "optimize": True, "dpi": (dpi, dpi)}
        over_white(image).save(buffer, "JPEG", icc_profile=srgb_profile(), xmp=packet, **options)
    else:
        options = {"quality": QUALITY, "method": 6, "exact": alpha is not None, "exif": _exif(dpi)}
        image.save(buffer, "WEBP", icc_profile=srgb_profile(), xmp=packet, **options)
    return buffer.getvalue()


def _with_alpha(deep: Deep, alpha: Image.Image | None):
    import numpy

    if alpha is None:
        return deep.levels
    return numpy.dstack([deep.levels, numpy.asarray(alpha, dtype=numpy.uint16) * (WHITE // 255)])


def _exif(dpi: int) -> bytes:
    """EXIF data that hold the resolution, which WebP itself has no place for."""
    exif = Image.Exif()
    exif[0x011A] = exif[0x011B] = dpi
    exif[0x0128] = INCH
    return exif.tobytes()


def _with_text(png: bytes, record: Record | None) -> bytes:
    """A PNG with the record inside, as Pillow writes it into one of 8 bits."""
    if not record:
        return png
    body = KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(record_text(record).encode())
    chunk = (
        struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    )
    end_of_header = 33  # the signature, and IHDR
    return png[:end_of_header] + chunk + png[end_of_header:]
