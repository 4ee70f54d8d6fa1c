"""What the page itself holds, as plain data: all that it filters, sorts and plots."""

from collections.abc import Container, Iterable
from itertools import product
from pathlib import Path
from typing import Any

from nst.config.grid import Cell, Grid, variant_name
from nst.config.settings import KINDS
from nst.disk import images
from nst.disk.record import Record
from nst.results import page_paths
from nst.results.pareto import groups, unweighted
from nst.results.previews import films
from nst.results.sheet_plan import Sheet, main_axis
from nst.results.states import OUTDATED, Finished, State, States, finished_cells, holes

Position = tuple[int, ...]  # of a cell: the numbers of its content, its style, its value on every axis


def page_data(
    grid: Grid, states: States, sheets: Iterable[Sheet], current: Container[Path]
) -> dict[str, Any]:
    """The data of the page, once the small pictures are there.

    It shows these sheets. An image without a small copy among `current` is shown itself.
    """
    positions = _positions(grid)
    made = finished_cells(grid, states)
    return {
        "contents": [_original(grid, "content", name) for name in grid.config.content],
        "styles": [_original(grid, "style", name) for name in grid.config.style],
        "axes": [
            {"name": name, "values": [KINDS[name].text(value) for value in values]}
            for name, values in grid.axes.items()
        ],
        "main": main_axis(grid),
        "cells": [
            _cell(grid, cell, record, positions[cell.id]) | _full(cell, current)
            for cell, record in made
        ],
        "holes": [
            _hole(cell, state, positions[cell.id])
            | ({"old": True, **_full(cell, current)} if state.kind == OUTDATED else {})
            for cell, state in holes(grid, states)
        ],
        "groups": _groups(grid, made),
        "films": {
            ",".join(map(str, _film_position(grid, positions[first]))): page_paths.link(film.path)
            for first, film in films(grid, {cell.id for cell, _ in made}).items()
            if film.path.is_file()
        },
        "sheets": [_sheet(sheet.name, sheet.title) for sheet in sheets],
    }


def _original(grid: Grid, kind: str, name: str) -> dict[str, Any]:
    path = page_paths.small_original(kind, name)
    return {
        "name": grid.config.label(kind, name),
        "picture": page_paths.link(path),
        "size": images.size_of(path),
    }


def _positions(grid: Grid) -> dict[str, Position]:
    contents, styles = (
        {name: number for number, name in enumerate(pictures)}
        for pictures in (grid.config.content, grid.config.style)
    )
    values = product(*(range(len(values)) for values in grid.axes.values()))
    variants = dict(zip(map(variant_name, grid.combinations()), values, strict=True))
    return {
        cell.id: (contents[cell.content], styles[cell.style], *variants[cell.variant])
        for cell in grid.cells
    }


def _film_position(grid: Grid, first: Position) -> Position:
    """The position by which the page finds a film: that of its first cell, 0 on the main axis."""
    main = main_axis(grid)
    at = 2 + list(grid.axes).index(main) if main else len(first)
    return *first[:at], *[0 for _ in first[at : at + 1]], *first[at + 1 :]


def _place(cell: Cell, position: Position) -> dict[str, Any]:
    content, style, *values = position
    return {"id": cell.id, "content": content, "style": style, "axes": values}


def _full(cell: Cell, current: Container[Path]) -> dict[str, Any]:
    """A mark that the page must show the image itself, as it has no current small copy."""
    return {} if page_paths.small_image(cell) in current else {"full": True}


def _hole(cell: Cell, state: State, position: Position) -> dict[str, Any]:
    return {**_place(cell, position), "state": state.kind, "reason": state.reason}


def _cell(grid: Grid, cell: Cell, record: Record, position: Position) -> dict[str, Any]:
    return {
        **_place(cell, position),
        "size": images.size_of(cell.file(".png")),
        "losses": record.losses,
        "terms": unweighted(record),
        "evaluations": record.evaluations,
        "seconds": record.seconds,
        "outcome": record.outcome,
        "device": record.device,
        "film": page_paths.link(cell.film) if grid.snapshot_every and cell.film.is_file() else None,
    }


def _groups(grid: Grid, made: Finished) -> list[dict[str, Any]]:
    """The groups of comparable cells, by the cells' numbers."""
    numbers = {cell.id: number for number, (cell, _) in enumerate(made)}
    return [
        {
            "label": group.label,
            "cells": [numbers[cell.id] for cell in group.cells],
            "front": [numbers[cell.id] for cell in group.front],
            "knee": numbers[group.knee.id] if group.knee else None,
        }
        for group in groups(grid, made)
    ]


def _sheet(name: str, title: str) -> dict[str, Any]:
    copy = page_paths.small_sheet(name)
    return {
        "picture": page_paths.link(page_paths.sheet_file(name)),
        "small": page_paths.link(copy),
        "title": title,
        "size": images.size_of(copy),
    }
