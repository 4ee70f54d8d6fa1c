"""Files derived from others: rebuilt when a source or the way they are built changes."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nst.disk.files import write_whole
from nst.disk.home import abbreviate_home

# In the folder: the stamp of every file, and those that were added since; no name of ours begins
# with a dot.
STAMPS, ADDED = ".made.json", ".made.added"
SAVE_INTERVAL = 10  # seconds of work that a kill may lose
PACKAGE = Path(__file__).parent.parent
CODE_SUFFIXES = (".py", ".html", ".css", ".js", ".j2")


@dataclass(frozen=True)
class Derived:
    """A file, its sources, and `build`, which returns its bytes.

    `method` names the way it is built and changes whenever `build` would return other bytes from the
    same sources; `code_digest` of the modules involved sees to that.
    """

    path: Path
    sources: tuple[Path, ...]
    method: str
    build: Callable[[], bytes]


@cache
def code_digest(*modules: str) -> str:
    """A digest of some modules of this package, or of all its code and templates if none is named."""
    # Not a version number: people forget to raise it, and rebuilding too often only costs time.
    files = [PACKAGE / f"{name}.py" for name in modules]
    files = files or sorted(path for path in PACKAGE.glob("**/*") if path.suffix in CODE_SUFFIXES)
    parts = [path.relative_to(PACKAGE).as_posix().encode() + path.read_bytes() for path in files]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:16]


def rebuild_outdated(
    folder: Path, files: Iterable[Derived], threads: int = 1, others: Collection[Path] = ()
) -> int:
    """Build the files that are missing or outdated, remove all others in `folder`; return how many.

    The folder must hold nothing but these files and `others`, which are kept. Raises NstError for a
    source that cannot be used.
    """
    wanted = {derived.path: derived for derived in files}
    stamps = {path: _stamp(derived) for path, derived in wanted.items()}
    current = _current(folder, stamps)
    built = []

    def build(path: Path) -> None:
        write_whole(path, wanted[path].build(), durable=False)
        built.append(path)

    def save_stamps() -> None:
        known = {_name(path, folder): stamps[path] for path in sorted((*current, *built))}
        write_whole(folder / STAMPS, json.dumps(known).encode())
        (folder / ADDED).unlink(missing_ok=True)

    saved_at = time.monotonic()
    try:
        with ThreadPoolExecutor(threads) as pool:  # Pillow releases Python's lock while it works
            for _ in pool.map(build, [path for path in wanted if path not in current]):
                if time.monotonic() - saved_at >= SAVE_INTERVAL:
                    save_stamps()
                    saved_at = time.monotonic()
    finally:
        save_stamps()
    remove_others(folder, {*wanted, *others, folder / STAMPS})
    return len(built)


def add(folder: Path, derived: Derived) -> None:
    """Build one file and leave the others as they are; `rebuild_outdated` then knows it.

    Its stamp is appended, which takes the same time for any number of files.
    """
    stamp = _stamp(derived)
    write_whole(derived.path, derived.build(), durable=False)
    with (folder / ADDED).open("a", encoding="utf-8") as file:
        file.write(json.dumps([_name(derived.path, folder), stamp]) + "\n")


def current_files(folder: Path, files: Iterable[Derived]) -> set[Path]:
    """Those of the files that `rebuild_outdated` would not build again."""
    return _current(folder, {derived.path: _stamp(derived) for derived in files})


def _current(folder: Path, stamps: Mapping[Path, str]) -> set[Path]:
    saved = _saved_stamps(folder)
    return {
        path
        for path, stamp in stamps.items()
        if saved.get(_name(path, folder)) == stamp and _is_filled(path)
    }


def _stamp(derived: Derived) -> str:
    """What decides whether a file is current: its method, and date and size of its sources."""
    parts = [derived.method]
    for source in derived.sources:
        with suppress(OSError):  # a missing source is reported when the file is built
            status = source.stat()
            parts.append(f"{abbreviate_home(str(source))} {status.st_mtime_ns} {status.st_size}")
    return "; ".join(parts)


def _is_filled(path: Path) -> bool:
    """Whether a file is there and not empty, as a power cut may leave it."""
    try:
        return path.is_file() and path.stat().st_size > 0
    except OSError:
        return False


def _saved_stamps(folder: Path) -> dict[str, str]:
    """The stamps of the last run; none if they cannot be read, so that everything is rebuilt."""
    try:
        stamps = json.loads((folder / STAMPS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        stamps = {}
    stamps = stamps if isinstance(stamps, dict) else {}
    with suppress(OSError, ValueError, TypeError):  # the rest of a torn file is built again
        stamps |= map(json.loads, (folder / ADDED).read_text(encoding="utf-8").splitlines())
    return stamps


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def remove_others(folder: Path, wanted: set[Path]) -> None:
    """Remove all files of a folder but these, and folders that are empty then."""
    for root, _, names in os.walk(folder, topdown=False):
        for name in names:
            if (path := Path(root, name)) not in wanted:
                with suppress(OSError):  # already gone, or the next run tries again
                    path.unlink()
        with suppress(OSError):  # not empty
            Path(root).rmdir()
