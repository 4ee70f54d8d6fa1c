"""The memory that a transfer needs, the tile that follows, and what is said when memory runs out."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain

import torch

from nst.config.settings import Settings
from nst.errors import NstError, is_out_of_memory
from nst.machine.free_memory import free_bytes, job_bytes
from nst.text import one_line
from nst.transfer.live_memory import Shape, ample_bytes, peak_bytes

TILES = ("none", 1024, 768, 512, 384, 256)  # pixels; the larger, the less is computed twice
SMALL_TILES = (128, 64)  # advised where nothing else fits: most is computed twice or more
# What a plan cannot see: workspaces of oneDNN and cuDNN, and gaps between the allocator's blocks. On
# the CPU the resident memory grew by 1.9 (fp32) and 2.2 times (bf16) the plan at 512 px; CUDA's
# allocator, which rounds and caches, has no such measurement yet.
OVERHEAD = {"cpu": 2.25, "cuda": 1.25}
ADVISED_SHARE = 0.75  # of the free memory, and of what failed: advice that fails again is worth nothing
FEW_PAIRS = 5
# How torch says that a device failed: a driver crashed, a card fell off the bus, a kernel went wrong.
DEVICE_FAILED = ("CUDA error", "CUDA driver error", "cuDNN error", "CUDNN_STATUS", "CUBLAS_STATUS")
NO_KERNEL = "no kernel image"

Styles = tuple[Shape, ...]  # of the style pictures in use

_plans: dict[tuple[str, Shape, Styles], int] = {}


def needed_bytes(
    settings: Settings, image: Shape, styles: Styles, limit: float = float("inf")
) -> float:
    """The memory of a transfer whose image and styles have these sides at `settings.size`.

    Counting stops, with any number above `limit`, once it is clear that more is needed.
    """
    key = repr(settings), image, styles
    overhead = _overhead(settings)
    if key not in _plans:
        peak = peak_bytes(settings, image, styles, limit / overhead)
        if peak * overhead > limit:
            return peak * overhead
        _plans[key] = peak
    return _plans[key] * overhead


def _overhead(settings: Settings) -> float:
    return OVERHEAD["cuda" if settings.device == "cuda" else "cpu"]


def choose_tile(settings: Settings, image: Shape, styles: Styles, device: torch.device) -> int | str:
    """The side of the tiles in pixels, or "none": for `auto` the largest that fits.

    `image` and `styles` are height and width at `settings.size`.
    """
    if settings.tile != "auto":
        return settings.tile
    if settings.padding == "circular":  # cannot be cut into tiles
        return "none"
    free = job_bytes(device)
    if _overhead(settings) * ample_bytes(settings, image, styles) <= free:
        return "none"
    first, last = 0, len(TILES) - 1  # of the candidates; the smallest is taken even if nothing fits
    while first < last:
        middle = (first + last) // 2
        if needed_bytes(replace(settings, tile=TILES[middle]), image, styles, free) <= free:
            last = middle
        else:
            first = middle + 1
    return TILES[first]


def advice(settings: Settings, image: Shape, styles: Styles, device: torch.device) -> str:
    """What to say when memory ran out: what was needed, what is free, and what would fit."""
    needed = needed_bytes(settings, image, styles)
    try:
        free = free_bytes(device)
    except RuntimeError:  # a GPU without room even for CUDA itself
        free = 0
    room = ADVISED_SHARE * min(free or needed, needed)
    options = ", or ".join(_options_that_fit(settings, image, styles, room))
    return (
        f"not enough memory for size {settings.size} (tile {settings.tile}, style_scale"
        f" {settings.style_scale:g}): it takes about {needed / 2**30:.1f} GiB,"
        f" {free / 2**30:.1f} are free; choose {options or 'a machine with more'}"
    )


def _options_that_fit(settings: Settings, image: Shape, styles: Styles, room: float) -> Iterator[str]:
    """Options that fit in `room` bytes, the one that changes least first."""

    def fits(changed: Settings) -> bool:
        scale = changed.size / settings.size
        shapes = scaled(image, scale), tuple(scaled(style, scale) for style in styles)
        return needed_bytes(changed, *shapes, limit=room) <= room

    tile = settings.tile if isinstance(settings.tile, int) else max(*image, *chain(*styles))
    tiles = () if settings.padding == "circular" else (*TILES[1:], *SMALL_TILES)
    for side in (side for side in tiles if side < tile):
        if fits(replace(settings, tile=side)):
            yield f"--tile {side}"
            break
    fewer = replace(settings, history=min(FEW_PAIRS, settings.history))
    if settings.optimizer == "lbfgs" and fewer != settings and fits(fewer):
        yield f"--history {FEW_PAIRS}"
    if size := largest_size(settings, lambda size: fits(replace(settings, size=size))):
        yield f"--size {size}"


def smallest_tiles(settings: Settings) -> Settings:
    """The settings with the tile that `auto` comes to where memory is shortest."""
    if settings.tile != "auto":
        return settings
    return replace(settings, tile="none" if settings.padding == "circular" else TILES[-1])


def scaled(shape: Shape, scale: float) -> Shape:
    """The sides of a picture that is enlarged, at least a pixel each."""
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def largest_size(settings: Settings, fits: Callable[[int], bool]) -> int:
    """The largest multiple of 16 below the size that fits, 0 if none does."""
    least = -(-settings.least_side // 16)
    low, high = least - 1, (settings.size - 1) // 16
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(16 * middle) else (low, middle - 1)
    return 16 * low if low >= least else 0


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
    if NO_KERNEL in reason:
        return (
            f"this torch was not built for this GPU ({reason}): install a torch that supports it, or"
            " choose device cpu"
        )
    return (
        f"the GPU failed ({reason}): run it again; if it fails again choose another GPU (NST_GPUS) or"
        " device cpu"
    )
