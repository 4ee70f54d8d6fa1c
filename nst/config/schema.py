"""The JSON schema of config.yaml, from which editors complete keys and underline mistakes.

It is weaker than `nst.config.grid`: it knows every key and the values of each setting, but not which
settings go together, and no file.
"""

import json
from functools import singledispatch
from typing import Any

from nst.config.blend import EQUAL, REST, WEIGHT, BlendKind
from nst.config.entry_schema import entry_schemas
from nst.config.prints import STARTS
from nst.config.recipes import default_text
from nst.config.regions import GuideKind, RegionsKind
from nst.config.settings import ALL_LAYERS, FIELDS, KINDS
from nst.config.shared_start import KEYS as SHARED
from nst.config.user_config import OVERRIDES
from nst.config.values import SAFE_NAME, Choice, Layers, NameOrFile, NamesOrFiles, Number, NumberOr
from nst.disk.input_names import MOST_STYLES

Schema = dict[str, Any]

# Quoted numbers, and the 1e5 that YAML 1.1 takes for text.
NUMBER_TEXT = {"type": "string", "pattern": r"^[-+]?[0-9_]*\.?[0-9_]+([eE][-+]?[0-9]+)?$"}


def schema_text() -> str:
    """The schema as the text of config.schema.json."""
    return json.dumps(config_schema(), indent=1) + "\n"


def config_schema() -> Schema:
    """The schema of a whole config (JSON schema, draft 7)."""
    entries = entry_schemas()
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "config.yaml of nst-grid",
        "type": "object",
        "required": ["content", "style"],
        "additionalProperties": False,
        "properties": {
            "content": entries["content"],
            "style": entries["style"],
            "interpolate": entries["interpolate"],
            "grid": _axes(),
            "exclude": _exclude(),
            "settings": _reference("settings"),
            "overrides": _overrides(),
            "shared_start": _shared_start(),
            "prints": _prints(),
            "external": _external(),
            "weights": {
                "description": "Weights files of your own, by backbone.",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {name: {"type": "string"} for name in KINDS["backbone"].names},
            },
            "page": _page(),
            "metrics": {
                "description": "Whether images are measured (LPIPS, SSIM, style and colour distance).",
                "enum": ["all", "none", None],
            },
        },
        "definitions": {
            "settings": {
                "description": "Settings; those that are missing come from the recipe.",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": {name: _reference(name) for name in FIELDS},
            },
            "axis_texts": _axis_texts(),
            "layer": {"enum": list(ALL_LAYERS)},
            **{name: _setting(name) for name in FIELDS},
        },
    }


def _reference(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _axes() -> Schema:
    axes = {}
    for name in FIELDS:
        values = {"type": "array", "minItems": 1, "items": _reference(name)}
        axes[name] = {"anyOf": [values, _reference(name)]}
    return {
        "description": "Lists of values: each combination is one image per content and style.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": axes,
    }


def _exclude() -> Schema:
    pattern = {"type": "string", "pattern": "^[^/]+/[^/]+(/[^/]+)?$"}
    return {
        "description": "Images to leave out: content/style or content/style/variant; * is a wildcard.",
        "anyOf": [{"type": "array", "items": pattern}, pattern, {"type": "null"}],
    }


def _overrides() -> Schema:
    table = {"type": ["object", "null"], "additionalProperties": _reference("settings")}
    return {
        "description": "Exceptions per content, per style, or per cell (`content/style`).",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": dict.fromkeys(OVERRIDES, table),
    }


def _shared_start() -> Schema:
    return {
        "description": "Images that differ only in `style_weight` or `evaluations` share a start.",
        "type": "object",
        "required": ["evaluations"],
        "additionalProperties": False,
        "properties": {name: _reference(name) for name in SHARED},
    }


def _prints() -> Schema:
    cell = {"type": "string", "pattern": "^[^/]+/[^/]+/[^/]+$"}
    settings = {name: _reference(name) for name in FIELDS if name != "snapshot_every"}
    return {
        "description": "Images to make again by `snakemake prints`, in results/prints.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "settings": {
                "description": "Settings in which prints differ from their images.",
                "type": ["object", "null"],
                "additionalProperties": False,
                "properties": settings,
            },
            "start": {
                "description": "cell: from the image, enlarged; afresh: as if it were not there.",
                "enum": [*STARTS, None],
            },
            "cells": {
                "description": "The images: content/style/variant, as in results/cells.",
                "anyOf": [{"type": "array", "uniqueItems": True, "items": cell}, {"type": "null"}],
            },
        },
    }


def _external() -> Schema:
    path = {"type": "string", "allOf": [{"pattern": r"\{content\}"}, {"pattern": r"\{style\}"}]}
    return {
        "description": "Pictures by other programs: a name, and a path with {content} and {style}.",
        "type": ["object", "null"],
        "propertyNames": {"pattern": f"^{SAFE_NAME.pattern}$"},
        "additionalProperties": path,
    }


