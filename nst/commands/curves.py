"""Draw how the losses of each pair's images fell, below results/curves."""

import argparse

from nst.commands.config_options import add_config_options, add_whole_option, read_grid, read_states

EXAMPLE = "example: nst curves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst curves`."""
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Draw the figures."""
    from nst.results.curves import write_curves

    grid = read_grid(options)
    write_curves(grid, read_states(options, grid))
