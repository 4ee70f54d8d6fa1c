"""Styles that are guides: each region of a content takes the style of one picture, with a weight.

scene: {guide: {face: {style: strokes, weight: .3}, rest: {style: glass, region: sky}}}
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.config.checked_config import Config
from nst.config.entries import Said
from nst.config.picture_paths import picture_fault
from nst.config.regions import WEIGHT, region_fault
from nst.config.resolver import Source
from nst.config.yaml_lines import Key, unknown
from nst.disk.home import expand_home
from nst.disk.input_names import MOST_REGIONS
from nst.errors import NstError
from nst.text import nearest, shown

KEYS = ("style", "weight", "region")
NO_MASK = "none"
FORM = "a table `region: {style: name, weight: number}`"


@dataclass(frozen=True)
class Single:
    """A style of one picture, as a guide may name it: with its mask, and its regions."""

    picture: Path
    mask: str
    regions: Mapping[str, str]


def without_regions(config: Config, key: Key, name: str, entry: dict[Any, Any]) -> dict[Any, Any]:
    """An entry without its `regions`, which are noted as those of the style's picture."""
    if "regions" in entry:
        given = entry["regions"]
        regions = config.value((*key, "regions"), "regions", given)
        # Those of a mask that is refused are known, so that a guide is not refused as well.
        known = {str(region): NO_MASK for region in given} if isinstance(given, dict) else {}
        good = {region: _good_mask(mask) for region, mask in (regions or {}).items()}
        config.style_regions[name] = known if regions is None else good
    return {word: value for word, value in entry.items() if word != "regions"}


def add_guides(
    config: Config, guides: Mapping[str, tuple[Key, dict[Any, Any]]], said: Sequence[Said]
) -> list[Said]:
    """Give guided styles their pictures; return the settings that they ask for.

    `guides` are their keys and entries by name, `said` what other entries ask for.
    """
    masks = {one.name: _good_mask(one.value) for one in said if one.setting == "style_mask"}
    singles, more = {}, []
    for name, pictures in config.style_pictures.items():
        if len(pictures) == 1 and name not in guides:
            regions = config.style_regions.get(name, {})
            singles[name] = Single(pictures[0], masks.get(name, NO_MASK), regions)
    others = [name for name in config.style if name not in singles]
    for name, (key, entry) in guides.items():
        for word in entry:
            if word != "guide":
                config.fault(
                    (*key, word), "does not go with `guide`: its styles have their own pictures"
                )
        parts = _guide(config, (*key, "guide"), entry["guide"], singles, others)
        if not parts:
            continue
        pictures, used, guide = zip(*parts, strict=True)
        config.style[name], config.style_pictures[name] = pictures[0], pictures
        more.append(Said((*key, "guide"), "style", name, "guide", list(map(list, guide))))
        if any(mask != NO_MASK for mask in used):
            more.append(Said((*key, "guide"), "style", name, "style_mask", list(used)))
    return more


def _good_mask(value: object) -> str:
    """The mask of a style of one picture; one that is refused where it is named counts as none."""
    mask = value[0] if isinstance(value, list) and len(value) == 1 else value
    is_good = isinstance(mask, str) and (mask == "alpha" or not picture_fault(expand_home(mask)))
    return str(mask) if is_good else NO_MASK


def with_used_regions(layers: list[Source]) -> list[Source]:
    """Where the settings of an image come from, without the regions of its content that none guides."""
    named = [name for name, _ in _last(layers, "guide") or []]
    return [(key, _with_used(layer, named) if key[0] == "content" else layer) for key, layer in layers]


def _with_used(layer: Mapping[str, Any], named: Sequence[str]) -> dict[str, Any]:
    used = {name: path for name, path in layer.get("regions", {}).items() if name in named}
    others = {name: value for name, value in layer.items() if name != "regions"}
    return others | ({"regions": used} if used else {})


