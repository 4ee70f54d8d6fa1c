"""The formats of pictures that are read, and what is special about some of their files."""

import io
import struct
import zlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import PIL
from PIL import Image, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from nst.disk.deep_files import UnreadTiff
from nst.disk.derived import code_digest
from nst.disk.run_inputs import source
from nst.errors import NstError

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
NAMES = ", ".join((*FORMATS, "HEIC"))
HEIC_LIBRARY = "pip install pillow-heif"
RAW_ENDINGS = (
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".kdc", ".mef", ".mrw", ".nef", ".nrw",
    ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f",
)  # fmt: skip
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
TEXT_CHUNKS = (b"tEXt", b"zTXt", b"iTXt")
DECODERS = tuple(
    f"disk/{name}" for name in ("formats", "images", "colours", "deep_colours", "deep_files")
)
MAX_PAGES = 32  # of a TIFF that are looked at
REDUCED = 1  # a bit of a TIFF page's kind
LEFT_OUT = "text or a colour profile of many megabytes was left out"
APART = 2  # the planes of the channels
NEW_KIND, BITS, COMPRESSION, CHANNELS, PLANES, SAMPLES = 254, 258, 259, 277, 284, 339  # tags of TIFF
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SAMPLE_KINDS = {1: "unsigned", 2: "signed", 3: "float"}

PngImagePlugin.MAX_TEXT_CHUNK = 16_000_000  # bytes; the profiles of printers exceed Pillow's 1 MB


def open_picture(path: Path, data: bytes | None, notes: list[str]) -> Image.Image:
    """Open a file, or its bytes, lazily; what is skipped is put into `notes`.

    Raises UnidentifiedImageError for what is no picture, NstError for a known kind that is not read.
    """
    if path.suffix.lower() in RAW_ENDINGS:
        raise NstError(f"{path} is a camera raw file, which is not read: export it as JPEG or TIFF")
    try:
        image = Image.open(source(path) if data is None else io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        return _open_special(path, data, notes)
    except ValueError as error:
        if not has_large_chunk(error):
            raise
        data = without_large_chunks(source(path).read_bytes() if data is None else data)
        notes.append(LEFT_OUT)
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.format == "TIFF":
        _skip_previews(image, notes)
        tags = image.tag_v2  # pyright: ignore[reportAttributeAccessIssue]: of TIFF
        if tags.get(PLANES) == APART and max(tags.get(BITS, (8,))) > 8:
            image.close()
            return _open_unread_tiff(path, data, tags, notes)  # Pillow takes such levels for 8 bits
    return image


@cache
def decoder() -> str:
    """What decides whether a picture can be decoded, beside the picture itself."""
    code = code_digest(*DECODERS)
    return f"pillow {PIL.__version__}, {'HEIC' if reads_heic() else 'no HEIC'}, {code}"


def reads_heic() -> bool:
    """Whether the library for HEIC is installed."""
    return find_spec("pillow_heif") is not None


@cache
def _register_heic() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def _open_special(path: Path, data: bytes | None, notes: list[str]) -> Image.Image:
    """Open HEIC, or a TIFF of a kind that Pillow does not read."""
    picture = source(path) if data is None else io.BytesIO(data)
    with source(path).open("rb") if data is None else io.BytesIO(data) as file:
        start = file.read(16)
        if start[4:8] == b"ftyp" and start[8:12] in HEIF_BRANDS:
            if not reads_heic():
                raise NstError(f"{path} is HEIC, which needs a library: {HEIC_LIBRARY}")
            _register_heic()
            return Image.open(picture, formats=("HEIF",))
        if start[:4] in TIFF_STARTS and (tags := _first_tags(file, start)) is not None:
            return _open_unread_tiff(path, data, tags, notes)
    raise UnidentifiedImageError(path.name)


def _first_tags(file: IO[bytes], start: bytes) -> TiffImagePlugin.ImageFileDirectory_v2 | None:
    """The tags of a TIFF's first page, None if its header is damaged."""
    try:
        is_big = 43 in start[2:4]
        tags = TiffImagePlugin.ImageFileDirectory_v2(start if is_big else start[:8])
        file.seek(tags.next)
        tags.load(file)
        return tags if _kind_of_tiff(tags) else None
    except Exception:  # Pillow's parsers raise all kinds of errors
        return None


def _kind_of_tiff(tags: TiffImagePlugin.ImageFileDirectory_v2) -> str:
    """Channels, bits and kind of numbers of a page."""
    bits, sample = tags[BITS][0], SAMPLE_KINDS[tags.get(SAMPLES, (1,))[0]]
    return f"{tags[CHANNELS]} x {bits}-bit {sample} (compression {tags.get(COMPRESSION, 1)})"


def _open_unread_tiff(
    path: Path, data: bytes | None, tags: TiffImagePlugin.ImageFileDirectory_v2, notes: list[str]
) -> Image.Image:
    """A TIFF that Pillow does not read. Raises NstError for one that cannot be read at all."""
    try:
        return UnreadTiff(source(path).read_bytes() if data is None else data, notes)
    except OSError as error:
        raise NstError(
            f"{path} is a TIFF of {_kind_of_tiff(tags)}, which is not read ({error}): save it with 8 or"
            " 16 bits as RGB"
        ) from None


def _skip_previews(image: Image.Image, notes: list[str]) -> None:
    """Turn to the first page of a TIFF that is not marked as a reduced copy of another."""
    try:
        for number in range(MAX_PAGES):
            image.seek(number)
            if not image.tag_v2.get(NEW_KIND, 0) & REDUCED:  # pyright: ignore[reportAttributeAccessIssue]: of TIFF
                if number:
                    notes.append(f"its first page is a preview, so page {number + 1} was read")
                return
    except EOFError:  # all are marked
        pass
    image.seek(0)


def has_large_chunk(error: Exception) -> bool:
    """Whether Pillow refuses a PNG because of its text or its colour profile."""
    return isinstance(error, ValueError) and "MAX_TEXT" in str(error)


def without_large_chunks(data: bytes) -> bytes:
    """A PNG without texts, and without a colour profile that is too large."""
    parts, position = [data[:8]], 8
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        chunk = data[position : position + length + 12]
        if name not in TEXT_CHUNKS and not (name == b"iCCP" and _is_large(chunk[8:-4])):
            parts.append(chunk)
        position += length + 12
    return b"".join(parts)


def _is_large(profile: bytes) -> bool:
    packed = profile.partition(b"\0")[2][1:]
    try:
        return len(zlib.decompressobj().decompress(packed, PngImagePlugin.MAX_TEXT_CHUNK + 1)) > (
            PngImagePlugin.MAX_TEXT_CHUNK
        )
    except zlib.error:
        return True
