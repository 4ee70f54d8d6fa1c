"""Recipes: published systems as data, in `recipes/*.yaml`; a user's own file works the same."""

from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from pathlib import Path
from typing import Any

from nst.config.combinations import idle
from nst.config.layers import FEATURE_SIZES, normalizations
from nst.config.setting_sets import NEWER
from nst.config.settings import DEFAULTS, FIELDS, KINDS, RECIPES, Settings, parse, unknown_setting
from nst.config.yaml_lines import Document, Key, read, unknown
from nst.disk.run_inputs import source
from nst.errors import NstError
from nst.text import one_line

FOLDER = Path(__file__).with_name("recipes")
KEYS = ("source", "about", "settings", "backbones")
REQUIRED = tuple(name for name in FIELDS if name not in DEFAULTS)
OF_RECIPES = (*REQUIRED, *NEWER)
# What the layers in use, and the size that they need, depend on.
DECISIVE = {
    "backbone", "recipe", "size", "content_layers", "style_layers", "content_weight", "style_weight",
}  # fmt: skip


def recipe_file(recipe: str) -> Path:
    """The file of a recipe, by its name or its path."""
    return FOLDER / f"{recipe}.yaml" if recipe in RECIPES else Path(recipe)


def load(recipe: str) -> dict[str, Any]:
    """A recipe, checked and parsed: `source`, `about`, `settings`, `backbones`.

    Raises NstError with every fault of the file: unknown and missing keys, values out of range.
    """
    try:
        status = source(recipe_file(recipe)).stat()
    except OSError:
        return _read(recipe)  # raises the reason
    # An edited file is read again, and so is one of the same path in another working directory.
    return _read_once(recipe, (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size))


def text_of(recipe: str) -> str:
    """The text of a recipe's file. Raises NstError if it cannot be read."""
    return read(recipe_file(recipe)).text


@lru_cache(maxsize=256)
def _read_once(recipe: str, version: tuple[int, ...]) -> dict[str, Any]:
    return _read(recipe)


def _read(recipe: str) -> dict[str, Any]:
    document = read(recipe_file(recipe))
    data = document.data
    for name in data:
        if name not in KEYS:
            document.fault((name,), unknown(name, KEYS))
    for name in ("source", "about"):
        if not isinstance(data.get(name, ""), str):
            document.refuse((name,), data[name], "text")
    section = data.get("settings", {})
    settings = _settings(document, ("settings",), section, OF_RECIPES)
    missing = [name for name in REQUIRED if isinstance(section, dict) and name not in section]
    if missing:
        text = f"a recipe states every setting; missing: {', '.join(missing)}"
        document.fault(("settings",), text)
    backbones = _backbones(document, data.get("backbones", {}))
    if document.faults:
        raise NstError("\n".join(document.faults))
    return {
        "about": data.get("about", ""),
        "source": data.get("source", ""),
        "settings": settings,
        "backbones": backbones,
    }


def _backbones(document: Document, section: Any) -> dict[str, dict[str, Any]]:
    """The settings that hold for one backbone only, by backbone."""
    if not isinstance(section, dict):
        document.refuse(("backbones",), section, "a mapping from backbone to settings")
        return {}
    names = KINDS["backbone"].names
    others = tuple(name for name in OF_RECIPES if name != "backbone")
    backbones = {}
    for name, table in section.items():
        if name in names:
            backbones[name] = _settings(document, ("backbones", name), table, others)
        else:
            document.fault(("backbones", name), unknown(name, names))
    return backbones


def _settings(document: Document, key: Key, section: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """A mapping from setting to value, parsed; mistakes become faults of the document."""
    if not isinstance(section, dict):
        document.refuse(key, section, "a mapping from setting to value")
        return {}
    settings = {}
    for name, value in section.items():
        if name not in names:
            document.fault((*key, name), unknown_setting(name, names))
            continue
        try:
            settings[name] = parse(name, value)
        except NstError as error:
            document.fault((*key, name), str(error))
    return settings


def resolve(values: Mapping[str, Any]) -> Settings:
    """Complete settings: parsed values of the user over those of the recipe over the defaults.

    Raises NstError for a recipe that cannot be read.
    """
    recipe = load(values.get("recipe", Settings.recipe))
    backbone = values.get("backbone", recipe["settings"]["backbone"])
    given = {**recipe["backbones"].get(backbone, {}), **values}
    return Settings(
        **{**recipe["settings"], **_for_backbone(recipe["settings"], backbone, given), **given}
    )


def _for_backbone(
    settings: Mapping[str, Any], backbone: str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """What changes in a recipe's settings with another backbone whose input is normalized otherwise.

    The features are scaled to the size of those that the recipe was made for, so its weights stay.
    """
    old, fitting = settings["normalization"], normalizations(backbone)
    if old in fitting or old not in normalizations(settings["backbone"]):
        return {}
    new = given.get("normalization", fitting[0])
    if "feature_scale" in given:
        return {"normalization": new}
    scale = settings["feature_scale"] * FEATURE_SIZES[old] / FEATURE_SIZES[new]
    try:
        return {"normalization": new, "feature_scale": parse("feature_scale", scale)}
    except NstError as error:
        raise NstError(f"feature_scale for {backbone}: {error}; set it") from None


def requested(values: Mapping[str, Any], called: Callable[[str], str] = str) -> Settings:
    """Complete settings from values as a user gives them; faults call settings what `called` returns.

    Raises NstError with all faults, one a line.
    """
    parsed, faults = {}, []
    for name, value in values.items():
        try:
            if name not in FIELDS:
                raise NstError(unknown_setting(name, FIELDS))
            parsed[name] = parse(name, value)
        except NstError as error:
            faults.append(f"{called(name)}: {error}")
    try:
        settings = resolve(parsed)
    except NstError as error:  # the recipe's file
        raise NstError("\n".join([*map(one_line, faults), str(error)])) from None
    broken = values.keys() - parsed.keys()
    faults += [f"{called(name)}: {text}" for name, text in clashes(settings, broken)]
    if faults:
        raise NstError("\n".join(map(one_line, faults)))
    return settings


def default_text(name: str) -> str:
    """The default of a setting for people to read: its own one, or that of the default recipe."""
    recipe = Settings.recipe
    values, kind = load(recipe)["settings"], KINDS[name]
    value = values.get(name, DEFAULTS.get(name))
    text = kind.text(float(f"{value:.4g}") if isinstance(value, float) else value)
    return f"recipe {recipe}: {text}" if name in values else f"default {text}"


def clashes(settings: Settings, broken: Set[str]) -> list[tuple[str, str]]:
    """The faults of `settings`, but none that may only follow from a value that could not be parsed.

    `broken` names the settings of such values: `settings` has the recipe's values for them.
    """

    def depends_on(name: str) -> Set[str]:
        if name == "guide":
            return {name, "regions"}
        layers = name in ("content_layers", "style_layers")
        return {name, "backbone", "recipe"} if layers else DECISIVE | {name}

    faults = [*settings.faults(), *idle(settings)]
    return [(name, text) for name, text in faults if not depends_on(name) & broken]


def complete_settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a record; those that are newer than the record are its published recipe's."""
    values = {**{name: DEFAULTS[name] for name in NEWER}, **values}
    recipe, backbone = values.get("recipe"), values.get("backbone")
    unknown = recipe not in RECIPES or backbone not in KINDS["backbone"].names
    if values.keys() >= FIELDS.keys() or unknown:
        return values
    return {**resolve({"recipe": recipe, "backbone": backbone}).as_json(), **values}
