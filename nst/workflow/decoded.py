"""All pictures are decoded before the first job, so that a damaged one is refused in the evening."""

import os
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from nst.config.grid import Grid
from nst.config.layers import stride
from nst.config.misfits import setting_of_mask
from nst.config.prints import CELLS_KEY
from nst.config.yaml_lines import Key
from nst.disk import images
from nst.disk.input_names import is_mask, is_style, masked_by, region_of
from nst.disk.masks import white_share
from nst.disk.sums import Sums
from nst.errors import NstError

EXTERNAL_KEY: Key = ("external",)
SURELY_EMPTY = 0.5  # positions; windows that overlap may count a pixel more than once
MAX_THREADS = 8  # each may hold a whole picture in memory


def refuse_damaged(grid: Grid, sums: Sums) -> None:
    """Raise NstError, one line each, for pictures of a config that cannot be decoded.

    Those that are as they were when they were last decoded are not decoded again. Pictures that other
    programs made are decoded with them, and refused by nothing.
    """
    pictures, masks = _pictures(grid), _masks(grid)
    unknown = [path for path in pictures if not _is_known(sums, masks, path)]
    with ThreadPoolExecutor(min(MAX_THREADS, _cores())) as pool:  # Pillow releases Python's lock
        found = dict(zip(unknown, pool.map(partial(_decode, sums, masks), unknown), strict=True))
    for path, (fault, share) in found.items():
        if fault and pictures[path] == EXTERNAL_KEY:
            continue
        if fault and pictures[path] == CELLS_KEY:
            grid.config.fault(CELLS_KEY, f"{fault}: delete it and run snakemake first")
        elif fault:
            what = "its images" if path in masks else "it"
            grid.config.fault(pictures[path], f"{fault}; or leave {what} out with `exclude`")
        else:
            sums.note_decoded(path, share)
    sums.save()
    _refuse_small_masks(grid, sums)
    grid.config.refuse()


def is_sound(path: Path, sums: Sums) -> bool:
    """Whether a picture can be decoded, which is remembered."""
    if not sums.is_decoded(path):
        fault, _ = _decode(sums, (), path)
        if fault:
            return False
        sums.note_decoded(path)
    return True


def _refuse_small_masks(grid: Grid, sums: Sums) -> None:
    """Note masks that cover too little for every style layer, whatever becomes of their edges."""
    for cell in grid.cells:
        settings = cell.settings
        used = [name for name, weight in settings.style_layers.items() if weight]
        for name, path in cell.inputs.items():
            is_checked = used and is_mask(name) and not region_of(name)
            if not is_checked or (share := sums.white_share(path)) is None:
                continue
            longer, picture = settings.size, masked_by(name)
            if is_style(picture):
                longer = round(settings.size * settings.style_scale)
            else:
                share = 1 - settings.protect * (1 - share)
            width, height = images.size_at(grid.config.upright_size(cell.inputs[picture]), longer)
            step = min(stride(settings.backbone, layer) for layer in used)
            if share * width * height < SURELY_EMPTY * step**2:
                grid.config.fault(
                    grid.key_of(cell, setting_of_mask(name)),
                    f"{path} covers less than one position of {', '.join(used)} at size"
                    f" {settings.size}: choose a larger size, or a larger mask",
                )


def _pictures(grid: Grid) -> dict[Path, Key]:
    """The pictures of all cells, and the keys of the config that name them; not those left out."""
    pictures: dict[Path, Key] = {one.picture: EXTERNAL_KEY for one in grid.externals}
    contents: dict[Path, Key] = {}
    styles: dict[Path, Key] = {}
    regions: dict[Path, Key] = {}
    for cell in grid.cells:
        for name, path in cell.given_inputs.items():
            if name == "content":
                contents[path] = "content", cell.content
            elif region := region_of(name):
                regions[path] = "content", cell.content, "regions", region
            elif is_style(name):
                styles[path] = "style", cell.style
            elif name == "start":
                pictures[path] = CELLS_KEY
            else:
                setting = setting_of_mask(name) if is_mask(name) else name
                pictures[path] = grid.key_of(cell, setting)
    return pictures | regions | contents | styles


def _masks(grid: Grid) -> set[Path]:
    """The pictures that are masks."""
    return {path for cell in grid.cells for name, path in cell.inputs.items() if is_mask(name)}


def _is_known(sums: Sums, masks: Collection[Path], path: Path) -> bool:
    return sums.white_share(path) is not None if path in masks else sums.is_decoded(path)


def _decode(sums: Sums, masks: Collection[Path], path: Path) -> tuple[str, float | None]:
    """What is wrong with a picture, "" if nothing is; how much of it is white, of a mask."""
    sums.of(path)  # first, so that a picture that is replaced meanwhile is decoded again
    try:
        images.check(path)
        return "", white_share(path) if path in masks else None
    except NstError as error:
        return str(error), None


def _cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):  # macOS has none of it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
