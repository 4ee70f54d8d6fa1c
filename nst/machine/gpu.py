"""One GPU for one process, without a daemon and without state that can go stale.

Every device has lock files in a node-local folder; flock(2) on them is the claim, and the kernel drops
it when the process ends, however it ends. Snakemake's `--resources gpu=N` only counts jobs; this module
decides which device each of them takes. Torch-free, and used before CUDA starts.

A claim lives as long as the work on its device: a program that the process starts inherits neither, a
child that it forks keeps both until it ends. `nst transfer` forks nothing.
"""

import os
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nst.errors import NstError
from nst.machine import gpu_locks, nvidia

POLL = 0.05  # seconds between two looks at busy devices; flock cannot wait for "any of these"
NO_DEVICE = ("", "-1", "NoDevFiles")  # the last is SLURM's, for a job that asked for no GPU
SCHEDULER_JOBS = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID")
PRETEND = "NST_PRETEND_GPUS"  # for tests: devices are names to hold, and jobs compute on the CPU


@dataclass(frozen=True)
class Pool:
    """The devices that this process may choose from.

    `scope` is the scheduler's job. It is part of a lock's name only for a device that is known by an
    index alone: where cgroups constrain devices, every SLURM job sees its own as "0".
    """

    devices: tuple[str, ...]
    scope: str = ""

    def lock_name(self, device: str) -> str:
        """What the lock files of a device are called; one name for a device, whatever names it."""
        by_index = self.scope and not nvidia.is_uuid(device)
        return _safe(f"{self.scope}.{device}" if by_index else device)


def pretended(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the devices are pretended, for tests on machines without any."""
    return environment.get(PRETEND) == "1"


def pool(environment: Mapping[str, str] = os.environ) -> Pool:
    """The visible devices: NST_GPUS, else the mask of a scheduler or user, else the machine's own.

    An index becomes the UUID of its device where nvidia-smi knows it, so that a device has one name.
    """
    # Anybody may set JOB_ID, Grid Engine's name for its job; SGE_ROOT confirms it.
    names = (*SCHEDULER_JOBS, "JOB_ID") if environment.get("SGE_ROOT") else SCHEDULER_JOBS
    job = next((environment[key] for key in names if environment.get(key)), "")
    for variable in ("NST_GPUS", "CUDA_VISIBLE_DEVICES"):
        if variable in environment:
            ids = _ids(variable, environment[variable])
            if not pretended(environment):
                ids = nvidia.uuids(ids)
            if len(set(ids)) != len(ids):
                raise NstError(f"{variable} is {environment[variable]!r}, which names a device twice")
            return Pool(ids, scope=job if variable != "NST_GPUS" else "")
    return Pool(nvidia.devices())


def slots_per_device(environment: Mapping[str, str] = os.environ) -> int:
    """How many processes may share a device: NST_GPU_SLOTS, which the workflow sets; else one."""
    text = environment.get("NST_GPU_SLOTS", "1")
    if not re.fullmatch(r"[1-9][0-9]?", text):
        raise NstError(f"NST_GPU_SLOTS is {text!r}, not a whole number from 1 to 99")
    return int(text)


_held: dict[str, list[int]] = {}  # the device of this process; no descriptors while it is let go


def hold(
    devices: Pool,
    slots: int = 1,
    waiting: Callable[[str], None] = lambda message: None,
) -> str | None:
    """Take a device until it is let go; its id, or None where there is no device.

    Makes it the only visible one, for good: once CUDA has started, a process cannot change its device,
    so a second call takes the same one. A process that ends without letting go leaves its descriptors
    to the kernel, since memory on the device is not freed any earlier.
    """
    for device in _held:
        if device in devices.devices:
            if not _held[device]:
                _held[device] = claim(replace(devices, devices=(device,)), slots, waiting)[1]
            return device
    if not devices.devices:
        return None
    device, _held[device] = claim(devices, slots, waiting)
    os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # so that an index means what nvidia-smi says
    os.environ["CUDA_VISIBLE_DEVICES"] = device
    return device


def let_go() -> None:
    """Leave the device to other processes, until `hold` is called again.

    CUDA itself keeps some 500 MB of the device until this process ends.
    """
    for descriptors in _held.values():
        _close(descriptors)
        descriptors.clear()


def claim(
    devices: Pool,
    slots: int = 1,
    waiting: Callable[[str], None] = lambda message: None,
) -> tuple[str, list[int]]:
    """A device, and the descriptors that hold it until they are closed.

    Every device is taken once before any is taken twice. Waits while all slots are taken, saying so
    through `waiting` once.
    """
    folder = gpu_locks.folder()
    told = False
    while (claimed := _try_all(folder, devices, slots)) is None:
        if not told:
            waiting(f"waiting for one of the GPUs {', '.join(devices.devices)}")
            told = True
        time.sleep(POLL * random.uniform(0.5, 1.5))
    return claimed


def _try_all(folder: Path, devices: Pool, slots: int) -> tuple[str, list[int]] | None:
    """A claim on the device with the most free slots, the first of equals; None if all are taken."""
    best: list[int] = []
    chosen = ""
    # Counting free slots means to hold them for a moment. Whoever counts locks the folder, so that
    # nobody takes that moment for a busy device.
    with gpu_locks.locked_folder(folder):
        for device in devices.devices:
            free = _free_slots(folder, devices.lock_name(device), slots)
            if len(free) > len(best):
                best, free, chosen = free, best, device
            _close(free)
            if len(best) == slots + 1:
                break
        _close(best[2:])
    return (chosen, best[:2]) if best else None


def _free_slots(folder: Path, name: str, slots: int) -> list[int]:
    """Descriptors: of the device's own lock, then of its free slots; none if no slot is free.

    The device's lock is shared by those that share the device, so that a run with one slot per device
    has the device for itself, whatever other runs do.
    """
    whole = gpu_locks.try_lock(folder / f"{name}.lock", shared=slots > 1)
    if whole is None:
        return []
    files = [folder / f"{name}.{number}.lock" for number in range(slots)]
    free = [held for file in files if (held := gpu_locks.try_lock(file)) is not None]
    if not free:
        os.close(whole)
        return []
    return [whole, *free]


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _ids(name: str, text: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in text.split(",") if part.strip() not in NO_DEVICE)
    wrong = [i for i in ids if not re.fullmatch(r"[A-Za-z0-9/._-]{1,80}", i)]
    if wrong or len(set(ids)) != len(ids):
        raise NstError(f"{name} is {text!r}, not a list of distinct device ids such as 0,1")
    return ids


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)
