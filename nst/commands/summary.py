"""Write what stands out in a grid as Markdown."""

import argparse

from nst.commands.config_options import (
    add_config_options,
    add_out_option,
    add_whole_option,
    read_grid,
    read_states,
)

EXAMPLE = "example: nst summary --out results/summary.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst summary`."""
    add_out_option(parser, "X.md", "the summary")
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the summary."""
    from nst.results.summary import write_summary

    grid = read_grid(options, options.out)
    write_summary(grid, options.out, read_states(options, grid))
