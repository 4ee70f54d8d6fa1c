"""Records and pictures -> results/index.html: a page to choose from, opened from disk, no server.

The page itself holds what it filters, sorts and plots; beside it in results/gallery/ lie small copies
of all pictures and, for every pair of content and style, a script with its records, loaded when one
of its cells is opened: a page on disk may load scripts, but not data.
"""

import hashlib
import json
import shlex
from collections.abc import Iterator
from itertools import groupby, product
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from nst.config.grid import Cell, Grid, variant_name
from nst.config.settings import KINDS, flags
from nst.disk import images
from nst.disk.files import write_whole
from nst.disk.film import film_bytes, small
from nst.disk.home import abbreviate_home
from nst.disk.rebuild import Derived, code_digest, rebuild_outdated
from nst.disk.record import Record, record_bytes
from nst.results import plot
from nst.results.choice import groups, unweighted
from nst.results.curves import pair_file
from nst.results.sheet import main_axis, plan
from nst.results.table import records
from nst.results.thumbnails import LARGE, SHEET, SMALL, thumbnail_bytes
from nst.text import duration

TEMPLATES = Path(__file__).with_name("templates")
SCRIPTS = (
    "page", "address", "facts", "wiper", "pins", "grid", "filter", "images", "plot", "copies", "cell",
    "start",
)  # fmt: skip
RESULTS = Path("results")
GALLERY = RESULTS / "gallery"
FILMS = RESULTS / "films"
LEAST_FRAMES = 3  # fewer images make no film
FRAME = 700  # milliseconds for which an image of a film along an axis is seen

Made = list[tuple[Cell, Record]]


def write_gallery(grid: Grid, path: Path, threads: int = 1) -> None:
    """Write the page of a grid, and what it shows. Raises NstError unless every cell has its record."""
    made = records(grid)
    copies = [*_originals(grid), *_cells(grid), *_sheets(grid), *_pairs(grid, made)]
    rebuild_outdated(GALLERY, copies, threads)
    films = [(walk[0], _film(walk)) for walk in _walks(grid)]
    rebuild_outdated(FILMS, [film for _, film in films], threads)
    positions = _positions(grid)
    data = {
        "contents": [_original("content", name) for name in grid.config.content],
        "styles": [_original("style", name) for name in grid.config.style],
        "axes": [
            {"name": name, "values": [KINDS[name].text(value) for value in values]}
            for name, values in grid.axes.items()
        ],
        "main": main_axis(grid),
        "cells": [_row(grid, cell, record, positions[cell.id]) for cell, record in made],
        "groups": _groups(grid, made),
        "films": {",".join(map(str, positions[first.id])): _place(film.path) for first, film in films},
        "curve": plot.FIGURE_SIZE,
        "sheets": [_sheet(name, sheet.title) for name, sheet in plan(grid).items()],
    }
    write_whole(path, _page(data, made).encode())


def gallery_files(grid: Grid) -> list[Path]:
    """All files beside the page that `write_gallery` makes."""
    scripts = [
        _script(content, style) for content in grid.config.content for style in grid.config.style
    ]
    shown = [*_originals(grid), *_cells(grid), *_sheets(grid), *map(_film, _walks(grid))]
    return [*(derived.path for derived in shown), *scripts]


