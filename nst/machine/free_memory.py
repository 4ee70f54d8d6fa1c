"""How much memory this machine leaves to a process, and how a process returns what it freed."""

import ctypes
import os
import re
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nst.errors import NstError

if TYPE_CHECKING:
    from torch import device as Device

JOBS = "NST_JOBS_AT_ONCE"  # how many jobs share the memory of a machine, or of a GPU
FREE = "NST_FREE_MEMORY"  # bytes of main memory that were free when the run began
HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"  # torch's: whether blocks of 2 MB or more ask for huge pages
M_MMAP_THRESHOLD = -3  # the number of an option in glibc's malloc.h
OWN_MAPPING = 2**22  # bytes from which a block is mapped for itself


def map_large_blocks() -> None:
    """Have large blocks mapped one by one, as otherwise freed ones leave gaps that no other fits.

    Huge pages make up for the time that mapping takes; torch decides at its first large block
    whether to ask for them.
    """
    os.environ.setdefault(HUGE_PAGES, "1")
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc's, not musl's
        if mallopt:
            mallopt(M_MMAP_THRESHOLD, OWN_MAPPING)


def give_back() -> None:
    """Return freed memory to the system and to other processes on the GPU, where that can be done."""
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_initialized():
        torch.cuda.empty_cache()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's, not musl's
        if trim:
            trim(0)


def jobs_at_once(environment: Mapping[str, str] = os.environ) -> int:
    """How many jobs share the memory: NST_JOBS_AT_ONCE, else two. Raises NstError for nonsense."""
    return _whole_number(environment, JOBS, "2")


def job_bytes(device: "Device", environment: Mapping[str, str] = os.environ) -> int:
    """The memory that one of the jobs which run at the same time may take, in bytes.

    It is a share of what was free when the run began (NST_FREE_MEMORY), or of the whole GPU: a share
    of what is free now would shrink with every job that starts. Raises NstError for nonsense.
    """
    free = free_bytes(device)
    if device.type == "cuda":
        import torch

        whole = torch.cuda.mem_get_info(device)[1]
    else:
        whole = _whole_number(environment, FREE, str(max(1, free)))
    return min(free, whole // jobs_at_once(environment))


def _whole_number(environment: Mapping[str, str], name: str, default: str) -> int:
    text = environment.get(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise NstError(f"{name} is {text!r}, not a whole number from 1 upwards")
    return int(text)


def free_bytes(device: "Device") -> int:
    """The free memory of a device, in bytes."""
    if device.type == "cuda":
        import torch

        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + cached
    return free_main_memory()


def free_main_memory(root: Path = Path("/")) -> int:
    """The free main memory, in bytes: no more than this process's cgroups and its ulimit leave."""
    return min([_available(root), *_left_in_groups(root), *_left_to_process(root)])


def _available(root: Path) -> int:
    """What Linux calls available; elsewhere all memory."""
    try:
        lines = (root / "proc/meminfo").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("MemAvailable:"))
        return int(line.split()[1]) * 2**10
    except (OSError, ValueError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _left_in_groups(root: Path) -> Iterator[int]:
    """What each control group of this process leaves to it; Slurm and containers set them."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            top = root / "sys/fs/cgroup" / controllers
            limit, used = (
                ("memory.limit_in_bytes", "memory.usage_in_bytes")
                if controllers
                else ("memory.max", "memory.current")
            )
            folder = top / path.lstrip("/")
            while folder.is_relative_to(top):
                yield from _left(folder, limit, used)
                folder = folder.parent


def _left_to_process(root: Path) -> Iterator[int]:
    """What `ulimit -v` leaves, as Grid Engine sets it."""
    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        try:
            pages = int((root / "proc/self/statm").read_text().split()[0])
        except (OSError, ValueError):
            return
        yield max(0, most - pages * os.sysconf("SC_PAGE_SIZE"))


def _left(folder: Path, limit: str, used: str) -> Iterator[int]:
    try:
        most, now = ((folder / name).read_text().strip() for name in (limit, used))
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return
    if most != "max":
        # Cached files count as used, but the kernel drops them when memory is needed.
        yield int(most) - int(now) + int(stat.get("inactive_file", 0))
