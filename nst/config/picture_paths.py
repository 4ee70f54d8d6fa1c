"""Pictures and other files as the user names them: which ones are meant, why one cannot be used."""

import glob
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Literal

from nst.config.setting_sets import PICTURE_ENDINGS
from nst.disk.formats import HEIC_LIBRARY, RAW_ENDINGS, reads_heic
from nst.disk.images import size_of
from nst.disk.run_inputs import Listing, listing, source
from nst.errors import NstError
from nst.text import CONTROL, counted, shown

SNAKEMAKE_SIGNS = set("{}<>")  # Snakemake takes these in a path for wildcards
HEIC_ENDINGS = (".heic", ".heif", ".hif")
# Formats of pictures that people keep beside others and that cannot be read here.
UNREAD_FORMATS = {
    "HEIC": HEIC_ENDINGS,
    "JPEG XL": (".jxl",),
    "RAW": RAW_ENDINGS,
    "SVG": (".svg",),
    "Photoshop": (".psd", ".psb"),
}
# Folders that systems and programs make, which hold no pictures of the user.
FOREIGN_FOLDERS = ("__MACOSX", "@eaDir", "$RECYCLE.BIN", "#recycle", "lost+found", "node_modules")
RESULTS = Path("results")


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


def pictures_in(pattern: str) -> Listing:
    """The pictures of a folder or a glob, and a count of others: `1 RAW file is not read`.

    Within a run, those that were there when it began.
    """
    return listing(pattern) or pictures_now_in(pattern)


def pictures_now_in(pattern: str) -> Listing:
    """As `pictures_in`, whatever a run began with."""
    paths = _matches(pattern)
    pictures = [p for p in paths if _is_picture(p) and is_file(p)]
    counts = Counter(filter(None, map(_unread_kind, paths)))
    if "**" in pattern:  # goes through the subfolders
        del counts["subfolder"]
    order = [*map("{} file".format, UNREAD_FORMATS), "subfolder"]
    words = [counted(counts[kind], kind) for kind in order if counts[kind]]
    listed = " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
    unread = listed and f"{listed} {'is' if counts.total() == 1 else 'are'} not read"
    return pictures, f"{unread} (HEIC: {HEIC_LIBRARY})" if counts["HEIC file"] else unread


def label_of(path: Path) -> str:
    """The name of a picture's file as a person reads it, without its ending."""
    return unicodedata.normalize("NFC", path.stem)  # macOS separates accents from their letters


def in_natural_order(paths: Iterable[Path]) -> list[Path]:
    """The paths as people sort them: by numbers where there are digits, by letters elsewhere."""
    return sorted(paths, key=lambda path: ([_numbered(part) for part in path.parts], str(path)))


def _numbered(text: str) -> list[str | int]:
    parts: list[str | int] = list(re.split(r"([0-9]+)", text.casefold()))
    parts[1::2] = map(int, parts[1::2])
    return parts


def _is_picture(path: Path) -> bool:
    ending = path.suffix.lower()
    return ending in PICTURE_ENDINGS and (ending not in HEIC_ENDINGS or reads_heic())


def _unread_kind(path: Path) -> str:
    ending = path.suffix.lower()
    if _is_picture(path):
        return ""
    for name, endings in UNREAD_FORMATS.items():
        if ending in endings:
            return f"{name} file" if is_file(path) else ""
    return "subfolder" if _is(path, "is_dir") else ""


def _matches(pattern: str) -> list[Path]:
    """All that lies in a folder, or all that a glob matches, in natural order, but nothing hidden."""
    if not pattern:
        return []
    folder = Path(pattern)
    try:
        if folder.is_dir():
            return in_natural_order(path for path in folder.iterdir() if not _is_foreign(path.name))
        paths = map(Path, glob.glob(pattern, recursive=True))
        found = (p for p in paths if not p.name.startswith("._") and p.name not in FOREIGN_FOLDERS)
        return in_natural_order(_own(pattern, found) if "**" in pattern else found)
    except (OSError, ValueError):  # a folder without permission, a name that no file can have
        return []


def _own(pattern: str, paths: Iterable[Path]) -> Iterator[Path]:
    """Those of a search through subfolders that neither this program nor another has made."""
    named = list(takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    root, results = Path(*named), RESULTS.absolute()
    in_results = root.absolute().is_relative_to(results)  # by the user's own wish
    environments: dict[Path, bool] = {}
    for path in paths:
        folders = path.relative_to(root).parents if path != root else ()
        for folder in folders:
            if folder not in environments:
                environments[folder] = _is(root / folder / "pyvenv.cfg", "is_file")
        made = path.absolute().is_relative_to(results) and not in_results
        foreign = any(map(_is_foreign, path.parts[len(named) :]))
        if not made and not foreign and not any(environments[folder] for folder in folders):
            yield path


def _is_foreign(name: str) -> bool:
    return name in FOREIGN_FOLDERS or (name.startswith(".") and name not in (".", ".."))


def exists(pattern: str) -> bool:
    """Whether a path exists; a glob is taken to exist."""
    return glob.has_magic(pattern) or _is(Path(pattern), "exists")


def matches_nothing(pattern: str) -> bool:
    """Whether a path is a glob, and one that no file matches."""
    return glob.has_magic(pattern) and not _is(Path(pattern), "exists") and not _matches(pattern)


def is_folder(path: Path | str) -> bool:
    """Whether a path is that of a folder."""
    return _is(Path(path), "is_dir")


def is_file(path: Path | str) -> bool:
    """Whether a path is that of a file."""
    return _is(source(Path(path)), "is_file")


def _is(path: Path, question: Literal["exists", "is_dir", "is_file"]) -> bool:
    try:
        return getattr(path, question)()
    except (OSError, ValueError):  # no permission, a name that is too long or that no file can have
        return False
