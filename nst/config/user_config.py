"""Reads config.yaml: names, paths, axes, settings and overrides, each checked alone.

`nst.config.grid` expands the result into cells. Several files may be laid one over the other, and
Snakemake's `--config` over all of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nst.config import picture_paths
from nst.config.checked_config import Config, Overrides
from nst.config.contents import read_contents
from nst.config.entries import note_settings
from nst.config.interpolate import add_steps
from nst.config.setting_sets import OF_FILES
from nst.config.settings import KINDS
from nst.config.styles import read_styles
from nst.config.yaml_lines import Key, overlay, read, unknown
from nst.disk.home import expand_home
from nst.text import nearest, shown

KEYS = (
    "content", "style", "interpolate", "grid", "exclude", "settings", "overrides", "shared_start",
    "prints", "external", "weights", "page", "metrics",
)  # fmt: skip
OVERRIDES = ("content", "style", "cell")
# Of what is written beside images: the workflow's rule makes the files of all of them, or none.
OF_ALL = "is one value for the whole grid: put it under `settings`"
MERGED_LEVELS = {"overrides": 3, "prints": 2}  # of a file laid over another; 1 for the other keys


def load(files: Sequence[Path | str], values: Mapping[str, Any] | None = None) -> Config:
    """Read and check config files, the last one on top, and `values` (`--config`) over them.

    Raises NstError for a file that is not YAML; all other mistakes are in `faults`.
    """
    documents = [read(file) for file in files]
    if values is not None:
        documents.append(overlay(values, "--config" if files else "config of the module"))
    data: dict[str, Any] = {}
    for document in documents:
        for name, value in document.data.items():
            data[name] = _merge(data.get(name), value, MERGED_LEVELS.get(name, 1))
    config = Config(documents, data, faults=[fault for d in documents for fault in d.faults])
    for name in data:
        if name not in KEYS:
            config.fault((name,), unknown(name, KEYS))
    said = [*read_contents(config), *read_styles(config)]
    config.axes = _axes(config)
    note_settings(config, said)
    config.settings = _settings(config, ("settings",), data.get("settings"))
    config.overrides = _overrides(config)
    add_steps(config)
    _refuse_unknown_names(config)
    config.weights = _weights(config)
    config.metrics = _metrics(config)
    return config


def _merge(below: Any, above: Any, levels: int) -> Any:
    """`above` laid over `below`: mappings are merged down to `levels`, all else is replaced."""
    if not (levels and isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _merge(below.get(key), above[key], levels - 1) for key in above}}


def _axes(config: Config) -> dict[str, list[Any]]:
    """The axes of `grid` with their parsed values."""
    if "grid" not in config.data:
        return {}
    what = "a mapping `setting: [values]`; leave `grid` out for one image per content and style"
    axes: dict[str, list[Any]] = {}
    faults, misplaced = len(config.faults), []
    for name, values in config.table(("grid",), config.data["grid"], what).items():
        if not config.is_setting(("grid", name), name):
            continue
        if name in OF_FILES:
            misplaced.append(name)
        elif values is None or values == []:
            config.fault(("grid", name), f"{shown(values)} is not a list of values, for example [1, 2]")
            config.broken.add(name)
        else:
            axes[name] = _axis(config, name, values)
    if len(config.faults) > faults:
        config.broken.add("grid")
    for name in misplaced:  # the other axes are all that names of images will have
        config.fault(("grid", name), OF_ALL)
    return axes


def _axis(config: Config, name: str, values: Any) -> list[Any]:
    """The values of one axis, parsed. Two with the same file name are a fault."""
    kind, spellings, axis = KINDS[name], {}, []
    key: Key = ("grid", name)
    items, hint = [(key, values)], "; several values are a list, for example [1, 2]"
    if isinstance(values, list):  # else a list of one
        items, hint = [((*key, index), value) for index, value in enumerate(values)], ""
    config.axis_keys[name] = []
    for key, value in items:
        parsed = config.value(key, name, value, hint)
        if parsed is None:
            continue
        spelling = kind.spell(parsed).casefold()
        if spelling in spellings:
            other, text = spellings[spelling]
            reason = "are the same value" if other == parsed else "have one file name: rename one"
            config.fault(key, f"{shown(value)} and {shown(text)} {reason}")
            continue
        spellings[spelling] = parsed, value
        axis.append(parsed)
        config.axis_keys[name].append(key)
    return axis


def _settings(config: Config, key: Key, section: Any) -> dict[str, Any]:
    """A mapping from setting to value, parsed. An axis of the grid may not be set here as well."""
    settings = {}
    for name, value in config.entries(key, section, "a mapping `setting: value`"):
        if not config.is_setting((*key, name), name):
            continue
        if name in OF_FILES and key[0] == "overrides":
            config.fault((*key, name), OF_ALL)
        elif name in config.axes:
            config.fault((*key, name), "is an axis of `grid` already; remove one of the two")
        elif (parsed := config.value((*key, name), name, value)) is not None:
            settings[name] = parsed
    return settings


def _overrides(config: Config) -> Overrides:
    """Exceptions per content, per style and per cell (`content/style` or a whole cell's id)."""
    overrides: Overrides = {kind: {} for kind in OVERRIDES}
    top = ("overrides",)
    for kind, table in config.entries(top, config.data.get("overrides"), "a mapping"):
        if kind not in OVERRIDES:
            config.fault((*top, kind), unknown(kind, OVERRIDES))
            continue
        for name, settings in config.entries((*top, kind), table, "a mapping"):
            overrides[kind][name] = _settings(config, (*top, kind, name), settings)
    return overrides


def _refuse_unknown_names(config: Config) -> None:
    """Note overrides of contents and styles that do not exist."""
    for kind, names in (("content", config.content), ("style", config.style)):
        for name in config.overrides[kind] if names else ():
            if name not in names:
                config.fault(("overrides", kind, name), unknown(name, names))


def refuse_unknown_cells(config: Config, ids: Sequence[str], variants: Sequence[str]) -> None:
    """Note overrides of cells that do not exist; those of a variant only if all axes are known."""
    for name in ids:
        if name.count("/") > 1 and "grid" in config.broken:
            continue
        # Each part is compared alone: there may be many thousand cells.
        parts = zip(name.split("/"), (config.content, config.style, variants), strict=False)
        hint = next((nearest(part, names) for part, names in parts if part not in names), "")
        key = ("overrides", "cell", name)
        config.fault(key, f"is no cell: write content/style or content/style/variant{hint}")


def _weights(config: Config) -> dict[str, Path]:
    """Weights files of the user, by backbone."""
    backbones = KINDS["backbone"].names
    weights = {}
    section = expand_home(config.data.get("weights"))
    for name, path in config.entries(("weights",), section, "a mapping `backbone: file`"):
        if name not in backbones:
            config.fault(("weights", name), unknown(name, backbones))
        elif not isinstance(path, str) or not picture_paths.is_file(path):
            config.fault(("weights", name), f"{shown(path)} is not a file")
        elif fault := picture_paths.path_fault(path):
            config.fault(("weights", name), fault)
        else:
            weights[name] = Path(path)
    return weights


def _metrics(config: Config) -> bool:
    """Whether images are measured: unless the config says `metrics: none`."""
    value = config.data.get("metrics")
    if value not in ("all", "none", None):  # None: the key is left empty
        config.fault(("metrics",), f"{shown(value)} is not one of all, none")
    return value != "none"
