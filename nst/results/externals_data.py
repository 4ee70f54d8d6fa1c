"""What the page shows of the pictures that other programs made, and the copies that it shows."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from nst.config.external import External
from nst.config.grid import Grid
from nst.disk import images
from nst.disk.derived import Derived, code_digest
from nst.disk.home import abbreviate_home
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.externals import EXTERNAL, survey_externals
from nst.results.hatched import hatched
from nst.results.numbers import shown_metrics
from nst.results.page_paths import external_copy, link, small_image
from nst.results.previews import CODE
from nst.results.states import States
from nst.results.thumbnails import SMALL, look_of, seen, shrunk_size, thumbnail_bytes, webp

LARGEST = 4096  # pixels; the longer side of the copy that an open picture is
Entry = dict[str, Any]


def external_marks(grid: Grid, states: States | None = None) -> dict[External, str]:
    """Those that can be shown, with marks that change when their files do."""
    sums = Sums()
    states = survey_externals(grid, sums) if states is None else states
    good = (one for one in grid.externals if states[one.id].kind == EXTERNAL)
    return {one: sums.of(one.picture)[:12] for one in good}


def external_entries(grid: Grid, metrics: Mapping[str, Mapping[str, float]]) -> list[Entry]:
    """What the page knows of each, in the order of the grid: as of a made cell, or as of a hole.

    `metrics` are those that are stored, by the ids.
    """
    states = survey_externals(grid)
    marks = external_marks(grid, states)
    contents, styles = list(grid.config.content), list(grid.config.style)
    return [
        {
            "id": one.id,
            "content": contents.index(one.content),
            "style": styles.index(one.style),
            "maker": one.made_by,
            "reason": abbreviate_home(states[one.id].reason),
            **(_shown(one, marks[one]) if one in marks else {"state": states[one.id].kind}),
            **({"metrics": shown_metrics(metrics[one.id])} if one.id in metrics else {}),
        }
        for one in grid.externals
    ]


def _shown(one: External, mark: str) -> Entry:
    """As of a cell, without all that only the images made here have."""
    return {
        "token": mark,
        **look_of(one.picture),
        "size": shrunk_size(one.size, LARGEST),
        "picture": link(external_copy(one)),
        "outcome": EXTERNAL,
    }


def external_copies(marks: dict[External, str]) -> Iterator[Derived]:
    """A small and a full copy of each: browsers do not show all formats, nor all places on the disk."""
    for one, mark in marks.items():
        for path, build in ((small_image(one), _small), (external_copy(one), _full)):
            # By the mark: the content of the file decides, not its date.
            method = f"external {SMALL} {LARGEST} {code_digest(*CODE)} {mark}"
            yield Derived(path, (), method, partial(build, one.picture))


def _small(path: Path) -> bytes:
    try:
        return thumbnail_bytes(path, SMALL)
    except NstError:  # it has just been replaced; the next run says so
        return webp(hatched((SMALL, SMALL), "unreadable"))


def _full(path: Path) -> bytes:
    try:
        picture = seen(path, LARGEST)
    except NstError:
        picture = hatched((SMALL, SMALL), "unreadable")
    return images.png_bytes(picture.resize(shrunk_size(picture.size, LARGEST)), effort=1)
