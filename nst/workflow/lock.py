"""One run at a time in a folder: a lock that ends with its holder, however that ends.

Snakemake's own lock is a file that a killed run leaves behind, to be removed by hand.
"""

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path

from nst.disk.files import unwritable
from nst.errors import NstError

FILE = Path(".snakemake/nst.lock")

_held: list[int] = []  # descriptors that nobody closes; the kernel does, with the process


def hold_folder() -> str:
    """Hold the current folder for the life of this process; a word where it cannot be locked, or "".

    Raises NstError where another run holds it.
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
            f"another run is under way in this folder ({holder or 'it does not say which'}): wait for"
            " it, or stop it first"
        ) from None
    except OSError as error:
        os.close(descriptor)
        return f"note: no locks here ({error.strerror}): let no second run start in this folder"
    with suppress(OSError):  # a full disk: the lock holds, only its word for others is missing
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
    _held.append(descriptor)
    return ""
