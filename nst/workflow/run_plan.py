"""What a run works from, written once as it begins and read by its jobs: `.snakemake/nst/plan.json`.

Beside it lie copies of all inputs: config files, recipes, pictures and the user's weights. So nothing
that is edited, replaced, added or deleted during a run touches it; the next run sees it.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from nst.config import recipes
from nst.config.grid import Grid, expand
from nst.config.picture_paths import pictures_now_in
from nst.config.settings import KINDS
from nst.config.yaml_lines import read
from nst.disk import run_inputs
from nst.disk.files import appearing, write_whole
from nst.disk.run_inputs import Copy
from nst.disk.sums import Sums
from nst.errors import NstError

PLAN = Path(".snakemake/nst/plan.json")
INPUTS = Path(".snakemake/nst/inputs")
MOST_NAMES = 3  # in one line


def write_plan(
    grid: Grid, config_files: Sequence[str], overlay: Mapping[str, Any], sums: Sums
) -> dict[Path, Copy]:
    """Keep all inputs of a grid, write the plan, and let this process read from it, too.

    Returns the copies by the paths that they are of. Raises NstError for a picture that was replaced
    since these `sums` were taken, and where there is no room for the copies.
    """
    remove_plan()
    copies = {path: _keep_text(path, text) for path, text in _texts(grid).items()}
    copies |= {path: _keep_picture(path, sums.of(path)) for path in _pictures(grid)}
    copies |= dict(_keep_externals(grid, sums))
    copies |= {path: _keep_weights(path, sums.of(path)) for path in _own_weights(grid)}
    data = {
        "config": list(config_files),
        "overlay": dict(overlay),
        "copies": {str(path): [str(copy.path), copy.sha256] for path, copy in copies.items()},
        "listings": {
            pattern: [list(map(str, paths)), unread]
            for pattern, (paths, unread) in grid.config.listings.items()
        },
    }
    write_whole(PLAN, json.dumps(data).encode())
    run_inputs.use(copies, grid.config.listings)
    return copies


def use_plan(path: Path = PLAN) -> tuple[list[str], dict[str, Any]] | None:
    """Let this process read what the run under way reads; its config files and overlay.

    None without a plan, as for a command that is run by hand: then the files themselves are read.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        copies = {
            Path(name): Copy(Path(file), sha256) for name, (file, sha256) in data["copies"].items()
        }
        listings = {
            pattern: (list(map(Path, paths)), unread)
            for pattern, (paths, unread) in data["listings"].items()
        }
        config, overlay = data["config"], data["overlay"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    run_inputs.use(copies, listings)
    return config, overlay


def remove_plan() -> None:
    """Remove the plan and the copies; this process reads the files themselves again."""
    run_inputs.use({}, {})
    PLAN.unlink(missing_ok=True)
    with suppress(OSError):
        shutil.rmtree(INPUTS)


def change_notice(
    grid: Grid, config_files: Sequence[str], overlay: Mapping[str, Any], copies: Mapping[Path, Copy]
) -> str:
    """One line on what has changed since a run began with these copies, "" if nothing has.

    `remove_plan` comes first, or it would compare the copies with themselves.
    """
    names = list(dict.fromkeys(_changed(grid, config_files, overlay, copies)))
    if not names:
        return ""
    listed = ", ".join(names[:MOST_NAMES])
    if len(names) > MOST_NAMES:
        listed += f" and {len(names) - MOST_NAMES} more"
    have = "has" if len(names) == 1 else "have"
    return f"{listed} {have} changed since this run began: run the same command again for what is new"


def _changed(
    grid: Grid, config_files: Sequence[str], overlay: Mapping[str, Any], copies: Mapping[Path, Copy]
) -> Iterator[str]:
    """Config files and recipes that ask for other cells, folders and pictures."""
    try:
        new = expand(config_files, overlay)
        asks_for_the_same = (new.of_prints if grid.noun == "print" else new).cells == grid.cells
    except NstError:
        asks_for_the_same = False
    files = {*_pictures(grid), *_own_weights(grid)}
    if not asks_for_the_same:
        for path, copy in copies.items():
            if path not in files and _text_sum(path) != copy.sha256:
                yield str(path)
        for pattern, (paths, _) in grid.config.listings.items():
            if pictures_now_in(pattern)[0] != paths:
                yield pattern
    sums = Sums()
    files |= {one.picture for one in grid.externals if one.picture in copies}
    for path in sorted(files):
        if sums.of(path) != copies[path].sha256:
            yield str(path)


def _text_sum(path: Path) -> str:
    try:
        return _sha256(read(path).text.encode())
    except NstError:  # deleted, or no longer YAML
        return ""


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _texts(grid: Grid) -> dict[Path, str]:
    """The texts of the config files and of the user's recipes, as they were read."""
    texts = {Path(document.file): document.text for document in grid.config.documents if document.text}
    names = {cell.settings.recipe for cell in grid.cells}
    return texts | {Path(n): recipes.text_of(n) for n in names if KINDS["recipe"].is_file(n)}


def _pictures(grid: Grid) -> set[Path]:
    named = (*grid.config.content.values(), *grid.config.style.values())
    return {*named, *chain.from_iterable(cell.given_inputs.values() for cell in grid.cells)}


def _own_weights(grid: Grid) -> set[Path]:
    return set(filter(None, (cell.own_weights for cell in grid.cells)))


def _keep_text(path: Path, text: str) -> Copy:
    return _keep_bytes(path, text.encode())


def _keep_picture(path: Path, sha256: str) -> Copy:
    try:
        copy = _keep_bytes(path, path.read_bytes())
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or error}") from None
    if copy.sha256 != sha256:
        raise NstError(f"{path} was replaced while the run was planned: run the same command again")
    return copy


def _keep_externals(grid: Grid, sums: Sums) -> Iterator[tuple[Path, Copy]]:
    """The pictures of other programs that are there: no run is refused for one of them."""
    for one in grid.externals:
        if sha256 := sums.of(one.picture):
            with suppress(NstError):
                yield one.picture, _keep_picture(one.picture, sha256)


def _keep_bytes(path: Path, data: bytes) -> Copy:
    copy = _copy(path, _sha256(data))
    if not copy.path.is_file():
        write_whole(copy.path, data, durable=False)
    return copy


def _keep_weights(path: Path, sha256: str) -> Copy:
    """A link: weights are large, and a job refuses those whose sum has changed."""
    copy = _copy(path, sha256)
    if not copy.path.is_file():
        with appearing(copy.path, durable=False) as partial:
            partial.unlink()
            try:
                os.link(os.path.realpath(path), partial)
            except OSError:  # another file system, or one without links
                shutil.copyfile(path, partial)
    return copy


def _copy(path: Path, sha256: str) -> Copy:
    return Copy(INPUTS / f"{sha256}{path.suffix}", sha256)
