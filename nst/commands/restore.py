"""Bring back images that a run replaced or that prune put aside."""

import argparse
import sys

from nst.commands.config_options import add_config_options, read_grid
from nst.errors import NstError
from nst.results.page_paths import PAGE
from nst.results.states import survey

EXAMPLE = "without DATE, the dates are listed\nexample: nst restore 2026-11-26_10-00-00"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst restore`."""
    parser.add_argument("date", nargs="?", metavar="DATE", help="a folder of results/stale")
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Move the files and say what comes next, or list the dates."""
    from nst.workflow.restore import dates, restore
    from nst.workflow.unfinished import write_unfinished

    if options.date is None:
        print("\n".join(dates()) or "nothing was put aside")
        return
    try:
        grid = read_grid(options)
    except NstError as error:  # the files are moved all the same
        grid = None
        print(f"note: {str(error).splitlines()[0]}", file=sys.stderr)
    print(restore(options.date, grid))
    if grid and PAGE.exists():  # it has the numbers of the images that were replaced
        faults = write_unfinished(grid, survey(grid.cells), lambda _: None, threads=1, hurried=True)
        print("\n".join(faults), end="\n" if faults else "", file=sys.stderr)
