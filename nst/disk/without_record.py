"""The file of an image without the record inside, to compare it with another file."""

import io
import struct
from collections.abc import Iterator

from PIL import TiffImagePlugin

from nst.disk.embedded import KEYWORD, is_packet_of_record

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
TIFF = (b"II*\0", b"MM\0*")
XMP_IN_JPEG = b"http://ns.adobe.com/xap/1.0/\0"
XMP, STRIP_OFFSETS, STRIP_BYTE_COUNTS = 700, 273, 279  # tags of TIFF


def without_record(data: bytes) -> bytes:
    """A PNG, JPEG, WebP or TIFF without its record, to be compared only; other bytes unchanged.

    Two results are equal if the files differ in nothing but the record, whose length moves offsets.
    """
    if data.startswith(PNG):
        return b"".join(_of_png(data))
    if data.startswith(JPEG):
        return b"".join(_of_jpeg(data))
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return b"".join(_of_webp(data))
    return _of_tiff(data) if data.startswith(TIFF) else data


def _of_png(data: bytes) -> Iterator[bytes]:
    yield PNG
    position, start = len(PNG), KEYWORD.encode() + b"\0"
    while position < len(data):
        length = struct.unpack_from(">I", data[position : position + 4].ljust(4, b"\0"))[0]
        chunk = data[position : position + length + 12]
        if not (chunk[4:8] == b"iTXt" and chunk[8:].startswith(start)):
            yield chunk
        position += length + 12


def _of_jpeg(data: bytes) -> Iterator[bytes]:
    yield JPEG
    position = len(JPEG)
    while data[position : position + 1] == b"\xff" and data[position + 1 : position + 2] != b"\xda":
        length = struct.unpack_from(">H", data[position + 2 : position + 4].ljust(2, b"\0"))[0]
        segment = data[position : position + 2 + length]
        packet = segment[4:].removeprefix(XMP_IN_JPEG)
        if not (segment[1:2] == b"\xe1" and is_packet_of_record(packet)):
            yield segment
        position += 2 + length
    yield data[position:]


def _of_webp(data: bytes) -> Iterator[bytes]:
    position = 12
    while position < len(data):
        length = struct.unpack_from("<I", data[position + 4 : position + 8].ljust(4, b"\0"))[0]
        end = position + 8 + length
        if not (
            data[position : position + 4] == b"XMP " and is_packet_of_record(data[position + 8 : end])
        ):
            yield data[position : end + length % 2]
        position = end + length % 2


def _of_tiff(data: bytes) -> bytes:
    try:
        with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as image:
            frames, tags = image.n_frames, dict(image.tag_v2)
    except Exception:  # Pillow's parsers raise all kinds of errors
        return data
    if is_packet_of_record(tags.get(XMP)):
        del tags[XMP]
    strips = zip(tags.pop(STRIP_OFFSETS, ()), tags.get(STRIP_BYTE_COUNTS, ()), strict=False)
    return b"".join(
        [repr((frames, sorted(tags.items()))).encode(), *(data[at : at + size] for at, size in strips)]
    )
