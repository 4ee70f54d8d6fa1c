"""Draw how the losses of each pair's images fell, below results/curves."""

import argparse

from nst.commands.config_options import add_config_options, read_grid

EXAMPLE = "example: nst curves"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst curves`."""
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Draw the figures."""
    from nst.results.curves import write_curves

    write_curves(read_grid(options))
