"""The data of a page that is one file: that of the page, of what is inside, without what is not."""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

from PIL import Image

from nst.config.grid import Cell, Grid
from nst.disk.record import Record, read_trace, token
from nst.errors import NstError
from nst.results.cell_command import config
from nst.results.curve_svg import size_of
from nst.results.curves import cell_curve
from nst.results.favourites import Favourites
from nst.results.made_with import made_with
from nst.results.page_data import page_data
from nst.results.page_paths import link, pair_figure
from nst.results.states import States
from nst.results.thumbnails import SHARED

Made = Sequence[tuple[Cell, Record]]
Files = dict[str, bytes]  # by the paths by which the page asks for them
Data = dict[str, Any]


def shared_data(
    grid: Grid, states: States, made: Made, files: Files, px: int, favourites: Favourites | None
) -> Data:
    """The data of a page with these images and files; `px` is what a picture may have on a side."""
    data = page_data(grid, states, [], (), original_look=lambda path: _look(files.get(link(path))))
    inside = {cell.id for cell, _ in made}
    data["cells"] = [_shared_cell(cell, files) for cell in data["cells"] if cell["id"] in inside]
    data["externals"] = _shared_externals(data["externals"], files)
    places = ("id", "content", "style", "axes", "state")
    data["holes"] = [{name: hole[name] for name in places} | {"reason": ""} for hole in data["holes"]]
    # Notes go with the favourites only if these are asked for.
    data |= {"base": "", "films": {}, "favourites": None, "pairs": _pairs(grid, made, bool(favourites))}
    data |= {"shared": {"px": px, "chosen": bool(favourites)}, "small": min(px, SHARED)}
    if favourites:
        _reduce(data)
        entries = [{"id": name, "note": note} for name, note in favourites.notes.items()]
        entries = [entry for entry in entries if entry["id"] in inside]
        data["favourites"] = {"project": data["project"], "entries": entries}
    return data


def _look(picture: bytes | None) -> Data:
    """As `look_of`; of an original that is not inside, which is not shown, any."""
    if picture is None:
        return {"size": (1, 1)}
    with Image.open(io.BytesIO(picture)) as opened:
        return {"size": opened.size, **({"alpha": True} if opened.has_transparency_data else {})}


def _shared_externals(entries: list[Data], files: Mapping[str, bytes]) -> list[Data]:
    """Those that are inside, and those that are not there; the reasons of these name paths."""
    inside = [_shared_cell(one, files) for one in entries if one.get("picture") in files]
    return inside + [one | {"reason": ""} for one in entries if "picture" not in one]


def _shared_cell(cell: Data, files: Mapping[str, bytes]) -> Data:
    size = _look(files[cell.get("picture", f"cells/{cell['id']}.png")])["size"]
    made_size = {} if size == tuple(cell["size"]) else {"made_size": cell["size"]}
    kept = {name: value for name, value in cell.items() if name not in ("full", "print")}
    return kept | {"size": size, "film": None} | made_size


def _reduce(data: Data) -> None:
    """Leave out contents, styles and values of axes that no cell has; compare the cells no more."""
    data |= {"holes": [], "groups": [], "across": [], "makers": [], "externals": []}
    cells = data["cells"]
    for cell in cells:
        cell["axes"] = list(cell["axes"])
    for key, name in (("content", "contents"), ("style", "styles")):
        used = _renumber([(cell, key) for cell in cells])
        data[name] = [data[name][position] for position in used]
    for number, axis in enumerate(data["axes"]):
        used = _renumber([(cell["axes"], number) for cell in cells])
        lists = {name: values for name, values in axis.items() if isinstance(values, list)}
        axis |= {name: [values[position] for position in used] for name, values in lists.items()}


def _renumber(places: list[tuple[Any, Any]]) -> list[int]:
    """Let these places hold numbers without gaps; return those that they held, in order."""
    used = sorted({holder[key] for holder, key in places})
    for holder, key in places:
        holder[key] = used.index(holder[key])
    return used


def _pairs(grid: Grid, made: Made, is_chosen: bool) -> list[Data]:
    """What the page loads from `pair_scripts` otherwise: of every image the config and the curve."""
    return [
        {
            "cells": {cell.id: _details(grid, cell, record) for cell, record in cells},
            "figure": None if is_chosen else size_of(pair_figure(content, style)),
        }
        for (content, style), cells in groupby(made, key=lambda each: (each[0].content, each[0].style))
    ]


def _details(grid: Grid, cell: Cell, record: Record) -> Data:
    details: Data = {
        "token": token(record),
        "config": config(grid, cell, record),
        "made": made_with(cell),
    }
    with suppress(NstError):  # an image without its trace is shown without its curve
        details["curve"] = cell_curve(read_trace(cell.file(".csv")), record)
    return details
