"""The record inside an image, as a text of the file, from which the image can be made again.

It lacks what differs from one making to the next, so that the same image has the same bytes.
"""

import html
import io
import json
from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.disk.home import abbreviate_home, expand_home
from nst.disk.record import Record, checked_record
from nst.errors import NstError

KEYWORD = "nst-grid"  # of a PNG's text
FORMATS = ("PNG", "TIFF", "JPEG", "WEBP")  # that may hold a record
XMP_ID = "W5M0MpCehiHzreSzNTczkc9d"  # the same in all packets
OPENING, CLOSING = "<nst:record>", "</nst:record>"
HEAD = (
    f'<?xpacket begin="\ufeff" id="{XMP_ID}"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    f'<rdf:Description rdf:about="" xmlns:nst="urn:nst-grid">{OPENING}'
)
TAIL = f'{CLOSING}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
LEFT_OUT = {"seconds": 0.0, "peak_memory_mb": 0.0}  # and what they read as


def record_text(record: Record, ascii_only: bool = True) -> str:
    """A record as it is put into files; paths in the home folder begin with `~/`."""
    data = {name: value for name, value in vars(record).items() if name not in LEFT_OUT}
    return json.dumps(abbreviate_home(data), allow_nan=False, ensure_ascii=ascii_only)


def png_with_record(image: Image.Image, record: Record) -> bytes:
    """An image as PNG, with its record inside."""
    info = PngImagePlugin.PngInfo()
    info.add_itxt(KEYWORD, record_text(record), zip=True)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6, pnginfo=info)
    return buffer.getvalue()


def xmp(record: Record) -> bytes:
    """A packet of XMP that holds a record, for formats other than PNG."""
    # JPEG has little room; what UTF-8 lacks, lone surrogates, is escaped as JSON does it.
    text = html.escape(record_text(record, ascii_only=False), quote=False)
    return f"{HEAD}{text}{TAIL}".encode(errors="backslashreplace")


def is_packet_of_record(packet: object) -> bool:
    """Whether a packet of XMP holds a record and nothing that another program added."""
    if not isinstance(packet, bytes):
        return False
    return packet.startswith(HEAD.encode()) and packet.endswith(TAIL.encode())


def record_inside(path: Path) -> Record | None:
    """The record inside an image, None where there is none that can be used."""
    try:
        return embedded_record(path, "")
    except NstError:
        return None


def embedded_record(path: Path, way_out: str) -> Record:
    """Read and check the record inside an image. Raises NstError if there is none, or it is damaged."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            text = getattr(image, "text", {}).get(KEYWORD) or _text_of_xmp(image.info.get("xmp"))
    except OSError as error:
        reason = error.strerror or f"it is no {', '.join(FORMATS)}"
        raise NstError(f"cannot read {path}: {reason}") from None
    except Exception:  # Pillow's parsers raise all kinds of errors
        raise NstError(f"{path} is a damaged picture; {way_out}") from None
    if text is None:
        record = path.with_name(path.stem.removesuffix(".16bit") + ".json")
        raise NstError(
            f"{path} has no record inside, as nst-grid writes it: name the record, {record}, with"
            f" --picture {path}"
        )
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise NstError(f"the record in {path} is damaged (not JSON); {way_out}") from None
    whole = {**LEFT_OUT, **data} if isinstance(data, dict) else data
    return checked_record(expand_home(whole), f"the record in {path}", way_out)


def _text_of_xmp(packet: object) -> str | None:
    """The record in a packet of XMP, if there is one; no parser of XML sees what others wrote."""
    if not isinstance(packet, bytes) or OPENING.encode() not in packet:
        return None
    text = packet.decode("utf-8", "replace").partition(OPENING)[2].partition(CLOSING)[0]
    return html.unescape(text)
