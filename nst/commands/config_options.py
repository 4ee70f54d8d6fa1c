"""The options of the verbs that read a whole grid: which config files, and what lies over them."""

import argparse
import json
import os
import sys
from itertools import chain
from pathlib import Path

from nst.config.grid import Grid, expand
from nst.errors import NstError
from nst.results.states import States, count_kinds, refuse_holes, survey
from nst.text import shown
from nst.workflow.folder_lock import is_held
from nst.workflow.run_plan import use_plan


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add --config and --overlay."""
    parser.add_argument(
        "--config",
        type=Path,
        nargs="*",  # none if all stands in the overlay
        default=[Path("config.yaml")],
        metavar="FILE",
        help="config files, each over the one before it (default config.yaml)",
    )
    parser.add_argument(
        "--overlay", metavar="JSON", help="values over those of the files, as Snakemake's --config"
    )
    add_plan_option(parser)


def add_plan_option(parser: argparse._ActionsContainer) -> None:
    """Add --plan."""
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="read what the run under way reads, which wrote this plan (without the file: as without"
        " the option); the workflow asks for it",
    )


def add_out_option(parser: argparse.ArgumentParser, metavar: str, effect: str) -> None:
    """Add --out, which is required."""
    parser.add_argument("--out", type=Path, required=True, metavar=metavar, help=effect)


def add_whole_option(parser: argparse.ArgumentParser) -> None:
    """Add --whole."""
    parser.add_argument(
        "--whole", action="store_true", help="refuse if an image is not made; the workflow asks for it"
    )


def read_states(options: argparse.Namespace, grid: Grid) -> States:
    """What every cell is now. Raises NstError, with --whole, if one is not made."""
    states = survey(grid.cells, running=is_held())
    if options.whole:
        refuse_holes(states)
    elif absent := count_kinds(state.kind for state in states.values()):
        print(f"note: not all images are there: {absent}", file=sys.stderr)
    return states


def read_grid(options: argparse.Namespace, out: Path | None = None) -> Grid:
    """The grid that the options name.

    Raises NstError with every fault of the config, and for an `out` that is one of its files.
    """
    try:
        overlay = None if options.overlay is None else json.loads(options.overlay)
    except (ValueError, RecursionError):
        raise NstError(f"--overlay {shown(options.overlay)} is not JSON") from None
    if not options.config and overlay is None:
        raise NstError("argument --config: expected at least one argument, or an --overlay")
    config = use_plan(options.plan) if options.plan else None
    files, overlay = config or (options.config, overlay)
    grid = expand(files, overlay)
    styles = chain.from_iterable(grid.config.style_pictures.values())
    inputs = [*files, *grid.config.content.values(), *styles]
    if out and os.path.realpath(out) in map(os.path.realpath, inputs):
        raise NstError(f"{out} would be overwritten: choose another path")
    return grid
