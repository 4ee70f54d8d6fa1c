"""One GPU for one process, without a daemon and without a state that can go stale.

One lock file for every (device, slot) in a node-local folder; flock(2) on it is the claim, and the
kernel drops it when the process ends, however it ends. Snakemake's `--resources gpu=N` only counts
jobs; this says which device each of them takes. Torch-free, and used before CUDA starts.

A claim lives as long as the memory on its device does: a program that the process starts gets
neither, a child that it forks keeps both until it ends. `nst transfer` forks nothing.
"""

import fcntl
import os
import random
import re
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nst.errors import NstError

POLL = 0.05  # seconds between two looks at busy slots; flock has no wait for "any of these"
NO_DEVICE = ("", "-1", "NoDevFiles")  # the last is SLURM's, for a job that asked for no GPU
SCHEDULER_JOBS = ("SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID")


@dataclass(frozen=True)
class Pool:
    """The devices that this process may choose from, and whether it has to choose at all.

    `scope` is the scheduler's job where the ids mean something inside that job only: with devices
    constrained by cgroups every SLURM job sees its own as "0".
    """

    devices: tuple[str, ...]
    scope: str = ""

    @property
    def assigned(self) -> bool:
        """Whether a scheduler has already chosen the one device."""
        return bool(self.scope) and len(self.devices) == 1


def pool(environment: Mapping[str, str] = os.environ) -> Pool:
    """The visible devices: NST_GPUS, else the mask of a scheduler or user, else the machine's own.

    Runs that share a machine must name its devices alike: "0" and its UUID are two locks.
    """
    # Grid Engine's name for its job is one that anybody may have set, so it needs a second witness.
    names = (*SCHEDULER_JOBS, "JOB_ID") if environment.get("SGE_ROOT") else SCHEDULER_JOBS
    job = next((environment[key] for key in names if environment.get(key)), "")
    if "NST_GPUS" in environment:
        return Pool(_ids("NST_GPUS", environment["NST_GPUS"]))
    if "CUDA_VISIBLE_DEVICES" in environment:
        ids = _ids("CUDA_VISIBLE_DEVICES", environment["CUDA_VISIBLE_DEVICES"])
        return Pool(ids, scope=_safe(job))
    return Pool(_machine_devices())


def slots_per_device(environment: Mapping[str, str] = os.environ) -> int:
    """How many processes may share a device: NST_GPU_SLOTS, which the workflow sets; else one."""
    text = environment.get("NST_GPU_SLOTS", "1")
    if not re.fullmatch(r"[1-9][0-9]?", text):
        raise NstError(f"NST_GPU_SLOTS is {text!r}, not a whole number from 1 to 99")
    return int(text)


@contextmanager
def slot(
    devices: Pool,
    slots: int = 1,
    waiting: Callable[[str], None] = lambda message: None,
) -> Iterator[str | None]:
    """Hold one device for as long as the context, or the process, lives; yields its id.

    Every device is taken once before any is taken twice. Waits while all slots are taken, saying so
    through `waiting` once. Sets CUDA_VISIBLE_DEVICES, for good: once CUDA has started, a process
    cannot change its device. Yields None where there is no device.
    """
    device, descriptor = _take(devices, slots, waiting)
    try:
        yield device
    finally:
        if descriptor is not None:
            os.close(descriptor)


_held: set[str] = set()  # by this process, to its end


def hold(
    devices: Pool,
    slots: int = 1,
    waiting: Callable[[str], None] = lambda message: None,
) -> str | None:
    """As `slot`, for the life of the process: the memory on its device is not free any earlier.

    Nobody closes the descriptor, not even Python at its end; the kernel does, with the process. A
    second call is given the same device.
    """
    for device in _held:
        if device in devices.devices:
            return device
    device, _ = _take(devices, slots, waiting)
    _held.update([device] if device else [])
    return device


