"""How far a run is, in one line: from the file that its watcher keeps."""

import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nst.text import counted, duration

PROGRESS = Path(".snakemake/nst/progress.json")
SILENT = 300  # seconds after which the watcher, and with it the run, counts as killed
LATEST = 1e11  # seconds: what no clock says

Progress = Mapping[str, Any]


def read_progress(path: Path = PROGRESS) -> Progress | None:
    """The last that a watcher wrote, None if there is nothing that can be read."""
    try:
        progress = json.loads(path.read_text(encoding="utf-8"))
        return progress if _is_whole(progress) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _is_whole(progress: Any) -> bool:
    """Whether a file says what a watcher says. Raises an error, or not, if it does not."""
    numbers = [progress["to_make"], progress["made"], progress["cells"], progress.get("there", 0)]
    starts = progress.get("starts") or {"to_make": 0, "made": 0, "under_way": []}
    numbers += [starts["to_make"], starts["made"]]
    for one in (*progress["under_way"], *starts["under_way"]):
        numbers += [one["evaluation"], one["of"]]
    times = [progress["written"], progress["seconds_left"] or 0]
    return (
        isinstance(progress["state"], str)
        and isinstance(progress["failed"], dict)
        and all(isinstance(number, int) for number in numbers)
        and all(0 <= seconds < LATEST for seconds in times)
    )


def state_of(progress: Progress, now: float) -> str:
    """The state of a run; `killed` for one whose process is gone, or that is silent.

    Silence counts on this machine, too: another process may have the number of the one that was killed.
    """
    state = str(progress["state"])
    if state != "running":
        return state
    is_here = progress.get("host") == socket.gethostname()
    is_gone = is_here and not is_alive(progress.get("pid"))
    return "killed" if is_gone or now - progress["written"] >= SILENT else "running"


def is_alive(pid: object) -> bool:
    """Whether a process of this machine is there."""
    try:
        os.kill(int(str(pid)), 0)
    except PermissionError:  # of another user
        return True
    except (ValueError, OSError, OverflowError):
        return False
    return True


def progress_line(progress: Progress, now: float, width: int | None = None) -> str:
    """`37/200 images, 2 under way (evaluation 55 of 80), 1 failed, 3 h left, ready about 06:40`.

    The evaluation is that of the image that is furthest. What does not fit in `width` characters is
    left out, the most dispensable part first.
    """
    starts = progress.get("starts") or {}
    under_way = [*(progress.get("under_way") or []), *starts.get("under_way", [])]
    counts = [_counts(progress)]
    running = f"{len(under_way)} under way" if under_way else ""
    failed = f"{len(progress['failed'])} failed" if progress.get("failed") else ""
    left, ready = _ending(progress, now)
    detail = running + _furthest(under_way)
    for parts in (
        [*counts, detail, failed, left, ready],
        [*counts, running, failed, left, ready],
        [*counts, failed, left, ready],
        [*counts, failed, left],
        [*counts, failed],
    ):
        line = ", ".join(filter(None, parts))
        if width is None or len(line) <= width:
            break
    return line


def _counts(progress: Progress) -> str:
    """How many images are made, and shared starts until all are; without any, how many are there."""
    noun = "print" if progress.get("noun") == "print" else "image"
    starts = progress.get("starts") or {"to_make": 0, "made": 0}
    if starts["made"] < starts["to_make"]:
        made = f"{starts['made']}/{counted(starts['to_make'], 'shared start')}"
        return f"{made} and {progress['made']}/{counted(progress['to_make'], noun)}"
    if progress["to_make"]:
        return f"{progress['made']}/{counted(progress['to_make'], noun)}"
    there = f", {progress['there']} of {progress['cells']} are there" if "there" in progress else ""
    return f"no {noun} to make{there}"


def _furthest(under_way: list[Mapping[str, Any]]) -> str:
    done = [(one["evaluation"] / max(1, one["of"]), one) for one in under_way if one["evaluation"]]
    if not done:
        return ""
    _, one = max(done, key=lambda pair: pair[0])
    return f" (evaluation {one['evaluation']} of {one['of']})"


def _ending(progress: Progress, now: float) -> tuple[str, str]:
    """How much time is left, and when that is over, in words."""
    seconds = progress.get("seconds_left")
    if seconds is None or progress["made"] >= progress["to_make"]:
        return "", ""
    end = progress["written"] + seconds
    left = max(1, end - now)
    day = "%a " if left > 20 * 3600 else ""
    return f"{duration(left)} left", f"ready about {time.strftime(f'{day}%H:%M', time.localtime(end))}"
