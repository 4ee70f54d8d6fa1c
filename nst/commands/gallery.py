"""Write the page that shows a grid, or all of it as one file to share."""

import argparse
import sys
from pathlib import Path

from nst.commands.arguments import value_of
from nst.commands.config_options import add_config_options, add_whole_option, read_grid, read_states
from nst.config.grid import Grid
from nst.config.values import Number
from nst.errors import NstError
from nst.results.favourites import FILE, Favourites, project_name, read_favourites
from nst.text import counted

EXAMPLE = """examples:
  nst gallery --out results/index.html --threads 4
  nst gallery --single share.html --favourites --px 1024"""
PX = 768
MOST_NAMED = 5
HEAVY = 25_000_000  # bytes; what mail servers take


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst gallery`."""
    page = parser.add_mutually_exclusive_group(required=True)
    page.add_argument(
        "--out", type=Path, metavar="X.html", help="the page, which needs the files beside it"
    )
    page.add_argument(
        "--single",
        type=Path,
        metavar="X.html",
        help="one file with everything in it, to send or to put on a server",
    )
    parser.add_argument(
        "--favourites",
        type=Path,
        nargs="?",
        const=FILE,
        metavar="FILE",
        help=f"with --single: only the favourites of a file, with their notes (default {FILE})",
    )
    parser.add_argument(
        "--px",
        type=value_of(Number(64, 8192, whole=True)),
        metavar="N",
        help=f"with --single: pixels of the longer side of a picture, at most (default {PX})",
    )
    parser.add_argument(
        "--threads",
        type=value_of(Number(1, 1024, whole=True)),
        metavar="N",
        default="1",
        help="thumbnails drawn at a time (default 1)",
    )
    add_whole_option(parser)
    add_config_options(parser)


def run(options: argparse.Namespace) -> None:
    """Write the page, and what it loads; or the page that is one file."""
    if options.single:
        return _write_single(options)
    for name in ("favourites", "px"):
        if getattr(options, name) is not None:
            raise NstError(f"--{name} is for a page that is one file: --single X.html, not --out")
    from nst.results.gallery import write_gallery

    grid = read_grid(options, options.out)
    write_gallery(grid, options.out, options.threads, read_states(options, grid))
    return None


def _write_single(options: argparse.Namespace) -> None:
    from nst.results.shared_page import refuse_path, write_shared_page

    path = options.single
    refuse_path(path)
    grid = read_grid(options, path)
    favourites = _favourites(options.favourites, grid) if options.favourites else None
    states = read_states(options, grid)
    size, count = write_shared_page(grid, path, states, options.px or PX, favourites, options.threads)
    print(f"{path}: {size / 1e6:.1f} MB, {counted(count, 'image')}")
    if size > HEAVY:
        print(
            "note: too large for most mail servers: --px 512 or --favourites makes it smaller",
            file=sys.stderr,
        )


def _favourites(path: Path, grid: Grid) -> Favourites:
    """The favourites of a file, those that are in the grid. Raises NstError if none is."""
    if not path.exists():
        text = "save it from the page (Favourites) into this folder, or name another file"
        raise NstError(f"{path} does not exist: {text}")
    favourites = read_favourites(path)
    if favourites.project not in (None, project_name()):
        text = "if you mean its favourites, change the line project in it"
        raise NstError(f"{path} is of the project {favourites.project}, not {project_name()}: {text}")
    gone = [name for name in favourites.notes if name not in grid.by_id]
    if len(gone) == len(favourites.notes):
        raise NstError(f"{path} has no favourite that is in the grid: choose on the page, and save it")
    if gone:
        names = ", ".join(gone[:MOST_NAMED]) + (", ..." if len(gone) > MOST_NAMED else "")
        print(f"note: not in the grid: {names}", file=sys.stderr)
    return favourites