def lock_folder() -> Path:
    """The node-local folder of the lock files, made if need be and ours alone.

    Not on a shared file system: device 0 of one node is not device 0 of the next. Nor under TMPDIR,
    which differs from shell to shell: all runs must meet in one folder. Raises NstError where
    somebody else owns it, since a folder in /tmp can be made by anybody first. Who removes it while
    jobs run gives their devices away.
    """
    folder = Path(os.environ.get("NST_GPU_LOCKS") or f"/tmp/nst-gpu-{os.getuid()}")
    if not folder.is_absolute():
        raise NstError(f"NST_GPU_LOCKS is {str(folder)!r}, not an absolute path: all runs share it")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise NstError(
            f"cannot make the folder of GPU locks {folder}: {error.strerror or error};"
            " set NST_GPU_LOCKS to a folder of yours on this node"
        ) from None
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise NstError(
            f"the folder of GPU locks {folder} is not yours alone; set NST_GPU_LOCKS to one that is"
        )
    return folder


def _take(devices: Pool, slots: int, waiting: Callable[[str], None]) -> tuple[str | None, int | None]:
    """A device made the visible one, and the descriptor that holds it; neither where there is none."""
    descriptor = None
    if not devices.devices:
        return None, None
    if devices.assigned:
        device = devices.devices[0]
    else:
        descriptor, device = _claim(lock_folder(), devices, slots, waiting)
    os.environ["CUDA_VISIBLE_DEVICES"] = device
    return device, descriptor


def _claim(folder: Path, devices: Pool, slots: int, waiting: Callable[[str], None]) -> tuple[int, str]:
    told = False
    while (claimed := _try_all(folder, devices, slots)) is None:
        if not told:
            waiting(f"waiting for one of the GPUs {', '.join(devices.devices)}")
            told = True
        time.sleep(POLL * random.uniform(0.5, 1.5))
    return claimed


def _try_all(folder: Path, devices: Pool, slots: int) -> tuple[int, str] | None:
    """A claim on the device with the most free slots, the first of equals; None if all are taken."""
    scope = f"{devices.scope}." if devices.scope else ""
    best: list[int] = []
    chosen = ""
    # Counting free slots means to hold them for a moment. Whoever counts locks the folder, so that
    # nobody takes that moment for a busy device.
    turn = _open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(turn, folder, fcntl.LOCK_EX)
        for device in devices.devices:
            files = [folder / f"{scope}{_safe(device)}.{number}.lock" for number in range(slots)]
            free = [held for file in files if (held := _try(file)) is not None]
            if len(free) > len(best):
                best, free, chosen = free, best, device
            _close(free)
            if len(best) == slots:
                break
        _close(best[1:])
    finally:
        os.close(turn)
    return (best[0], chosen) if best else None


def _try(path: Path) -> int | None:
    """A descriptor that holds the lock of a file, or None if another process has it."""
    descriptor = _open(path, os.O_RDWR | os.O_CREAT)
    # A cleaner of temporary files may have removed the file between open and flock; the next
    # process would then lock a new file of the same name, and both would own the slot.
    if _lock(descriptor, path, fcntl.LOCK_EX | fcntl.LOCK_NB) and _is_named(descriptor, path):
        os.utime(descriptor)  # cleaners go by age
        return descriptor
    os.close(descriptor)
    return None


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _cannot_lock(path, error) from None


def _lock(descriptor: int, path: Path, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _cannot_lock(path, error) from None
    return True


def _is_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _close(descriptors: list[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _cannot_lock(path: Path, error: OSError) -> NstError:
    return NstError(
        f"cannot lock {path}: {error.strerror}; set NST_GPU_LOCKS to a folder on a local disk"
    )


def _ids(name: str, text: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in text.split(",") if part.strip() not in NO_DEVICE)
    wrong = [i for i in ids if not re.fullmatch(r"[A-Za-z0-9/._-]{1,80}", i)]
    if wrong or len(set(ids)) != len(ids):
        raise NstError(f"{name} is {text!r}, not a list of distinct device ids such as 0,1")
    return ids


def _machine_devices() -> tuple[str, ...]:
    """UUIDs of the NVIDIA devices of this machine; of their MIG slices where they are cut up."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"],
            capture_output=True,
            text=True,
            timeout=20,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    devices: list[str] = []
    for device in re.findall(r"UUID: ((?:GPU|MIG)-[A-Za-z0-9/-]+)", done.stdout):
        if device.startswith("MIG-") and devices and devices[-1].startswith("GPU-"):
            devices.pop()  # the GPU that this slice is the first of; it can be used in slices only
        devices.append(device)
    return tuple(devices)


def _safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)
