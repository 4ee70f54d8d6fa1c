"""All pictures are decoded before the first job, so that a damaged one is refused in the evening."""

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from nst.config.grid import Grid
from nst.config.yaml_lines import Key
from nst.disk import images
from nst.disk.files import stamp, write_whole
from nst.errors import NstError

KNOWN = Path(".snakemake/nst-pictures.json")  # pictures that were decoded, with their stamps
MAX_THREADS = 8  # each may hold a whole picture in memory

Stamps = dict[str, list[int]]


def refuse_damaged(grid: Grid) -> None:
    """Raise NstError, one line each, for pictures of a config that cannot be decoded.

    Those that are as they were when they were last decoded are not decoded again.
    """
    pictures = _pictures(grid)
    known = _known()
    stamps = {str(path): list(stamp(path)) for path in pictures}
    unknown = [path for path in pictures if known.get(str(path)) != stamps[str(path)]]
    if not unknown:
        return
    with ThreadPoolExecutor(min(MAX_THREADS, _cores())) as pool:  # Pillow releases Python's lock
        faults = dict(zip(unknown, pool.map(_fault, unknown), strict=True))
    _save({name: stamps[name] for name in stamps if not faults.get(Path(name))})
    for path, fault in faults.items():
        if fault:
            grid.config.fault(pictures[path], fault)
    if grid.config.faults:
        raise NstError("\n".join(grid.config.faults))


def _pictures(grid: Grid) -> dict[Path, Key]:
    """The pictures that jobs or aggregates read, and the keys of the config that name them."""
    starts = {cell.settings.init_picture(): ("settings", "init") for cell in grid.cells}
    pictures: dict[Path, Key] = {Path(path): key for path, key in starts.items() if path}
    for section, named in (("content", grid.config.content), ("style", grid.config.style)):
        pictures.update({path: (section, name) for name, path in named.items()})
    return pictures


def _fault(path: Path) -> str:
    try:
        images.check(path)
    except NstError as error:
        return str(error)
    return ""


def _cores() -> int:
    """How many cores this process may use."""
    with suppress(AttributeError):  # macOS has none of it
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _known() -> Mapping[str, Sequence[int]]:
    try:
        known = json.loads(KNOWN.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}


def _save(stamps: Stamps) -> None:
    with suppress(NstError):  # a folder that cannot be written: the next run decodes them again
        write_whole(KNOWN, json.dumps(stamps).encode(), durable=False)
