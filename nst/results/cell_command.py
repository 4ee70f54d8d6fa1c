"""The shell command and the config.yaml that make one cell again, for a person to copy."""

import shlex
from pathlib import Path
from typing import Any

import yaml

from nst.config.cell import PRINTS, Cell
from nst.config.grid import Grid
from nst.config.setting_flags import flags
from nst.config.setting_sets import OF_STARTS
from nst.config.shared_start import KEYS, NAME
from nst.disk.home import abbreviate_home
from nst.disk.record import Record


def command(grid: Grid, cell: Cell, record: Record) -> str:
    """The shell command that makes a cell again, to be run in the folder of config.yaml.

    It refuses to overwrite: with other settings it would replace the image that it made before.
    """
    name = cell.id.replace("/", "_") + ("_print" if cell.folder == PRINTS else "")
    start = ["--start", cell.start.file(".png").as_posix()] if cell.start else []
    backbone = cell.settings.backbone
    weights = grid.config.weights.get(backbone, Path(f"results/weights/{backbone}.safetensors"))
    idle = OF_STARTS if cell.start else ()
    acting = {name: value for name, value in cell.explicit_settings().items() if name not in idle}
    words = [
        *("nst", "transfer", *map(str, (cell.content_picture, *cell.style_pictures))),
        *("--out", f"{name}.png", "--record", f"{name}.json", "--weights", str(weights), *start),
        "--no-overwrite",
        *flags({**acting, **_execution(record)}),
    ]
    return " ".join(map(_quoted, words))


def config(grid: Grid, cell: Cell, record: Record) -> str:
    """A config.yaml that asks for one cell only."""
    settings: dict[str, Any] = {
        "content": {cell.content: str(cell.content_picture)},
        "style": {cell.style: _style(cell)},
        "settings": {**cell.explicit_settings(), **_execution(record)},
    }
    if cell.shared_start:
        settings[NAME] = {name: getattr(cell.shared_start.settings, name) for name in KEYS}
    backbone = cell.settings.backbone
    if backbone in grid.config.weights:
        settings["weights"] = {backbone: str(grid.config.weights[backbone])}
    return yaml.safe_dump(abbreviate_home(settings), sort_keys=False, allow_unicode=True)


def _style(cell: Cell) -> str | list[str]:
    """The style as an entry of a config; its weights are in the settings."""
    pictures = list(map(str, cell.style_pictures))
    return pictures if len(pictures) > 1 else pictures[0]


def _execution(record: Record) -> dict[str, Any]:
    """Precision, device and tile of the record: the same bytes need the same arithmetic."""
    execution = {name: record.settings[name] for name in ("precision", "device")}
    tile = record.settings.get("tile")
    return {**execution, "tile": tile} if isinstance(tile, int) else execution


def _quoted(word: str) -> str:
    """A word quoted for a shell, which expands only an unquoted `~`."""
    short = abbreviate_home(word)
    return shlex.quote(word) if short == word else f"~/{shlex.quote(short[2:])}"
