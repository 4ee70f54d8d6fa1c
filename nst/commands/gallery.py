"""Write the page that shows a grid."""

import argparse

from nst.commands.arguments import value_of
from nst.commands.config_options import (
    add_config_options,
    add_out_option,
    add_whole_option,
    read_grid,
    read_states,
)
from nst.config.values import Number

EXAMPLE = "example: nst gallery --out results/index.html --threads 4"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst gallery`."""
    add_out_option(parser, "X.html", "the page")
    parser.add_argument(
        "--threads",
        type=value_of(Number(1, 1024, whole=True)),
        metavar="N",
        default="1",
        help="thumbnails drawn at a time (default 1)",
    )
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the page, and what it loads."""
    from nst.results.gallery import write_gallery

    grid = read_grid(options, options.out)
    write_gallery(grid, options.out, options.threads, read_states(options, grid))
