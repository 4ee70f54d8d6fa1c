"""The environment that the workflow's jobs inherit from Snakemake."""

import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType

from nst.disk.packaged import PACKAGE
from nst.machine import free_memory
from nst.machine.gpu import slots_per_device
from nst.progress.terminal import TERMINAL

MODULES = Path(".snakemake/nst/modules")
GPU_SLOTS = "NST_GPU_SLOTS"  # how many jobs may share a GPU; read by nst.machine.gpu


def find_our_programs() -> None:
    """Let jobs find `python` beside the one that runs Snakemake, and there this package only.

    The project's folder is not on their path: a `copy.py` or `random.py` in it would hide Python's own.
    """
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])
    with suppress(OSError):  # a folder that cannot be written, or without links: as by hand
        link_package(Path())
        paths = [str(MODULES.absolute()), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        os.environ["PYTHONSAFEPATH"] = "1"


def link_package(project: Path) -> None:
    """Make the link to this package, which is all that MODULES of a project holds."""
    link = project / MODULES / PACKAGE.name
    if link.resolve() == PACKAGE:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.parent.with_name(f"{MODULES.name}.{os.getpid()}")
    new.symlink_to(PACKAGE)
    new.replace(link)


def await_jobs() -> str:
    """Let Snakemake, and the shell of each job, outlive a job that saves its state on a stop signal.

    Returns the shell commands that every job begins with. SLURM signals all processes of a step, and
    kills the rest as soon as the first one has ended: that would be Snakemake, on SIGUSR1.
    """
    if threading.current_thread() is threading.main_thread():  # Python allows no handler elsewhere
        # A handler, and not SIG_IGN, which the jobs would inherit.
        signal.signal(signal.SIGUSR1, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            signal.signal(signal.SIGHUP, _hang_up)
    return "set -euo pipefail; trap : TERM USR1 HUP; "


def _hang_up(number: int, frame: FrameType | None) -> None:
    """Stop as on Ctrl-C when the terminal is closed, of which the kernel tells its leader only."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.killpg(0, signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGINT)


def end_on_interrupt() -> Callable[[], object]:
    """End this process in a line on Ctrl-C; returns a function that undoes this.

    It is for the time before there are jobs, when Snakemake would print where it was interrupted.
    """
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        return lambda: None

    def end(number: int, frame: FrameType | None) -> None:
        TERMINAL.say("stopped")
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, end)
    return lambda: signal.signal(signal.SIGINT, before)


def note_interrupts() -> Callable[[], bool]:
    """Note whether Ctrl-C is pressed, which does what it did before; returns a function that tells."""
    numbers: list[int] = []
    before = signal.getsignal(signal.SIGINT)

    def note(number: int, frame: FrameType | None) -> None:
        numbers.append(number)
        if callable(before):
            before(number, frame)

    if threading.current_thread() is threading.main_thread() and callable(before):
        signal.signal(signal.SIGINT, note)
    return lambda: bool(numbers)


def share_gpus(limit: int | None, devices: int) -> int:
    """Let `--resources gpu=4` on two GPUs mean two jobs on each, unless NST_GPU_SLOTS is set.

    Returns how many jobs share a GPU.
    """
    if limit and devices:
        os.environ.setdefault(GPU_SLOTS, str(min(99, math.ceil(limit / devices))))
    return slots_per_device()


def share_memory(jobs: int, free: int | None) -> None:
    """Tell jobs how many of them run at the same time, and how many bytes were `free` before the first.

    What is set already stays. Raises NstError for nonsense in NST_JOBS_AT_ONCE or NST_FREE_MEMORY.
    """
    os.environ.setdefault(free_memory.JOBS, str(max(1, jobs)))
    if free:
        os.environ.setdefault(free_memory.FREE, str(free))
    free_memory.jobs_at_once()
