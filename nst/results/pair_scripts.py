"""For every pair a script with the details of its cells, which the page loads when one is opened.

A page that is opened from disk may load scripts, but not data.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from nst.config.grid import Cell, Grid
from nst.disk.rebuild import Derived, code_digest
from nst.disk.record import Record, read_trace, record_bytes
from nst.results.curves import CODE, cell_curve
from nst.results.paths import pair_figure, pair_script
from nst.results.plot import size_of
from nst.results.remake import command, config
from nst.results.table import Finished, by_pair


def pair_scripts(grid: Grid, finished: Finished) -> Iterator[Derived]:
    """The scripts of all pairs: for every cell its record, command, config and curve."""
    for (content, style), cells in by_pair(finished):
        yield _script(grid, content, style, cells)


def _script(grid: Grid, content: str, style: str, finished: Finished) -> Derived:
    size = size_of(pair_figure(content, style))
    details = {cell.id: _details(grid, cell, record) for cell, record in finished}
    digest = hashlib.sha256(json.dumps([details, size]).encode()).hexdigest()[:16]

    def script() -> bytes:
        for cell, record in finished:  # only now: reading the traces takes much longer than the rest
            details[cell.id]["curve"] = cell_curve(read_trace(cell.file(".csv")), record)
        data = json.dumps({"cells": details, "figure": size}, separators=(",", ":"))
        return f"nst.received({data});\n".encode()

    return Derived(
        pair_script(content, style),
        tuple(cell.file(".csv") for cell, _ in finished),
        f"pair {digest} {code_digest('results/pair_scripts', *CODE)}",
        script,
    )


def _details(grid: Grid, cell: Cell, record: Record) -> dict[str, Any]:
    return {
        "record": record_bytes(record).decode().rstrip(),
        "command": command(grid, cell, record),
        "config": config(grid, cell, record),
    }
