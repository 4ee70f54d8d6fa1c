"""results/drawn/: the small pictures once more, as scripts, for the picture of a grid that is saved.

A page that is opened from disk may draw pictures from files, but then no longer read what it has drawn;
it may with pictures inside a script. The page loads these only when it saves a picture.
"""

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from nst.config.external import External
from nst.config.grid import Grid
from nst.disk.derived import Derived, code_digest
from nst.disk.record import token
from nst.results.page_paths import drawn_originals, drawn_script, small_image, small_original
from nst.results.states import Finished
from nst.results.thumbnails import SMALL, shrunk_size, webp

FEW = 200  # images, of which the pictures here have SMALL pixels a side; those of more have MANY_PX
MANY_PX = 256
HEAD = 192  # pixels; of a content or a style


def drawn_px(grid: Grid) -> int:
    """The most pixels a side that a picture of a cell has here."""
    return SMALL if len(grid.cells) <= FEW else MANY_PX


def drawn_scripts(grid: Grid, made: Finished, externals: Mapping[External, str]) -> Iterator[Derived]:
    """The scripts of all originals, and of every pair, once the small pictures are there.

    `externals` are the pictures that other programs made, with their tokens.
    """
    px = drawn_px(grid)
    yield _script(
        drawn_originals(), {_name(*one): (small_original(*one), "") for one in _originals(grid)}, HEAD
    )
    marked = [(cell, token(record)) for cell, record in made]
    pairs: dict[tuple[str, str], dict[str, tuple[Path, str]]] = {}
    for one, mark in (*marked, *externals.items()):
        pairs.setdefault((one.content, one.style), {})[one.id] = (small_image(one), mark)
    for pair, pictures in pairs.items():
        yield _script(drawn_script(*pair), pictures, px)


def drawn_files(grid: Grid) -> list[Path]:
    """All files of `drawn_scripts` of a whole grid."""
    return [drawn_originals(), *(drawn_script(*pair) for pair in grid.pairs)]


def _originals(grid: Grid) -> list[tuple[str, str]]:
    config = grid.config
    return [("content", name) for name in config.content] + [("style", name) for name in config.style]


def _name(kind: str, name: str) -> str:
    return f"{kind}/{name}"


def _script(path: Path, pictures: dict[str, tuple[Path, str]], px: int) -> Derived:
    """A script with pictures by name, each with the token of its cell."""
    facts = json.dumps([[name, mark] for name, (_, mark) in pictures.items()])
    digest = hashlib.sha256(facts.encode()).hexdigest()[:16]

    def script() -> bytes:
        urls = {name: [mark, _data_url(source, px)] for name, (source, mark) in pictures.items()}
        return f"nst.drawn({json.dumps(urls, separators=(',', ':'))});\n".encode()

    method = f"drawn {px} {digest} {code_digest('results/drawn', 'results/thumbnails')}"
    return Derived(path, tuple(source for source, _ in pictures.values()), method, script)


def _data_url(path: Path, px: int) -> str:
    data = path.read_bytes()
    with Image.open(io.BytesIO(data)) as picture:
        if max(picture.size) > px:
            small = picture.convert("RGBA" if picture.has_transparency_data else "RGB").resize(
                shrunk_size(picture.size, px), Image.Resampling.LANCZOS
            )
            data = webp(small)
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
