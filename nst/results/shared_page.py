"""One HTML file with a page and everything that it shows, to be sent or put on a server."""

import base64
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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
from nst.results.page_paths import RESULTS, link
from nst.results.shared_data import Files, Made, shared_data
from nst.results.states import States, finished_cells
from nst.results.thumbnails import REDUCING_GAP, SHARED, seen, shrunk_size, webp

MARK = b'name="generator" content="nst-grid single page"'  # in gallery.html
HEAD = 2000  # bytes; within them such a page has its mark
ENDINGS = (".html", ".htm")

# The paths by which the page asks for a picture in some sizes, its file, and the sizes.
Wanted = tuple[tuple[Path, ...], Path, tuple[int, ...]]


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
    """The originals and images, by the paths by which the page asks for them."""
    config = grid.config
    originals = {
        page_paths.small_original(kind, name): pictures[name]
        for kind, pictures in (("content", config.content), ("style", config.style))
        for name in dict.fromkeys(getattr(cell, kind) for cell, _ in made)
    }
    wanted: list[Wanted] = [((path,), picture, (px,)) for path, picture in originals.items()]
    for cell, _ in made:
        paths = (cell.file(".png"), page_paths.small_image(cell))
        wanted.append((paths, cell.file(".png"), (px, min(px, SHARED))))
    made_here = {paths for paths, *_ in wanted[len(originals) :]}
    for one in externals:
        paths = (page_paths.external_copy(one), page_paths.small_image(one))
        wanted.append((paths, one.picture, (px, min(px, SHARED))))

    def shrink(one: Wanted) -> list[bytes]:
        return _shrunk(*one[1:], is_original=one[0] not in made_here)

    with ThreadPoolExecutor(threads) as pool:  # Pillow releases Python's lock while it works
        return {
            link(path): content
            for (paths, *_), contents in zip(wanted, pool.map(shrink, wanted), strict=True)
            for path, content in zip(paths, contents, strict=True)
        }


def _shrunk(path: Path, sizes: Sequence[int], is_original: bool) -> list[bytes]:
    """A picture as WebP with its longer side at most each of some sizes."""
    try:
        picture = seen(path, max(sizes))
    except NstError:
        if not is_original:
            raise
        picture = hatched((SHARED, SHARED), "unreadable")  # or gone; its images are there
    return [
        webp(picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP))
        for size in (shrunk_size(picture.size, longest) for longest in sizes)
    ]


def _figures(made: Made) -> Files:
    """The curves of the pairs that are drawn."""
    paths = {page_paths.pair_figure(cell.content, cell.style) for cell, _ in made}
    return {link(path): path.read_bytes() for path in sorted(paths) if path.is_file()}


def _url(name: str, content: bytes) -> str:
    kind = "svg+xml" if name.endswith(".svg") else "webp"
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
