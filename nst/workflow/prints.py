"""A run of `snakemake prints`: what it refuses before its jobs, and the page after them."""

import os
from collections.abc import Collection
from pathlib import Path

from nst.config.cell import CELL_ENDINGS, PRINTS
from nst.config.grid import Grid
from nst.config.prints import CELLS_KEY
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.currency import CURRENT, MISSING, Currency, judge
from nst.results.dated_back import date_back
from nst.results.gallery import write_gallery
from nst.results.page_paths import PAGE
from nst.results.states import States, survey
from nst.text import shown
from nst.workflow.unfinished import Forget, write_unfinished

MOST_THREADS = 4  # that draw the sheets and small copies of an unfinished grid


def makes_prints(targets: Collection[str], rule: str, prints: Grid) -> bool:
    """Whether these targets of a run are prints: all of them, by the rule's name, or single ones.

    Raises NstError if only some of the targets are, or if one is of no print of the config.
    """
    files = {one: _below_prints(one) for one in targets if one != rule}
    others = sorted(one for one, file in files.items() if file is None)
    if others and len(others) < len(targets):
        raise NstError(f"prints are a run of their own: ask for {', '.join(others)} in another")
    listed = {f"{name}{ending}" for name in prints.by_id for ending in CELL_ENDINGS}
    faults = [
        f"{shown(one)} is not listed under prints.cells: add it there, or correct the path"
        for one, file in sorted(files.items())
        if file and file not in listed
    ]
    if faults:
        raise NstError("\n".join(faults))
    return bool(targets) and not others


def _below_prints(target: str) -> str | None:
    """The path of a target below the folder of prints; None for a target outside, or a rule."""
    path = Path(os.path.relpath(target))
    return path.relative_to(PRINTS).as_posix() if path.is_relative_to(PRINTS) else None


def refuse_unready(prints: Grid, sums: Sums) -> None:
    """Raise NstError if no prints are asked for, or the image that one starts from is not current."""
    config = prints.config
    if not prints.cells:
        config.fault(("prints",), "lists no images: name some under `cells`, content/style/variant")
    starts = {cell.start.id: cell.start for cell in prints.cells if cell.start}
    listed = (config.data.get("prints") or {}).get("cells") or []
    for name, currency in judge(starts.values(), sums).items():
        if currency.kind != CURRENT:
            config.fault((*CELLS_KEY, listed.index(name)), f"{name} {_lack(currency)}")
    config.refuse()


def _lack(currency: Currency) -> str:
    """Why an image cannot be the start of a print, and the way out."""
    way_out = "or print with `start: afresh`"
    if currency.kind == MISSING:
        return f"is not made yet: run snakemake first, {way_out}"
    return f"is out of date ({'; '.join(currency.reasons)}): run snakemake first, {way_out}"


def write_page(grid: Grid, of_prints: bool, forget: Forget, cores: int, hurried: bool) -> list[str]:
    """Write the page at the end of a run, of what is there; return what could not be written.

    At the end of a run of prints, nothing but the page; else all aggregates, see `write_unfinished`.
    """
    try:
        states, threads = survey(grid.cells), min(MOST_THREADS, cores)
        if of_prints:
            return _write_page_of_prints(grid, states, threads, hurried)
        return write_unfinished(grid, states, forget, threads, hurried)
    except KeyboardInterrupt:
        return ["interrupted"]


def _write_page_of_prints(grid: Grid, states: States, threads: int, hurried: bool) -> list[str]:
    """The page keeps its date: whether it is current is for runs of the grid to say."""
    try:
        before = PAGE.stat() if PAGE.exists() else None
        write_gallery(grid, PAGE, threads, states, hurried)
        if before:
            os.utime(PAGE, ns=(before.st_atime_ns, before.st_mtime_ns))
        else:
            date_back(PAGE)
    except (NstError, OSError) as error:
        return str(error).splitlines()
    return []
