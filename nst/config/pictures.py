"""Pictures and other files as the user names them: which ones are meant, why one cannot be used."""

import glob
from collections import Counter
from pathlib import Path
from typing import Literal

from nst.config.settings import PICTURE_ENDINGS
from nst.disk.images import size_of
from nst.errors import NstError
from nst.text import CONTROL, shown

SNAKEMAKE_SIGNS = set("{}<>")  # Snakemake takes these in a path for wildcards
# Formats of pictures that people keep beside others and that cannot be read here.
UNREAD_FORMATS = {
    "HEIC": (".heic", ".heif", ".hif"),
    "AVIF": (".avif",),
    "JPEG XL": (".jxl",),
    "RAW": (".arw", ".cr2", ".cr3", ".dng", ".nef", ".orf", ".pef", ".raf", ".raw", ".rw2", ".srw"),
}


def picture_fault(path: object, sizes: dict[Path, tuple[int, int]] | None = None) -> str:
    """Why a picture cannot be used, or "". The size of a good one, in pixels, is put into `sizes`."""
    if not isinstance(path, str | Path) or not str(path):
        return f"{shown(path)} is not the path of a picture"
    if fault := path_fault(str(path)):
        return fault
    try:
        size = size_of(Path(path))
    except NstError as error:
        return str(error)
    if sizes is not None:
        sizes[Path(path)] = size
    return ""


def path_fault(path: str) -> str:
    """Why a path cannot stand in a command or in a rule of Snakemake, or ""."""
    if str(Path(path)).startswith("-"):
        return f"{shown(path)} begins as an option does: rename the file"
    if CONTROL.search(path):
        return f"{shown(path)} holds a line break or another control character: rename the file"
    if SNAKEMAKE_SIGNS & set(path):
        return f"{shown(path)} holds one of {{}}<>, signs of Snakemake's own: rename the file"
    return ""


def pictures_in(pattern: str) -> tuple[list[Path], str]:
    """The pictures of a folder or a glob, sorted, and what else is there: `1 HEIC file is not read`."""
    paths = _matches(pattern)
    pictures = [p for p in paths if p.suffix.lower() in PICTURE_ENDINGS and is_file(p)]
    counts = Counter(filter(None, map(_unread_kind, paths)))
    if "**" in pattern:  # goes through the subfolders
        del counts["subfolder"]
    order = [*map("{} file".format, UNREAD_FORMATS), "subfolder"]
    words = [f"{counts[kind]} {kind}{'s' * (counts[kind] > 1)}" for kind in order if counts[kind]]
    listed = " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
    return pictures, listed and f"{listed} {'is' if counts.total() == 1 else 'are'} not read"


def _unread_kind(path: Path) -> str:
    ending = path.suffix.lower()
    for name, endings in UNREAD_FORMATS.items():
        if ending in endings and is_file(path):
            return f"{name} file"
    hidden = path.name.startswith(".")
    return "subfolder" if ending not in PICTURE_ENDINGS and not hidden and _is(path, "is_dir") else ""


def _matches(pattern: str) -> list[Path]:
    """All that lies in a folder, or all that a glob matches, sorted."""
    if not pattern:
        return []
    folder = Path(pattern)
    try:
        paths = folder.iterdir() if folder.is_dir() else map(Path, glob.glob(pattern, recursive=True))
        return sorted(paths)
    except (OSError, ValueError):  # a folder without permission, a name that no file can have
        return []


def exists(pattern: str) -> bool:
    """Whether a path exists; a glob is taken to exist."""
    return glob.has_magic(pattern) or _is(Path(pattern), "exists")


def is_file(path: Path | str) -> bool:
    """Whether a path is that of a file."""
    return _is(Path(path), "is_file")


def _is(path: Path, question: Literal["exists", "is_dir", "is_file"]) -> bool:
    try:
        return getattr(path, question)()
    except (OSError, ValueError):  # no permission, a name that is too long or that no file can have
        return False
