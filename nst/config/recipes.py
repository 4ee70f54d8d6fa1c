"""Recipes: published systems as data, in `recipes/*.yaml`; a user's own file works the same."""

from collections.abc import Mapping
from dataclasses import MISSING
from functools import lru_cache
from pathlib import Path
from typing import Any

from nst.config.settings import FIELDS, KINDS, RECIPES, Settings, parse, unknown_setting
from nst.config.yaml_lines import Document, Key, read, unknown
from nst.errors import NstError

FOLDER = Path(__file__).with_name("recipes")
KEYS = ("source", "about", "settings", "backbones")
REQUIRED = tuple(name for name, f in FIELDS.items() if f.default is MISSING)


def recipe_file(recipe: str) -> Path:
    """The file of a recipe given by name or by path."""
    return FOLDER / f"{recipe}.yaml" if recipe in RECIPES else Path(recipe)


def load(recipe: str) -> dict[str, Any]:
    """A recipe, checked and parsed: `source`, `about`, `settings`, `backbones`.

    Raises NstError with every fault of the file: unknown and missing keys, values out of range.
    """
    try:
        state = recipe_file(recipe).stat()
    except OSError:
        return _load(recipe)  # says why
    # A file that was changed, or one of this name in another folder, is another recipe.
    return _kept(recipe, (state.st_dev, state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=256)
def _kept(recipe: str, version: tuple[int, ...]) -> dict[str, Any]:
    return _load(recipe)


def _load(recipe: str) -> dict[str, Any]:
    document = read(recipe_file(recipe))
    data = document.data
    for name in data:
        if name not in KEYS:
            document.fault((name,), unknown(name, KEYS))
    for name in ("source", "about"):
        if not isinstance(data.get(name, ""), str):
            document.refuse((name,), data[name], "text")
    given = data.get("settings", {})
    settings = _settings(document, ("settings",), given, REQUIRED)
    missing = [name for name in REQUIRED if isinstance(given, dict) and name not in given]
    if missing:
        text = f"a recipe states every setting; missing: {', '.join(missing)}"
        document.fault(("settings",), text)
    per_backbone = _per_backbone(document, data.get("backbones", {}))
    if document.faults:
        raise NstError("\n".join(document.faults))
    return {
        "about": data.get("about", ""),
        "source": data.get("source", ""),
        "settings": settings,
        "backbones": per_backbone,
    }


def _per_backbone(document: Document, given: Any) -> dict[str, dict[str, Any]]:
    """The settings that hold for one backbone only."""
    if not isinstance(given, dict):
        document.refuse(("backbones",), given, "a mapping from backbone to settings")
        return {}
    known = KINDS["backbone"].names
    others = tuple(name for name in REQUIRED if name != "backbone")
    found = {}
    for name, table in given.items():
        if name in known:
            found[name] = _settings(document, ("backbones", name), table, others)
        else:
            document.fault(("backbones", name), unknown(name, known))
    return found


def _settings(document: Document, key: Key, given: Any, known: tuple[str, ...]) -> dict[str, Any]:
    """A mapping from setting to value, parsed; faults of the document for what is not."""
    if not isinstance(given, dict):
        document.refuse(key, given, "a mapping from setting to value")
        return {}
    parsed = {}
    for name, value in given.items():
        if name not in known:
            document.fault((*key, name), unknown_setting(name, known))
            continue
        try:
            parsed[name] = parse(name, value)
        except NstError as error:
            document.fault((*key, name), str(error))
    return parsed


def resolve(given: Mapping[str, Any]) -> Settings:
    """Complete settings: what the user gave, over the recipe's, over the defaults.

    `given` holds parsed values. Raises NstError for a recipe that cannot be read.
    """
    recipe = load(given.get("recipe", FIELDS["recipe"].default))
    backbone = given.get("backbone", recipe["settings"]["backbone"])
    return Settings(**{**recipe["settings"], **recipe["backbones"].get(backbone, {}), **given})


def published_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """The published recipe of a record's settings: they may lack settings that came later."""
    recipe, backbone = given.get("recipe"), given.get("backbone")
    if recipe not in RECIPES or backbone not in KINDS["backbone"].names:
        return {}
    return resolve({"recipe": recipe, "backbone": backbone}).as_json()
