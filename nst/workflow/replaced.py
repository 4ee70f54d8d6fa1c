"""Images that a run replaces are kept in results/stale, and put back if the new ones are not made.

Snakemake deletes the files of a cell before it makes them again. Jobs may outlive a Snakemake that
was killed, and write over what was put back: so it stays kept until the next run begins.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from nst.config.cell import CELL_ENDINGS, CELLS, Cell
from nst.disk.files import is_being_written, link, move, unwritable, write_whole
from nst.errors import NstError
from nst.results.page_paths import RESULTS
from nst.workflow.folder_lock import is_held

STALE = RESULTS / "stale"
NOTE = Path(".snakemake/nst/replaced.json")  # what the run under way keeps, and where
NOTE_LOCK = NOTE.with_suffix(".lock")  # of who puts back
PATIENCE = 5  # seconds for a job that outlived its run and is writing its files

Endings = Mapping[str, list[str]]  # of the files that a cell has, by its path below a folder


def new_folder() -> Path:
    """The folder below results/stale for what is put aside now."""
    name = time.strftime("%Y-%m-%d_%H-%M-%S")
    folders = (STALE / f"{name}{suffix}" for suffix in ("", *(f"-{n}" for n in range(2, 1000))))
    return next(folder for folder in folders if not folder.exists())


def keep(cells: Sequence[Cell]) -> Path | None:
    """Keep the files of cells that are about to be replaced; the folder, None if there are none.

    Links cost no space; where there are none, copies. Raises NstError if they cannot be written.
    """
    endings = {cell.path_id: found for cell in cells if (found := _endings(cell))}
    if not endings:
        return None
    folder = new_folder()
    note = {"folder": str(folder), "home": str(RESULTS), "cells": endings}
    write_whole(NOTE, json.dumps(note).encode())
    for place, kept in _files(folder, RESULTS, endings):
        try:
            link(place, kept)
        except NstError:
            put_back()
            raise
    return folder


def put_back() -> list[str]:
    """Put back the kept files of the cells that were not replaced; return the ids of the cells.

    Of a cell that is as it was, the kept files are dropped. Only for who holds the folder. Raises
    NstError if a file cannot be moved; what is kept stays noted then.
    """
    with _alone():
        folder, home, endings = _noted()
        restored = []
        for name, some in endings.items():
            files = list(_files(folder, home, {name: some}))
            if all(_is_same(place, kept) for place, kept in files):
                for _, kept in files:
                    kept.unlink(missing_ok=True)
            elif not _is_whole(home / name):
                for place, kept in files:
                    _move(kept, place)
                restored.append("/".join(name.split("/")[-3:]))
        NOTE.unlink(missing_ok=True)
        if endings:
            remove_empty_folders(folder)
    return restored


def lend_back() -> None:
    """Put back what a killed run took away, unless another run has begun; all stays kept."""
    with _alone():
        folder, home, endings = (STALE, CELLS, {}) if is_held() else _noted()
        for name, some in endings.items():
            files = list(_files(folder, home, {name: some}))
            if not all(_is_same(place, kept) for place, kept in files) and not _is_whole(home / name):
                for place, kept in files:
                    if kept.exists():
                        link(kept, place)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process puts back; where there are no locks, do not wait."""
    if not NOTE.exists():
        yield
        return
    try:
        descriptor = os.open(NOTE_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise unwritable(NOTE_LOCK, error) from None
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_empty_folders(folder: Path) -> None:
    """Remove a folder and its subfolders as far as they are empty."""
    for root, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):  # not empty
            Path(root).rmdir()


def _endings(cell: Cell) -> list[str]:
    """Those of a cell's files that are there, the image last: it says that the others are there."""
    film = [cell.film.name.removeprefix(cell.variant)] if cell.settings.snapshot_every else []
    beside = [cell.beside.name.removeprefix(cell.variant)] if cell.beside else []
    endings = (".csv", ".json", *film, *beside, ".png")
    return [ending for ending in endings if cell.file(ending).is_file()]


def _files(folder: Path, home: Path, endings: Endings) -> Iterator[tuple[Path, Path]]:
    """Every file in its place, and where it is kept."""
    for name, some in endings.items():
        for ending in some:
            place = home / f"{name}{ending}"
            yield place, folder / place.relative_to(RESULTS)


def _noted() -> tuple[Path, Path, dict[str, list[str]]]:
    """Where files are kept, the folder that they are of, and the endings."""
    try:
        note = json.loads(NOTE.read_text(encoding="utf-8"))
        return Path(note["folder"]), Path(note.get("home", CELLS)), note["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return STALE, CELLS, {}


def _is_whole(cell: Path) -> bool:
    """Whether a cell has all of its files; a job that is writing them is waited for."""
    until = time.monotonic() + PATIENCE
    while True:
        files = [cell.with_name(f"{cell.name}{ending}") for ending in CELL_ENDINGS]
        if all(file.is_file() for file in files):
            return True
        if time.monotonic() > until or not is_being_written(files[0]):
            return False
        time.sleep(0.05)


def _is_same(place: Path, kept: Path) -> bool:
    """Whether a file is still what was kept, or was never kept."""
    try:
        if not kept.exists() or place.samefile(kept):
            return True
        here, there = place.stat(), kept.stat()
    except OSError:
        return False
    return (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns)


def _move(kept: Path, place: Path) -> None:
    if place.exists() and kept.exists() and place.samefile(kept):
        kept.unlink()  # to rename one link onto another does nothing
    elif kept.exists():
        move(kept, place)
