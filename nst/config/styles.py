"""`style`: the pictures whose colours and strokes are taken. A style of several pictures is a blend.

An entry is one picture; a folder, a glob or a list, which are blended alike; `{picture: weight}`;
parts, each a picture with the layers at which it acts and a weight; or `{picture: path}` with more.
"""

import glob
from pathlib import Path
from typing import Any

from nst.config import picture_paths
from nst.config.blend import REST, WEIGHT
from nst.config.checked_config import Config
from nst.config.contents import beside
from nst.config.entries import Said, entries_of, picture, pictures_of
from nst.config.guided import add_guides, without_regions
from nst.config.settings import KINDS
from nst.config.yaml_lines import Key, unknown
from nst.disk.home import expand_home
from nst.disk.input_names import MOST_STYLES
from nst.errors import NstError
from nst.text import nearest, shown

# What an entry with the key `picture` may say beside it, and the setting that it becomes.
SETTINGS = {"blend": "blend", "mask": "style_mask"}
BESIDE = ("picture", "regions")  # the keys that become no setting
PART_KEYS = ("picture", "layers", "weight")
FORMS = "a picture, a folder, a list of pictures, `{picture: weight}` or parts with layers"
HOW_TO_BLEND = "a style of several is [a.jpg, b.jpg] or {a.jpg: 3, b.jpg: 1} without the key `picture`"
HOW_TO_LIST = "`style: {}` at the top makes a style of each picture"


def read_styles(config: Config) -> list[Said]:
    """Put the styles into a config; return what their entries say beside the pictures."""
    said: list[Said] = []
    guides: dict[str, tuple[Key, dict[Any, Any]]] = {}
    for name, key, entry in entries_of(config, "style"):
        if isinstance(entry, dict) and "guide" in entry:  # names styles that may come later
            guides[name] = key, entry
            config.style[name], config.style_pictures[name] = Path(), (Path(),)
            continue
        if isinstance(entry, dict) and "picture" in entry:
            entry = without_regions(config, key, name, entry)
        pictures, more = _read(config, key, name, entry)
        if len(pictures) > MOST_STYLES:
            text = f"{len(pictures)} pictures are one style here; the most is {MOST_STYLES}"
            hint = f": {HOW_TO_LIST.format(entry)}" if isinstance(entry, str) else ""
            config.fault(key, f"{text}{hint}")
            pictures, more = pictures[:1], []
        said += more
        config.style[name] = pictures[0] if pictures else Path()
        config.style_pictures[name] = tuple(pictures) or (Path(),)
    return said + add_guides(config, guides, said)


def _read(config: Config, key: Key, name: str, entry: Any) -> tuple[list[Path], list[Said]]:
    """The pictures of an entry, and what it says beside them."""
    if isinstance(entry, list):
        return [_one(config, (*key, n), path) for n, path in enumerate(entry)] or _none(
            config, key, entry
        ), []
    if not isinstance(entry, dict):
        return _several(config, key, entry), []
    if "picture" in entry:
        said = list(beside(config, key, "style", name, entry, SETTINGS, BESIDE))
        return _several(config, (*key, "picture"), entry["picture"]), said
    if _lacks_picture(config, key, entry):
        return [], []
    faults = len(config.faults)
    if any(isinstance(part, dict) for part in entry.values()):
        pictures, blend = _parts(config, key, entry)
    else:
        pictures, blend = _weighted(config, key, entry)
    if len(config.faults) > faults:
        return pictures, []
    if not pictures:
        return _none(config, key, entry), []
    return pictures, [Said(key, "style", name, "blend", blend)] if blend else []


def _lacks_picture(config: Config, key: Key, entry: dict[Any, Any]) -> bool:
    """Note an entry whose keys are those of one with `picture`, or nearly so, which it lacks."""
    known = (*BESIDE, *SETTINGS, "guide")
    for word, value in entry.items():
        if picture_paths.is_file(word) or (isinstance(value, dict) and "picture" in value):
            continue
        if word in known:
            config.fault(key, f"{shown(entry)} names no picture: write {{picture: path, {word}: ...}}")
            return True
        if nearest(word, known) and not Path(word).suffix:
            config.fault((*key, word), unknown(word, known))
            return True
    return False


def _none(config: Config, key: Key, entry: object) -> list[Path]:
    config.fault(key, f"{shown(entry)} is not {FORMS}")
    return []


