"""The small pictures beside the page, and the films along the main axis."""

from collections.abc import Iterator
from pathlib import Path

from nst.config.grid import Cell, Grid, variant_name
from nst.disk import images
from nst.disk.film import film_bytes, small
from nst.disk.rebuild import Derived, code_digest
from nst.results import paths
from nst.results.sheet_plan import main_axis, plan
from nst.results.thumbnails import LARGE, SHEET, SMALL, thumbnail_bytes

MIN_FRAMES = 3  # fewer images make no film
READING = ("disk/images", "disk/colours", "disk/formats")  # the code that reads pictures
FRAME = 700  # milliseconds for which an image of a film is shown


def small_pictures(grid: Grid) -> Iterator[Derived]:
    """Small copies of all originals, images and sheets."""
    for kind, pictures in (("content", grid.config.content), ("style", grid.config.style)):
        for name, picture in pictures.items():
            yield _small(paths.small_original(kind, name), picture, LARGE)
    for cell in grid.cells:
        yield _small(paths.small_image(cell), cell.file(".png"), SMALL)
    for name in plan(grid):
        yield _small(paths.small_sheet(name), paths.sheet_file(name), SHEET)


def _small(path: Path, source: Path, longest: int) -> Derived:
    method = f"thumbnail {longest} {code_digest('results/thumbnails', *READING)}"
    return Derived(path, (source,), method, lambda: thumbnail_bytes(source, longest))


def films(grid: Grid) -> dict[str, Derived]:
    """The films along the main axis, of every pair and its other axes, by the id of the first cell."""
    main = main_axis(grid)
    if main is None or len(grid.axes[main]) < MIN_FRAMES:
        return {}
    series: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in grid.cells:
        others = {name: value for name, value in cell.axes.items() if name != main}
        name = "_".join(filter(None, ["by", main, variant_name(others) if others else ""]))
        series.setdefault((cell.content, cell.style, name), []).append(cell)
    return {
        cells[0].id: _film(paths.FILMS / content / style / f"{name}.webp", cells)
        for (content, style, name), cells in series.items()
        if len(cells) >= MIN_FRAMES
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
