"""Files that appear whole or not at all."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from nst.errors import NstError


def write_whole(path: Path, data: bytes, lasting: bool = True) -> None:
    """Write a file beside its place and rename it into place; `lasting` ones survive a power cut.

    Raises NstError where the folder cannot be made or written; nothing is left behind then.
    """
    _refuse_other_than_file(path)
    # Only the start of the name: a long one may leave no room. Random: pids of two nodes may be equal.
    partial = path.with_name(f".{path.name[:40]}.{secrets.token_hex(6)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            if lasting:
                file.flush()
                os.fsync(file.fileno())  # a rename may otherwise outlive its data in a power cut
        partial.replace(path)
    except OSError as error:
        raise NstError(f"cannot write {path}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):  # renamed away, or never made
            partial.unlink()


def _refuse_other_than_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise NstError(f"cannot write {path}: it is a folder, name a file in it")
        if path.exists() and not path.is_file():
            # Renaming onto /dev/null would replace the device itself.
            raise NstError(f"cannot write {path}: it is a device or a pipe, name a file")
    except OSError as error:
        raise NstError(f"cannot write {path}: {error.strerror or error}") from None
