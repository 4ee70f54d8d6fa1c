"""The last words of `snakemake -n`: images to make, the time it takes, the disk it needs."""

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.disk.images import size_at
from nst.progress.estimate import Estimator, Sample, speed_key
from nst.progress.speed import try_speed
from nst.results.states import MADE, State
from nst.text import be, counted, counted_with, duration

BYTES_PER_PIXEL = 2.4  # of a PNG of 8 bits, whose colours are rarely plain
BYTES_BESIDE = 150_000  # of a cell: record, trace, log, small copy, its share of sheets and figures
LEAST_FILES = 5  # PNGs on disk from which bytes per pixel are taken
MOST_FILES = 50


def dry_run_report(
    grid: Grid,
    to_make: Sequence[Cell],
    states: Mapping[str, State],
    at_once: int,
    may_try: bool,
    exported: str = "",
    starts: Sequence[Cell] = (),
) -> str:
    """Three lines, or one if no image is to be made; the first also says what is `exported`.

    The shared `starts` are made as well. Where nothing was measured yet, a short trial measures the
    speed, if this machine makes the images.
    """
    there = sum(state.kind == MADE for state in states.values())
    files = exported and f"; {exported}"
    jobs = [*starts, *to_make]
    if not jobs:
        return f"no {grid.noun} to make: {counted(there, grid.noun)} {be(there)} there{files}"
    count = counted_with(len(to_make), grid.noun, len(starts))
    lines = [
        f"{count} to make, {there} of {len(grid.cells)} {be(there)} there{files}",
        _time(grid, jobs, states, at_once, may_try),
        _disk(grid, jobs),
    ]
    return "\n".join(lines)


def say_at_exit(say: Callable[[], None]) -> None:
    """Let `say` print the last words of this process, of which Ctrl-C or a closed pipe may rob it."""
    with suppress(KeyboardInterrupt, SystemExit):
        try:
            say()
        except BrokenPipeError:  # `snakemake -n | head`: nobody reads on
            with suppress(BrokenPipeError):
                sys.stdout.close()


def _time(
    grid: Grid, to_make: Sequence[Cell], states: Mapping[str, State], at_once: int, may_try: bool
) -> str:
    estimator = Estimator(grid, states, at_once)
    source = "by the images made before"
    seconds = estimator.seconds_left(to_make, {})
    if seconds is None and may_try:
        settings = to_make[0].settings
        key = speed_key(settings)
        rows = try_speed(settings, min(at_once, len(to_make)))
        estimator.earlier = [Sample(key, (row[0], row[1]), row[2]) for row in rows if row[2] > 0]
        seconds, source = estimator.seconds_left(to_make, {}), "by a short trial"
    if seconds is None:
        return "time: known once the first images are under way"
    return f"time: about {duration(seconds)}, {min(at_once, len(to_make))} at a time ({source})"


def _disk(grid: Grid, to_make: Sequence[Cell]) -> str:
    free = shutil.disk_usage(Path()).free
    return f"disk: about {disk_size(disk_bytes(grid, to_make))}, {disk_size(free)} are free"


def disk_bytes(grid: Grid, to_make: Sequence[Cell]) -> float:
    """What these images and the files beside them take on the disk."""
    pixels = sum(_pixels(grid, cell) for cell in to_make)
    return pixels * _bytes_per_pixel(grid) + BYTES_BESIDE * len(to_make)


def _pixels(grid: Grid, cell: Cell) -> float:
    width, height = size_at(grid.config.sizes.get(cell.content_picture, (4, 3)), cell.settings.size)
    return width * height


def _bytes_per_pixel(grid: Grid) -> float:
    """Of the images that are there, if there are some."""
    files = (cell for cell in grid.cells if cell.file(".png").is_file())
    found = [
        (cell.file(".png").stat().st_size, _pixels(grid, cell)) for cell in islice(files, MOST_FILES)
    ]
    if len(found) < LEAST_FILES:
        return BYTES_PER_PIXEL
    return sum(size for size, _ in found) / sum(pixels for _, pixels in found)


def disk_size(count: float) -> str:
    """A number of bytes as a person reads it."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{max(1, round(count / 1e6))} MB"
