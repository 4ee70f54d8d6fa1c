"""`prints`: images of the grid that are chosen to be made again, larger as a rule, beside the grid."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from nst.config.cell import PRINTS, Cell
from nst.config.checked_config import Config
from nst.config.exclude import Exclusions
from nst.config.resolver import Resolver, Source
from nst.config.setting_sets import OF_STARTS
from nst.config.settings import KINDS, Settings
from nst.config.yaml_lines import Key, unknown
from nst.text import nearest, shown

KEYS = ("settings", "start", "cells")
STARTS = ("cell", "afresh")
CELLS_KEY: Key = ("prints", "cells")
SETTINGS_KEY: Key = ("prints", "settings")

Layers = Callable[[Cell], list[Source]]  # where the settings of a cell come from
Names = Sequence[Collection[str]]  # of the contents, the styles and the variants of a grid


def prints_of(
    config: Config,
    cells: Mapping[str, Cell],
    layers_of: Layers,
    resolver: Resolver,
    names: Names,
    exclusions: Exclusions,
) -> tuple[Cell, ...]:
    """The prints of a config, each a cell of its own folder. Mistakes become faults of the config."""
    section = dict(config.entries(("prints",), config.data.get("prints"), "a mapping"))
    for name in section:
        if name not in KEYS:
            config.fault(("prints", name), unknown(name, KEYS))
    start = STARTS[0] if section.get("start") is None else section["start"]
    if start not in STARTS:
        config.fault(("prints", "start"), f"{shown(start)} is not one of {', '.join(STARTS)}")
    settings = dict(_settings(config, section.get("settings"), start == "cell"))
    chosen = list(_chosen(config, section.get("cells"), cells, names, exclusions))
    prints = []
    for key, cell in chosen:
        layers = [*layers_of(cell), (SETTINGS_KEY, settings)]
        if resolved := resolver(layers):
            if start == "cell" and "mask_edge" not in settings:
                resolved = _with_scaled_edge(resolved, cell.settings.size)
            one = replace(
                cell,
                settings=replace(resolved, snapshot_every=0),
                own_weights=config.weights.get(resolved.backbone),
                folder=PRINTS,
                start=cell if start == "cell" else None,
            )
            _refuse_small(config, one, key, settings)
            prints.append(one)
    return tuple(prints)


def _with_scaled_edge(settings: Settings, size: int) -> Settings:
    """The settings with the edge of a drawn mask as wide as it looks in an image of `size` pixels."""
    if not settings.picture("mask"):
        return settings
    edge = min(settings.mask_edge * settings.size / size, KINDS["mask_edge"].high)
    return replace(settings, mask_edge=round(edge, 3))


def _settings(config: Config, section: Any, starts_from_cell: bool) -> Iterator[tuple[str, Any]]:
    """The settings by which prints differ from their cells; axes are among them."""
    for name, value in config.entries(SETTINGS_KEY, section, "a mapping `setting: value`"):
        key = (*SETTINGS_KEY, name)
        if not config.is_setting(key, name):
            continue
        if name == "snapshot_every":
            config.fault(key, "prints have no films: remove it")
        elif name in OF_STARTS and starts_from_cell:
            config.fault(key, "acts only with `start: afresh`: prints start from their images")
        elif (parsed := config.value(key, name, value)) is not None:
            yield name, parsed


def _chosen(
    config: Config, listed: Any, cells: Mapping[str, Cell], names: Names, exclusions: Exclusions
) -> Iterator[tuple[Key, Cell]]:
    """The cells that are listed, with their keys."""
    if not isinstance(listed, list | None):
        config.fault(CELLS_KEY, f"{shown(listed)} is not a list of content/style/variant")
        listed = None
    seen = set()
    for number, name in enumerate(listed or []):
        key = (*CELLS_KEY, number)
        if not isinstance(name, str) or name.count("/") != 2:
            config.fault(key, f"{shown(name)} is not content/style/variant")
        elif name in seen:
            config.fault(key, f"{shown(name)} is listed twice: remove one of the two")
        elif name in cells:
            yield key, cells[name]
        elif fault := _unknown_cell(config, name, names, exclusions):
            config.fault(key, fault)
        if isinstance(name, str):
            seen.add(name)


def _unknown_cell(config: Config, name: str, names: Names, exclusions: Exclusions) -> str:
    """Why a name is that of no cell; "" where another mistake of the config may be the reason."""
    kinds = ("content", "style", "variant")
    for kind, part, known in zip(kinds, name.split("/"), names, strict=True):
        if kind == "variant" and "grid" in config.broken:  # the names of variants are not known
            known = _axis_parts(config, part)
        if not known:
            return ""
        if part not in known:
            there = f" (there is {shown(next(iter(known)))}, for example)" if kind == "variant" else ""
            hint = nearest(part, known)
            way_out = hint or f"{there}: remove it here, or put back what the config has lost"
            return f"{shown(name)} is no image of this grid: no {kind} {shown(part)}{way_out}"
    if exclusions.match(*name.split("/")):
        return f"{shown(name)} is left out by `exclude`: remove it here or there"
    return ""


def _axis_parts(config: Config, variant: str) -> list[str]:
    """How the values of an axis are spelt in variants, if this variant names it with another value."""
    for axis, values in config.axes.items():
        parts = [f"{axis}-{KINDS[axis].spell(value)}" for value in values]
        has_none = not any(f"_{part}_" in f"_{variant}_" for part in parts)
        if axis not in config.broken and f"_{axis}-" in f"_{variant}" and has_none:
            return parts
    return []


def _refuse_small(config: Config, one: Cell, key: Key, settings: Mapping[str, Any]) -> None:
    """Note a print that is not larger than the cell it starts from, unless its size has a fault."""
    if "size" in config.broken:
        return
    if one.start and one.settings.size <= (least := one.start.settings.size):
        config.fault(
            (*SETTINGS_KEY, "size") if "size" in settings else key,
            f"a print of {one.settings.size} pixels is not larger than its image of {least}"
            f" ({one.id}): choose a larger size, or `start: afresh`",
        )
