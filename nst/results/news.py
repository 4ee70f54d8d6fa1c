"""results/gallery/live.js: what has changed since the page was written, and how the run is.

A page that is open asks for this script again and again, as one that is opened from disk may load
scripts only. It belongs to the page that has the same `base`. Whoever writes it holds a lock, as the
end of a run writes the page while another process watches the run.
"""

import fcntl
import json
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from nst.config.grid import Cell
from nst.disk.files import write_whole
from nst.errors import NstError
from nst.results.page_paths import GALLERY, NEWS
from nst.results.states import OUTDATED

LOCK = GALLERY / ".live.lock"
AGAIN = "it is made again"
CALL, END = "nst.live(", ");\n"
# What the page shows of a run; the reasons of failed cells are theirs.
SHOWN = ("state", "started", "written", "cells", "to_make", "made", "under_way", "seconds_left")

News = dict[str, Any]  # base, chunks, changes, groups, metrics, status


@contextmanager
def locked() -> Iterator[None]:
    """Hold the lock, where the file system has locks."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w") as file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_news() -> News:
    """What the script says; an empty table if there is none, or none of ours."""
    try:
        text = NEWS.read_text(encoding="utf-8")
        news = json.loads(text.removeprefix(CALL).removesuffix(END))
    except (OSError, ValueError, RecursionError):
        return {}
    return news if isinstance(news, dict) else {}


def write_news(news: Mapping[str, Any]) -> None:
    """Write the script; the lock must be held."""
    write_raw(json.dumps(news, separators=(",", ":")))


def write_raw(news: str) -> None:
    """Write the script from the text of its data; the lock must be held."""
    write_whole(NEWS, f"{CALL}{news}{END}".encode(), durable=False)


@contextmanager
def first_news() -> Iterator[str]:
    """Within, a page is written that bears the base given; then the script says nothing else is new.

    What is said of the run stays: it has its own end.
    """
    base = f"{time.time_ns():x}"
    with locked():
        status = read_news().get("status")
        yield base
        nothing: News = {"chunks": 0, "changes": {}, "groups": {}, "metrics": {}}
        write_news({"base": base, **nothing, "status": status})


def withdraw(cells: Collection[Cell], total: int) -> None:
    """Take images off a page that is open, before the jobs of a run replace them.

    It must not show a new image beside what it knows of the old one, until the page of the run that
    begins is written.
    """
    now = time.time()
    counts = {"cells": total, "to_make": len(cells), "made": 0, "under_way": []}
    status = {"state": "running", "started": now, "written": now, **counts}
    ids = [cell.id for cell in cells if cell.file(".png").exists()]
    with suppress(NstError, OSError), locked():
        if news := read_news():
            news.setdefault("changes", {}).update(
                {name: {"state": OUTDATED, "reason": AGAIN} for name in ids}
            )
            write_news(news | {"status": shown_status(status)})


def note_end(before: str | None) -> None:
    """Note that a run has ended now, if it wrote the page; `before` was the page's base until then.

    Runs that only export files or make prints write the page, too, but leave no status.
    """
    with suppress(NstError, OSError), locked():
        news = read_news()
        if news.get("base") != before and isinstance(status := news.get("status"), dict):
            write_news(news | {"status": status | {"page_written": time.time()}})


def shown_status(status: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs to know of a run."""
    return {name: status.get(name) for name in SHOWN} | {"failed": len(status.get("failed") or ())}
