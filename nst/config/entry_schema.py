"""The JSON schema of `content`, `style` and `interpolate`: what their entries may look like."""

from typing import Any

from nst.config import contents, interpolate, styles
from nst.config.values import SAFE_NAME
from nst.disk.input_names import MOST_STYLES

Schema = dict[str, Any]

NAMES = {"pattern": f"^{SAFE_NAME.pattern}$"}
PATH = {"type": "string", "minLength": 1}
WEIGHT = {"type": ["number", "string"], "minimum": 0}


def entry_schemas() -> dict[str, Schema]:
    """The schemas of the three, by key."""
    style = [
        PATH,
        {"type": "array", "minItems": 1, "maxItems": MOST_STYLES, "items": PATH},
        _with_picture({**styles.SETTINGS, "regions": "regions"}),
        _guide(),
        {"type": "object", "minProperties": 1, "additionalProperties": WEIGHT},
        {"type": "object", "minProperties": 1, "additionalProperties": _part()},
    ]
    return {
        "content": _section(
            "The pictures whose shapes are kept.", [PATH, _with_picture(contents.SETTINGS)]
        ),
        "style": _section("The pictures whose colours, strokes and textures are taken.", style),
        "interpolate": {
            "description": "Further styles on the way from one style to another.",
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "required": list(interpolate.KEYS),
                "additionalProperties": False,
                "properties": {
                    "from": NAMES,
                    "to": NAMES,
                    "steps": {"type": ["integer", "string"], "minimum": interpolate.STEPS.low},
                },
            },
        },
    }


def _section(description: str, entries: list[Schema]) -> Schema:
    mapping = {"type": "object", "minProperties": 1, "propertyNames": NAMES}
    return {
        "description": f"{description} A mapping `name: picture`, a folder or a glob.",
        "anyOf": [{**mapping, "additionalProperties": {"anyOf": entries}}, PATH],
    }


def _with_picture(settings: dict[str, str]) -> Schema:
    properties = {word: {"$ref": f"#/definitions/{name}"} for word, name in settings.items()}
    return {
        "type": "object",
        "required": ["picture"],
        "additionalProperties": False,
        "properties": {"picture": PATH, **properties},
    }


def _guide() -> Schema:
    named = {"style": NAMES, "weight": WEIGHT, "region": NAMES}
    one = {"type": "object", "required": ["style"], "additionalProperties": False, "properties": named}
    regions = {"type": "object", "minProperties": 1, "propertyNames": NAMES}
    return {
        "type": "object",
        "required": ["guide"],
        "additionalProperties": False,
        "properties": {"guide": {**regions, "additionalProperties": {"anyOf": [NAMES, one]}}},
    }


def _part() -> Schema:
    layers = {"$ref": "#/definitions/layer"}
    listed = {"type": "array", "minItems": 1, "items": {"anyOf": [layers, {"const": styles.REST}]}}
    table = {"type": "object", "minProperties": 1, "additionalProperties": WEIGHT}
    return {
        "type": "object",
        "required": ["picture"],
        "additionalProperties": False,
        "properties": {
            "picture": PATH,
            "layers": {"anyOf": [listed, table, PATH]},
            "weight": WEIGHT,
        },
    }
