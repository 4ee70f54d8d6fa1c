"""Describes a bad input: the call, its files and environment, and words of its error lines."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A transfer that takes a fraction of a second.
TINY = "--backbone alexnet --content-layers conv1 --style-layers conv1 --size 16"
TINY += " --evaluations 1 --device cpu"
OUT = "--out x.png --record x.json --trace x.csv"
TRANSFER = f"transfer c.png s.png {OUT} --weights w.pth {TINY}"

RECORD = "results/cells/c/s/style_weight-1.json"
PICTURE = RECORD.replace(".json", ".png")

Contents = bytes | str | Callable[[Path], object]  # of a file, or a function that makes the file


@dataclass(frozen=True)
class Bad:
    """A call of `nst` in a folder with a small finished grid, and words of each of its error lines.

    `files` are written first, `environment` is set. `keeps` is a folder that the verb may fill with
    the results of good inputs.
    """

    call: str
    words: tuple[str, ...]
    files: Mapping[str, Contents] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps: str = ""

    def prepare(self, folder: Path) -> None:
        """Write the files."""
        for name, contents in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if callable(contents):
                contents(path)
            else:
                path.write_bytes(contents if isinstance(contents, bytes) else contents.encode())


def bad(call: str, *words: str, **rest) -> Bad:
    """A bad input with one error line for each of `words`."""
    return Bad(call, words, **rest)


def edited(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """Writes a file again with its bytes changed."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


def replaced(*texts: tuple[str, str]) -> Callable[[Path], object]:
    """Writes a file again with texts replaced."""

    def change(path: Path) -> None:
        text = path.read_text()
        for old, new in texts:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text)

    return change


def with_keys(**values: object) -> Callable[[Path], object]:
    """Writes a JSON file again with other values: `a__b` is b of a, the value `...` removes a key."""

    def change(path: Path) -> None:
        data = json.loads(path.read_text())
        for key, value in values.items():
            *above, last = key.split("__")
            table = data
            for name in above:
                table = table[name]
            table[last] = value
            if value is ...:
                del table[last]
        path.write_text(json.dumps(data))

    return change


def link(target: str) -> Callable[[Path], object]:
    """Makes a link."""
    return lambda path: path.symlink_to(target)


folder = Path.mkdir
pipe = os.mkfifo
missing = Path.unlink
