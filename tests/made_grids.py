"""Grids whose records and traces stand on disk with losses of one's choice, without any transfer."""

import json
from collections.abc import Callable
from pathlib import Path

from conftest import draw_picture

from nst.grid import Cell, Grid, expand
from nst.record import ENGINE, Record, record_bytes, trace_bytes

SETTINGS = {"backbone": "vgg16", "size": 64, "init": "noise"}


def made_grid(
    folder: Path,
    axes: dict,
    losses: Callable[[Cell], tuple[float, float]] = lambda cell: (40.0, 2.0),
    contents: tuple[str, ...] = ("c",),
    styles: tuple[str, ...] = ("s",),
    overrides: dict | None = None,
    **changes,
) -> Grid:
    """A grid in `folder`, the working directory; `losses` are unweighted, `changes` the records'."""
    for name in (*contents, *styles):
        draw_picture(folder / f"{name}.png")
    config = {
        "content": {name: f"{name}.png" for name in contents},
        "style": {name: f"{name}.png" for name in styles},
        **({"grid": axes} if axes else {}),
        "settings": {k: v for k, v in SETTINGS.items() if k not in axes},
        **({"overrides": overrides} if overrides else {}),
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    grid = expand(["config.yaml"])
    for cell in grid.cells:
        write_record(cell, losses(cell), **changes)
        write_trace(cell, [losses(cell)] * 3)
    return grid


def write_record(cell: Cell, losses: tuple[float, float], **changes) -> None:
    """A record whose terms add up to these unweighted losses, all layers alike."""
    settings = cell.settings
    kinds = {
        "content": (settings.content_layers, settings.content_weight, losses[0]),
        "style": (settings.style_layers, settings.style_weight, losses[1]),
    }
    weighted = {kind: weight * loss for kind, (_, weight, loss) in kinds.items()}
    fields = {
        "outcome": "completed", "evaluations": 7, "seconds": 1.25,
        "losses": {"total": sum(weighted.values()), **weighted, "tv": 0.0},
        "terms": {
            kind: {name: loss / sum(layers.values()) for name in layers} if weight else {}
            for kind, (layers, weight, loss) in kinds.items()
        },
        "settings": settings.as_json(), "engine": ENGINE, "inputs": {}, "weights": {},
        "versions": {}, "device": "cpu", "peak_memory_mb": 1.0, "threads": 1,
    }  # fmt: skip
    path = cell.file(".json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(record_bytes(Record(**{**fields, **changes})))


def write_trace(cell: Cell, losses: list[tuple[float, float]]) -> None:
    """A trace of these unweighted losses, weighted as the cell's settings say."""
    weights = cell.settings.content_weight, cell.settings.style_weight
    rows = [
        (number, weights[0] * c + weights[1] * s, weights[0] * c, weights[1] * s, 0.0, number * 0.1)
        for number, (c, s) in enumerate(losses, start=1)
    ]
    cell.file(".csv").parent.mkdir(parents=True, exist_ok=True)
    cell.file(".csv").write_bytes(trace_bytes(rows))
