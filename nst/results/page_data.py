"""What the page itself holds, as plain data: all that it filters, sorts and plots."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from nst.config.cell import variant_name
from nst.config.external import made_by
from nst.config.grid import Cell, Grid
from nst.config.page_texts import AxisTexts
from nst.config.setting_sets import PICTURES
from nst.config.settings import KINDS
from nst.disk import images
from nst.disk.record import OUTCOMES, Record
from nst.results import page_paths
from nst.results.drawn import drawn_px
from nst.results.externals_data import external_entries
from nst.results.favourites import page_favourites, project_name
from nst.results.metrics import stored
from nst.results.numbers import numbers, shown_metrics
from nst.results.overlays import Overlay, overlays
from nst.results.pareto import groups, groups_by_metrics
from nst.results.previews import films
from nst.results.prints_data import prints_data
from nst.results.sheet_plan import Sheet, main_axis
from nst.results.states import OUTDATED, Finished, State, States, finished_cells, holes
from nst.results.thumbnails import SMALL, look_of

# Where one of these differs, losses do not compare, and metrics are what the page shows first.
APART = ("recipe", "backbone", "size")

Position = tuple[int, ...]  # of a cell: the numbers of its content, its style, its value on every axis


def page_data(
    grid: Grid,
    states: States,
    sheets: Iterable[Sheet],
    current: Container[Path],
    original_look: Callable[[Path], dict[str, Any]] = look_of,
) -> dict[str, Any]:
    """The data of the page, once the small pictures are there.

    It shows these sheets, and of the films those among `current`. An image without a small copy among
    `current` is shown itself. `original_look` says how the small copy of an original looks.
    """
    places, prints = positions(grid), prints_data(grid)
    laid = overlays(grid)
    numbered = {one: number for number, one in enumerate(dict.fromkeys(laid.values()))}
    over = {name: {"overlay": numbered[one]} for name, one in laid.items()}
    masked = _masked(grid, laid)
    made = finished_cells(grid, states)
    metrics = stored(grid) if made or grid.externals else {}
    return {
        "project": project_name(),
        "title": grid.texts.title or project_name(),
        "text": grid.texts.text,
        "excluded": grid.excluded,
        "outcomes": OUTCOMES,
        "favourites": page_favourites(),
        "contents": [
            _original(grid, "content", name, original_look) | masked.get(name, {})
            for name in grid.config.content
        ],
        "styles": [_original(grid, "style", name, original_look) for name in grid.config.style],
        "axes": [
            {
                "name": name,
                "values": _value_texts(name, values),
                **_texts(grid, name),
            }
            for name, values in grid.axes.items()
        ],
        "overlays": [one.words() for one in numbered],
        "main": main_axis(grid),
        "varied": is_varied(grid),
        "small": SMALL,
        "drawn_px": drawn_px(grid),
        "cells": [
            _place(cell, places[cell.id])
            | over.get(cell.id, {})
            | made_cell(grid, cell, record)
            | _full(cell, current)
            | ({"print": prints[cell.id]} if cell.id in prints else {})
            | ({"metrics": shown_metrics(metrics[cell.id])} if cell.id in metrics else {})
            for cell, record in made
        ],
        "holes": [
            _place(cell, places[cell.id])
            | over.get(cell.id, {})
            | hole(state)
            | ({"old": True, **_full(cell, current)} if state.kind == OUTDATED else {})
            for cell, state in holes(grid, states)
        ],
        "makers": list(map(made_by, grid.external_names)),
        "externals": external_entries(grid, metrics),
        "groups": _groups(made),
        "across": [
            {"knee": one.knee.id, "cells": [cell.id for cell in one.cells]}
            for one in groups_by_metrics(made, metrics)
            if one.knee
        ],
        "films": {
            ",".join(map(str, _film_position(grid, places[first]))): page_paths.link(film.path)
            for first, film in films(grid, {cell.id for cell, _ in made}).items()
            if film.path in current
        },
        "sheets": [_sheet(sheet.name, sheet.title) for sheet in sheets],
    }


def _original(
    grid: Grid, kind: str, name: str, original_look: Callable[[Path], dict[str, Any]]
) -> dict[str, Any]:
    path = page_paths.small_original(kind, name)
    return {
        "id": f"{kind}/{name}",
        "name": grid.config.label(kind, name),
        "picture": page_paths.link(path),
        **original_look(path),
        "text": getattr(grid.texts, kind).get(name, ""),
    }


def _masked(grid: Grid, laid: Mapping[str, Overlay]) -> dict[str, dict[str, list[str]]]:
    """What is said of contents with a mask or regions, unless values of an axis say it."""
    if any(len(grid.axes.get(name, ())) > 1 for name in ("mask", "regions")):
        return {}
    kinds: dict[str, set[str]] = {}
    for one in laid.values():
        kinds.setdefault(one.name, set()).update(one.kinds)
    return {name: {"masked": sorted(some)} for name, some in kinds.items()}


def _value_texts(axis: str, values: Sequence[Any]) -> list[str]:
    """The values of an axis in words; of files their names, if these are enough."""
    kind = KINDS[axis]
    texts = [kind.text(value) for value in values]
    if axis not in PICTURES:
        return texts
    names = [
        Path(text).name if isinstance(value, str) and kind.is_file(value) else text
        for text, value in zip(texts, values, strict=True)
    ]
    return names if len(set(names)) == len(names) else texts


def _texts(grid: Grid, axis: str) -> dict[str, Any]:
    """What the config says of an axis and of its values."""
    texts = grid.texts.axes.get(axis, AxisTexts())
    spellings = map(KINDS[axis].spell, grid.axes[axis])
    return {
        "title": texts.title,
        "text": texts.text,
        "texts": [texts.values.get(spelling, "") for spelling in spellings],
    }


def is_varied(grid: Grid) -> bool:
    """Whether images are of more than one recipe, network or size."""
    settings = {id(cell.settings): cell.settings for cell in grid.cells}.values()
    return any(len({getattr(one, name) for one in settings}) > 1 for name in APART)


def positions(grid: Grid) -> dict[str, Position]:
    """The position of every cell by its id."""
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


def hole(state: State) -> dict[str, Any]:
    """What the page shows of a cell that is not made."""
    return {"state": state.kind, "reason": state.reason}


def made_cell(grid: Grid, cell: Cell, record: Record) -> dict[str, Any]:
    """What the page shows of a cell that is made, but its place."""
    beside = cell.beside if cell.beside and cell.beside.is_file() else None
    return {
        **numbers(cell, record),
        **({"beside": page_paths.link(beside)} if beside else {}),
        "film": page_paths.link(cell.film) if grid.snapshot_every and cell.film.is_file() else None,
    }


def pair_groups(finished: Finished) -> list[dict[str, Any]]:
    """The groups of comparable cells among some finished ones, by the cells' ids."""
    return [
        {
            "label": group.label,
            "cells": [cell.id for cell in group.cells],
            "front": [cell.id for cell in group.front],
            "knee": group.knee.id if group.knee else None,
        }
        for group in groups(finished)
    ]


def _groups(made: Finished) -> list[dict[str, Any]]:
    """The groups by the cells' numbers, as there are many of them."""
    numbers = {cell.id: number for number, (cell, _) in enumerate(made)}
    return [
        group
        | {name: [numbers[cell] for cell in group[name]] for name in ("cells", "front")}
        | {"knee": numbers.get(group["knee"])}
        for group in pair_groups(made)
    ]


def _sheet(name: str, title: str) -> dict[str, Any]:
    copy = page_paths.small_sheet(name)
    return {
        "picture": page_paths.link(page_paths.sheet_file(name)),
        "small": page_paths.link(copy),
        "title": title,
        "size": images.size_of(copy),
    }
