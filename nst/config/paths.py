"""Paths as a user writes them: which pictures they mean, and why one cannot be used."""

import glob
from pathlib import Path

from nst.config.settings import PICTURE_ENDINGS
from nst.disk.images import size_of
from nst.errors import NstError
from nst.text import CONTROL, shown

SNAKEMAKES = set("{}<>")  # in a path: wildcards, and variables


def unreadable(path: object, sizes: dict[Path, tuple[int, int]] | None = None) -> str:
    """Why a picture cannot be read; nothing, and its size in pixels in `sizes`, if it can."""
    if not isinstance(path, str | Path) or not str(path):
        return f"{shown(path)} is not the path of a picture"
    if reason := awkward(str(path)):
        return reason
    try:
        size = size_of(Path(path))
    except NstError as error:
        return str(error)
    if sizes is not None:
        sizes[Path(path)] = size
    return ""


def awkward(path: str) -> str:
    """Why a path cannot stand in a command or a rule, if so."""
    if str(Path(path)).startswith("-"):
        return f"{shown(path)} begins as an option does: rename the file"
    if CONTROL.search(path):
        return f"{shown(path)} holds a line break or another control character: rename the file"
    held = SNAKEMAKES & set(path)
    return (
        f"{shown(path)} holds one of {{}}<>, signs of Snakemake's own: rename the file" if held else ""
    )


def found(pattern: str) -> list[Path]:
    """The pictures of a folder or a glob, sorted."""
    if not pattern:
        return []
    folder = Path(pattern)
    try:
        paths = folder.iterdir() if folder.is_dir() else map(Path, glob.glob(pattern, recursive=True))
        return sorted(p for p in paths if p.suffix.lower() in PICTURE_ENDINGS and p.is_file())
    except (OSError, ValueError):  # a folder that may not be read, a name that no file can have
        return []


def is_there(pattern: str) -> bool:
    """Whether a path, or anything that a glob may stand for, exists."""
    try:
        return glob.has_magic(pattern) or Path(pattern).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False


def is_file(path: str) -> bool:
    """Whether a path is that of a file."""
    try:
        return Path(path).is_file()
    except OSError:  # a name that is too long
        return False
