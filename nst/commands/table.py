"""Gather the final losses of all images in one CSV file."""

import argparse
from pathlib import Path

from nst.commands.config_options import (
    add_config_options,
    add_out_option,
    add_whole_option,
    read_grid,
    read_states,
)

EXAMPLE = "example: nst table --out losses.csv --by-layer losses_by_layer.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst table`."""
    add_out_option(parser, "X.csv", "the table")
    parser.add_argument(
        "--by-layer", type=Path, metavar="Y.csv", help="also write the losses of every layer there"
    )
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the table."""
    from nst.results.table import write_layers, write_table

    grid = read_grid(options, options.out)
    states = read_states(options, grid)
    write_table(grid, options.out, states)
    if options.by_layer:
        write_layers(grid, options.by_layer, states)
