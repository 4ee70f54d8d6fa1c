"""Files that appear whole or not at all."""

import fcntl
import glob
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nst.errors import NstError

PARTIAL = re.compile(r"\..+\.[0-9a-f]{12}\.partial")


def write_whole(path: Path, data: bytes, lasting: bool = True) -> None:
    """Write a file beside its place and rename it into place; `lasting` ones survive a power cut.

    Raises NstError where the folder cannot be made or written; nothing is left behind then.
    """
    with appearing(path, lasting) as partial, partial.open("wb") as file:
        file.write(data)


@contextmanager
def appearing(path: Path, lasting: bool = True) -> Iterator[Path]:
    """An empty file beside a path, to be written and at the end renamed onto it.

    It is locked, and the kernel drops the lock with the process: so `sweep` knows what a killed one
    has left. Raises NstError as `write_whole` does.
    """
    _refuse_other_than_file(path)
    # Random: pids of two nodes may be equal.
    partial = path.with_name(f"{_stem(path)}.{secrets.token_hex(6)}.partial")
    descriptor = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(partial)
        yield partial
        if lasting:
            os.fsync(descriptor)  # a rename may otherwise outlive its data in a power cut
        partial.replace(path)
    except OSError as error:
        raise NstError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):  # renamed away, or never made
            partial.unlink()
        if descriptor is not None:
            os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed processes have left half-written in a folder and those below it."""
    for place, _, names in os.walk(folder):
        for name in names:
            if PARTIAL.fullmatch(name):
                _remove_unlocked(Path(place, name))


def sweep_beside(path: Path) -> None:
    """Remove what a killed process has left half-written of one file."""
    for partial in path.parent.glob(f"{glob.escape(_stem(path))}.*.partial"):
        if PARTIAL.fullmatch(partial.name):
            _remove_unlocked(partial)


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError):  # another's, in use, or on a file system that has no locks
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)


def _stem(path: Path) -> str:
    """How the names of half-written files begin: with a part only, a long name may leave no room."""
    return f".{path.name[:40]}"


def _locked(partial: Path) -> int:
    """A new file's descriptor, locked where the file system has locks."""
    while True:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if partial.exists():
            return descriptor
        os.close(descriptor)  # swept between its making and its locking


def _refuse_other_than_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise NstError(f"cannot write {path}: it is a folder, name a file in it")
        if path.exists() and not path.is_file():
            # Renaming onto /dev/null would replace the device itself.
            raise NstError(f"cannot write {path}: it is a device or a pipe, name a file")
    except OSError as error:
        raise NstError(f"cannot write {path}: {error.strerror or error}") from None
