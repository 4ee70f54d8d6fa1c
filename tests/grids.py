"""Grids on disk without any transfer: drawn pictures, and records that say what a test needs."""

import json
from pathlib import Path

from conftest import draw_picture

from nst.grid import expand
from nst.record import ENGINE, Record, record_bytes, trace_bytes


def made_record(cell, **changes):
    """A record of a cell, as if it had been made."""
    total = 100.0 + len(cell.id)
    settings = cell.settings.as_json()
    fields = {
        "outcome": "completed", "evaluations": 7, "seconds": 1.25,
        "losses": {"total": total, "content": 40.0, "style": total - 40.0, "tv": 0.0},
        "terms": {"content": {}, "style": {}, "tv": {}},
        "settings": {**settings, "precision": "fp32", "device": "cpu"},
        "engine": ENGINE, "inputs": {}, "weights": {}, "versions": {}, "device": "cpu",
        "peak_memory_mb": 1.0, "threads": 1,
    }  # fmt: skip
    return Record(**{**fields, **changes})


def balanced_record(cell, number):
    """A record whose losses trade content for style as the style weight grows, a bit off for each."""
    weight, off = cell.settings.style_weight, 1 + number % 7 / 100
    content, style = off * weight**0.5, off * 100 / weight**0.5
    terms = {"content": {"conv4_2": content}, "style": {"conv1_1": style}, "tv": {"l1": 0.0}}
    losses = {"total": content + weight * style, "content": content, "style": weight * style, "tv": 0.0}
    return made_record(cell, terms=terms, losses=losses, seconds=1.0 + number)


def build_grid(folder: Path, contents, styles, axes, size=(24, 16), record=lambda c, n: made_record(c)):
    """A grid in `folder`, the current one, whose cells stand on disk, drawn small."""
    for number, name in enumerate((*contents, *styles)):
        draw_picture(folder / f"{name}.png", seed=number)
    config = {
        "content": {name: f"{name}.png" for name in contents},
        "style": {name: f"{name}.png" for name in styles},
        **({"grid": axes} if axes else {}),
        "settings": {"backbone": "vgg16", "size": 64, **({} if "init" in axes else {"init": "noise"})},
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    grid = expand(["config.yaml"])
    for number, cell in enumerate(grid.cells):
        draw_picture(folder / cell.file(".png"), size, seed=number)
        cell.file(".json").write_bytes(record_bytes(record(cell, number)))
        rows = [(n, 90.0 / n, 40.0 / n, 50.0 / n, 0.0, 0.1 * n) for n in range(1, 8)]
        cell.file(".csv").write_bytes(trace_bytes(rows))
    return grid
