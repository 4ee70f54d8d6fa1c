"""Move the cells that the config no longer asks for to results/stale."""

import argparse

from nst.commands.config_options import add_config_options, read_grid

EXAMPLE = "example: nst prune --dry-run"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst prune`."""
    parser.add_argument("--dry-run", action="store_true", help="list what would be moved")
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Move the cells and say where they are."""
    from nst.workflow.stale import prune

    print(prune(read_grid(options), options.dry_run))
