"""A lock that lets only one run work in a folder, and that the kernel releases when the run ends.

Snakemake's own lock is a file that stays after a killed run until somebody removes it.
"""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nst.disk.files import unwritable
from nst.errors import NstError
from nst.progress.line import read_progress, state_of

FILE = Path(".snakemake/nst.lock")

_descriptors: list[int] = []  # kept open until the process ends


def hold_folder() -> str:
    """Lock the current folder until this process ends; return a note if it cannot be locked, else "".

    Raises NstError if another run has locked it.
    """
    try:
        FILE.parent.mkdir(exist_ok=True)
        descriptor = os.open(FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise unwritable(FILE, error) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        os.close(descriptor)
        raise NstError(
            f"another run is under way in this folder ({holder or 'process unknown'}): wait for"
            " it, or stop it first"
        ) from None
    except OSError as error:
        os.close(descriptor)
        return f"note: no locks here ({error.strerror}): start no second run in this folder"
    with suppress(OSError):  # on a full disk the lock holds, but does not name this process
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    _descriptors.append(descriptor)
    return ""


@contextmanager
def holding_folder() -> Iterator[None]:
    """Lock the current folder for a while. Raises NstError as `hold_folder` does."""
    before = len(_descriptors)
    if hold_folder() and is_held():
        raise NstError("a run is under way in this folder: wait for it, or stop it first")
    try:
        yield
    finally:
        for descriptor in _descriptors[before:]:
            os.close(descriptor)
        del _descriptors[before:]


def is_held() -> bool:
    """Whether a run is under way in the current folder; without locks, whether one says so."""
    try:
        descriptor = os.open(FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # no locks here
        progress = read_progress()
        return progress is not None and state_of(progress, time.time()) == "running"
    finally:
        os.close(descriptor)
    return False
