"""Files on disk that the config no longer asks for: counted, announced, put aside, never deleted."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.config.cell import CELL_ENDINGS, CELLS, PRINTS, STARTS, Cell
from nst.config.grid import Grid
from nst.disk.encoded import BESIDE
from nst.disk.files import move
from nst.results.metrics import FOLDER as METRICS
from nst.results.page_paths import RESULTS, SHEETS, sheet_file
from nst.results.sheet_plan import plan
from nst.text import counted
from nst.workflow.replaced import STALE, new_folder, remove_empty_folders

# Before the ending of a film, none in films of nst-grid 0.1; or of a PNG of 16 bits.
FRAMES = re.compile(r"\.(every-\d+|16bit)$")
ENDINGS = (*CELL_ENDINGS, ".checkpoint")  # of a cell's files, its film's aside
METRIC_ENDINGS = (".json", ".part")


@dataclass(frozen=True)
class Stale:
    """What is stale: ids of cells, prints and shared starts, names of sheets, and files."""

    cells: list[str]
    sheets: list[str]
    films: list[Path]
    prints: list[str]
    metrics: list[Path]
    beside: list[Path]
    starts: list[str]

    def __len__(self) -> int:
        return sum(map(len, vars(self).values()))


def stale_cells(grid: Grid, folder: Path = CELLS) -> list[str]:
    """Ids of what lies in the folder of cells, prints or shared starts and is not in their grid."""
    paths = [(path, ending) for ending in ENDINGS for path in folder.glob(f"*/*/*{ending}")]
    ids = {_id(path, ending, folder) for path, ending in paths if not _is_beside(path)}
    return sorted(ids - set(grid.by_id))


def stale_sheets(grid: Grid) -> list[str]:
    """Names of the sheets on disk that the grid no longer has."""
    return sorted({path.name[:-4] for path in SHEETS.glob("*.png")} - set(plan(grid)))


def stale_films(grid: Grid) -> list[Path]:
    """The films on disk that are of no cell of the grid, or of other frames than it asks for."""
    films = {cell.film for cell in grid.cells} if grid.snapshot_every else set()
    found = {path for path in CELLS.glob("*/*/*.webp") if FRAMES.search(path.stem)}
    return sorted(found - films)


def stale_files_beside(grid: Grid) -> list[Path]:
    """The files in another format that the config does not ask for, or films of nst-grid 0.1."""
    wanted = {cell.beside for cell in (*grid.cells, *grid.prints)}
    found = {path for folder in (CELLS, PRINTS) for path in folder.glob("*/*/*") if _is_beside(path)}
    return sorted(found - wanted)


def stale_metrics(grid: Grid) -> list[Path]:
    """The metrics on disk that are of no pair of the grid."""
    files = {path for ending in METRIC_ENDINGS for path in METRICS.glob(f"*/*{ending}")}
    return sorted(path for path in files if _pair(path) not in grid.pairs)


def sweep_checkpoints(grid: Grid, unmade: Iterable[Cell]) -> None:
    """Remove the checkpoints of finished cells, left by jobs that outlived their run."""
    finished = set(grid.by_id) - {cell.id for cell in unmade}
    for folder in {cell.folder for cell in grid.cells}:
        for path in folder.glob("*/*/*.checkpoint"):
            if _id(path, ".checkpoint", folder) in finished:
                path.unlink(missing_ok=True)


def stale_notice(grid: Grid, command: str) -> str:
    """One line that announces what is stale, and the command that puts it aside; or nothing."""
    stale = _stale(grid)
    count = command and _count(stale)
    them = "it" if len(stale) == 1 else "them"
    return count and f"{count} not in this config: `{command}` puts {them} aside"


def prune(grid: Grid, dry_run: bool = False) -> str:
    """Move what is stale to results/stale/<time>/; say what was moved, or would be in a dry run."""
    stale = _stale(grid)
    if not stale:
        return "nothing is stale"
    count = _count(stale)
    files = [
        *(CELLS / f"{cell}{ending}" for cell in stale.cells for ending in ENDINGS),
        *map(sheet_file, stale.sheets),
        *stale.films,
        *(PRINTS / f"{cell}{ending}" for cell in stale.prints for ending in ENDINGS),
        *(STARTS / f"{start}{ending}" for start in stale.starts for ending in ENDINGS),
        *stale.metrics,
        *stale.beside,
    ]
    files = [path for path in files if path.exists()]
    if dry_run:
        return "\n".join([*map(str, files), f"{count} would be moved to {STALE}"])
    aside = new_folder()
    for path in files:
        move(path, aside / path.relative_to(RESULTS))
    for folder in (CELLS, PRINTS, STARTS, METRICS):
        remove_empty_folders(folder)
    return f"{count} moved to {aside}"


def _stale(grid: Grid) -> Stale:
    return Stale(
        cells=stale_cells(grid),
        sheets=stale_sheets(grid),
        films=stale_films(grid),
        prints=stale_cells(grid.of_prints, PRINTS),
        metrics=stale_metrics(grid),
        beside=stale_files_beside(grid),
        starts=stale_cells(grid.of_starts, STARTS),
    )


def _is_beside(path: Path) -> bool:
    """Whether a file of a cell is the image in another format."""
    is_film = path.suffix == ".webp" and FRAMES.search(path.stem)
    return path.name.endswith(tuple(BESIDE.values())) and not is_film


def _cell_of(path: Path) -> str:
    """The id of the cell that a file in another format is of."""
    return FRAMES.sub("", "/".join(path.with_suffix("").parts[-3:]))


def _pair(path: Path) -> tuple[str, str]:
    """The content and the style of a file of metrics."""
    return path.parent.name, path.stem


def _id(path: Path, ending: str, folder: Path = CELLS) -> str:
    """The id of the cell that a file belongs to; a dot in `style_weight-0.5` is part of it."""
    return path.relative_to(folder).as_posix().removesuffix(ending)


def _count(stale: Stale) -> str:
    """`6 cells, 1 sheet and 2 films`, or nothing; what is beside cells counts unless they do."""
    others = [film for film in stale.films if FRAMES.sub("", _id(film, ".webp")) not in stale.cells]
    pairs = {tuple(cell.split("/")[:2]) for cell in stale.cells}
    alone = [path for path in stale.metrics if _pair(path) not in pairs]
    nouns = ((stale.cells, "cell"), (stale.sheets, "sheet"), (others, "film"), (stale.prints, "print"))
    made = {*stale.cells, *stale.prints}
    further = [path for path in stale.beside if _cell_of(path) not in made]
    endings = ", ".join(sorted({next(filter(path.name.endswith, BESIDE.values())) for path in further}))
    nouns = (*nouns, (stale.starts, "shared start"), (alone, "metrics file"))
    counts = [counted(len(names), noun) for names, noun in nouns if names]
    if further:
        counts.append(f"{counted(len(further), 'further file')} of another format ({endings})")
    return " and ".join(filter(None, [", ".join(counts[:-1]), *counts[-1:]]))


def prune_command(rule: str, config_files: Sequence[str], overlay: Mapping[str, Any]) -> str:
    """The command that moves stale files away; `rule` is what the rule `prune` is called.

    Nothing with values over the files: they are meant for one run. A module has values only.
    """
    if config_files and overlay:
        return ""
    is_default = config_files in ([], ["config.yaml"])
    return shlex.join(["snakemake", rule, *([] if is_default else ["--configfile", *config_files])])
