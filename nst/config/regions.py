"""`regions` and `guide`: named masks of a content, and the weight of the style that acts in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.config.values import Number, is_safe, safe_name, safe_spelling, spell_number
from nst.disk.home import abbreviate_home, expand_home
from nst.disk.input_names import MOST_REGIONS
from nst.errors import NstError
from nst.text import CONTROL, nearest, shown

NONE = "none"  # how a text says that there are no regions
WEIGHT = Number(0, 1e12)
Regions = dict[str, str]
Guide = list[list[Any]]  # pairs of a region and a weight, as JSON has them


@dataclass(frozen=True)
class RegionsKind:
    """A table of regions, each with the path of its mask; the text `face=face.png,rest=rest.png`."""

    endings: tuple[str, ...]

    def __str__(self) -> str:
        return "a table of regions and their masks (face=face.png,rest=rest.png)"

    def parse(self, value: object) -> Regions:
        pairs = _pairs(value, self)
        if isinstance(value, str) and any("=" not in part for part in value.split(",")) and pairs:
            raise NstError(f"{shown(value)} is not {self}")
        paths = {name: self._path(name, path) for name, path in pairs}
        _refuse_many(value, pairs)
        return dict(sorted(paths.items()))

    def _path(self, name: str, path: object) -> str:
        if not isinstance(path, str) or not path.lower().endswith(self.endings) or CONTROL.search(path):
            raise NstError(f"{name}: {shown(path)} is not the path of a mask, a grey picture")
        if "," in path:
            raise NstError(f"{name}: {shown(path)} has a comma in it: rename the file")
        if path.startswith("-"):
            raise NstError(f"{name}: {shown(path)} begins as an option does: rename the file")
        return expand_home(path)

    def text(self, value: Regions) -> str:
        return ",".join(f"{name}={abbreviate_home(path)}" for name, path in value.items()) or NONE

    def spell(self, value: Regions) -> str:
        stems = (f"{name}={Path(path).stem}" for name, path in value.items())
        return safe_spelling("+".join(stems)) or NONE


@dataclass(frozen=True)
class GuideKind:
    """The region in which each style picture acts, and its weight; the text `face=0.3,rest=1`."""

    def __str__(self) -> str:
        return "the region in which each style picture acts, with its weight (face=0.3,rest=1)"

    def parse(self, value: object) -> Guide:
        guide = [[name, self._weight(name, weight)] for name, weight in _pairs(value, self)]
        _refuse_many(value, guide)
        if guide and not any(weight for _, weight in guide):
            raise NstError(f"{shown(value)}: the weights sum to nothing: give one region a weight")
        return guide

    def _weight(self, name: str, weight: object) -> float:
        try:
            return float(WEIGHT.parse(1 if weight in (None, "") else weight))
        except NstError as error:
            raise NstError(f"{name}: {error}") from None

    def text(self, value: Guide) -> str:
        return ",".join(f"{name}={spell_number(weight)}" for name, weight in value) or NONE

    def spell(self, value: Guide) -> str:
        return safe_spelling(self.text(value).replace(",", "+"))


def _pairs(value: object, kind: object) -> list[tuple[str, Any]]:
    """The entries of a table, of a list of pairs, or of a text; there may be none."""
    if value in ("", NONE, None):
        return []
    pairs: Iterable[Any] = [None]
    if isinstance(value, str):
        parts = (part.partition("=") for part in value.split(","))
        pairs = [(name.strip(), second.strip()) for name, _, second in parts]
    elif isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = value
    found = [tuple(pair) for pair in pairs if isinstance(pair, Sequence) and not isinstance(pair, str)]
    if len(found) < len(list(pairs)) or any(len(pair) != 2 for pair in found):
        raise NstError(f"{shown(value)} is not {kind}")
    for name, _ in found:
        if fault := region_fault(name):
            raise NstError(fault)
    return found


def region_fault(name: object) -> str:
    """Why a region cannot have this name, "" if it can: it is part of names of files and options."""
    if isinstance(name, str) and is_safe(name):
        return ""
    example = f", for example {safe_name(name)}" if isinstance(name, str) and name else ""
    return (
        f"{shown(name)} is not a name of a region: use up to 64 letters, digits, '.', '_' or '-', a"
        f" letter or digit first{example}"
    )


def _refuse_many(value: object, pairs: Sequence[Sequence[Any]]) -> None:
    names = [name for name, _ in pairs]
    if twice := [name for number, name in enumerate(names) if name in names[:number]]:
        raise NstError(f"{shown(value)} names the region {twice[0]} twice")
    if len(names) > MOST_REGIONS:
        raise NstError(f"{len(names)} regions: there are at most {MOST_REGIONS}")


def guide_fault(guide: Guide, regions: Regions) -> str:
    """Why a guide does not suit these regions of a content; "" if it does."""
    for name, _ in guide:
        if name not in regions:
            known = f"the content has {', '.join(regions)}" if regions else "the content has no regions"
            return f"{name} is no region: {known}{nearest(name, regions)}"
    return ""
