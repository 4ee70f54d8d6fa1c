"""How much memory there is and how much a picture takes; from both, what `tile: auto` means."""

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nst.layers import Layer, cut
from nst.settings import Settings
from nst.tiles import halo

if TYPE_CHECKING:
    from torch import device as Device

SHARE = 0.5  # of the memory at hand: other jobs of the same grid start at the same moment
CORES = (1024, 768, 512, 384, 256)  # pixels; the larger, the less is computed twice
SMALL_CORES = (128, 64)  # most is computed twice or more: advised only where nothing else fits
LESS = 0.75  # of what failed, and of what is free then, that may be advised: these are estimates
FEW_PAIRS = 5
# Variables of an image from which on L-BFGS keeps its pairs in bfloat16: 20 pairs of 4096 x 2731 pixels
# take 5.4 GB in float32. By size and not by the memory at hand, on which no image should depend.
# After 150 evaluations at 256 px the losses were those of float32 within 0.2 %.
LARGE = 2**23
# float32 pictures that the optimiser and the parametrisation hold beside L-BFGS's pairs.
PICTURES = 16
FLOAT = 4  # bytes


def choose_tile(settings: Settings, height: int, width: int, device: "Device") -> int | str:
    """What `tile` comes to for an image of these sides: a core's side in pixels, or "none".

    `auto` takes the whole picture if it fits, else the largest core that does.
    """
    if settings.tile != "auto":
        return settings.tile
    free = SHARE * at_hand(device)
    for tile in ("none", *CORES):
        if needed_bytes(replace(settings, tile=tile), height, width) <= free:
            return tile
    return CORES[-1]


def advice(settings: Settings, height: int, width: int, device: "Device") -> str:
    """What to say when memory ran out for an image of these sides: what would fit, by the estimate."""
    needed = needed_bytes(settings, height, width)
    try:
        free = at_hand(device)
    except RuntimeError:  # a GPU without room even for CUDA itself
        free = 0
    found = ", or ".join(_fitting(settings, height, width, min(LESS * (free or needed), LESS * needed)))
    return (
        f"not enough memory for size {settings.size} (tile {settings.tile}, style_scale"
        f" {settings.style_scale:g}): it takes about {needed / 2**30:.1f} GiB,"
        f" {free / 2**30:.1f} are free; choose {found or 'a machine with more'}"
    )


def _fitting(settings: Settings, height: int, width: int, free: float) -> Iterator[str]:
    """Options that fit in `free` bytes, the one that changes least first."""
    whole = max(height, width)
    now = settings.tile if isinstance(settings.tile, int) else whole
    for core in (core for core in (*CORES, *SMALL_CORES) if core < now):
        if needed_bytes(replace(settings, tile=core), height, width) <= free:
            yield f"--tile {core}"
            break
    fewer = replace(settings, history=min(FEW_PAIRS, settings.history))
    if (
        settings.optimizer == "lbfgs"
        and fewer != settings
        and needed_bytes(fewer, height, width) <= free
    ):
        yield f"--history {FEW_PAIRS}"
    for size in range(settings.size // 16 * 16, 15, -16):
        sides = (max(1, round(side * size / whole)) for side in (height, width))
        if size < settings.size and needed_bytes(settings, *sides) <= free:
            yield f"--size {size}"
            break


def needed_bytes(settings: Settings, height: int, width: int) -> int:
    """About what the transfer of an image of these sides takes, by the tiles that the settings name."""
    plan = cut(settings.backbone, settings.layers())
    read = settings.tile + 2 * halo(plan) if isinstance(settings.tile, int) else max(height, width)
    evaluation = evaluation_bytes(plan, settings, min(read, height), min(read, width))
    return state_bytes(settings, height, width) + evaluation


def evaluation_bytes(plan: tuple[Layer, ...], settings: Settings, height: int, width: int) -> int:
    """About what one loss and gradient of a picture take: fitted to measurements, rather too much."""
    item = 2 if settings.precision == "bf16" else FLOAT
    kept = largest = 0
    for layer in plan:
        height, width = layer.side_after(height), layer.side_after(width)
        if layer.kind == "conv":
            kept += layer.channels * height * width
            largest = max(largest, layer.channels * height * width)
    # Beside what is kept: two gradients of the largest layer, and two copies of it in float32.
    return item * (kept + 2 * largest) + 2 * FLOAT * largest


def state_bytes(settings: Settings, height: int, width: int) -> int:
    """About what the optimiser holds of an image of these sides."""
    variables = 3 * height * width
    pairs = 2 * settings.history if settings.optimizer == "lbfgs" else 0
    return variables * (FLOAT * PICTURES + (FLOAT if variables <= LARGE else 2) * pairs)


def give_back() -> None:
    """Let the system have what the C library keeps of freed memory, where it can be told to."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's, not musl's
        if trim:
            trim(0)


def at_hand(device: "Device", root: Path = Path("/")) -> int:
    """The memory that is free on a device, in bytes; on a CPU within its cgroups and its ulimit."""
    if device.type == "cuda":
        import torch

        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + held
    return min([_available(root), *_left_in_groups(root), *_left_to_process(root)])


def _available(root: Path) -> int:
    """What Linux says is available; elsewhere all there is."""
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 2**10
    except (OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _left_in_groups(root: Path) -> Iterator[int]:
    """What every control group around this process leaves it, as Slurm and containers set them."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            top = root / "sys/fs/cgroup" / controllers
            limit, used = (
                ("memory.limit_in_bytes", "memory.usage_in_bytes")
                if controllers
                else ("memory.max", "memory.current")
            )
            folder = top / path.lstrip("/")
            while folder.is_relative_to(top):
                yield from _left(folder, limit, used)
                folder = folder.parent


def _left_to_process(root: Path) -> Iterator[int]:
    """What `ulimit -v` leaves, as Grid Engine sets it."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        try:
            pages = int((root / "proc/self/statm").read_text().split()[0])
        except (OSError, ValueError):
            return
        yield max(0, most - pages * os.sysconf("SC_PAGE_SIZE"))


def _left(folder: Path, limit: str, used: str) -> Iterator[int]:
    try:
        most, now = ((folder / name).read_text().strip() for name in (limit, used))
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return
    if most != "max":
        # Files that the kernel has cached count as used, and go when memory is asked for.
        yield int(most) - int(now) + int(stat.get("inactive_file", 0))