def _page(data: dict[str, Any], made: Made) -> str:
    # Whatever the template prints is escaped; the data is, too, or a name could end the script.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string((TEMPLATES / "gallery.html").read_text(encoding="utf-8"))
    return template.render(
        **data,
        time=duration(sum(record.seconds for _, record in made)),
        style_sheet=_source("gallery.css"),
        scripts=[_source(f"{name}.js") for name in SCRIPTS],
        data=Markup(json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")),
    )


def _source(name: str) -> Markup:
    """A file of ours that goes into the page as it stands."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def _originals(grid: Grid) -> Iterator[Derived]:
    for kind, pictures in (("content", grid.config.content), ("style", grid.config.style)):
        for name, source in pictures.items():
            yield _copy(GALLERY / "originals" / kind / f"{name}.webp", source, LARGE)


def _cells(grid: Grid) -> Iterator[Derived]:
    for cell in grid.cells:
        yield _copy(GALLERY / "cells" / f"{cell.id}.webp", cell.file(".png"), SMALL)


def _sheets(grid: Grid) -> Iterator[Derived]:
    for name in plan(grid):
        yield _copy(GALLERY / "sheets" / f"{name}.webp", RESULTS / "sheets" / f"{name}.png", SHEET)


def _copy(path: Path, source: Path, longest: int) -> Derived:
    kind = f"thumbnail {longest} {code_digest('results/thumbnails', 'disk/images')}"
    return Derived(path, (source,), kind, lambda: thumbnail_bytes(source, longest))


def _script(content: str, style: str) -> Path:
    return GALLERY / "pairs" / content / f"{style}.js"


def _pairs(grid: Grid, made: Made) -> Iterator[Derived]:
    """For every pair a script that hands the page what a person may want to copy of its cells.

    And the size of the figure of its curves: null where there is none.
    """
    for (content, style), pair in groupby(made, key=lambda m: (m[0].content, m[0].style)):
        cells = {
            cell.id: {
                "record": record_bytes(record).decode().rstrip(),
                "command": command(grid, cell, record),
                "config": config(grid, cell, record),
            }
            for cell, record in pair
        }
        pair_data = {"cells": cells, "curve": plot.size_of(pair_file(content, style))}
        script = f"nst.received({json.dumps(pair_data)});\n".encode()
        kind = f"pair {hashlib.sha256(script).hexdigest()}"
        yield Derived(_script(content, style), (), kind, lambda data=script: data)


def command(grid: Grid, cell: Cell, record: Record) -> str:
    """The shell line that makes a cell again, to be run where config.yaml lies."""
    name = cell.id.replace("/", "_")
    backbone = cell.settings.backbone
    weights = grid.config.weights.get(backbone, Path(f"results/weights/{backbone}.safetensors"))
    words = [
        *("nst", "transfer", str(cell.content_picture), str(cell.style_picture)),
        *("--out", f"{name}.png", "--record", f"{name}.json", "--weights", str(weights)),
        *flags({**cell.given(), **_as_made(record)}),
    ]
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """A word for a shell, which finds the home folder by a `~` that is not quoted."""
    short = abbreviate_home(word)
    return shlex.quote(word) if short == word else f"~/{shlex.quote(short[2:])}"


def config(grid: Grid, cell: Cell, record: Record) -> str:
    """A config.yaml that asks for one cell alone."""
    asked: dict[str, Any] = {
        "content": {cell.content: str(cell.content_picture)},
        "style": {cell.style: str(cell.style_picture)},
        "settings": {**cell.given(), **_as_made(record)},
    }
    if cell.settings.backbone in grid.config.weights:
        asked["weights"] = {cell.settings.backbone: str(grid.config.weights[cell.settings.backbone])}
    return yaml.safe_dump(abbreviate_home(asked), sort_keys=False, allow_unicode=True)


def _as_made(record: Record) -> dict[str, Any]:
    """The means: the same bytes need the same arithmetic, wherever `auto` would lead to."""
    made = {name: record.settings[name] for name in ("precision", "device")}
    tile = record.settings.get("tile")
    return {**made, "tile": tile} if isinstance(tile, int) else made


def _original(kind: str, name: str) -> dict[str, Any]:
    copy = GALLERY / "originals" / kind / f"{name}.webp"
    return {"name": name, "picture": _place(copy), "size": images.size_of(copy)}


def _walks(grid: Grid) -> Iterator[list[Cell]]:
    """The cells of every pair along the main axis, for every combination of the others."""
    main = main_axis(grid)
    if main is None or len(grid.axes[main]) < LEAST_FRAMES:
        return
    walks: dict[str, list[Cell]] = {}
    for cell in grid.cells:
        others = {name: value for name, value in cell.axes.items() if name != main}
        walks.setdefault(f"{cell.content}/{cell.style}/{variant_name(others)}", []).append(cell)
    yield from walks.values()


def _film(walk: list[Cell]) -> Derived:
    """The film of a walk along an axis; named as its cells, without the axis."""
    first, last = walk[0], walk[-1]
    others = {name: value for name, value in first.axes.items() if value == last.axes[name]}
    along = next(name for name in first.axes if name not in others)
    pictures = tuple(cell.file(".png") for cell in walk)
    name = "_".join(filter(None, ["by", along, variant_name(others) if others else ""]))
    return Derived(
        FILMS / first.content / first.style / f"{name}.webp",
        pictures,
        f"film {FRAME} {code_digest('disk/film', 'disk/images')}",
        # Made small one by one: a walk of large images would fill the memory.
        lambda: film_bytes([small(images.read(path)[0]) for path in pictures], FRAME),
    )


def _positions(grid: Grid) -> dict[str, tuple[int, ...]]:
    """Where every cell stands, by its id: the numbers of its content, style and values of the axes."""
    sides = grid.config.content, grid.config.style, *grid.axes.values()
    # The cells of a grid are in this order.
    places = product(*(range(len(side)) for side in sides))
    return {cell.id: place for cell, place in zip(grid.cells, places, strict=True)}


def _row(grid: Grid, cell: Cell, record: Record, position: tuple[int, ...]) -> dict[str, Any]:
    """What the page knows of a cell from the start."""
    content, style, *values = position
    return {
        "id": cell.id,
        "content": content,
        "style": style,
        "axes": values,
        "size": images.size_of(cell.file(".png")),
        "losses": record.losses,
        "terms": unweighted(record),
        "evaluations": record.evaluations,
        "seconds": record.seconds,
        "outcome": record.outcome,
        "device": record.device,
        "film": grid.snapshot_every > 0,  # one that is there without may be of an older image
    }


def _groups(grid: Grid, made: Made) -> list[dict[str, Any]]:
    """The suggestions, by the cells' numbers."""
    number = {cell.id: place for place, (cell, _) in enumerate(made)}
    return [
        {
            "label": group.label,
            "cells": [number[cell.id] for cell in group.cells],
            "front": [number[cell.id] for cell in group.front],
            "knee": number[group.knee.id] if group.knee else None,
        }
        for group in groups(grid, made)
    ]


def _sheet(name: str, title: str) -> dict[str, Any]:
    path = RESULTS / "sheets" / f"{name}.png"
    copy = GALLERY / "sheets" / f"{name}.webp"
    return {
        "picture": _place(path),
        "small": _place(copy),
        "title": title,
        "size": images.size_of(copy),
    }


def _place(path: Path) -> str:
    return path.relative_to(RESULTS).as_posix()
