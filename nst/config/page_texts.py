"""`page`: the title of the page, and texts on it for contents, styles, axes and their values.

They are for people who look, for example in a lesson, and change no image.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from nst.config.checked_config import Config
from nst.config.settings import KINDS, parse
from nst.config.yaml_lines import Key, unknown
from nst.errors import NstError
from nst.text import CONTROL, nearest, shown

KEYS = ("title", "text", "content", "style", "axes")
AXIS_KEYS = ("title", "text", "values")
LONGEST_TITLE, LONGEST_TEXT = 100, 4000  # characters


@dataclass
class AxisTexts:
    """What the page says of an axis; `values` by their spelling in file names."""

    title: str = ""
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class PageTexts:
    """What the page says beside the images; nothing where the config says nothing."""

    title: str = ""
    text: str = ""
    content: dict[str, str] = field(default_factory=dict)
    style: dict[str, str] = field(default_factory=dict)
    axes: dict[str, AxisTexts] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """All of it as plain data, to compare."""
        return asdict(self)


def page_texts(config: Config) -> PageTexts:
    """The texts of a config; mistakes in them become its faults."""
    texts, key = PageTexts(), ("page",)
    for name, value in config.entries(
        key, config.data.get("page"), "a mapping such as `title: My cats`"
    ):
        if name not in KEYS:
            config.fault((*key, name), unknown(name, KEYS))
        elif name == "title":
            texts.title = _title(config, (*key, name), value)
        elif name == "text":
            texts.text = _text(config, (*key, name), value)
        elif name == "axes":
            for axis, parts in config.entries((*key, name), value, "a mapping from axis to its texts"):
                _add_axis(config, texts.axes, axis, parts)
        else:
            pictures = config.content if name == "content" else config.style
            setattr(texts, name, _named(config, (*key, name), value, pictures))
    return texts


def _named(config: Config, key: Key, value: Any, pictures: Collection[str]) -> dict[str, str]:
    """Texts by the names of contents or styles."""
    texts = {}
    for name, text in config.entries(key, value, "a mapping `name: text`"):
        if name in pictures:
            texts[name] = _text(config, (*key, name), text)
        elif pictures:
            config.fault((*key, name), f"is no {key[-1]}{nearest(name, pictures)}")
    return texts


def _add_axis(config: Config, axes: dict[str, AxisTexts], axis: str, parts: Any) -> None:
    key: Key = ("page", "axes", axis)
    if axis not in config.axes:
        if "grid" not in config.broken:
            known = ", ".join(config.axes) or "none"
            config.fault(
                key, f"is no axis of `grid`{nearest(axis, config.axes) or f' (axes: {known})'}"
            )
        return
    texts = axes[axis] = AxisTexts()
    for name, value in config.entries(key, parts, "a mapping with title, text or values"):
        if name not in AXIS_KEYS:
            config.fault((*key, name), unknown(name, AXIS_KEYS))
        elif name == "title":
            texts.title = _title(config, (*key, name), value)
        elif name == "text":
            texts.text = _text(config, (*key, name), value)
        else:
            texts.values = _of_values(config, axis, value)


def _of_values(config: Config, axis: str, table: Any) -> dict[str, str]:
    """Texts by the spelling of the values; a key may be written as in `grid`."""
    key: Key = ("page", "axes", axis, "values")
    known = [KINDS[axis].spell(value) for value in config.axes[axis]]
    texts: dict[str, str] = {}
    for name, text in config.entries(key, table, "a mapping `value: text`"):
        try:
            spelling = KINDS[axis].spell(parse(axis, name))
        except NstError:
            spelling = ""
        if spelling not in known:
            if axis not in config.broken:
                config.fault(
                    (*key, name), f"is no value of this axis (values: {', '.join(known[:12])})"
                )
        elif spelling in texts:
            config.fault((*key, name), "is the same value as another key here")
        else:
            texts[spelling] = _text(config, (*key, name), text)
    return texts


def _title(config: Config, key: Key, value: Any) -> str:
    return " ".join(_text(config, key, value, LONGEST_TITLE).split())


def _text(config: Config, key: Key, value: Any, longest: int = LONGEST_TEXT) -> str:
    """A text as it is shown: lines may end where they like, an empty line begins a paragraph."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)  # a title such as 2026
    if not isinstance(value, str):
        config.fault(key, f"{shown(value)} is not a text")
        return ""
    if len(value) > longest:
        config.fault(key, f"has {len(value)} characters; the most is {longest}")
        return ""
    return CONTROL.sub(lambda match: match[0] if match[0] in "\n\t" else " ", value).strip()
