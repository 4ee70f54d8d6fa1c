"""`interpolate`: further styles on the way from one style to another, such as strokes_glass_25."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nst.config.blend import EQUAL, REST, Blend, count_fault, shares
from nst.config.checked_config import Config
from nst.config.entries import name_fault
from nst.config.values import Number
from nst.config.yaml_lines import Key, unknown
from nst.disk.input_names import MOST_STYLES
from nst.errors import NstError
from nst.text import counted, nearest, shown

KEY: Key = ("interpolate",)
KEYS = ("from", "to", "steps")
STEPS = Number(3, 101, whole=True)  # styles, both ends counted
FORM = "a list such as [{from: strokes, to: glass, steps: 5}]"


class Style(NamedTuple):
    """The pictures of a style, and their weights."""

    pictures: tuple[Path, ...]
    blend: Blend


def add_steps(config: Config) -> None:
    """Put the steps of `interpolate` into the styles of a config, each after the style it begins at."""
    ways = config.data.get("interpolate")
    if ways is None:
        return
    if not isinstance(ways, list):
        config.fault(KEY, f"{shown(ways)} is not {FORM}")
        return
    given = list(config.style)
    steps: dict[str, list[tuple[str, Style]]] = {name: [] for name in given}
    made: dict[str, int] = {}  # by which of the ways
    for number, way in enumerate(ways):
        for name, label, style in _steps(config, (*KEY, number), way, given):
            if others := [other for other in config.style if other.casefold() == name.casefold()]:
                maker = made.get(others[0])
                text = f"makes {name}, and a style has this name: rename it"
                if maker is not None:
                    text = f"makes {name}, which interpolate[{maker}] makes already: remove one"
                config.fault((*KEY, number), text)
            elif fault := name_fault(name):
                config.fault((*KEY, number), fault)
            else:
                steps[way["from"]].append((name, style))
                made[name] = number
                config.style[name] = style.pictures[0]
                config.style_pictures[name] = style.pictures
                config.entry_settings["style"][name] = {"blend": style.blend}
                config.labels["style"][name] = label
    order = [name for first in given for name in (first, *(name for name, _ in steps[first]))]
    config.style = {name: config.style[name] for name in order}


def _steps(config: Config, key: Key, way: Any, given: list[str]) -> Iterator[tuple[str, str, Style]]:
    """The steps of one way, without its ends, with what people read; mistakes become faults."""
    if not isinstance(way, Mapping):
        return config.fault(key, f"{shown(way)} is not {FORM}")
    for name in way:
        if name not in KEYS:
            config.fault((*key, name), unknown(name, KEYS))
    if missing := [name for name in KEYS if name not in way]:
        return config.fault(key, f"{', '.join(missing)} is missing: write {FORM}")
    for end in KEYS[:2]:
        if way[end] not in given:
            hint = nearest(way[end], given) or f" (styles: {', '.join(given[:12])})"
            return config.fault((*key, end), f"{shown(way[end])} is no style{hint}")
    try:
        steps = int(STEPS.parse(way["steps"]))
    except NstError as error:
        return config.fault((*key, "steps"), f"{error}; both ends count")
    if "blend" in config.axes:
        return config.fault(key, "sets blend, an axis of `grid` already; remove one of the two")
    ends = way["from"], way["to"]
    first, last = (_style(config, name) for name in ends)
    if fault := _override_fault(config, ends) or _end_fault(config, ends, first, last):
        return config.fault(key, fault)
    for step in range(1, steps - 1):
        share = 100 * step / (steps - 1)
        begin, end = (config.label("style", way[name]) for name in KEYS[:2])
        label = f"{begin} {round(100 - share)} % + {end} {round(share)} %"
        yield f"{way['from']}_{way['to']}_{round(share)}", label, between(first, last, share)
    return None


def _style(config: Config, name: str) -> Style:
    """A style with the blend that its images have."""
    blend = {"blend": EQUAL, **config.settings, **_own_settings(config, name)}["blend"]
    return Style(config.style_pictures[name], blend)


def _own_settings(config: Config, name: str) -> dict[str, Any]:
    """What the entry of a style and the overrides of this style set."""
    return {**config.entry_settings["style"].get(name, {}), **config.overrides["style"].get(name, {})}


def _override_fault(config: Config, ends: Collection[str]) -> str:
    """Why overrides of contents and cells allow no steps, "" if they do: one blend is at each end."""
    for kind in ("content", "cell"):
        for name, settings in config.overrides[kind].items():
            of_end = kind == "content" or any(end in ends for end in name.split("/")[1:2])
            if of_end and "blend" in settings:
                return (
                    f"overrides.{kind}.{name} sets blend, which may differ by style only: put it under"
                    " `overrides: style:`"
                )
    return ""


def _end_fault(config: Config, ends: Collection[str], first: Style, last: Style) -> str:
    """Why there is no way between two styles, "" if there is one."""
    for name, style in zip(ends, (first, last), strict=True):
        if more := [key for key in _own_settings(config, name) if key != "blend"]:
            return f"{name} has {more[0]} of its own: only pictures and their weights are interpolated"
        layers = style.blend if isinstance(style.blend, dict) else ()
        if fault := count_fault(style.blend, list(layers), len(style.pictures)):
            return f"{name} {fault}"
    if first == last:
        return "{} and {} are the same: name two styles".format(*ends)
    by_layer = isinstance(first.blend, dict) or isinstance(last.blend, dict)
    if by_layer and not _layers(first.blend, last.blend):
        return "{} and {} have weights at no layer in common: give both weights at {}".format(
            *ends, REST
        )
    if (count := len(set(first.pictures + last.pictures))) > MOST_STYLES:
        return f"{counted(count, 'picture')} are one style here; the most is {MOST_STYLES}"
    return ""


def between(first: Style, last: Style, share: float) -> Style:
    """The style that has `share` of 100 of the second one; pictures of both are in it once."""
    pictures = tuple(dict.fromkeys(first.pictures + last.pictures))
    layers = _layers(first.blend, last.blend)
    weights: dict[str, list[float]] = {}
    for layer in layers or [REST]:
        sums = dict.fromkeys(pictures, 0.0)
        for style, part in ((first, 100 - share), (last, share)):
            own = shares(style.blend, [layer], len(style.pictures))[layer]
            for picture, weight in zip(style.pictures, own, strict=True):
                sums[picture] += part * weight
        weights[layer] = [round(weight, 6) for weight in sums.values()]
    return Style(pictures, weights if layers else weights[REST])


def _layers(*blends: Blend) -> list[str]:
    """The layers that a blend of these blends must name; none if all are alike at all layers."""
    tables = [blend for blend in blends if isinstance(blend, dict)]
    names = list(dict.fromkeys(name for table in tables for name in table if name != REST))
    named = [name for name in names if all(name in table or REST in table for table in tables)]
    return [*named, REST] if tables and all(REST in table for table in tables) else named
