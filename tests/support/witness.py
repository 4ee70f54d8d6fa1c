"""Who has which GPU: what the logs of live jobs say, held against the locks that the kernel knows."""

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path

from nst.workflow.preload_server import VARIABLE

RUN = "NST_TESTS_RUN"  # in the environment: which run a process belongs to
ASSIGNED = re.compile(r"^GPU (\S+) assigned$", re.MULTILINE)

Jobs = dict[Path, dict[int, str]]  # by log: the jobs that write it, and their runs


class Witness:
    """Looks again and again, with one slot per GPU, and notes what cannot be."""

    def __init__(self, logs: Path, locks: Path):
        self.logs, self.locks = logs, locks
        self.faults: set[str] = set()
        self.samples = 0  # how often a job was found that has a GPU
        self.run = 0
        self.before: set[str] = set()  # faults of the last look
        self.mixed: set[Path] = set()  # logs of this run that a job of an earlier one has written to

    def new_run(self) -> str:
        """The number of a run that begins: for its environment."""
        self.run += 1
        self.mixed = set()
        return str(self.run)

    def look(self) -> None:
        """Note a fault that is there twice in a row: /proc/locks is not read in one piece."""
        found = self._faults()
        self.faults |= found & self.before
        self.before = found

    def _faults(self) -> set[str]:
        jobs = running(self.logs)
        said = {log: assigned(log) for log in jobs}
        held = holders(self.locks)
        self.mixed |= {log for log, found in jobs.items() if {*found.values()} != {str(self.run)}}
        sure = [log for log in jobs if said[log] and all(writes(pid, log) for pid in jobs[log])]
        faults, devices = set(), Counter()
        for log in sorted({*sure} - self.mixed):
            self.samples += 1
            devices[said[log]] += 1
            if not any(held.get(pid) == said[log] for pid in jobs[log]):
                faults.add(f"{log}: {sorted(jobs[log])} had not locked GPU {said[log]}")
        return faults | {f"{n} jobs at once had GPU {device}" for device, n in devices.items() if n > 1}


def running(logs: Path) -> Jobs:
    """The jobs that live, by the log that they write."""
    found: Jobs = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid, log = int(entry.name), (entry / "fd/2").readlink()
            if log.is_relative_to(logs) and is_transfer(pid):
                text = (entry / "environ").read_bytes().decode()
                names = dict(pair.partition("=")[::2] for pair in text.split("\0"))
                # Who waits for the job of a server has its log, too, and no GPU.
                if forked(pid) or names.get(VARIABLE, "off") in ("", "off"):
                    found.setdefault(log, {})[pid] = names.get(RUN, "")
    return found


def writes(pid: int, log: Path) -> bool:
    """Whether a process still has its log: it is closed before the locks are let go."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/fd/2").readlink() == log
    return False


def is_transfer(pid: int) -> bool:
    """Whether a process makes an image, waits for one that does, or forks those."""
    return b"transfer" in words(pid) or forked(pid)


def forked(pid: int) -> bool:
    """Whether a process is of the server that loads torch once, or that itself."""
    return b"nst.workflow.preload_server" in words(pid)


def words(pid: int) -> list[bytes]:
    """The command that a process was started by; nothing if it is gone."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def assigned(log: Path) -> str:
    """The GPU that the job of a log says it has, or nothing yet."""
    found = ASSIGNED.findall(log.read_text()) if log.exists() else []
    return found[-1] if found else ""


def holders(locks: Path) -> dict[int, str]:
    """The device whose lock a process holds, as the kernel says."""
    by_inode = {path.stat().st_ino: path.name.rpartition(".")[0] for path in locks.glob("*.lock")}
    found = {}
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if "FLOCK" in words and "->" not in words:
            inode, pid = int(words[5].rpartition(":")[2]), int(words[4])
            if inode in by_inode:
                found[pid] = by_inode[inode].partition(".")[0]
    return found
