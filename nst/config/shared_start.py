"""`shared_start`: one image for the cells that differ only in `style_weight` or `evaluations`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nst.config.cell import STARTS, Cell, variant_name
from nst.config.checked_config import Config
from nst.config.misfits import misfits
from nst.config.recipes import clashes, resolve
from nst.config.setting_sets import OF_FILES
from nst.config.settings import DEFAULTS
from nst.config.yaml_lines import Key, unknown

NAME = "shared_start"
SECTION: Key = (NAME,)
KEYS = ("evaluations", "style_weight")  # in which a start differs from the cells that share it


def with_shared_starts(config: Config, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells, each with the start that it shares. Mistakes become faults of the config."""
    if NAME not in config.data:
        return cells
    section = dict(_section(config))
    if "evaluations" not in section:
        return cells
    starts: dict[str, Cell] = {}
    cells = tuple(_with_start(config, cell, section, starts) for cell in cells)
    if not config.faults:
        _refuse(config, starts.values())
    return cells


def _refuse(config: Config, starts: Iterable[Cell]) -> None:
    """Note why starts cannot be made although their cells can: a weight of 0 decides what is read."""
    for start in starts:
        pictures = start.content_picture, start.style_pictures
        faults = clashes(start.settings, config.broken)
        for _, message in faults or misfits(config, start.settings, start.style, *pictures):
            config.fault(SECTION, f"{start.file('.png')} cannot be made: {message}")


def _section(config: Config) -> Iterator[tuple[str, Any]]:
    """The settings of the section, parsed."""
    what = "a mapping with `evaluations`; leave `shared_start` out for images that share none"
    section = config.table(SECTION, config.data[NAME], what)
    for name, value in section.items():
        if name not in KEYS:
            config.fault((*SECTION, name), unknown(name, KEYS))
        elif (parsed := config.value((*SECTION, name), name, value)) is not None:
            yield name, parsed
    if section and section.keys() <= {"style_weight"}:
        text = "does not say how many `evaluations` the start makes: name them, for example 126"
        config.fault(SECTION, text)


def _with_start(
    config: Config, cell: Cell, section: Mapping[str, Any], starts: dict[str, Cell]
) -> Cell:
    """A cell with its start, which is among `starts` if another cell shares it.

    The numbers of the section are part of its name: by its path, a record says from which start its
    image was made, also when that start is gone.
    """
    axes = {name: value for name, value in cell.axes.items() if name not in KEYS}
    # A cell with an override of its own has a start of its own, unless starts ignore what it changes.
    alone = config.overrides["cell"].get(cell.id, {}).keys() - {*KEYS, *OF_FILES}
    own = {"recipe": cell.settings.recipe, "backbone": cell.settings.backbone}
    settings = replace(
        cell.settings,
        **{"style_weight": resolve(own).style_weight, **section},
        **{name: DEFAULTS[name] for name in OF_FILES},
    )
    named = cell.axes if alone else axes
    numbers = variant_name({key: getattr(settings, key) for key in KEYS})
    variant = f"{variant_name(named)}_{numbers}" if named else numbers
    start = replace(cell, variant=variant, axes=axes, settings=settings, folder=STARTS)
    return replace(cell, start=starts.setdefault(start.id, start))
