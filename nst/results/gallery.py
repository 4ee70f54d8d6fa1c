"""results/index.html: a page to choose from, opened from disk without a server.

The page holds what it filters, sorts and plots (`page_data`). Beside it in results/gallery/ are small
copies of all pictures (`previews`), for every pair a script with its details (`pair_scripts`), and one
that says what has changed since (`news`).
"""

import base64
import hashlib
import json
import re
import time
from collections.abc import Container, Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from nst.config.grid import Grid
from nst.disk.derived import current_files, rebuild_outdated
from nst.disk.files import write_whole
from nst.results import page_paths
from nst.results.drawn import drawn_files, drawn_scripts
from nst.results.externals_data import external_copies, external_marks
from nst.results.news import LOCK, first_news
from nst.results.overlays import overlay_pictures
from nst.results.page_data import page_data
from nst.results.page_paths import (
    DRAWN,
    FILMS,
    GALLERY,
    NEWS,
    TABLE,
    pair_script,
    sheet_file,
    small_sheet,
)
from nst.results.pair_scripts import pair_scripts
from nst.results.previews import films, small_images, small_originals, small_pictures, small_sheets
from nst.results.sheet import is_current
from nst.results.sheet_plan import Sheet, plan
from nst.results.states import MADE, OUTDATED, States, finished_cells, survey
from nst.text import counted, duration

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = (
    "page", "dimensions", "control", "address", "keys", "folds", "favourites", "favourites_file",
    "favourites_merge", "favourites_view", "make_large", "facts", "view", "gestures", "stage",
    "wiper", "fullscreen", "pins", "compare", "theme", "key_list", "tile", "grid", "sizes", "menus",
    "filter", "save_picture", "arrange", "images", "sheets", "summary", "scatter", "curve",
    "details", "films", "hole", "overlay", "made", "panel", "print", "cell", "history", "viewer_keys",
    "run_line", "follow", "place", "start",
)  # fmt: skip
SCRIPT_POLICY = "SCRIPT-POLICY"  # in a page that is one file; the sums of its scripts take its place
STYLES = ("gallery", "viewer", "favourites")


def write_gallery(
    grid: Grid, path: Path, threads: int = 1, states: States | None = None, hurried: bool = False
) -> None:
    """Write the page of what is there, and the files beside it.

    If `hurried`, no image, sheet or film is shrunk: those without a current small copy are shown
    themselves, or not at all.
    """
    states = survey(grid.cells) if states is None else states
    made = finished_cells(grid, states)
    whole = len(made) == len(grid.cells)  # then Snakemake knows which sheets are current
    sheets = [
        sheet
        for sheet in plan(grid).values()
        if (sheet_file(sheet.name).is_file() if whole else is_current(sheet, states))
    ]
    shown = [cell for cell in grid.cells if states[cell.id].kind in (MADE, OUTDATED)]
    pictures = [*small_images(shown), *small_sheets(sheet.name for sheet in sheets)]
    walks = list(films(grid, {cell.id for cell, _ in made}).values())
    if hurried:
        current = current_files(GALLERY, pictures) | current_files(FILMS, walks)
        pictures, walks = ([one for one in some if one.path in current] for some in (pictures, walks))
    externals = external_marks(grid)
    given = [
        *small_originals(grid, whole),
        *overlay_pictures(grid, whole),
        *external_copies(externals),
    ]
    beside = [*given, *pictures, *pair_scripts(grid, states)]
    rebuild_outdated(GALLERY, beside, threads, others=(NEWS, LOCK))
    rebuild_outdated(FILMS, walks, threads)
    if not hurried:
        rebuild_outdated(DRAWN, drawn_scripts(grid, made, externals), threads)
    current = {one.path for one in (*pictures, *walks)}
    sheets = [sheet for sheet in sheets if small_sheet(sheet.name) in current]
    write_page(grid, path, states, sheets, current)


def write_page(
    grid: Grid,
    path: Path,
    states: States,
    sheets: Iterable[Sheet],
    current: Container[Path],
    own: Mapping[str, str] | None = None,
) -> str:
    """Write the page alone, and that nothing has changed since; return its mark, its base.

    Of a run that is under way, `own` are the cells whose details are in a `live_script`, by id; and an
    image that will be replaced is shown by its small copy only, which stays until then.
    """
    data = page_data(grid, states, sheets, current)
    if own is not None:
        for cell in data["cells"]:
            cell["own"] = own.get(cell["id"])
        for hole in data["holes"]:
            if hole.pop("full", False):
                del hole["old"]
    seconds = sum(record.seconds for _, record in finished_cells(grid, states))
    with first_news() as base:
        write_whole(path, render_page({"base": base, **data}, seconds).encode())
    return base


def gallery_files(grid: Grid) -> list[Path]:
    """All files beside the page that `write_gallery` writes."""
    externals = external_copies(external_marks(grid))
    pictures = [*small_pictures(grid), *overlay_pictures(grid), *externals, *films(grid).values()]
    scripts = [NEWS, *(pair_script(*pair) for pair in grid.pairs)]
    return [*(derived.path for derived in pictures), *scripts, *drawn_files(grid)]


def render_page(data: Mapping[str, Any], seconds: float, files: Mapping[str, str] | None = None) -> str:
    """The page as HTML. With `files`, data: URLs by path, it loads nothing from anywhere."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((TEMPLATES / "gallery.html").read_text(encoding="utf-8"))
    page = template.render(
        **data,
        counted=counted,
        time=duration(seconds),
        total=len(data["cells"]) + len(data["holes"]),
        table=page_paths.link(TABLE) if TABLE.is_file() else "",
        written=time.strftime("%-d %B %Y, %H:%M"),
        style_sheet=Markup("").join(_source(f"{name}.css") for name in STYLES),
        before=_source("before.js"),
        scripts=[_source(f"{name}.js") for name in SCRIPTS],
        policy=SCRIPT_POLICY,
        data=_json(data),
        files=None if files is None else _json(files),
    )
    return page if files is None else _allow_scripts(page)


def _allow_scripts(page: str) -> str:
    """A page whose policy allows the scripts in it, and no others."""
    scripts = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    sums = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    return page.replace(SCRIPT_POLICY, " ".join(f"'sha256-{sum}'" for sum in sums), 1)


def _json(data: Mapping[str, Any]) -> Markup:
    """JSON for a script element, which only `<` could end."""
    return Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c"))


def _source(name: str) -> Markup:
    """A file of ours, which goes into the page unescaped."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))
