"""Gather the final losses of a grid's cells in one CSV file."""

import argparse

from nst.commands.config_options import (
    add_config_options,
    add_out_option,
    add_whole_option,
    read_grid,
    read_states,
)

EXAMPLE = "example: nst table --out results/losses.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst table`."""
    add_out_option(parser, "X.csv", "the table")
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the table."""
    from nst.results.table import write_table

    grid = read_grid(options, options.out)
    write_table(grid, options.out, read_states(options, grid))
