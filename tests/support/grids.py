"""Grids on disk without any transfer: drawn pictures, records and traces of losses that one names."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from conftest import draw_picture

from nst.config.grid import Cell, Grid, expand
from nst.disk.record import ENGINE, Record, record_bytes, trace_bytes

Losses = tuple[float, float]  # content and style, unweighted
SETTINGS = {"recipe": "gatys", "backbone": "vgg16", "size": 64, "init": "noise"}


def build_grid(
    folder: Path,
    contents: Sequence[str] = ("c",),
    styles: Sequence[str] = ("s",),
    axes: dict | None = None,
    losses: Callable[[Cell], Losses] = lambda cell: (40.0, 2.0),
    size: tuple[int, int] = (24, 16),
    overrides: dict | None = None,
    more: dict | None = None,
    **changes,
) -> Grid:
    """A grid in `folder`, the current one, all cells of it made; `changes` are the records'.

    `more` are other keys of its config.
    """
    for number, name in enumerate((*contents, *styles)):
        draw_picture(folder / f"{name}.png", seed=number)
    config = {
        "content": {name: f"{name}.png" for name in contents},
        "style": {name: f"{name}.png" for name in styles},
        **({"grid": axes} if axes else {}),
        "settings": {name: value for name, value in SETTINGS.items() if name not in (axes or {})},
        **({"overrides": overrides} if overrides else {}),
        **(more or {}),
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    return make_cells(folder, expand(["config.yaml"]), losses, size, **changes)


def make_cells(
    folder: Path,
    grid: Grid,
    losses: Callable[[Cell], Losses] = lambda cell: (40.0, 2.0),
    size: tuple[int, int] = (24, 16),
    **changes,
) -> Grid:
    """Put the images, records and traces of all cells of a grid in their places."""
    for number, cell in enumerate(grid.cells):
        draw_picture(folder / cell.file(".png"), size, seed=number)
        write_record(cell, losses(cell), **changes)
        write_trace(cell, [losses(cell)] * 3)
    return grid


def balanced(cell: Cell) -> Losses:
    """Losses that trade content for style as the style weight grows, a bit off for each cell."""
    weight, off = cell.settings.style_weight, 1 + sum(cell.id.encode()) % 7 / 100
    return off * weight**0.5, off * 100 / weight**0.5


def made_record(cell: Cell, losses: Losses = (40.0, 2.0), **changes) -> Record:
    """A record whose terms add up to these losses, all layers alike."""
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
        "settings": {**settings.as_json(), "precision": "fp32", "device": "cpu"},
        "engine": ENGINE, "inputs": {}, "versions": {}, "device": "cpu",
        "weights": {"backbone": settings.backbone, "sha256": "0" * 64},
        "peak_memory_mb": 1.0, "threads": 1,
    }  # fmt: skip
    return Record(**{**fields, **changes})


def write_record(cell: Cell, losses: Losses, **changes) -> None:
    """Put the record of such losses in its place."""
    cell.file(".json").parent.mkdir(parents=True, exist_ok=True)
    cell.file(".json").write_bytes(record_bytes(made_record(cell, losses, **changes)))


def write_trace(cell: Cell, losses: Iterable[Losses]) -> None:
    """A trace of these losses, weighted as the cell's settings say."""
    weights = cell.settings.content_weight, cell.settings.style_weight
    rows = [
        (number, weights[0] * c + weights[1] * s, weights[0] * c, weights[1] * s, 0.0, number * 0.1)
        for number, (c, s) in enumerate(losses, start=1)
    ]
    cell.file(".csv").parent.mkdir(parents=True, exist_ok=True)
    cell.file(".csv").write_bytes(trace_bytes(rows))