TEXT = {"type": ["string", "number"]}
TEXTS = {"type": ["object", "null"], "additionalProperties": TEXT}


def _page() -> Schema:
    axes = {name: _reference("axis_texts") for name in FIELDS}
    return {
        "description": "The title of the page, and texts on it; they change no image.",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {
            "title": TEXT,
            "text": TEXT,
            "content": TEXTS,
            "style": TEXTS,
            "axes": {"type": ["object", "null"], "additionalProperties": False, "properties": axes},
        },
    }


def _axis_texts() -> Schema:
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {"title": TEXT, "text": TEXT, "values": TEXTS},
    }


def _setting(name: str) -> Schema:
    effect = FIELDS[name].metadata["effect"]
    description = f"{effect}: {KINDS[name]} ({default_text(name)})"
    return {"description": description, **kind_schema(KINDS[name])}


@singledispatch
def kind_schema(kind: object) -> Schema:
    """The schema of the values of one kind."""
    raise TypeError(f"no schema for {kind!r}")


@kind_schema.register
def _(kind: Number) -> Schema:
    bounds = {"minimum": kind.low, "maximum": kind.high}
    return {"anyOf": [{"type": "integer" if kind.whole else "number", **bounds}, NUMBER_TEXT]}


@kind_schema.register
def _(kind: Choice) -> Schema:
    return {"enum": list(kind.names)}


@kind_schema.register
def _(kind: NumberOr) -> Schema:
    return {"anyOf": [{"enum": list(kind.names)}, *kind_schema(kind.number)["anyOf"]]}


@kind_schema.register
def _(kind: NameOrFile) -> Schema:
    # JavaScript's regular expressions have no flag for upper and lower case inside the pattern.
    endings = (
        "".join(f"[{c}{c.upper()}]" if c.isalpha() else f"\\{c}" for c in e) for e in kind.endings
    )
    file = {"type": "string", "pattern": f"({'|'.join(endings)})$"}
    return {"anyOf": [{"enum": list(kind.names)}, file]}


@kind_schema.register
def _(kind: Layers) -> Schema:
    names = _reference("layer")
    weights = {"anyOf": [{"type": "number", "minimum": 0}, NUMBER_TEXT]}
    mapping = {"type": "object", "minProperties": 1, "propertyNames": names}
    return {
        "anyOf": [
            {"type": "array", "minItems": 1, "uniqueItems": True, "items": names},
            {**mapping, "additionalProperties": weights},
            {"type": "string", "pattern": r"^[a-z0-9_]+(=[0-9.eE+-]+)?(,[a-z0-9_]+(=[0-9.eE+-]+)?)*$"},
        ]
    }


@kind_schema.register
def _(kind: BlendKind) -> Schema:
    weights = {"type": "array", "minItems": 1, "maxItems": MOST_STYLES, "items": kind_schema(WEIGHT)}
    layers = {"anyOf": [_reference("layer"), {"const": REST}]}
    by_layer = {"type": "object", "minProperties": 1, "propertyNames": layers}
    number = r"[0-9.eE+-]+"
    texts = (
        rf"^({number}(,{number})*|[a-z0-9_]+={number}(:{number})*(,[a-z0-9_]+={number}(:{number})*)*)$"
    )
    return {
        "anyOf": [
            {"const": EQUAL},
            weights,
            {**by_layer, "additionalProperties": {"anyOf": [weights, {"type": "string"}]}},
            {"type": "string", "pattern": texts},
        ]
    }


@kind_schema.register
def _(kind: NamesOrFiles) -> Schema:
    one = kind_schema(kind.one)
    several = [{"type": "array", "minItems": 1, "items": one}, {"type": "string", "pattern": ","}]
    return {"anyOf": [*one["anyOf"], *several]}


@kind_schema.register
def _(kind: RegionsKind) -> Schema:
    names = {"propertyNames": {"pattern": f"^{SAFE_NAME.pattern}$"}}
    return {
        "anyOf": [
            {"type": "object", **names, "additionalProperties": {"type": "string", "minLength": 1}},
            {"type": "string", "minLength": 1},
        ]
    }


@kind_schema.register
def _(kind: GuideKind) -> Schema:
    names = {"propertyNames": {"pattern": f"^{SAFE_NAME.pattern}$"}}
    weight = {"anyOf": [{"type": "number", "minimum": 0}, NUMBER_TEXT]}
    pair = {"type": "array", "minItems": 2, "maxItems": 2}
    return {
        "anyOf": [
            {"type": "object", **names, "additionalProperties": weight},
            {"type": "array", "items": pair},
            {"type": "string", "minLength": 1},
        ]
    }
