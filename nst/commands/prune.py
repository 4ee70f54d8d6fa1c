"""Move the cells that the config no longer asks for to results/stale."""

import argparse
from contextlib import nullcontext

from nst.commands.config_options import add_config_options, read_grid

EXAMPLE = "example: nst prune --dry-run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst prune`."""
    parser.add_argument("--dry-run", action="store_true", help="list what would be moved")
    parser.add_argument(
        "--of-run", action="store_true", help="move them during a run; the workflow asks for it"
    )
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Move the cells and say where they are. Raises NstError while a run is under way."""
    from nst.workflow.folder_lock import holding_folder
    from nst.workflow.stale import prune

    grid = read_grid(options)
    with nullcontext() if options.of_run or options.dry_run else holding_folder():
        print(prune(grid, options.dry_run))
