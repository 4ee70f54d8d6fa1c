"""A config as its checks leave it: parsed values, and a line for every mistake."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst.config import picture_paths
from nst.config.setting_sets import PICTURES
from nst.config.settings import FIELDS, KINDS, parse, unknown_setting
from nst.config.yaml_lines import Document, Key, fault_line
from nst.disk.images import upright_size
from nst.disk.run_inputs import Listing
from nst.errors import NstError
from nst.text import nearest, shown

Overrides = dict[str, dict[str, dict[str, Any]]]


@dataclass
class Config:
    """A checked config. `faults` has one line for each mistake, `notices` are not mistakes."""

    documents: list[Document]
    data: dict[str, Any]
    content: dict[str, Path] = field(default_factory=dict)  # including pictures with faults
    style: dict[str, Path] = field(default_factory=dict)  # the first picture of each
    style_pictures: dict[str, tuple[Path, ...]] = field(default_factory=dict)  # all of them
    # By section and name: the settings that an entry of `content` or `style` asks for.
    entry_settings: dict[str, dict[str, dict[str, Any]]] = field(
        default_factory=lambda: {"content": {}, "style": {}}
    )
    # Where entries say what became a setting, by the key that the setting would have there.
    entry_keys: dict[Key, Key] = field(default_factory=dict)
    style_regions: dict[str, dict[str, str]] = field(default_factory=dict)  # masks of style pictures
    # By section and name: what a person reads instead of the name; only of files of a folder or a glob.
    labels: dict[str, dict[str, str]] = field(default_factory=lambda: {"content": {}, "style": {}})
    axes: dict[str, list[Any]] = field(default_factory=dict)
    axis_keys: dict[str, list[Key]] = field(default_factory=dict)  # of the values of each axis
    settings: dict[str, Any] = field(default_factory=dict)
    overrides: Overrides = field(default_factory=dict)
    weights: dict[str, Path] = field(default_factory=dict)
    metrics: bool = True  # whether images are measured
    faults: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)  # settings, or `grid`, whose values have faults
    sizes: dict[Path, tuple[int, int]] = field(default_factory=dict)  # width, height in pixels
    upright_sizes: dict[Path, tuple[int, int]] = field(default_factory=dict)  # as they are seen
    listings: dict[str, Listing] = field(default_factory=dict)  # of folders and globs

    def fault(self, key: Key, message: str) -> None:
        """Note what is wrong with a key, with the file and line that it comes from."""
        self.faults.append(self.line(key, message))

    def line(self, key: Key, message: str) -> str:
        """A message on a key, with the file and line that the key comes from."""
        for length in range(len(key), 0, -1):  # the key itself, or the nearest one around it
            sources = (d for d in reversed(self.documents) if key[:length] in d.lines)
            if document := next(sources, None):
                return fault_line(document.position(key[:length]), key, message)
        return fault_line(self.documents[0].file if self.documents else "", key, message)

    def refuse(self) -> None:
        """Raise NstError with all faults, in the order of their lines, if there are any."""
        if self.faults:
            raise NstError("\n".join(sorted(dict.fromkeys(self.faults), key=self._place)))

    def _place(self, fault: str) -> tuple[int, float]:
        """The number of the document of a fault, and its line; one without a line comes last."""
        for number, document in enumerate(self.documents):
            if fault.startswith(f"{document.file}:"):
                line = fault.removeprefix(f"{document.file}:").partition(":")[0]
                return number, int(line) if line.isdecimal() else math.inf
        return len(self.documents), math.inf

    def upright_size(self, path: Path) -> tuple[int, int]:
        """Width and height of a picture as it is seen. Raises NstError for one that is none."""
        if path not in self.upright_sizes:
            self.upright_sizes[path] = upright_size(path)
        return self.upright_sizes[path]

    def label(self, section: str, name: str) -> str:
        """What a person reads as the name of a content or a style."""
        return self.labels[section].get(name, name)

    def table(self, key: Key, value: Any, what: str) -> dict[str, Any]:
        """`value` if it is a mapping with entries; else nothing, and a fault."""
        if isinstance(value, dict) and value:
            return value
        self.fault(key, f"{shown(value)} is not {what}")
        return {}

    def entries(self, key: Key, value: Any, what: str) -> Iterator[tuple[str, Any]]:
        """The entries of a mapping that may be empty, since all of it may be commented out."""
        if value is not None and value != {}:
            yield from self.table(key, value, what).items()

    def is_setting(self, key: Key, name: str) -> bool:
        """Whether a name is that of a setting; a fault if it is not."""
        if name not in FIELDS:
            self.fault(key, unknown_setting(name, FIELDS))
            self.broken.update(setting for setting in FIELDS if repr(setting) in nearest(name, FIELDS))
        return name in FIELDS

    def value(self, key: Key, name: str, value: Any, hint: str = "") -> Any:
        """A setting's value, parsed; None and a fault, which ends in `hint`, if it is not one.

        A path of a picture that is missing or damaged is a fault, too, and a value: what depends on
        the value alone is checked as well.
        """
        try:
            parsed = parse(name, value)
        except NstError as error:
            self.fault(key, f"{error}{hint}")
            self.broken.add(name)
            return None
        for reason in filter(None, map(picture_paths.picture_fault, named_pictures(name, parsed))):
            self.fault(key, reason)
        return parsed


def named_pictures(name: str, value: Any) -> list[str]:
    """The paths of pictures that the parsed value of a setting names."""
    if name == "regions":
        return list(value.values())
    kind: Any = KINDS[name]
    values = value if isinstance(value, list) else [value]
    return [one for one in values if name in PICTURES and kind.is_file(one)]