def _several(config: Config, key: Key, entry: Any) -> list[Path]:
    """The one picture of a path, or all of a folder or a glob."""
    if isinstance(entry, str) and entry and _is_pattern(entry):
        pictures = pictures_of(config, key, entry, f"; {HOW_TO_LIST.format(entry)}")
        return [picture(config, key, path) for path in pictures]
    if isinstance(entry, str) and picture_paths.is_file(entry) and _matches_others(entry):
        config.fault(key, f"{shown(entry)} is a picture, and a pattern of others: rename it")
    if isinstance(entry, list | dict):
        config.fault(key, f"{shown(entry)} is not one picture: {HOW_TO_BLEND}")
        return []
    return [picture(config, key, entry)]


def _is_pattern(path: str) -> bool:
    """Whether a path is that of a folder, or a glob."""
    return not picture_paths.is_file(path) and (picture_paths.is_folder(path) or glob.has_magic(path))


def _matches_others(path: str) -> bool:
    return glob.has_magic(path) and any(Path(other) != Path(path) for other in glob.glob(path))


def _one(config: Config, key: Key, path: Any) -> Path:
    """One picture of a blend, which no folder and no blend can be."""
    if isinstance(path, str) and path and _is_pattern(path):
        config.fault(key, f"{shown(path)} is not one picture: a blend is of pictures, name each")
        return Path(path)
    if isinstance(path, list | dict):
        config.fault(key, f"{shown(path)} in a blend: blends are not nested, name all pictures in one")
        return Path()
    if isinstance(path, str) and (way_out := _instead_of_name(config, key, path)):
        text = f"{path} does not exist: a blend takes pictures, not names of {way_out}"
        config.fault(key, text)
        return Path(path)
    return picture(config, key, path)


def _instead_of_name(config: Config, key: Key, name: str) -> str:
    """What to write for a path that is no file, but the name of another entry; "" if it is not both."""
    if picture_paths.exists(name):
        return ""
    for section in ("style", "content"):
        entries = config.data.get(section)
        if isinstance(entries, dict) and name in entries and key[:2] != (section, name):
            entry = entries[name]
            path = entry.get("picture") if isinstance(entry, dict) else entry
            is_one = isinstance(path, str) and not _is_pattern(path)
            return f"{section}s: write {path if is_one else f'the pictures of {name}'}"
    return ""


def _weighted(config: Config, key: Key, table: dict[Any, Any]) -> tuple[list[Path], list[float]]:
    """Pictures and weights of `{picture: weight}`."""
    pictures, weights = [], []
    for path, weight in table.items():
        pictures.append(_one(config, (*key, path), expand_home(path)))
        weights.append(_weight(config, (*key, path), weight, "; a blend is `{picture: weight}`"))
    return pictures, weights


def _weight(config: Config, key: Key, value: Any, hint: str = "") -> float:
    try:
        return float(WEIGHT.parse(value))
    except NstError as error:
        config.fault(key, f"{error}{hint}")
        return 1.0


def _parts(config: Config, key: Key, table: dict[Any, Any]) -> tuple[list[Path], Any]:
    """The pictures of parts, and their weights by layer, if one names layers."""
    pictures: list[Path] = []
    weights: list[float] = []
    layers: list[dict[str, float]] = []  # of each part; none: all
    for name, part in table.items():
        at = (*key, name)
        if not isinstance(part, dict) or "picture" not in part:
            config.fault(at, f"{shown(part)} is not a part, {{picture: path, layers: [...]}}")
            continue
        for word in (word for word in part if word not in PART_KEYS):
            config.fault((*at, word), unknown(word, PART_KEYS))
        pictures.append(_one(config, (*at, "picture"), part["picture"]))
        weights.append(_weight(config, (*at, "weight"), part.get("weight", 1)))
        layers.append(_layers(config, (*at, "layers"), part["layers"]) if "layers" in part else {})
    return pictures, _by_layer(weights, layers) if any(layers) else weights


def _layers(config: Config, key: Key, value: Any) -> dict[str, float]:
    """Layers with their weights, `rest` being those that no part names."""
    named = [value] if isinstance(value, str) and "," not in value and "=" not in value else value
    rest = {REST: 1.0} if isinstance(named, list) and REST in named else {}
    others = [name for name in named if name != REST] if isinstance(named, list) else named
    if rest and not others:
        return rest
    try:
        return rest | KINDS["style_layers"].parse(others)
    except NstError as error:
        config.fault(key, str(error))
        return {}


def _by_layer(weights: list[float], layers: list[dict[str, float]]) -> dict[str, list[float]]:
    named = dict.fromkeys(name for some in layers for name in some)
    if not all(layers):
        named[REST] = None  # a part that names no layers acts at all of them
    return {
        name: [
            weight * (some.get(name, 0.0) if some else 1.0)
            for weight, some in zip(weights, layers, strict=True)
        ]
        for name in named
    }
