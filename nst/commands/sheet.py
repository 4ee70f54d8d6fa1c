"""Draw one contact sheet of a grid."""

import argparse

from nst.commands.config_options import add_config_options, add_out_option, add_whole_option, read_grid

EXAMPLE = "example: nst sheet all_style_weight-1 --out sheet.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst sheet`."""
    parser.add_argument("name", help="the sheet, by the name of its file in results/sheets")
    add_out_option(parser, "X.png", "the sheet's picture")
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Draw the sheet."""
    from nst.results.sheet import write_sheet

    write_sheet(read_grid(options, options.out), options.name, options.out, options.whole)
