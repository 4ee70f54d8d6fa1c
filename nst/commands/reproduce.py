"""Make an image again from the record inside it, or beside it; say whether its bytes are the same."""

import argparse
from pathlib import Path

from nst.config.setting_sets import EXECUTION
from nst.config.settings import flag
from nst.disk.input_names import SINGLE, noun_of
from nst.errors import NstError
from nst.text import CONTROL, shown

EXAMPLE = """\
exit status 0: the same bytes; 1: other bytes; 2: a mistake
example: nst reproduce results/cells/chelsea/strokes/style_weight-1.png"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst reproduce`."""
    parser.add_argument(
        "record",
        type=Path,
        metavar="IMAGE",
        help="the image (X.png, X.tif, X.jpg, X.webp), or its record, X.json",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="X.png",
        help="keep the new image here, of the kind that is compared",
    )
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        help="compare with this image (default: the one named, or beside the record)",
    )
    for name in SINGLE:
        effect = f"the {noun_of(name)} (default: its recorded path)"
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=effect)
    parser.add_argument(
        "--input",
        action="append",
        metavar="NAME=FILE",
        help="another picture or mask, by its name in the record: style_2=b.jpg, style_mask=m.png, or"
        " region_sky=m.png for the region sky",
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="FILE",
        help="the weights (default: those in results/weights or the user's cache)",
    )
    for name in EXECUTION:
        effect = f"another {name} (default: the recorded one)"
        parser.add_argument(flag(name), metavar="VALUE", help=effect)


def run(options: argparse.Namespace) -> int:
    """Compare a new image with the recorded one: 0 for the same bytes, 1 for others."""
    from nst.transfer.progress import say
    from nst.transfer.reproduce import Replacements, reproduce

    named = {name: value for name, value in vars(options).items() if value is not None}
    inputs, execution = (
        {name: named[name] for name in names if name in named} for names in (SINGLE, EXECUTION)
    )
    inputs |= dict(map(_input, options.input or []))
    replacements = Replacements(options.picture, options.out, options.weights, inputs, execution)
    differences = reproduce(options.record, replacements, say)
    print("\n  ".join(differences or ["the same bytes"]))
    return int(bool(differences))


def _input(text: str) -> tuple[str, Path]:
    """A name and a path from `style_2=b.jpg`."""
    name, _, path = text.partition("=")
    if not name or not path or CONTROL.search(path):
        raise NstError(f"--input {shown(text)} is not NAME=FILE, for example style_2=b.jpg")
    return name, Path(path)
