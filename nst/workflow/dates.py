"""Files that are dated in the future: Snakemake would throw away what is made from them."""

import time
from collections.abc import Iterator
from pathlib import Path

from nst.config.grid import Grid
from nst.errors import NstError
from nst.results.paths import pair_figure
from nst.workflow.stale import SHEETS

AHEAD = 60  # seconds that the clock of a file server may be ahead of this one
TOUCH = "`find results -newermt now -exec touch {} +`"
AGGREGATES = tuple(Path("results", name) for name in ("losses.csv", "summary.md", "index.html"))


def refuse_future(grid: Grid) -> None:
    """Raise NstError, before any job, for files of a grid that are dated in the future.

    Snakemake takes what is made from them for made too early, and deletes it when it is done.
    """
    for paths, way in ((_given(grid), "`touch` them"), (_made(grid), TOUCH)):
        dated = {path: when for path in paths if (when := _when(path)) > time.time() + AHEAD}
        if dated:
            first, *others = dated
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(dated[first]))
            more = f" and {len(others)} more are" if others else " is"
            raise NstError(f"{first}{more} dated in the future ({when}): set the clock right, or {way}")


def _given(grid: Grid) -> list[Path]:
    starts = {picture for cell in grid.cells if (picture := cell.settings.init_picture())}
    given = grid.config.content, grid.config.style, grid.config.weights
    return sorted(starts.union(*(files.values() for files in given)))


def _made(grid: Grid) -> Iterator[Path]:
    """The outputs of the workflow's rules; what else lies in results/ Snakemake does not compare."""
    endings = (".png", ".json", ".csv", *((".webp",) if grid.snapshot_every else ()))
    yield from (cell.file(ending) for cell in grid.cells for ending in endings)
    yield from dict.fromkeys(pair_figure(cell.content, cell.style) for cell in grid.cells)
    yield from SHEETS.glob("*.png")
    yield from AGGREGATES


def _when(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # nothing, or nothing yet
        return 0.0
