"""The environment that the workflow's jobs inherit from Snakemake."""

import math
import os
import sys
from pathlib import Path


def find_our_programs() -> None:
    """Let jobs find `nst` and `python` beside the Python that runs Snakemake, activated or not."""
    here = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


def share_gpus(limit: int | None, devices: int) -> None:
    """Let `--resources gpu=4` on two GPUs mean two jobs on each, unless NST_GPU_SLOTS says it."""
    if limit and devices:
        slots = min(99, math.ceil(limit / devices))
        os.environ.setdefault("NST_GPU_SLOTS", str(slots))
