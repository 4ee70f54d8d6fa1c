"""config.yaml as the user wrote it: names, paths, axes, settings, overrides, each checked alone.

What the parts mean together, the cells, is `nst.grid`. Several files lie one over the other, and
Snakemake's `--config` over them all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst.config import paths
from nst.config.settings import FIELDS, KINDS, PICTURE_ENDINGS, parse, unknown_setting
from nst.config.values import is_safe, safe_name
from nst.config.yaml_lines import Document, Key, fault_line, overlay, read, unknown
from nst.disk.home import expand_home
from nst.errors import NstError
from nst.text import nearest, shown

KEYS = ("content", "style", "grid", "settings", "overrides", "weights")
OVERRIDES = ("content", "style", "cell")


@dataclass
class Config:
    """A checked config; `faults` holds what is wrong with it, one line each."""

    documents: list[Document]
    data: dict[str, Any]
    content: dict[str, Path] = field(default_factory=dict)  # bad pictures included
    style: dict[str, Path] = field(default_factory=dict)
    axes: dict[str, list[Any]] = field(default_factory=dict)
    places: dict[str, list[int]] = field(default_factory=dict)  # of the axes' values in their lists
    settings: dict[str, Any] = field(default_factory=dict)
    overrides: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    weights: dict[str, Path] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # settings (or `grid`) that are not as meant
    sizes: dict[Path, tuple[int, int]] = field(default_factory=dict)  # of the pictures, in pixels

    def fault(self, key: Key, message: str) -> None:
        """Note what is wrong with a key, with the file and line that it came from."""
        for length in range(len(key), 0, -1):  # the key itself, or the nearest one around it
            above = (d for d in reversed(self.documents) if key[:length] in d.lines)
            if document := next(above, None):
                self.faults.append(fault_line(document.place(key[:length]), key, message))
                return
        whole = self.documents[0].file if self.documents else ""
        self.faults.append(fault_line(whole, key, message))

    def table(self, key: Key, value: Any, what: str) -> dict[str, Any]:
        """`value` if it is a mapping with entries, else nothing and a fault."""
        if isinstance(value, dict) and value:
            return value
        self.fault(key, f"{shown(value)} is not {what}")
        return {}

    def setting(self, key: Key, name: str) -> bool:
        """Whether a name is a setting's; a fault if it is not."""
        if name not in FIELDS:
            self.fault(key, unknown_setting(name, FIELDS))
            self.broken.update(setting for setting in FIELDS if repr(setting) in nearest(name, FIELDS))
        return name in FIELDS

    def value(self, key: Key, name: str, value: Any) -> Any:
        """A setting's value, parsed; None and a fault if it is not one."""
        kind = KINDS[name]
        try:
            parsed = parse(name, value)
        except NstError as error:
            self.fault(key, str(error))
            self.broken.add(name)
            return None
        if name == "init" and kind.is_file(parsed) and (reason := paths.unreadable(parsed)):
            self.fault(key, reason)
            return None
        return parsed


def load(files: Sequence[Path | str], values: Mapping[str, Any] | None = None) -> Config:
    """Read and check config files, the last one on top, and `values` (`--config`) over them.

    Raises NstError for a file that is not YAML; every other fault is gathered in `faults`.
    """
    documents = [read(file) for file in files]
    if values is not None:
        documents.append(overlay(values, "--config"))
    data: dict[str, Any] = {}
    for document in documents:
        for name, value in document.data.items():
            data[name] = _laid_over(data.get(name), value, 3 if name == "overrides" else 1)
    config = Config(documents, data, faults=[f for d in documents for f in d.faults])
    for name in data:
        if name not in KEYS:
            config.fault((name,), unknown(name, KEYS))
    config.content = _pictures(config, "content")
    config.style = _pictures(config, "style")
    config.axes = _axes(config)
    config.settings = _settings(config, ("settings",), data.get("settings"))
    config.overrides = _overrides(config)
    config.weights = _weights(config)
    return config


def _laid_over(below: Any, above: Any, names: int) -> Any:
    """Mappings of names lie one over the other, `names` levels deep; what is below is replaced."""
    if not (names and isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _laid_over(below.get(key), above[key], names - 1) for key in above}}


def _pictures(config: Config, key: str) -> dict[str, Path]:
    """Names and paths of `content` or `style`: a mapping, a folder or a glob."""
    given = expand_home(config.data.get(key))
    if key not in config.data:
        config.fault((), f"{key}: is missing: give a mapping `name: picture`, a folder or a glob")
        entries = []
    elif isinstance(given, str):
        entries = [(path.stem, path, (key,)) for path in paths.found(given)]
        if not entries:
            endings = ", ".join(PICTURE_ENDINGS)
            where = shown(given) if paths.is_there(given) else f"{shown(given)}, which does not exist"
            config.fault((key,), f"no picture in {where} (pictures end in {endings})")
    else:
        what = "a mapping `name: picture`, a folder or a glob"
        entries = [
            (name, path, (key, name)) for name, path in config.table((key,), given, what).items()
        ]
    pictures: dict[str, Path] = {}
    taken: dict[str, object] = {}
    for name, path, where in entries:
        # File systems may not tell upper from lower case.
        if name.casefold() in taken:
            two = f"{shown(str(taken[name.casefold()]))} and {shown(str(path))}"
            config.fault(where, f"{shown(name)} stands for two pictures, {two}: name them apart")
        taken.setdefault(name.casefold(), path)
        for reason in filter(None, (_unsafe(name), paths.unreadable(path, config.sizes))):
            config.fault(where, reason)
        pictures[name] = Path(str(path))
    return pictures


