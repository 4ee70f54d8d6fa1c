"""Records and pictures -> results/index.html: one page that opens from disk and needs no server."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from nst import images
from nst.files import write_whole
from nst.grid import Cell, Grid
from nst.record import Record
from nst.settings import KINDS
from nst.sheet import plan
from nst.table import records

TEMPLATE = Path(__file__).with_name("templates") / "gallery.html"
RESULTS = Path("results")


def write_gallery(grid: Grid, path: Path) -> None:
    """Write the page of a grid. Raises NstError unless every cell has its record."""
    made = records(grid)
    # Everything from the config and from file names is escaped by the template, always.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        count=len(made),
        contents=list(grid.config.content),
        styles=list(grid.config.style),
        axes={
            _words(name): [KINDS[name].text(v) for v in values] for name, values in grid.axes.items()
        },
        time=_time(sum(record.seconds for _, record in made)),
        sheets=[_sheet(name, sheet.title) for name, sheet in plan(grid).items()],
        groups=list(_groups(made)),
    )
    write_whole(path, page.encode())


def _groups(made: list[tuple[Cell, Record]]) -> Iterator[dict[str, Any]]:
    """The cells of every pair of content and style, in the config's order."""
    for (content, style), pairs in groupby(made, key=lambda m: (m[0].content, m[0].style)):
        yield {
            "content": content,
            "style": style,
            "cells": [_card(cell, record) for cell, record in pairs],
        }


def _card(cell: Cell, record: Record) -> dict[str, Any]:
    width, height = images.size_of(cell.file(".png"))
    return {
        "id": cell.id,
        "picture": _link(cell.file(".png")),
        "record": _link(cell.file(".json")),
        "width": width,
        "height": height,
        "axes": {_words(name): KINDS[name].text(value) for name, value in cell.axes.items()},
        "losses": record.losses,
        "evaluations": record.evaluations,
        "seconds": record.seconds,
        "outcome": record.outcome,
        "device": record.device,
    }


def _sheet(name: str, title: str) -> dict[str, Any]:
    path = RESULTS / "sheets" / f"{name}.png"
    width, height = images.size_of(path)
    return {"link": _link(path), "title": title, "width": width, "height": height}


def _link(path: Path) -> str:
    """A link that works from the page's own folder, whatever the names."""
    return quote(path.relative_to(RESULTS).as_posix())


def _words(axis: str) -> str:
    return axis.replace("_", " ")


def _time(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"
