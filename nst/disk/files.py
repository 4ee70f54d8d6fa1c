"""Files that appear whole or not at all."""

import errno
import fcntl
import glob
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from nst.errors import NstError

Stamp = tuple[int, ...]

PARTIAL = re.compile(r"\..+\.[0-9a-f]{12}\.partial")
WAYS_OUT = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for more",
    errno.EFBIG: "choose another path, or raise `ulimit -f`",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_whole(path: Path, data: bytes, durable: bool = True) -> None:
    """Write a file beside its path and rename it; a durable one survives a power cut.

    Raises NstError where the folder cannot be created or written; nothing is left behind then.
    """
    write_together({path: data}, durable)


def write_together(files: Mapping[Path, bytes], durable: bool = True) -> None:
    """Write several files so that the last one is there only if all others are.

    All data is on disk before the first file is renamed; only a rename that fails may leave new files
    beside old ones. Raises NstError as `write_whole` does.
    """
    partials: dict[Path, Path] = {}
    with ExitStack() as stack:
        for path, data in files.items():
            with _naming(path):
                partials[path], descriptor = stack.enter_context(_partial(path))
                partials[path].write_bytes(data)
                _flush(descriptor, durable)
        for path, partial in partials.items():
            with _naming(path):
                partial.replace(path)


@contextmanager
def appearing(path: Path, durable: bool = True) -> Iterator[Path]:
    """An empty file beside a path, to be written within the context and then renamed onto the path.

    It is locked, and the kernel drops the lock when the process ends, so `sweep` can tell what a
    killed process left behind. Raises NstError as `write_whole` does.
    """
    with _naming(path), _partial(path) as (partial, descriptor):
        yield partial
        _flush(descriptor, durable)
        partial.replace(path)


def link(path: Path, target: Path) -> None:
    """Let a file be found under another name, too; where there are no links, copy it.

    Raises NstError as `write_whole` does.
    """
    with appearing(target, durable=False) as partial:
        partial.unlink()
        try:
            os.link(path, partial)
        except OSError:  # another disk, or one without links
            shutil.copy2(path, partial)


def move(path: Path, target: Path) -> None:
    """Move a file, to another disk, too. Raises NstError as `write_whole` does."""
    with _naming(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            with appearing(target) as partial:
                shutil.copy2(path, partial)
            path.unlink()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Turn an error of the system into one line that names the file."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> NstError:
    """The error, with a way out, for a file that the system refuses to write."""
    way = WAYS_OUT.get(error.errno or 0, "choose another path")
    return NstError(f"cannot write {path}: {error.strerror or error}: {way}")


@contextmanager
def _partial(path: Path) -> Iterator[tuple[Path, int]]:
    """An empty, locked file beside a path, and its descriptor; removed at the end unless renamed."""
    _refuse_other_than_file(path)
    partial = _partial_path(path)
    descriptor = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(partial)
        yield partial, descriptor
    finally:
        with suppress(OSError):  # renamed, or never created
            partial.unlink()
        if descriptor is not None:
            os.close(descriptor)


def _flush(descriptor: int, durable: bool) -> None:
    """Write the data to the disk before the rename: a power cut could leave a name without data."""
    if durable:
        os.fsync(descriptor)


def stamp(path: Path) -> Stamp:
    """Inode, size and date of a file, which change when it is replaced; () if there is none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns


def sweep(folder: Path) -> None:
    """Remove the partial files that killed processes left in a folder and its subfolders."""
    for root, _, names in os.walk(folder):
        for name in names:
            if PARTIAL.fullmatch(name):
                _remove_unlocked(Path(root, name))


def sweep_beside(path: Path) -> None:
    """Remove the partial files that killed processes left of one file."""
    for partial in path.parent.glob(f"{glob.escape(_stem(path))}.*.partial"):
        if PARTIAL.fullmatch(partial.name):
            _remove_unlocked(partial)


def is_being_written(path: Path) -> bool:
    """Whether a process is about to rename a file onto this path."""
    return any(map(_is_locked, path.parent.glob(f"{glob.escape(_stem(path))}.*.partial")))


def _is_locked(partial: Path) -> bool:
    try:
        descriptor = os.open(partial, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _remove_unlocked(path: Path) -> None:
    with suppress(OSError):  # another user's, in use, or on a file system without locks
        # NFS turns these into fcntl locks, and an exclusive one needs a writable descriptor.
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)


def _partial_path(path: Path) -> Path:
    # Random, as processes on two nodes may have the same pid.
    return path.with_name(f"{_stem(path)}.{secrets.token_hex(6)}.partial")


def _stem(path: Path) -> str:
    """The start of a partial file's name: the suffix must fit even if the file's name is long."""
    return f".{path.name[:40]}"


def _locked(partial: Path) -> int:
    """A new file's descriptor, locked where the file system has locks."""
    while True:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if partial.exists():
            return descriptor
        os.close(descriptor)  # another process swept it before it was locked


def _refuse_other_than_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise NstError(f"cannot write {path}: it is a folder, name a file in it")
        if path.exists() and not path.is_file():
            # Renaming onto /dev/null would replace the device itself.
            raise NstError(f"cannot write {path}: it is a device or a pipe, name a file")
    except OSError as error:
        raise unwritable(path, error) from None
