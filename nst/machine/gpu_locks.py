"""Lock files in a folder of this node: who holds one is the kernel's to know."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst.errors import NstError


def folder() -> Path:
    """The node-local folder of the lock files, created if need be, writable by this user alone.

    Not on a shared file system: device 0 of one node is not device 0 of the next. Nor under TMPDIR,
    which differs from shell to shell: all runs must use one folder. Raises NstError where somebody else
    owns it, since anybody may create a folder in /tmp first. If it is removed while jobs run, their
    devices count as free.
    """
    path = Path(os.environ.get("NST_GPU_LOCKS") or f"/tmp/nst-gpu-{os.getuid()}")
    if not path.is_absolute():
        raise NstError(f"NST_GPU_LOCKS is {str(path)!r}, not an absolute path: all runs share it")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
    except OSError as error:
        raise NstError(
            f"cannot make the folder of GPU locks {path}: {error.strerror or error};"
            " set NST_GPU_LOCKS to a folder of yours on this node"
        ) from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise NstError(
            f"the folder of GPU locks {path} is not yours alone; set NST_GPU_LOCKS to one that is"
        )
    return path


@contextmanager
def locked_folder(path: Path) -> Iterator[None]:
    """Hold the lock of a folder, after waiting for it."""
    descriptor = _open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, path, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def try_lock(path: Path, shared: bool = False) -> int | None:
    """A descriptor that holds the lock of a file, or None if another process holds it."""
    descriptor = _open(path, os.O_RDWR | os.O_CREAT)
    how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    # A cleaner of temporary files may have removed the file between open and flock; the next process
    # would then lock a new file of the same name, and both would own the slot.
    if _lock(descriptor, path, how | fcntl.LOCK_NB) and _has_name(descriptor, path):
        os.utime(descriptor)  # cleaners go by age
        return descriptor
    os.close(descriptor)
    return None


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _cannot_lock(path, error) from None


def _lock(descriptor: int, path: Path, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _cannot_lock(path, error) from None
    return True


def _has_name(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _cannot_lock(path: Path, error: OSError) -> NstError:
    return NstError(
        f"cannot lock {path}: {error.strerror}; set NST_GPU_LOCKS to a folder on a local disk"
    )