def _unsafe(name: str) -> str:
    """Why a name cannot be part of a file name on every system; nothing if it can."""
    if is_safe(name):
        return ""
    return (
        f"{shown(name)} is not safe as a file name on every system: use up to 64 letters, digits, '.',"
        f" '_' or '-', a letter or digit first, for example `{safe_name(name)}: path`"
    )


def _axes(config: Config) -> dict[str, list[Any]]:
    """The axes of `grid` with their parsed values, no two of a spelling."""
    if "grid" not in config.data:
        return {}
    what = "a mapping `setting: [values]`; leave `grid` out for one image per content and style"
    axes: dict[str, list[Any]] = {}
    before = len(config.faults)
    for name, values in config.table(("grid",), config.data["grid"], what).items():
        if not config.setting(("grid", name), name):
            continue
        if not isinstance(values, list) or not values:
            config.fault(("grid", name), f"{shown(values)} is not a list of values, for example [1, 2]")
            config.broken.add(name)
        else:
            axes[name] = _axis(config, name, values)
    if len(config.faults) > before:
        config.broken.add("grid")
    return axes


def _axis(config: Config, name: str, values: list[Any]) -> list[Any]:
    """The values of one axis, parsed; two that one file name would stand for are a fault."""
    kind, first, parsed = KINDS[name], {}, []
    config.places[name] = []
    for place, value in enumerate(values):
        key = ("grid", name, place)
        found = config.value(key, name, value)
        if found is None:
            continue
        spelling = kind.spell(found).casefold()
        if spelling in first:
            same, written = first[spelling]
            both = f"{shown(value)} and {shown(written)}"
            reason = "are the same value" if same == found else "have one file name: rename one"
            config.fault(key, f"{both} {reason}")
            continue
        first[spelling] = found, value
        parsed.append(found)
        config.places[name].append(place)
    return parsed


def _settings(config: Config, key: Key, given: Any) -> dict[str, Any]:
    """A mapping from setting to value, parsed; an axis of the grid may not stand in it too."""
    parsed = {}
    for name, value in _optional(config, key, given, "a mapping `setting: value`"):
        if not config.setting((*key, name), name):
            continue
        if name in config.axes:
            config.fault((*key, name), "is an axis of `grid` already; remove one of the two")
        elif (found := config.value((*key, name), name, value)) is not None:
            parsed[name] = found
    return parsed


def _optional(config: Config, key: Key, given: Any, what: str) -> Iterator[tuple[str, Any]]:
    """The entries of a mapping that may be empty: all that stands in it may be commented out."""
    if given is not None and given != {}:
        yield from config.table(key, given, what).items()


def _overrides(config: Config) -> dict[str, dict[str, dict[str, Any]]]:
    """Exceptions per content, per style and per cell (`content/style` or a whole cell's id)."""
    overrides: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in OVERRIDES}
    top = ("overrides",)
    for kind, table in _optional(config, top, config.data.get("overrides"), "a mapping"):
        if kind not in OVERRIDES:
            config.fault((*top, kind), unknown(kind, OVERRIDES))
            continue
        for name, settings in _optional(config, (*top, kind), table, "a mapping"):
            known = {"content": config.content, "style": config.style}.get(kind)
            if known and name not in known:
                config.fault((*top, kind, name), unknown(name, known))
            overrides[kind][name] = _settings(config, (*top, kind, name), settings)
    return overrides


def refuse_cells(config: Config, ids: list[str], variants: list[str]) -> None:
    """Note overrides of cells that are not there; of whole ids only where all variants are known."""
    for name in ids:
        if name.count("/") > 1 and "grid" in config.broken:
            continue
        # Near names are looked for part by part: there may be many thousand cells.
        parts = zip(name.split("/"), (config.content, config.style, variants), strict=False)
        hint = next((nearest(part, known) for part, known in parts if part not in known), "")
        key = ("overrides", "cell", name)
        config.fault(key, f"is no cell: write content/style or content/style/variant{hint}")


def _weights(config: Config) -> dict[str, Path]:
    """Weights files that the user names instead of the fetched ones, by backbone."""
    backbones = KINDS["backbone"].names
    weights = {}
    given = expand_home(config.data.get("weights"))
    for name, path in _optional(config, ("weights",), given, "a mapping `backbone: file`"):
        if name not in backbones:
            config.fault(("weights", name), unknown(name, backbones))
        elif not isinstance(path, str) or not paths.is_file(path):
            config.fault(("weights", name), f"{shown(path)} is not a file")
        elif reason := paths.awkward(path):
            config.fault(("weights", name), reason)
        else:
            weights[name] = Path(path)
    return weights
