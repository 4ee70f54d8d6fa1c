"""The aggregates of a run that did not finish, made of what is there."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nst.config.grid import Grid
from nst.errors import NstError
from nst.results.curves import write_curves
from nst.results.dated_back import date_back
from nst.results.gallery import write_gallery
from nst.results.page_paths import LAYERS, PAGE, SUMMARY, TABLE, sheet_file
from nst.results.sheet import is_current, save_sheet
from nst.results.sheet_plan import Sheet, plan
from nst.results.states import States
from nst.results.summary import write_summary
from nst.results.table import write_layers, write_table

Forget = Callable[[Path], None]


def write_unfinished(
    grid: Grid, states: States, forget: Forget, threads: int, hurried: bool = False
) -> list[str]:
    """Write what the rules would have made of a finished grid; return what could not be written.

    Snakemake makes the table and the sheets again, and from the table everything else: they are dated
    back, and it must `forget` what they were made from. If `hurried`, as a person waits for the end,
    sheets and small copies of images are left out.
    """
    faults = [] if hurried else _draw_sheets(grid, states, forget, threads)
    try:
        for write, path in ((write_table, TABLE), (write_layers, LAYERS)):
            write(grid, path, states)
            date_back(path)
            forget(path)
        write_curves(grid, states)
        write_summary(grid, SUMMARY, states)
        write_gallery(grid, PAGE, threads, states, hurried)
    except NstError as error:
        faults += str(error).splitlines()
    return faults


def _draw_sheets(grid: Grid, states: States, forget: Forget, threads: int) -> list[str]:
    """Draw the sheets that show other images or holes than there are now."""

    def draw(sheet: Sheet) -> list[str]:
        try:
            save_sheet(sheet, states, sheet_file(sheet.name))
        except NstError as error:
            return str(error).splitlines()
        return []

    changed = [sheet for sheet in plan(grid).values() if not is_current(sheet, states)]
    for sheet in changed:
        forget(sheet_file(sheet.name))
    with ThreadPoolExecutor(threads) as pool:
        return [fault for faults in pool.map(draw, changed) for fault in faults]
