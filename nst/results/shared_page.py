"""One HTML file with a page and everything that it shows, to be sent or put on a server."""

import base64
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from PIL import Image

from nst.config.external import External
from nst.config.grid import Grid
from nst.disk.files import write_whole
from nst.errors import NstError
from nst.results import page_paths
from nst.results.externals_data import external_marks
from nst.results.favourites import Favourites
from nst.results.gallery import render_page
from nst.results.hatched import hatched
from nst.results.originals import Original, originals
from nst.results.overlays import Overlay, overlay_bytes, overlays
from nst.results.page_paths import RESULTS, link
from nst.results.shared_data import Files, Made, shared_data
from nst.results.states import States, finished_cells
from nst.results.thumbnails import REDUCING_GAP, SHARED, seen, shrunk_size, webp

MARK = b'name="generator" content="nst-grid single page"'  # in gallery.html
HEAD = 2000  # bytes; within them such a page has its mark
ENDINGS = (".html", ".htm")

# The paths by which the page asks for a picture in some sizes, and a function that makes these.
Drawing = tuple[tuple[Path, ...], Callable[[], list[bytes]]]


def refuse_path(path: Path) -> None:
    """Raise NstError for a path at which no such page may be written."""
    if path.suffix.lower() not in ENDINGS:
        raise NstError(f"{path} does not end in .html: name a page, such as share.html")
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(RESULTS)):
        text = "which holds only what the workflow makes: choose another folder"
        raise NstError(f"{path} is in {RESULTS}/, {text}")
    if not os.path.lexists(path):
        return
    head = b""
    if path.is_file():  # a pipe has no end
        with suppress(OSError), path.open("rb") as file:
            head = file.read(HEAD)
    if MARK not in head:
        text = "is not a page that --single wrote: choose another name, or remove it"
        raise NstError(f"{path} {text}")


def write_shared_page(
    grid: Grid,
    path: Path,
    states: States,
    px: int,
    favourites: Favourites | None = None,
    threads: int = 1,
) -> tuple[int, int]:
    """Write the page of all images that are made, or of favourites; return its bytes and its images.

    No picture in it has more than `px` pixels on a side. Raises NstError if there is no such image.
    """
    made = finished_cells(grid, states)
    if favourites:
        made = [(cell, record) for cell, record in made if cell.id in favourites.notes]
    if not made:
        raise NstError(f"no image is there for {path}: make them first, with snakemake")
    externals = [] if favourites else list(external_marks(grid))
    files = _pictures(grid, made, externals, px, threads)
    if not favourites:
        files |= _figures(made)
    data = shared_data(grid, states, made, files, px, favourites)
    urls = {name: _url(name, content) for name, content in files.items()}
    page = render_page(data, sum(record.seconds for _, record in made), urls).encode()
    write_whole(path, page)
    return len(page), len(made)


def _pictures(grid: Grid, made: Made, externals: Sequence[External], px: int, threads: int) -> Files:
    """The originals, masks and images, by the paths by which the page asks for them."""
    inside = {(kind, getattr(cell, kind)) for cell, _ in made for kind in ("content", "style")}
    drawings: list[Drawing] = [
        ((page_paths.small_original(*key),), partial(_original, one, px))
        for key, one in originals(grid).items()
        if key in inside
    ]
    laid = overlays(grid)
    for one in {one.path: one for cell, _ in made if (one := laid.get(cell.id))}.values():
        drawings.append(((one.path,), partial(_overlay, one, px)))
    sizes = px, min(px, SHARED)
    for cell, _ in made:
        paths = cell.file(".png"), page_paths.small_image(cell)
        drawings.append((paths, partial(_shrunk, cell.file(".png"), sizes)))
    for one in externals:
        paths = page_paths.external_copy(one), page_paths.small_image(one)
        drawings.append((paths, partial(_or_hatched, partial(_shrunk, one.picture, sizes), sizes)))
    with ThreadPoolExecutor(threads) as pool:  # Pillow releases Python's lock while it works
        return {
            link(path): content
            for (paths, _), contents in zip(drawings, pool.map(_draw, drawings), strict=True)
            for path, content in zip(paths, contents, strict=True)
        }


def _draw(drawing: Drawing) -> list[bytes]:
    return drawing[1]()


def _shrunk(path: Path, sizes: Sequence[int]) -> list[bytes]:
    """A picture as WebP with its longer side at most each of some sizes."""
    picture = seen(path, max(sizes))
    return [
        webp(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP))
        for size in (shrunk_size(picture.size, longest) for longest in sizes)
    ]


def _original(one: Original, px: int) -> list[bytes]:
    return _or_hatched(lambda: [webp(one.drawn(px))], (px,))


def _overlay(one: Overlay, px: int) -> list[bytes]:
    return [overlay_bytes(one, px)]


def _or_hatched(draw: Callable[[], list[bytes]], sizes: Sequence[int]) -> list[bytes]:
    """A picture in some sizes; hatched boxes for one that cannot be read: its images are there."""
    try:
        return draw()
    except NstError:
        return [webp(hatched((SHARED, SHARED), "unreadable"))] * len(sizes)


def _figures(made: Made) -> Files:
    """The curves of the pairs that are drawn."""
    paths = {page_paths.pair_figure(cell.content, cell.style) for cell, _ in made}
    return {link(path): path.read_bytes() for path in sorted(paths) if path.is_file()}


def _url(name: str, content: bytes) -> str:
    kind = "svg+xml" if name.endswith(".svg") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
