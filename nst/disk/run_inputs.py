"""The files that a run reads: copies made when it began, whatever happens to their paths since.

A process that works for a run calls `use` once. From then on whoever opens an input asks `source` what
to open, while records, labels and messages name the path itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Copy:
    """The copy of an input, and the SHA-256 of both."""

    path: Path
    sha256: str


Listing = tuple[list[Path], str]  # the pictures of a folder or a glob, and what is not read there

_copies: dict[Path, Copy] = {}
_listings: dict[str, Listing] = {}


def use(copies: Mapping[Path, Copy], listings: Mapping[str, Listing]) -> None:
    """Read these copies and listings in this process, in place of all those of before."""
    _copies.clear()
    _copies.update(copies)
    _listings.clear()
    _listings.update(listings)


def source(path: Path) -> Path:
    """What to read for a path: the copy that the run keeps, or the path itself."""
    copy = _copies.get(path)
    return copy.path if copy and copy.path.is_file() else path


def sum_of(path: Path) -> str:
    """The SHA-256 of what the run reads for a path; "" if it keeps no copy."""
    copy = _copies.get(path)
    return copy.sha256 if copy else ""


def listing(pattern: str) -> Listing | None:
    """What was in a folder, or matched a glob, when the run began."""
    return _listings.get(pattern)
