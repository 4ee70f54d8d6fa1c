"""Cells on disk that the config no longer asks for: found, announced, put aside, never deleted."""

import shutil
import time
from pathlib import Path

from nst.config.grid import CELLS, Cell, Grid
from nst.results.sheet import plan

SHEETS = Path("results/sheets")
ASIDE = Path("results/stale")
KEPT_WITH_A_CELL = (".png", ".json", ".csv", ".webp", ".checkpoint")


def stale_cells(grid: Grid) -> list[str]:
    """Ids of the cells on disk that are not in the grid."""
    # Path.with_suffix would cut `style_weight-0.5`; only the last part is the ending.
    files = [path for ending in KEPT_WITH_A_CELL for path in CELLS.glob(f"*/*/*{ending}")]
    found = {path.relative_to(CELLS).as_posix().rpartition(".")[0] for path in files}
    return sorted(found - set(grid.by_id))


def stale_sheets(grid: Grid) -> list[str]:
    """Names of the sheets on disk that the grid no longer has."""
    return sorted({path.name[:-4] for path in SHEETS.glob("*.png")} - set(plan(grid)))


def stale_films(grid: Grid) -> list[str]:
    """Ids of the grid's cells that have a film on disk, if the grid has no films."""
    cells = [] if grid.snapshot_every else grid.cells
    return [cell.id for cell in cells if cell.file(".webp").exists()]


def sweep_checkpoints(grid: Grid, unmade: list[Cell]) -> None:
    """Remove those beside whole cells, which jobs have left that outlived their run."""
    whole = set(grid.by_id) - {cell.id for cell in unmade}
    for path in CELLS.glob("*/*/*.checkpoint"):
        if path.relative_to(CELLS).as_posix().removesuffix(".checkpoint") in whole:
            path.unlink(missing_ok=True)


def notice(grid: Grid, command: str) -> str:
    """One line that announces what is stale, and the command that puts it aside."""
    stale = stale_cells(grid), stale_sheets(grid), stale_films(grid)
    if not any(stale):
        return ""
    return f"{_counted(*stale)} not in this config: `{command}` puts them aside"


def prune(grid: Grid, dry_run: bool = False) -> str:
    """Move what is stale to results/stale/<time>/; say what was moved, or would be in a dry run."""
    stale = cells, sheets, films = stale_cells(grid), stale_sheets(grid), stale_films(grid)
    if not any(stale):
        return "nothing is stale"
    files = [
        *(CELLS / f"{cell}{ending}" for cell in cells for ending in KEPT_WITH_A_CELL),
        *(SHEETS / f"{name}.png" for name in sheets),
        *(CELLS / f"{cell}.webp" for cell in films),
    ]
    files = [path for path in files if path.exists()]
    if dry_run:
        return "\n".join([*map(str, files), f"{_counted(*stale)} would be moved to {ASIDE}"])
    aside = ASIDE / time.strftime("%Y-%m-%d_%H-%M-%S")
    for path in files:
        target = aside / path.relative_to("results")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, target)
    for folder in sorted(CELLS.glob("**/"), reverse=True):  # the deepest first
        if folder != CELLS and not any(folder.iterdir()):
            folder.rmdir()
    return f"{_counted(*stale)} moved to {aside}"


def _counted(cells: list[str], sheets: list[str], films: list[str]) -> str:
    counts = [
        f"{len(found)} {noun}{'s' if len(found) > 1 else ''}"
        for found, noun in ((cells, "cell"), (sheets, "sheet"), (films, "film"))
        if found
    ]
    return ", ".join(counts[:-1]) + " and " * (len(counts) > 1) + counts[-1]
