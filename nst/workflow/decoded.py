"""All pictures are decoded before the first job, so that a damaged one is refused in the evening."""

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from nst.config.grid import Grid
from nst.config.prints import CELLS_KEY
from nst.config.yaml_lines import Key
from nst.disk import images
from nst.disk.input_names import is_mask, is_style, masked_by, region_of
from nst.disk.masks import read_mask
from nst.disk.sums import Sums
from nst.errors import NstError

EXTERNAL_KEY: Key = ("external",)
MAX_THREADS = 8  # each may hold a whole picture in memory


def refuse_damaged(grid: Grid, sums: Sums) -> None:
    """Raise NstError, one line each, for pictures of a config that cannot be decoded.

    Those that are as they were when they were last decoded are not decoded again. Pictures that other
    programs made are decoded with them, and refused by nothing.
    """
    pictures = _pictures(grid)
    unknown = [path for path in pictures if not sums.is_decoded(path)]
    if not unknown:
        return
    with ThreadPoolExecutor(min(MAX_THREADS, _cores())) as pool:  # Pillow releases Python's lock
        faults = dict(zip(unknown, pool.map(partial(_fault, sums, _masks(grid)), unknown), strict=True))
    for path, fault in faults.items():
        if fault and pictures[path] == EXTERNAL_KEY:
            continue
        if fault and pictures[path] == CELLS_KEY:
            grid.config.fault(CELLS_KEY, f"{fault}: delete it and run snakemake first")
        elif fault:
            grid.config.fault(pictures[path], f"{fault}; or leave it out with `exclude`")
        else:
            sums.note_decoded(path)
    sums.save()
    if grid.config.faults:
        raise NstError("\n".join(grid.config.faults))


def _pictures(grid: Grid) -> dict[Path, Key]:
    """The pictures of all cells, and the keys of the config that name them; not those left out."""
    pictures: dict[Path, Key] = {one.picture: EXTERNAL_KEY for one in grid.externals}
    contents: dict[Path, Key] = {}
    styles: dict[Path, Key] = {}
    regions: dict[Path, Key] = {}
    for cell in grid.cells:
        for name, path in cell.inputs.items():
            if name == "content":
                contents[path] = "content", cell.content
            elif region := region_of(name):
                regions[path] = "content", cell.content, "regions", region
            elif is_style(name) or is_style(masked_by(name)):
                styles[path] = "style", cell.style
            else:
                pictures[path] = CELLS_KEY if name == "start" else ("settings", name)
    return pictures | regions | contents | styles


def _masks(grid: Grid) -> set[Path]:
    """The pictures that are masks."""
    return {path for cell in grid.cells for name, path in cell.inputs.items() if is_mask(name)}


def _fault(sums: Sums, masks: Collection[Path], path: Path) -> str:
    sums.of(path)  # first, so that a picture that is replaced meanwhile is decoded again
    try:
        images.check(path)
        if path in masks:
            read_mask(path)
    except NstError as error:
        return str(error)
    return ""


def _cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):  # macOS has none of it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
