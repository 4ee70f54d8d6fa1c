"""The record inside a PNG, as a text of the file, from which the image can be made again.

It lacks what differs from one making to the next, so that the same image has the same bytes.
"""

import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.disk.home import abbreviate_home, expand_home
from nst.disk.record import Record, checked_record
from nst.errors import NstError

KEYWORD = "nst-grid"
LEFT_OUT = {"seconds": 0.0, "peak_memory_mb": 0.0}  # and what they read as
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png_with_record(image: Image.Image, record: Record) -> bytes:
    """An image as PNG, with its record inside; paths in the home folder begin with `~/`."""
    data = {name: value for name, value in vars(record).items() if name not in LEFT_OUT}
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, json.dumps(abbreviate_home(data), allow_nan=False), zip=True)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6, pnginfo=info)
    return buffer.getvalue()


def embedded_record(path: Path, way_out: str) -> Record:
    """Read and check the record inside a PNG. Raises NstError if there is none, or it is damaged."""
    try:
        with Image.open(path, formats=("PNG",)) as image:
            text = getattr(image, "text", {}).get(KEYWORD)
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or 'it is not a PNG'}") from None
    except Exception:  # Pillow's parsers raise all kinds of errors
        raise NstError(f"{path} is a damaged PNG; {way_out}") from None
    if text is None:
        raise NstError(
            f"{path} has no record inside, as nst-grid writes it: name the record,"
            f" {path.with_suffix('.json')}"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise NstError(f"the record in {path} is damaged (not JSON); {way_out}") from None
    whole = {**LEFT_OUT, **data} if isinstance(data, dict) else data
    return checked_record(expand_home(whole), f"the record in {path}", way_out)


def without_record(data: bytes) -> bytes:
    """The bytes of a PNG as they are without a record inside; other bytes unchanged."""
    return b"".join(_other_chunks(data)) if data.startswith(SIGNATURE) else data


def _other_chunks(data: bytes) -> Iterator[bytes]:
    yield SIGNATURE
    position, start = len(SIGNATURE), KEYWORD.encode() + b"\0"
    while position < len(data):
        length = struct.unpack_from(">I", data[position : position + 4].ljust(4, b"\0"))[0]
        chunk = data[position : position + length + 12]
        if not (chunk[4:8] == b"iTXt" and chunk[8:].startswith(start)):
            yield chunk
        position += length + 12
