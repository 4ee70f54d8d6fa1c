"""Files that appear whole or not at all."""

import errno
import fcntl
import glob
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from nst.errors import NstError

Stamp = tuple[int, ...]

PARTIAL = re.compile(r"\..+\.[0-9a-f]{12}\.partial")
WAYS_OUT = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or ask for more",
    errno.EFBIG: "choose another place, or raise `ulimit -f`",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_whole(path: Path, data: bytes, lasting: bool = True) -> None:
    """Write a file beside its place and rename it into place; `lasting` ones survive a power cut.

    Raises NstError where the folder cannot be made or written; nothing is left behind then.
    """
    write_together({path: data}, lasting)


def write_together(files: Mapping[Path, bytes], lasting: bool = True) -> None:
    """Write several files, the last one last, so that all of them appear or none.

    None takes its place before there is room for all, and what was there before is put back if one
    cannot take it (where there are hard links; else it is gone). Raises NstError as `write_whole` does.
    """
    partials: dict[Path, Path] = {}
    with ExitStack() as stack:
        for path, data in files.items():
            with _named(path):
                partials[path], descriptor = stack.enter_context(_partial(path))
                partials[path].write_bytes(data)
                _keep(descriptor, lasting)
        _take_places(partials)


def _take_places(partials: Mapping[Path, Path]) -> None:
    """Rename files onto their paths; if one cannot be, put back what stood where others already are."""
    with ExitStack() as stack:
        olds = {path: stack.enter_context(_kept(path)) for path in partials}
        try:
            for path, partial in partials.items():
                with _named(path):
                    partial.replace(path)
        except BaseException:  # an interrupt too
            renamed = [path for path, partial in partials.items() if not partial.exists()]
            for path in renamed if len(renamed) < len(partials) else ():
                _put_back(path, olds[path])
            raise


@contextmanager
def _kept(path: Path) -> Iterator[Path]:
    """A second name of what is at a path now; no file where there is none, or no hard links."""
    old = _beside(path)
    with suppress(OSError):
        os.link(path, old, follow_symlinks=False)
    try:
        yield old
    finally:
        with suppress(OSError):  # put back, or never made
            old.unlink()


def _put_back(path: Path, old: Path) -> None:
    """Undo a rename: one new file beside old ones would not match them."""
    try:
        old.replace(path)
    except OSError:  # there was none
        with suppress(OSError):
            path.unlink()


@contextmanager
def appearing(path: Path, lasting: bool = True) -> Iterator[Path]:
    """An empty file beside a path, to be written and at the end renamed onto it.

    It is locked, and the kernel drops the lock with the process: so `sweep` knows what a killed one
    has left. Raises NstError as `write_whole` does.
    """
    with _named(path), _partial(path) as (partial, descriptor):
        yield partial
        _keep(descriptor, lasting)
        partial.replace(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Whatever the system refuses within, as one line that names a file."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error) from None


def unwritable(path: Path, error: OSError) -> NstError:
    """What to say, with a way out, where the system refuses to write a file."""
    way = WAYS_OUT.get(error.errno, "choose another place")
    return NstError(f"cannot write {path}: {error.strerror or error}: {way}")


@contextmanager
def _partial(path: Path) -> Iterator[tuple[Path, int]]:
    """An empty, locked file beside a path, and its descriptor; removed at the end if still there."""
    _refuse_other_than_file(path)
    partial = _beside(path)
    descriptor = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(partial)
        yield partial, descriptor
    finally:
        with suppress(OSError):  # renamed away, or never made
            partial.unlink()
        if descriptor is not None:
            os.close(descriptor)


def _keep(descriptor: int, lasting: bool) -> None:
    """See to it that a rename does not outlive the data in a power cut."""
    if lasting:
        os.fsync(descriptor)


def stamp(path: Path) -> Stamp:
    """What changes when a file is replaced or written to, whatever the clock says; () without one."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


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
        # NFS makes fcntl locks of these, and an exclusive one needs a descriptor that may write.
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        finally:
            os.close(descriptor)


def _beside(path: Path) -> Path:
    # Random: pids of two nodes may be equal.
    return path.with_name(f"{_stem(path)}.{secrets.token_hex(6)}.partial")


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
        raise unwritable(path, error) from None
