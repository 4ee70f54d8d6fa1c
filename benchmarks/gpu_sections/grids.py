"""A small grid by the workflow, with several jobs on one device."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from grid import write_project

from gpu_sections.common import is_over

SLOTS = (1, 2, 4)
WEIGHTS = (0.1, 10)  # of the style: 2 contents x 2 styles x 2 cells


def grid(options) -> None:
    """cells per hour by snakemake with 1, 2 and 4 jobs on the device, start and page included"""
    if not shutil.which("snakemake"):
        print("left out: snakemake is not installed")
        return
    seconds = 0.0
    for slots in SLOTS:
        if is_over(options, seconds):
            return
        with tempfile.TemporaryDirectory(prefix="nst-grid-") as name:
            seconds = made(options, Path(name), slots)
            cells = len([*Path(name).glob("results/cells/*/*/*.png")])
        print(
            f"gpu={slots}: {cells} cells of {options.size} px, {options.evaluations // 3} evaluations:"
            f" {seconds:.1f} s, {3600 * cells / seconds:.0f} cells per hour",
            flush=True,
        )


def made(options, folder: Path, slots: int) -> float:
    """Seconds of the whole run of a new project. Raises RuntimeError if it fails."""
    settings = {"recipe": "painter", "backbone": options.backbone, "size": options.size}
    settings |= {"evaluations": options.evaluations // 3, "device": options.device}
    # Metrics need the weights of further networks, which may be out of reach.
    write_project(folder, options, WEIGHTS, settings=settings, metrics="none")
    cores = max(slots, 1 if options.device == "cpu" else os.cpu_count() or 1)
    words = ["snakemake", "--cores", str(cores), "--resources", f"gpu={slots}", "--quiet", "all"]
    start = time.perf_counter()
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-300:] or done.stdout[-300:])
    return time.perf_counter() - start
