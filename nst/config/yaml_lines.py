"""Reads YAML files as plain data with the line of every key, and gathers their faults."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nst.disk.run_inputs import source
from nst.errors import NstError
from nst.text import nearest, one_line, shown

LARGEST_FILE = 2_000_000  # characters; PyYAML reads 100 kB a second
MOST_VALUES = 200_000  # aliases of aliases of aliases could fill the memory
DEEPEST = 20
MOST_NAMES = 40  # in one message

Key = tuple[str | int, ...]


@dataclass
class Document:
    """One YAML file: its plain data, and the line of every key and list item."""

    file: str
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, key: Key, message: str) -> None:
        """Note what is wrong with a key. A key without a line takes that of the one around it."""
        known = key
        while known and known not in self.lines:
            known = known[:-1]
        self.faults.append(fault_line(self.position(known), key, message))

    def refuse(self, key: Key, value: Any, what: str) -> None:
        """Note that a value is not what it must be."""
        self.fault(key, f"{shown(value)} is not {what}")

    def position(self, key: Key) -> str:
        """`file:line` of a key, or `file` for the whole document and for keys without a line."""
        line = self.lines.get(key) if key else None
        return f"{self.file}:{line}" if line else self.file


def read(path: Path | str) -> Document:
    """Read a YAML file whose top level is a mapping. Duplicate keys become faults of the document.

    Raises NstError for a file that cannot be read or is not YAML.
    """
    document = Document(str(path))
    try:
        text = document.text = _text(Path(path))
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise NstError(f"{path} is not text in UTF-8: not a YAML file?") from None
    try:
        node = yaml.SafeLoader(text).get_single_node()
        data = _Builder(document).build(node, ()) if node else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = f"{path}:{mark.line + 1}" if mark else path
        raise NstError(
            one_line(f"{position}: not valid YAML: {error.problem or error.context}")
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise NstError(
            f"{path}:{line}: {chr(error.character)!r} is not text: not a YAML file?"
        ) from None
    except RecursionError:
        raise NstError(f"{path} is nested too deeply") from None
    if not isinstance(data, dict):
        raise NstError(f"{path} holds {shown(data)}, not keys with values")
    document.data = data
    return document


def _text(path: Path) -> str:
    """The text of a file, read up to the limit: a device has no size and no end."""
    if source(path).is_fifo():
        raise NstError(f"{path} is a pipe, which can be read only once: name a file")
    with source(path).open(encoding="utf-8-sig") as file:
        text = file.read(LARGEST_FILE + 1)
    if len(text) > LARGEST_FILE:
        raise NstError(f"{path} is larger than {LARGEST_FILE // 1_000_000} MB: not a YAML file?")
    return text


def overlay(values: Mapping[str, Any], name: str) -> Document:
    """A document of plain data, which has no lines; `name` takes the place of its file name."""
    if not isinstance(values, Mapping):
        raise NstError(f"{name} holds {shown(values)}, not keys with values")
    document = Document(name)

    def plain(value: Any, key: Key) -> Any:
        if len(key) > DEEPEST:
            raise NstError(f"{name} is nested too deeply")
        document.lines[key] = 0  # known, but on no line
        if isinstance(value, Mapping):
            return {str(inner): plain(v, (*key, str(inner))) for inner, v in value.items()}
        if isinstance(value, list | tuple):
            return [plain(v, (*key, index)) for index, v in enumerate(value)]
        return value

    document.data = plain(values, ())
    return document


class _Builder:
    """Turns nodes into plain data. Keys are taken as written: `on: x` is a key named 'on'."""

    def __init__(self, document: Document):
        self.document, self.values = document, 0

    def build(self, node: yaml.Node, key: Key) -> Any:
        self.values += 1
        position = f"{self.document.file}:{node.start_mark.line + 1}"
        if self.values > MOST_VALUES:
            raise NstError(f"{self.document.file} holds more than {MOST_VALUES} values")
        if len(key) > DEEPEST:
            raise NstError(f"{position}: nested too deeply")
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind not in PLAIN_KINDS[type(node)]:
            text = f"the tag {kind!r} is not read here: write a plain value"
            raise NstError(fault_line(position, key, text))
        if isinstance(node, yaml.SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                self.document.lines[(*key, index)] = item.start_mark.line + 1
                items.append(self.build(item, (*key, index)))
            return items
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        return _scalar(kind, node.value)

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        table: dict[str, Any] = {}
        for name_node, value_node in node.value:
            line = name_node.start_mark.line + 1
            if not isinstance(name_node, yaml.ScalarNode):
                raise NstError(f"{self.document.file}:{line}: a key is a name, not a list or mapping")
            name = name_node.value
            inner = (*key, name)
            first = self.document.lines.get(inner) if name in table else None
            self.document.lines[inner] = line
            if first:
                self.document.fault(inner, f"is a duplicate; the first one is on line {first}")
            if name == "<<":
                self.document.fault(inner, "merge keys are not read here: write the entries out")
                continue
            table[name] = self.build(value_node, inner)
        return table


PLAIN_KINDS = {
    yaml.MappingNode: ("map",),
    yaml.SequenceNode: ("seq",),
    yaml.ScalarNode: ("str", "null", "bool", "int", "float", "timestamp", "value", "merge"),
}


def _scalar(kind: str, text: str) -> Any:
    """A scalar as a reader expects it: dates are text, and so are the numbers of YAML 1.1 alone.

    PyYAML reads 0512 as 330 and 1:30 as 90; here they stay text for `nst.config.values`.
    """
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in yaml.SafeLoader.bool_values:
        return yaml.SafeLoader.bool_values[text.lower()]
    if kind == "int" and re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,99})", text):
        return int(text)
    if kind == "float" and ":" not in text:
        with suppress(ValueError):
            return float(text)
    return text


def dotted(key: Key) -> str:
    """A key as it is named in messages: `grid.style_weight[2]`."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if part.isprintable() and 0 < len(part) <= 80 else shown(part)
            text += f".{name}" if text else name
    return text


def fault_line(position: str, key: Key, message: str) -> str:
    """One fault, on one line: its position, its key, what is wrong."""
    return one_line(": ".join(filter(None, (position, dotted(key), message))))


def unknown(name: str, names: Any) -> str:
    """The message for a key that does not exist: the nearest known one, or else all of them."""
    known = list(names)
    if hint := nearest(name, known):
        return f"unknown key{hint}"
    more = ", ..." if len(known) > MOST_NAMES else ""
    return f"unknown key (known: {', '.join(known[:MOST_NAMES])}{more})"
