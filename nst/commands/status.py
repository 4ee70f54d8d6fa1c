"""Say how far the run in this folder is, from another terminal or over ssh.

What failed is listed with its reason. `--watch` renews the line until the run ends.
"""

import argparse
import sys
import time

from nst.progress.line import Progress, progress_line, read_progress, state_of
from nst.workflow.folder_lock import is_held

EXAMPLE = "example: nst status --watch"
ENDINGS = {
    "ended": "ended at {when}",
    "failed": "ended with failures at {when}",
    "stopped": "was stopped at {when}: the same command continues it",
    "killed": "was killed after {when}: the same command continues it",
}
RENEWED = 2  # seconds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst status`."""
    parser.add_argument("--watch", action="store_true", help="renew the line until the run ends")


def run(options: argparse.Namespace) -> None:
    """Print how far the run is, what failed, and where the page is."""
    if options.watch:
        _watch()
    print("\n".join(report(read_progress(), time.time())))


def report(progress: Progress | None, now: float) -> list[str]:
    """The lines of `nst status`."""
    from nst.results.page_paths import PAGE

    page = [f"Look at {PAGE.resolve()}"] if PAGE.exists() else []
    if progress is None:
        known = "a run is under way, and has not said yet how far it is"
        return [known if is_held() else "no run is under way in this folder", *page]
    lines = []
    state = state_of(progress, now)
    if state != "running":
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(progress["written"]))
        ending = ENDINGS.get(state, ENDINGS["ended"]).format(when=when)
        lines.append(f"no run is under way; the last one {ending}")
        progress = {**progress, "under_way": [], "seconds_left": None}
    lines.append(progress_line(progress, now))
    lines += [f"  {name}: {reason}" for name, reason in (progress.get("failed") or {}).items()]
    return [*lines, *page]


def _watch() -> None:
    """Renew one line on a terminal, print a line for each image elsewhere, until the run ends."""
    shown = None
    try:
        while (progress := read_progress()) and state_of(progress, time.time()) == "running":
            line = progress_line(progress, time.time(), 79 if sys.stdout.isatty() else None)
            if sys.stdout.isatty():
                print(f"\r\x1b[K{line}", end="", flush=True)
            elif shown != progress["made"]:
                print(line, flush=True)
            shown = progress["made"]
            time.sleep(RENEWED)
    except KeyboardInterrupt:
        pass
    if sys.stdout.isatty() and shown is not None:
        print("\r\x1b[K", end="")
