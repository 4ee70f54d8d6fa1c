"""The small pictures beside the page, and the films along the main axis."""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from nst.config.cell import variant_name
from nst.config.grid import Cell, Grid
from nst.disk import images
from nst.disk.derived import Derived, code_digest
from nst.disk.film import film_bytes, small
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results import page_paths
from nst.results.hatched import hatched
from nst.results.originals import Original, originals
from nst.results.sheet_plan import main_axis, plan
from nst.results.thumbnails import LARGE, SHEET, SMALL, thumbnail_bytes, webp

MIN_FRAMES = 3  # fewer images make no film
READING = ("disk/images", "disk/colours", "disk/formats")  # the code that reads pictures
CODE = ("results/thumbnails", "results/hatched", *READING)
OF_STRIPS = ("results/strip", "results/originals", "results/fonts")
FRAME = 700  # milliseconds for which an image of a film is shown


def small_originals(grid: Grid, whole: bool = True) -> Iterator[Derived]:
    """Small copies of all contents and styles.

    If the grid is not `whole`, one that cannot be read is a hatched box.
    """
    sums = Sums()
    for (kind, name), original in originals(grid).items():
        # By sums: a run may read copies of the pictures, and the dates of these say nothing.
        facts = [(sums.of(path), share) for path, share in original.parts]
        method = f"original {LARGE} {code_digest(*CODE, *OF_STRIPS)} {facts}"
        build = partial(_original, original)
        copy = Derived(page_paths.small_original(kind, name), (), method, build)
        yield copy if whole else replace(copy, build=partial(_or_hatched, build))


def small_images(cells: Iterable[Cell]) -> Iterator[Derived]:
    """Small copies of the images of these cells."""
    for cell in cells:
        yield _small(page_paths.small_image(cell), cell.file(".png"), SMALL)


def small_sheets(names: Iterable[str]) -> Iterator[Derived]:
    """Small copies of these sheets."""
    for name in names:
        yield _small(page_paths.small_sheet(name), page_paths.sheet_file(name), SHEET)


def small_pictures(grid: Grid) -> Iterator[Derived]:
    """Small copies of all originals, images and sheets of a whole grid."""
    yield from small_originals(grid)
    yield from small_images(grid.cells)
    yield from small_sheets(plan(grid))


def _original(original: Original) -> bytes:
    return webp(original.drawn(LARGE))


def _or_hatched(build: Callable[[], bytes]) -> bytes:
    try:
        return build()
    except NstError:  # its images have failed for the same reason, which the page tells
        return webp(hatched((SMALL, SMALL), "unreadable"))


def _small(path: Path, source: Path, longest: int) -> Derived:
    method = f"thumbnail {longest} {code_digest(*CODE)}"
    return Derived(path, (source,), method, lambda: thumbnail_bytes(source, longest))


def films(grid: Grid, made: Container[str] | None = None) -> dict[str, Derived]:
    """The films along the main axis, of every pair and its other axes, by the id of the first cell.

    Only those of which all cells are in `made`, ids, if it is not None.
    """
    main = main_axis(grid)
    if main is None or len(grid.axes[main]) < MIN_FRAMES:
        return {}
    series: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in grid.cells:
        others = {name: value for name, value in cell.axes.items() if name != main}
        name = "_".join(filter(None, ["by", main, variant_name(others) if others else ""]))
        series.setdefault((cell.content, cell.style, name), []).append(cell)
    return {
        cells[0].id: _film(page_paths.FILMS / content / style / f"{name}.webp", cells)
        for (content, style, name), cells in series.items()
        if len(cells) >= MIN_FRAMES and (made is None or all(cell.id in made for cell in cells))
    }


def _film(path: Path, cells: list[Cell]) -> Derived:
    pictures = tuple(cell.file(".png") for cell in cells)
    method = f"film {FRAME} {code_digest('disk/film', *READING)}"
    # Each is shrunk before the next is read: large images together would fill the memory.
    return Derived(
        path,
        pictures,
        method,
        lambda: film_bytes([small(images.read(picture)[0]) for picture in pictures], FRAME),
    )
