"""results/index.html: a page to choose from, opened from disk without a server.

The page holds what it filters, sorts and plots (`page_data`). Beside it in results/gallery/ are small
copies of all pictures (`previews`) and, for every pair, a script with its details (`pair_scripts`).
"""

import json
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nst.config.grid import Grid
from nst.disk.files import write_whole
from nst.disk.rebuild import rebuild_outdated
from nst.results.page_data import page_data
from nst.results.pair_scripts import pair_scripts
from nst.results.paths import FILMS, GALLERY, pair_script
from nst.results.previews import films, small_pictures
from nst.results.table import records
from nst.text import counted, duration

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = (
    "page", "address", "facts", "wiper", "pins", "grid", "filter", "images", "plot", "curve", "copies",
    "cell", "start",
)  # fmt: skip


def write_gallery(grid: Grid, path: Path, threads: int = 1) -> None:
    """Write the page of a grid and the files beside it.

    Raises NstError unless every cell has its picture, record and trace.
    """
    finished = records(grid)
    rebuild_outdated(GALLERY, [*small_pictures(grid), *pair_scripts(grid, finished)], threads)
    rebuild_outdated(FILMS, films(grid).values(), threads)
    seconds = sum(record.seconds for _, record in finished)
    write_whole(path, _page(page_data(grid, finished), seconds).encode())


def gallery_files(grid: Grid) -> list[Path]:
    """All files beside the page that `write_gallery` writes."""
    pictures = [*small_pictures(grid), *films(grid).values()]
    return [*(derived.path for derived in pictures), *(pair_script(*pair) for pair in grid.pairs)]


def _page(data: dict[str, Any], seconds: float) -> str:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((TEMPLATES / "gallery.html").read_text(encoding="utf-8"))
    return template.render(
        **data,
        counted=counted,
        time=duration(seconds),
        style_sheet=_source("gallery.css"),
        scripts=[_source(f"{name}.js") for name in SCRIPTS],
        # Inside a script element only `<` could end it.
        data=Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")),
    )


def _source(name: str) -> Markup:
    """A file of ours, which goes into the page unescaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))
