"""Write what stands out in a grid as Markdown."""

import argparse

from nst.commands.config_options import add_config_options, add_out_option, read_grid

EXAMPLE = "example: nst summary --out results/summary.md"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst summary`."""
    add_out_option(parser, "X.md", "the summary")
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the summary."""
    from nst.results.summary import write_summary

    write_summary(read_grid(options, options.out), options.out)
