"""For every pair a script with the details of its cells, which the page loads when one is opened.

A page that is opened from disk may load scripts, but not data.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from nst.config.grid import Cell, Grid
from nst.disk.derived import Derived, code_digest
from nst.disk.record import Record, read_trace, record_bytes, token
from nst.results.cell_command import command, config
from nst.results.curve_svg import size_of
from nst.results.curves import CODE, cell_curve
from nst.results.made_with import made_with
from nst.results.page_paths import pair_figure, pair_script
from nst.results.states import State, States, log_tail

HAVE_LOGS = ("failed", "stopped", "killed", "running")  # of the attempt that the state tells of


def pair_scripts(grid: Grid, states: States) -> Iterator[Derived]:
    """The scripts of all pairs: for every cell its record, command, config and curve, or its log."""
    for (content, style), cells in groupby(grid.cells, key=lambda cell: (cell.content, cell.style)):
        yield _script(grid, content, style, [(cell, states[cell.id]) for cell in cells])


def _script(grid: Grid, content: str, style: str, cells: Sequence[tuple[Cell, State]]) -> Derived:
    size = size_of(pair_figure(content, style))
    made = [(cell, state.record) for cell, state in cells if state.record]
    details: dict[str, dict[str, Any]] = {
        cell.id: {"log": log_tail(cell) if state.kind in HAVE_LOGS else ""} for cell, state in cells
    }
    details |= {cell.id: _details(grid, cell, record) for cell, record in made}
    digest = hashlib.sha256(json.dumps([details, size]).encode()).hexdigest()[:16]

    def script() -> bytes:
        for cell, record in made:  # only now: reading the traces takes much longer than the rest
            details[cell.id]["curve"] = cell_curve(read_trace(cell.file(".csv")), record)
        return _call({"cells": details, "figure": size})

    return Derived(
        pair_script(content, style),
        tuple(cell.file(".csv") for cell, _ in made),
        f"pair {digest} {code_digest('results/pair_scripts', *CODE)}",
        script,
    )


def cell_script(grid: Grid, cell: Cell, state: State, token: str) -> bytes:
    """The script of one cell alone, for a page that is written while a run is under way."""
    details: dict[str, Any] = {"log": log_tail(cell)}
    if state.record:
        curve = cell_curve(read_trace(cell.file(".csv")), state.record)
        details = {**_details(grid, cell, state.record), "curve": curve}
    return _call({"cells": {cell.id: {**details, "token": token}}, "figure": None})


def _call(data: dict[str, Any]) -> bytes:
    return f"nst.received({json.dumps(data, separators=(',', ':'))});\n".encode()


def _details(grid: Grid, cell: Cell, record: Record) -> dict[str, Any]:
    return {
        "token": token(record),
        "record": record_bytes(record).decode().rstrip(),
        "command": command(grid, cell, record),
        "config": config(grid, cell, record),
        "made": made_with(cell),
    }
