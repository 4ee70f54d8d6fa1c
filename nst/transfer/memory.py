"""How much memory there is and how much a picture takes; from both, what `tile: auto` means."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nst.config.layers import Layer, cut
from nst.config.settings import Settings
from nst.engine.optimizers import LARGE
from nst.engine.tiling import halo
from nst.errors import NstError, is_out_of_memory
from nst.machine.memory import at_hand
from nst.text import one_line

if TYPE_CHECKING:
    from torch import device as Device

SHARE = 0.5  # of the memory at hand: other jobs of the same grid start at the same moment
CORES = (1024, 768, 512, 384, 256)  # pixels; the larger, the less is computed twice
SMALL_CORES = (128, 64)  # most is computed twice or more: advised only where nothing else fits
LESS = 0.75  # of what failed, and of what is free then, that may be advised: these are estimates
FEW_PAIRS = 5
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


# How torch says that a device failed: a driver crashed, a card fell off the bus, a kernel went wrong.
DEVICE_FAILED = ("CUDA error", "CUDA driver error", "cuDNN error", "CUDNN_STATUS", "CUBLAS_STATUS")


def is_breakdown(error: BaseException) -> bool:
    """Whether an error says that memory ran out or a device failed, not that a value was wrong."""
    return is_out_of_memory(error) or any(word in str(error) for word in DEVICE_FAILED)


@contextmanager
def oom_as_error(advice: Callable[[], str]) -> Iterator[None]:
    """Raise NstError for memory that ran out within, or for a device that failed.

    `advice()` says what there was no memory for and the way out; it is called once the tensors of the
    failed work are freed.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_breakdown(error):
            raise
        traceback.clear_frames(error.__traceback__)
        raise NstError(advice() if is_out_of_memory(error) else _device_failed(error)) from None


def _device_failed(error: BaseException) -> str:
    reason = one_line(str(error).splitlines()[0])[:200]
    return (
        f"the GPU failed ({reason}): run it again; if it fails again choose another GPU (NST_GPUS) or"
        " device cpu"
    )
