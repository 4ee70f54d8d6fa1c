"""What the page shows of prints: each beside the image of the grid that it is of."""

from typing import Any

from nst.config.grid import Cell, Grid
from nst.config.settings import KINDS
from nst.disk import images
from nst.disk.record import Record, token
from nst.results import page_paths
from nst.results.cell_command import command
from nst.results.pareto import unweighted
from nst.results.states import survey


def prints_data(grid: Grid) -> dict[str, dict[str, Any]]:
    """The prints that are made and current, by the ids of their cells."""
    states = survey(grid.prints)
    found = ((one, states[one.id].record) for one in grid.prints)
    return {one.id: _print(grid, one, record) for one, record in found if record}


def _print(grid: Grid, one: Cell, record: Record) -> dict[str, Any]:
    cell = grid.by_id[one.id].settings.as_json()
    settings = one.settings.as_json()
    return {
        "picture": page_paths.link(one.file(".png")),
        "record": page_paths.link(one.file(".json")),
        "token": token(record),
        "size": images.size_of(one.file(".png")),
        "start": "cell" if one.start else "afresh",
        "settings": {
            name: KINDS[name].text(value)
            for name, value in settings.items()
            if value != cell[name] and name != "snapshot_every"
        },
        "losses": record.losses,
        "terms": list(unweighted(record)),
        "evaluations": record.evaluations,
        "seconds": record.seconds,
        "outcome": record.outcome,
        "device": record.device,
        "command": command(grid, one, record),
    }
