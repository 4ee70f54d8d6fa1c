"""What a bad input is in the tests: the call, what lies around it, and what its one line must say."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A transfer of a blink.
TINY = "--backbone alexnet --content-layers conv1 --style-layers conv1 --size 16"
TINY += " --evaluations 1 --device cpu"
OUT = "--out x.png --record x.json --trace x.csv"
TRANSFER = f"transfer c.png s.png {OUT} --weights w.pth {TINY}"

RECORD = "results/cells/c/s/style_weight-1.json"
PICTURE = RECORD.replace(".json", ".png")

Contents = bytes | str | Callable[[Path], object]  # what a file holds, or a function that makes it


@dataclass(frozen=True)
class Bad:
    """A call of `nst` in a folder with a small made grid, and words of each line that refuses it.

    `files` are written first, `environment` is set. `keeps` is the folder that the verb may fill with
    what it made of the inputs that are good.
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
    """A bad input that is refused in as many lines as there are words."""
    return Bad(call, words, **rest)


def edited(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """What makes a file of the one that is there."""
    return lambda path: path.write_bytes(change(path.read_bytes()))


def replaced(*texts: tuple[str, str]) -> Callable[[Path], object]:
    """The same by replacing texts."""

    def change(path: Path) -> None:
        text = path.read_text()
        for old, new in texts:
            assert old in text, old
            text = text.replace(old, new, 1)
        path.write_text(text)

    return change


def with_keys(**values: object) -> Callable[[Path], object]:
    """The same of a JSON file by its keys, `a__b` being b of a; a key of value `...` is left out."""

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
    """A link to another place."""
    return lambda path: path.symlink_to(target)


folder = Path.mkdir
pipe = os.mkfifo
missing = Path.unlink
