"""What the page shows of prints: each beside the image of the grid that it is of."""

import sys
from typing import Any

from nst.config.grid import Cell, Grid
from nst.config.settings import KINDS
from nst.disk.record import Record
from nst.errors import NstError
from nst.results import page_paths
from nst.results.cell_command import command
from nst.results.numbers import numbers
from nst.results.states import survey


def prints_data(grid: Grid) -> dict[str, dict[str, Any]]:
    """The prints that are made and current, by the ids of their cells; damaged ones are told of."""
    states = survey(grid.prints)
    prints: dict[str, dict[str, Any]] = {}
    for one in grid.prints:
        if record := states[one.id].record:
            try:
                prints[one.id] = _print(grid, one, record)
            except NstError as error:
                way_out = "it is not on the page: remove it and run snakemake prints"
                print(f"note: {error}; {way_out}", file=sys.stderr)
    return prints


def _print(grid: Grid, one: Cell, record: Record) -> dict[str, Any]:
    cell = grid.by_id[one.id].settings.as_json()
    settings = one.settings.as_json()
    return {
        "picture": page_paths.link(one.file(".png")),
        "record": page_paths.link(one.file(".json")),
        "start": "cell" if one.start else "afresh",
        "settings": {
            name: KINDS[name].text(value)
            for name, value in settings.items()
            if value != cell[name] and name != "snapshot_every"
        },
        **numbers(one, record),
        "command": command(grid, one, record),
    }
