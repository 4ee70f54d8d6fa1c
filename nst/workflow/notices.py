"""What a run says to its user before it starts."""

import time
from collections.abc import Sequence
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.errors import NstError
from nst.text import counted
from nst.workflow.stale import stale_notice

AHEAD = 60  # seconds that the clock of a file server may be ahead of this one
AGGREGATES = ("losses.csv", "summary.md", "index.html", "sheets/*.png", "curves/*/*/all.svg")
TOUCH = "`find results -newermt now -exec touch {} +`"


def start_notice(grid: Grid, outdated: Sequence[Cell], prune: str) -> str:
    """Files that are not read, stale cells (`prune` is the command), and images to be replaced."""
    lines = [*grid.config.notices, stale_notice(grid, prune)]
    if outdated:
        lines.append(
            f"{counted(len(outdated), 'image')} of other settings will be replaced; to keep both, make"
            " the setting an axis of `grid`"
        )
    return "\n".join(filter(None, lines))


def refuse_future(grid: Grid) -> None:
    """Raise NstError for a file dated in the future: Snakemake deletes what is made from it."""
    pictures = [*grid.config.content.values(), *grid.config.style.values()]
    starts = [picture for cell in grid.cells if (picture := cell.settings.init_picture())]
    outputs = [cell.file(ending) for cell in grid.cells for ending in (".png", ".json", ".csv")]
    outputs += [path for pattern in AGGREGATES for path in Path("results").glob(pattern)]
    for files, remedy in (
        ({*pictures, *starts, *grid.config.weights.values()}, "`touch` it"),
        (outputs, TOUCH),
    ):
        for path in sorted(files):
            try:
                date = path.stat().st_mtime
            except OSError:  # not made yet
                continue
            if date > time.time() + AHEAD:
                when = time.strftime("%Y-%m-%d %H:%M", time.localtime(date))
                remedy = f"set the clock right, or {remedy}"
                raise NstError(f"{path} is dated in the future ({when}): {remedy}")
