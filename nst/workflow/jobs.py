"""The environment that the workflow's jobs inherit from Snakemake."""

import math
import os
import signal
import sys
from pathlib import Path


def find_our_programs() -> None:
    """Let jobs find `nst` and `python` beside the Python that runs Snakemake, activated or not."""
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


def await_jobs() -> str:
    """Let Snakemake, and the shell of each job, outlive a job that saves itself on a stop signal.

    Returns what the shell is to do first. SLURM signals every process of a step, and kills those that
    are left as soon as the first one has ended: Snakemake, on SIGUSR1 or once the shell has ended.
    """
    # A handler, since what is ignored is ignored in the jobs, too.
    signal.signal(signal.SIGUSR1, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    return "set -euo pipefail; trap : TERM USR1; "


def share_gpus(limit: int | None, devices: int) -> None:
    """Let `--resources gpu=4` on two GPUs mean two jobs on each, unless NST_GPU_SLOTS says it."""
    if limit and devices:
        slots = min(99, math.ceil(limit / devices))
        os.environ.setdefault("NST_GPU_SLOTS", str(slots))
