"""Write an image once more as TIFF, JPEG, WebP or 16-bit PNG, with a profile and a resolution."""

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from PIL import Image

from nst.config.settings import KINDS
from nst.disk import images
from nst.disk.colours import OVER_WHITE, alpha_of
from nst.disk.deep import Deep
from nst.disk.embedded import record_inside
from nst.disk.encoded import DEEP, ENDINGS, encoded, kind_of, note_of_record, refuse_large
from nst.disk.files import write_whole
from nst.disk.record import Record
from nst.errors import NstError

EXAMPLE = """\
The image is not made again: a file of 16 bits made of an image of 8 bits has no more levels.
example: nst export results/prints/chelsea/strokes/style_weight-1.png --out x.jpg --dpi 300"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst export`."""
    parser.add_argument("picture", type=Path, metavar="IMAGE", help="the image")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help=".tif, .jpg, .webp or .16bit.png",
    )
    parser.add_argument("--dpi", default="300", metavar="VALUE", help="pixels per inch (default 300)")


def run(options: argparse.Namespace) -> None:
    """Write the file."""
    picture, out = options.picture, options.out
    kind, dpi = kind_of(out), _dpi(options.dpi)
    if not kind:
        raise NstError(f"--out {out} ends in none of {', '.join(ENDINGS)}")
    if os.path.realpath(out) == os.path.realpath(picture):
        raise NstError(f"--out {out} would be overwritten: name another path")
    image, deep = _read(picture)
    refuse_large(out, max(image.size))
    record = _record(picture, dpi)
    if note := note_of_record(out, record):
        print(note, file=sys.stderr)
    if kind == "jpeg" and image.mode == "RGBA":
        print(f"note: {picture}: {OVER_WHITE}: a JPEG has no transparency", file=sys.stderr)
    if kind in DEEP and not isinstance(deep, Deep):
        print(f"note: {picture} has 8 bits per channel, and {out} no more levels", file=sys.stderr)
    write_whole(out, encoded(image, deep or Deep.of_8_bits(image), record, kind, dpi))


def _dpi(text: str) -> int:
    try:
        return KINDS["dpi"].parse(text)
    except NstError as error:
        raise NstError(f"--dpi: {error}") from None


def _read(path: Path) -> tuple[Image.Image, Deep | None]:
    """An image with 8 bits, RGBA if it has transparent parts; and with 16 bits, if it has as many."""
    picture, notes = images.read_deep(path, over_white=False)
    for note in notes:
        print(f"note: {path}: {note}", file=sys.stderr)
    image, deep = (picture.rounded(), picture) if isinstance(picture, Deep) else (picture, None)
    may_be_transparent = images.header_of(path)[1]  # decoding once more takes its time
    alpha = alpha_of(images.decoded(path)[0]) if may_be_transparent else None
    if alpha and alpha.getextrema()[1]:  # one that hides everything is a mistake
        image.putalpha(alpha)
    return image, deep


def _record(path: Path, dpi: int) -> Record | None:
    """The record inside an image, with this resolution; none in an image by another program."""
    record = record_inside(path)
    return record and replace(record, settings={**record.settings, "dpi": dpi})