def missing_regions(layers: list[Source], content: str, style: str, known: Collection[str] = ()) -> str:
    """Which regions of a content a guided style needs and the content lacks; "" if it has all.

    `known` are those that the content has, also those that are not used.
    """
    regions = _last(layers, "regions") or {}
    missing = [name for name, _ in _last(layers, "guide") or [] if name not in regions]
    if not missing or not any(key == ("style", style) and "guide" in layer for key, layer in layers):
        return ""
    if missing[0] not in known and (hint := nearest(missing[0], known)):
        return f"{content} has no region {missing[0]}{hint}"
    noun, them = ("region", "it") if len(missing) == 1 else ("regions", "them")
    return (
        f"{content} has no {noun} {', '.join(missing)}: add {them} to `regions` of the content, or"
        f" leave the pair out: exclude {content}/{style}"
    )


def _last(layers: list[Source], setting: str) -> Any:
    return next((layer[setting] for _, layer in reversed(layers) if setting in layer), None)


def _guide(
    config: Config, key: Key, table: object, singles: Mapping[str, Single], others: Sequence[str]
) -> list[tuple[Path, str, tuple[str, float]]]:
    """Of each region the picture, its mask, and the region with its weight; none if there are faults.

    `singles` are the styles of one picture, `others` the names of those of several, or guided.
    """
    faults = len(config.faults)
    if not isinstance(table, dict) or not table:
        config.fault(key, f"{shown(table)} is not {FORM}")
        return []
    parts = list(_parts(config, key, table, singles, others))
    if len(table) > MOST_REGIONS:
        config.fault(key, f"{len(table)} regions: there are at most {MOST_REGIONS}")
    elif len(config.faults) == faults and not any(weight for _, _, (_, weight) in parts):
        config.fault(key, "the weights sum to nothing: give one region a weight")
    return parts if len(config.faults) == faults else []


def _parts(
    config: Config,
    key: Key,
    table: Mapping[Any, Any],
    singles: Mapping[str, Single],
    others: Sequence[str],
) -> Iterator[tuple[Path, str, tuple[str, float]]]:
    """As `_guide`, of the entries without a fault."""
    for region, entry in table.items():
        here = (*key, region)
        try:
            if fault := region_fault(region):
                raise NstError(fault)
            if isinstance(entry, list):
                raise NstError(f"{shown(entry)} is not one style: a region takes one style picture")
            entry = {"style": entry} if isinstance(entry, str) else entry
            if not isinstance(entry, dict):
                raise NstError(f"{shown(entry)} is not {{style: name, weight: number}}")
            single = _single(entry, singles, others)
            yield single.picture, _mask(entry, single), (region, _weight(entry))
        except NstError as error:
            config.fault(here, str(error))


def _single(entry: Mapping[Any, Any], singles: Mapping[str, Single], others: Sequence[str]) -> Single:
    for name in entry:
        if name not in KEYS:
            raise NstError(f"{shown(name)} {unknown(str(name), KEYS)}")
    if "style" not in entry:
        raise NstError(f"names no style: write {{style: {next(iter(singles), 'name')}}}")
    style = entry["style"]
    if style in others:
        raise NstError(f"{style} is no style of one picture: a region takes the style of one picture")
    if not isinstance(style, str) or style not in singles:
        hint = nearest(style, singles) or f" of one picture; there are {', '.join(list(singles)[:12])}"
        raise NstError(f"{shown(style)} is no style{hint}")
    return singles[style]


def _mask(entry: Mapping[Any, Any], single: Single) -> str:
    """The mask of the style's region, if the entry names one; else that of the style."""
    region, known = entry.get("region"), single.regions
    if region is None:
        return single.mask
    if not isinstance(region, str) or region not in known:
        there = f"there are {', '.join(known)}" if known else "it has none"
        raise NstError(f"{shown(region)} is no region of the style {entry['style']}: {there}")
    return known[region]


def _weight(entry: Mapping[Any, Any]) -> float:
    try:
        return float(WEIGHT.parse(entry.get("weight", 1)))
    except NstError as error:
        raise NstError(f"weight: {error}") from None
