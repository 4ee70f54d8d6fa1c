"""Prints that are larger than memory and disk allow are refused before their jobs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nst.config.cell import Cell
from nst.config.grid import Grid
from nst.config.prints import SETTINGS_KEY
from nst.disk.images import size_at
from nst.machine.free_memory import free_main_memory
from nst.text import counted
from nst.workflow.dry_run import disk_bytes, disk_size

PATIENCE = 120  # seconds; the first import of torch may take long
# More than an image takes without counting: 46 pictures, the pairs of L-BFGS, what the allocator adds;
# and network and features of the smallest tiles.
PICTURES, ADDED, TILES = 46, 2.25, 2**30
SAVED = 8  # pictures in a checkpoint, beside those pairs
FLOATS = 3 * 4  # bytes of a pixel

Sides = tuple[int, int]  # height and width


def refuse_too_large(prints: Grid, to_make: Sequence[Cell], here: Sequence[Cell], at_once: int) -> None:
    """Raise NstError for prints that do not fit on the disk, or in the memory of this machine.

    Only those of them that are `here` take main memory; a job refuses what does not fit on its GPU.
    """
    faults = [_disk_fault(prints, to_make, at_once)]
    if here:
        faults.append(_memory_fault(prints, here, min(len(here), at_once)))
    for fault in filter(None, faults):
        prints.config.fault(SETTINGS_KEY, fault)
    prints.config.refuse()


def _disk_fault(prints: Grid, to_make: Sequence[Cell], at_once: int) -> str:
    states = sorted(_state_bytes(prints, cell, SAVED) for cell in to_make)[-at_once:]
    needed = disk_bytes(prints, to_make) + sum(states)
    free = shutil.disk_usage(Path()).free
    if needed <= free:
        return ""
    return (
        f"{counted(len(to_make), 'print')} may take {disk_size(needed)} of disk, with what a stopped"
        f" run keeps of them; {disk_size(free)} are free: free some, or choose a smaller size"
    )


def _memory_fault(prints: Grid, to_make: Sequence[Cell], at_once: int) -> str:
    room = free_main_memory() // at_once
    large = [cell for cell in to_make if ADDED * _state_bytes(prints, cell) + TILES > room]
    sizes = _largest_sizes(prints, large, room)
    if not sizes:
        return ""
    size = max(cell.settings.size for cell in large)
    share = f", its share of {at_once} at a time" if at_once > 1 else ""
    fewer = ", or make fewer at a time: --set-threads print=N with a larger N" if at_once > 1 else ""
    smaller = f"choose a size up to {min(sizes)}" if min(sizes) else "use a machine with more"
    return (
        f"a print of {size} pixels takes more memory, even in tiles, than the {room / 2**30:.1f} GiB"
        f" that are free{share}: {smaller}{fewer}"
    )


def _sides(prints: Grid, cell: Cell) -> tuple[Sides, list[Sides]]:
    """Height and width of the image and of the styles at the size of a print."""
    size, scale = cell.settings.size, cell.settings.style_scale
    sizes = prints.config.sizes
    width, height = size_at(sizes.get(cell.content_picture, (1, 1)), size)
    side = max(1, round(size * scale))
    styles = (size_at(sizes.get(picture, (1, 1)), side) for picture in cell.used_styles)
    return (height, width), [(height, width) for width, height in styles]


def _state_bytes(prints: Grid, cell: Cell, pictures: int = PICTURES) -> float:
    """More than so many pictures and L-BFGS's pairs take."""
    (height, width), _ = _sides(prints, cell)
    pairs = 2 * cell.settings.history if cell.settings.optimizer == "lbfgs" else 0
    return FLOATS * height * width * (pictures + pairs)


def _largest_sizes(prints: Grid, large: Sequence[Cell], room: int) -> list[int]:
    """The largest size that fits, for each that does not; counted in a process with torch."""
    tasks = [(cell.settings.as_json(), *_sides(prints, cell)) for cell in large]
    if not tasks:
        return []
    with suppress(subprocess.SubprocessError, OSError, ValueError):  # then its job says so
        done = subprocess.run(
            [sys.executable, "-m", "nst.transfer.memory_probe"],
            input=json.dumps({"room": room, "tasks": tasks}),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        return [fits for needed, fits in answers if needed > room]
    return []
