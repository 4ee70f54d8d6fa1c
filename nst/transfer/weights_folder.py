"""The folders of converted weights: one of the user's, and in projects links to the files in it."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nst.disk.files import link, write_whole
from nst.errors import NstError


def default_folder() -> Path:
    """The user's own: NST_WEIGHTS, or in the cache."""
    if os.environ.get("NST_WEIGHTS"):
        return Path(os.environ["NST_WEIGHTS"])
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nst"
    except RuntimeError:  # a user without an entry or HOME, as in some containers
        raise NstError("there is no home folder: set NST_WEIGHTS to a folder for weights") from None


def default_folder_or(folder: Path) -> Path:
    """The user's own; another one for a user without a home."""
    try:
        return default_folder()
    except NstError:
        return folder


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Fetch within, while other projects wait for it; where there are no locks, they fetch, too."""
    descriptor = None
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def keep(target: Path, data: bytes) -> Path:
    """Write a converted file, and its sum beside it. Raises NstError where it cannot be written."""
    write_whole(note_file(target), f"{hashlib.sha256(data).hexdigest()}  {target.name}\n".encode())
    write_whole(target, data)
    return target


def keep_shared(target: Path, shared: Path, data: bytes) -> Path:
    """Keep a converted file in the user's folder, and let it be found in a project.

    One file on the disk, unless the folders are on different disks or the user's cannot be written.
    """
    try:
        if not _holds(shared, data):
            keep(shared, data)
        link(note_file(shared), note_file(target))
        link(shared, target)
    except NstError:
        keep(target, data)
    return target


def _holds(path: Path, data: bytes) -> bool:
    with suppress(OSError), path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return note_file(path).is_file() and digest == hashlib.sha256(data).hexdigest()
    return False


def note_file(path: Path) -> Path:
    """Where the sum of a converted file is kept, in the form of `sha256sum`."""
    return path.with_name(path.name + ".sha256")


def noted(path: Path) -> str:
    """The sum kept beside a converted file that has no pinned one; an empty string without it."""
    try:
        return note_file(path).read_text().split()[0]
    except (OSError, ValueError, IndexError):
        return ""
