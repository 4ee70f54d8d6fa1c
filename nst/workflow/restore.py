"""`nst restore`: files in results/stale are brought back; what stands in their place goes there."""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nst.config.cell import CELL_ENDINGS, CELLS, PRINTS, STARTS
from nst.config.grid import Grid
from nst.disk.encoded import BESIDE
from nst.disk.files import move
from nst.errors import NstError
from nst.results.currency import Currency, judge
from nst.results.page_paths import RESULTS
from nst.text import counted, nearest, shown
from nst.workflow.folder_lock import holding_folder
from nst.workflow.replaced import STALE, new_folder, put_back, remove_empty_folders
from nst.workflow.stale import FRAMES

MOST_DATES = 10  # in one message
FOLDERS = CELLS, PRINTS, STARTS


def dates() -> list[str]:
    """The dates in results/stale, each with a count of what lies there; the latest first."""
    return [f"{name}  {_count(_files(STALE / name))}" for name in _names()]


def restore(date: str, grid: Grid | None) -> str:
    """Bring back what was put aside at a date; say what was done, and what `grid` makes of it.

    Raises NstError for an unknown date, and while a run is under way.
    """
    names = _names()
    if date not in names:
        known = ", ".join(names[:MOST_DATES]) or "none"
        raise NstError(f"no {shown(date)} in {STALE}{nearest(date, names)}; there are: {known}")
    with holding_folder():
        put_back()  # what a killed run took away
        places, said = _exchange(STALE / date)
    remarks = _remarks(_ids(places, CELLS), grid, "image") if grid else []
    remarks += _remarks(_ids(places, PRINTS), grid.of_prints, "print") if grid else []
    remarks += _remarks(_ids(places, STARTS), grid.of_starts, "shared start") if grid else []
    return "\n".join([said, *dict.fromkeys(remarks)])


def _exchange(folder: Path) -> tuple[list[Path], str]:
    """Move all files of a folder to their places; the places, and what was done."""
    files, aside = _files(folder), new_folder()
    places = [RESULTS / path.relative_to(folder) for path in files]
    in_the_way = _in_the_way(places)
    for path in in_the_way:
        move(path, aside / path.relative_to(RESULTS))
    for path, place in zip(files, places, strict=True):
        move(path, place)
        os.utime(place)  # so that Snakemake looks at sheets and tables that show it
    remove_empty_folders(folder)
    said = f"{_count(places)} moved back from {folder}"
    if in_the_way:
        said += f"; {_count(in_the_way)} that stood in their place moved to {aside}"
    return places, said


def _names() -> list[str]:
    """The folders in results/stale that hold a file, the latest first."""
    folders = sorted((path for path in STALE.glob("*") if path.is_dir()), reverse=True)
    return [path.name for path in folders if _files(path)]


def _files(folder: Path) -> list[Path]:
    """All files of a folder; of each cell the image last, since it says that all are there."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".partial"]
    return sorted(files, key=lambda path: (path.suffix == ".png", path))


def _in_the_way(places: Iterable[Path]) -> list[Path]:
    """The files that stand in these places, with all others of their cells; images first."""
    found: dict[Path, None] = {}
    for place in places:
        files = [place]
        if folder := next((one for one in FOLDERS if place.is_relative_to(one)), None):
            cell = folder / _id(place)
            files += [cell.with_name(f"{cell.name}{ending}") for ending in CELL_ENDINGS]
            files += [path for path in cell.parent.glob("*") if _is_more(path, place)]
        found.update(dict.fromkeys(path for path in files if path.is_file()))
    return sorted(found, key=lambda path: (path.suffix != ".png", path))


def _is_more(path: Path, place: Path) -> bool:
    """Whether a file is a film of the cell of this place, or its image in another format."""
    return path.name.endswith((".webp", *BESIDE.values())) and _id(path) == _id(place)


def _id(path: Path) -> str:
    """The id of the cell that a file below one of FOLDERS belongs to."""
    return FRAMES.sub("", "/".join(path.with_suffix("").parts[-3:]))


def _images(paths: Iterable[Path], folder: Path = CELLS) -> list[Path]:
    """The images of cells, of prints or of shared starts, wherever their folder lies."""
    pngs = (path for path in paths if path.suffix == ".png" and not FRAMES.search(path.stem))
    return [path for path in pngs if path.parts[-4:-3] == (folder.name,)]


def _ids(places: Iterable[Path], folder: Path) -> list[str]:
    """The ids of the cells, prints or shared starts whose images are in these places."""
    return sorted(map(_id, _images(places, folder)))


def _count(paths: Sequence[Path]) -> str:
    """`8 images and 2 sheets`, whatever there is."""
    images, prints, starts = (len(_images(paths, folder)) for folder in FOLDERS)
    sheets = sum(path.suffix == ".png" and path.parts[-2:-1] == ("sheets",) for path in paths)
    films = sum(path.suffix == ".webp" and bool(FRAMES.search(path.stem)) for path in paths)
    further = sum(path.name.endswith(tuple(BESIDE.values())) for path in paths) - films
    nouns = ((images, "image"), (prints, "print"), (sheets, "sheet"), (films, "film"))
    nouns = (*nouns, (further, "further file"), (starts, "shared start"))
    words = [counted(number, noun) for number, noun in nouns if number]
    return " and ".join(words) or counted(len(paths), "file")


def _remarks(names: Sequence[str], grid: Grid, noun: str) -> list[str]:
    """What the next run will do with the images of these cells, and how to prevent that."""
    if not names:
        return []
    asked = [grid.by_id[name] for name in names if name in grid.by_id]
    outdated = [currency for currency in judge(asked).values() if currency.reasons]
    lines = []
    if len(asked) < len(names):
        text = f"{len(names) - len(asked)} of {counted(len(names), noun)}"
        lines.append(f"{text} not in this config: `snakemake prune` would put them aside again")
    if outdated:
        count = counted(len(outdated), noun)
        lines.append(f"the next run replaces {count} again, unless you first {_remedies(outdated)}")
    if noun == "image":
        lines.append("the sheets show them after the next run of snakemake")
    return lines


def _remedies(outdated: Sequence[Currency]) -> str:
    """`set evaluations back to 15`, for every reason why the images are outdated."""
    reasons = Counter(reason for currency in outdated for reason in currency.reasons)
    return ", ".join(_remedy(reason) for reason, _ in reasons.most_common())


def _remedy(reason: str) -> str:
    before, arrow, _ = reason.rpartition(" -> ")
    name, _, value = before.partition(" ")
    if name == "engine":
        return "go back to the version of nst-grid that made them"
    return f"set {name} back to {value}" if arrow else f"undo this: {reason}"
