"""What a run says to its user before it starts."""

import sys
import time
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import NoReturn

from nst.config.cell import CELL_ENDINGS
from nst.config.grid import Grid
from nst.disk.log_end import failed
from nst.errors import NstError
from nst.machine import nvidia
from nst.progress.terminal import TERMINAL
from nst.text import counted, counted_with
from nst.workflow.replaced import STALE
from nst.workflow.stale import stale_notice

MOST_REASONS = 3  # in one line
AHEAD = 60  # seconds that the clock of a file server may be ahead of this one
AGGREGATES = (
    "losses.csv",
    "losses_by_layer.csv",
    "summary.md",
    "index.html",
    "sheets/*.png",
    "curves/*/*/all.svg",
    "metrics/*/*.json",
)
TOUCH = "`find results -newermt now -exec touch {} +`"


def start_notice(
    grid: Grid,
    replaced: Sequence[Sequence[str]],
    prune: str,
    kept: Path | None = None,
    noun: str = "image",
    starts: int = 0,
) -> str:
    """Files that are not read, stale cells (`prune` is the command), and images to be replaced.

    `replaced` are the reasons of each image, `starts` shared starts are replaced as well, `kept` is the
    folder of the old ones, None in a dry run.
    """
    lines = [*grid.config.notices, stale_notice(grid, prune)]
    if replaced or starts:
        count = counted_with(len(replaced), noun, starts)
        where = f"the old ones will be kept in {STALE}"
        if kept:
            back = "brings them back" if len(replaced) + starts > 1 else "brings it back"
            where = f"the old ones are kept in {kept} (nst restore {kept.name} {back})"
        if len(replaced) + starts == 1:
            where = where.replace("ones are", "one is").replace("ones", "one")
        why = f" ({_listed(replaced)})" if replaced else ""
        lines.append(f"{count} will be replaced{why}; {where}")
    return "\n".join(filter(None, lines))


def _listed(replaced: Sequence[Sequence[str]]) -> str:
    """The reasons, the most frequent first, with the number of their images if there are several."""
    counts = Counter("; ".join(reasons) or "asked for" for reasons in replaced)
    if len(counts) == 1:
        return next(iter(counts))
    parts = [f"{count}: {text}" for text, count in counts.most_common(MOST_REASONS)]
    return "; ".join([*parts, "..."] if len(counts) > MOST_REASONS else parts)


def gpu_notice(grid: Grid, gpus: int, limit: int | None) -> str:
    """One line if no GPU is used although `--resources gpu=N` (the limit) or nvidia-smi names one."""
    if gpus or all(cell.settings.device == "cpu" for cell in grid.cells):
        return ""
    fault = nvidia.fault()
    if not (fault or limit):
        return ""
    return f"no GPU is used{f' ({fault})' if fault else ': none was found'}; images are made on the CPU"


def export_notice(endings: Collection[str]) -> str:
    """How many further files a run writes, and of which format, by their endings; or nothing."""
    if not endings:
        return ""
    return f"{counted(len(endings), 'further file')} to write ({', '.join(sorted(set(endings)))})"


def task_notice(to_make: int, grid: Grid, at_once: int, exported: str = "", starts: int = 0) -> str:
    """How many images and shared starts a run makes, how many at the same time, what is `exported`."""
    if not to_make + starts:
        return exported and f"no {grid.noun} to make; {exported}"
    whole = "in the grid" if grid.noun == "image" else "in the config"
    rest = "" if to_make == len(grid.cells) else f" of the {len(grid.cells)} {whole}"
    jobs = to_make + starts
    pace = "" if jobs == 1 else f", {min(at_once, jobs)} at a time"
    files = exported and f"; {exported}"
    return f"{counted_with(to_make, grid.noun, starts, rest)} to make{pace}{files}"


def refuse_future(grid: Grid) -> None:
    """Raise NstError for a result dated in the future: Snakemake deletes what is made from it."""
    outputs = [cell.file(ending) for cell in grid.cells for ending in CELL_ENDINGS]
    outputs += [path for pattern in AGGREGATES for path in Path("results").glob(pattern)]
    for path in sorted(outputs):
        try:
            date = path.stat().st_mtime
        except OSError:  # not made yet
            continue
        if date > time.time() + AHEAD:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(date))
            raise NstError(f"{path} is dated in the future ({when}): set the clock right, or {TOUCH}")


def tell(text: str) -> None:
    """Print a message where Snakemake prints its own."""
    if text:
        TERMINAL.say(text)


def refuse(error: NstError) -> NoReturn:
    """End the process before any job: one line for every fault, exit status 2."""
    tell(failed(error))
    sys.exit(2)
