"""Fetch and verify weights; print the path of the file."""

import argparse
from pathlib import Path

from nst.config.settings import KINDS

EXAMPLE = "example: nst weights vgg16"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst weights`."""
    names = (*KINDS["backbone"].names, "lpips")
    parser.add_argument("name", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument(
        "--dir",
        type=Path,
        help="folder that the file is kept in (default: NST_WEIGHTS, or the user's cache)",
    )
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE",
        help="convert this file (torchvision's names) instead of fetching one",
    )


def run(options: argparse.Namespace) -> None:
    """Fetch the weights and print their path."""
    from nst.transfer.weights import default_folder, fetch

    print(fetch(options.name, options.dir or default_folder(), options.source))
