"""Files that are made from others, and made again only when those have changed."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nst.disk.files import write_whole
from nst.disk.home import from_home

NOTES = ".made.json"  # in the folder: from what each file was made; no name of ours begins with a dot
NOTED_EVERY = 10  # seconds, so that a kill loses no more
PACKAGE = Path(__file__).parent.parent
OURS = (".py", ".html", ".css", ".js")


@dataclass(frozen=True)
class Derived:
    """A file, what it is made from, and how: `make()` gives its bytes.

    `kind` names the way it is made, and changes whenever that gives other bytes: `code_digest` of the
    modules that make it sees to that.
    """

    path: Path
    sources: tuple[Path, ...]
    kind: str
    make: Callable[[], bytes]


@cache
def code_digest(*modules: str) -> str:
    """A digest of some modules of this package, or of all its code and templates if none is named.

    Not a number to be raised by hand, which is forgotten: that costs more than thumbnails made in vain.
    """
    files = [PACKAGE / f"{name}.py" for name in modules]
    found = files or sorted(path for path in PACKAGE.glob("**/*") if path.suffix in OURS)
    named = [path.relative_to(PACKAGE).as_posix().encode() + path.read_bytes() for path in found]
    return hashlib.sha256(b"".join(named)).hexdigest()[:16]


def bring_up_to_date(folder: Path, wanted: Iterable[Derived], threads: int = 1) -> int:
    """Make what is missing or out of date in `folder`, remove what is not wanted; how many were made.

    The folder belongs to this function alone. Raises NstError for a source that cannot be used.
    """
    files = {derived.path: derived for derived in wanted}
    noted = _notes(folder)
    stamps = {path: _stamp(derived) for path, derived in files.items()}
    current = {
        path
        for path, stamp in stamps.items()
        if noted.get(_name(path, folder)) == stamp and _is_there(path)
    }
    made = []

    def make(path: Path) -> None:
        write_whole(path, files[path].make(), lasting=False)
        made.append(path)

    def note() -> None:
        notes = {_name(path, folder): stamps[path] for path in sorted((*current, *made))}
        write_whole(folder / NOTES, json.dumps(notes).encode())

    noted_at = time.monotonic()
    try:
        with ThreadPoolExecutor(threads) as pool:  # Pillow lets go of Python's lock while it works
            for _ in pool.map(make, [path for path in files if path not in current]):
                if time.monotonic() - noted_at >= NOTED_EVERY:
                    note()
                    noted_at = time.monotonic()
    finally:
        note()
    _remove_others(folder, {*files, folder / NOTES})
    return len(made)


def _stamp(derived: Derived) -> str:
    """Everything that decides whether a file is still that of its sources."""
    parts = [derived.kind]
    for source in derived.sources:
        with suppress(OSError):  # making it will say what is wrong
            found = source.stat()
            parts.append(f"{from_home(str(source))} {found.st_mtime_ns} {found.st_size}")
    return "; ".join(parts)


def _is_there(path: Path) -> bool:
    """Whether there is such a file with anything in it: a power cut may leave an empty one."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _notes(folder: Path) -> dict[str, str]:
    """What was noted last time; nothing if that cannot be read, and all is made again."""
    try:
        notes = json.loads((folder / NOTES).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _remove_others(folder: Path, wanted: set[Path]) -> None:
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            if (path := Path(root, name)) not in wanted:
                with suppress(OSError):  # gone, or to be tried again by the next run
                    path.unlink()
        with suppress(OSError):  # not empty
            Path(root).rmdir()
