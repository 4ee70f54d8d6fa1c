"""Which processes there are, from Linux's /proc, for the tests of nst.workflow.preload_server."""

import time
from contextlib import suppress
from pathlib import Path


def children(pid):
    """The processes that a process has forked and that have not ended."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found.append(int(entry.name))
    return found


def soon(condition, seconds=30):
    """Whether a condition comes true in a while."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def processes(folder):
    """The processes that work in a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (entry / "cwd").readlink() == folder and (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found
