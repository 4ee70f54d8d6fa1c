"""Show an image, or a picture, with the colours that a printer has for it."""

import argparse
import os
import sys
from pathlib import Path

from nst.disk import images
from nst.disk.deep import Deep
from nst.disk.encoded import encoded, kind_of, refuse_large
from nst.disk.files import write_whole
from nst.disk.proofs import proof
from nst.errors import NstError

EXAMPLE = """\
To keep an image within a printer's colours, make it of originals that went through this.
example: nst proof results/prints/chelsea/strokes/style_weight-1.png --profile coated.icc --out x.png"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst proof`."""
    parser.add_argument("picture", type=Path, metavar="PICTURE", help="the image or picture")
    parser.add_argument(
        "--profile",
        type=Path,
        required=True,
        metavar="X.icc",
        help="the printer's profile",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="X.png", help=".png, .jpg or .webp")


def run(options: argparse.Namespace) -> None:
    """Write the proof, and say how much of the picture changes."""
    out = options.out
    kind = kind_of(out)
    if kind not in ("png", "jpeg", "webp"):
        raise NstError(f"--out {out} ends in none of .png, .jpg, .jpeg, .webp: a proof has 8 bits")
    if os.path.realpath(out) in map(os.path.realpath, (options.picture, options.profile)):
        raise NstError(f"--out {out} would be overwritten: name another path")
    image, notes = images.read(options.picture)
    refuse_large(out, max(image.size))
    for note in notes:
        print(f"note: {options.picture}: {note}", file=sys.stderr)
    shown, changed = proof(image, options.profile)
    write_whole(out, encoded(shown, Deep.of_8_bits(shown), None, kind))
    print(f"{round(100 * changed)} % of the pixels change visibly: {out}")
