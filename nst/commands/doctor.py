"""Say what this machine offers and what is missing."""

import argparse
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from nst.config.grid import Grid, expand
from nst.disk import formats
from nst.errors import NstError
from nst.machine import cpu, gpu, gpu_locks, nvidia
from nst.progress.estimate import Estimator
from nst.results.externals import EXTERNAL, external_notices, survey_externals
from nst.results.states import MADE, States, survey
from nst.text import counted, duration

PACKAGES = ("nst-grid", "torch", "torchvision", "snakemake", "pillow", "pillow-heif", "pandas")
SLURM_PLUGIN = "snakemake-executor-plugin-slurm"
MOST_TIMED = 1000  # images whose time is estimated
SLOW = {
    ("cpu", "fp32"): "a CPU with AVX-512 BF16 takes about a third of the time",
    ("cpu", "fp32-winograd"): "a CPU with AVX-512 BF16 takes about two thirds of the time",
    ("cuda", "fp32"): "GPUs since the Ampere generation are faster, in bf16",
}
EXAMPLE = "example: nst doctor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`nst doctor` has no options."""


def run(options: argparse.Namespace) -> None:
    """Print the report."""
    print(report())


def report() -> str:
    """One line for each thing: its name, its state, and the way to get it if it is missing."""
    lines = [*_versions(), *_devices(), *_weights(), *_formats(), *_project(), *_slurm()]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}  {state}" for name, state in lines)


def _versions() -> Iterator[tuple[str, str]]:
    yield "python", f"{platform.python_version()} ({sys.executable})"
    for package in PACKAGES:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, f"missing: pip install {package}"


def _devices() -> Iterator[tuple[str, str]]:
    precision = precision_state("cpu", cpu.precision())
    yield "cpu", f"{counted(cpu.cores(), 'core')}; {precision}"
    try:
        pool = gpu.pool()
        slots = gpu.slots_per_device()
        folder = gpu_locks.folder() if pool.devices else None
    except NstError as error:
        yield "gpu", f"refused: {error}"
        return
    if not pool.devices:  # importing torch takes seconds
        yield "gpu", f"none ({nvidia.fault() or 'nvidia-smi lists none'}): images are made on the CPU"
        return
    from nst.transfer.device import WAYS_OUT, cuda_fault

    if reason := cuda_fault():
        listed = ", ".join(pool.devices)
        reason = nvidia.fault() or reason
        yield "gpu", f"torch cannot use {listed} ({reason}), so images fail; {WAYS_OUT}"
        return
    yield from _usable_gpus()
    yield "gpu slots", f"{', '.join(pool.devices)}; {slots} per device; locks in {folder}"


def _usable_gpus() -> Iterator[tuple[str, str]]:
    import torch

    from nst.engine.backbone import best_precision

    for number in range(torch.cuda.device_count()):
        device = torch.device("cuda", number)
        properties = torch.cuda.get_device_properties(device)
        memory = properties.total_memory / 2**30
        precision = precision_state("cuda", best_precision(device))
        yield f"gpu {number}", f"{properties.name}, {memory:.0f} GiB; {precision}"


def precision_state(device: str, precision: str) -> str:
    """What `precision: auto` means on a kind of device, and what it costs if that is the slow way."""
    slow = SLOW.get((device, precision))
    note = f": {slow}" if slow else ""
    note = " (AVX-512 BF16)" if (device, precision) == ("cpu", "bf16") else note
    return f"precision auto = {precision}{note}"


def _formats() -> Iterator[tuple[str, str]]:
    missing = "" if formats.reads_heic() else f"; HEIC is missing: {formats.HEIC_LIBRARY}"
    yield "formats", ", ".join([*formats.FORMATS, *([] if missing else ["HEIC"])]) + missing


def _project() -> Iterator[tuple[str, str]]:
    """The config in this folder, how long one of its images takes here, and the free disk."""
    if Path("config.yaml").is_file():
        try:
            grid = expand(["config.yaml"])
            states, externals = survey(grid.cells), survey_externals(grid)
        except NstError as error:
            yield "config.yaml", f"refused: {str(error).splitlines()[0]}"
        else:
            made = sum(state.kind == MADE for state in states.values())
            yield (
                "config.yaml",
                f"{counted(len(grid.cells), 'image')}, {made} made; {_time(grid, states)}",
            )
            if externals:
                there = sum(state.kind == EXTERNAL for state in externals.values())
                faults = external_notices(grid, externals)
                count = f"{there} of {counted(len(externals), 'picture')} by other programs"
                yield "external", "; ".join([count, *faults])
    yield "disk", f"{shutil.disk_usage(Path()).free / 1e9:.1f} GB free in this folder"


def _time(grid: Grid, states: States) -> str:
    """By the records of images that were made: `nst doctor` measures nothing."""
    estimator = Estimator(grid, states, at_once=1)
    seconds = [estimator.seconds_left([cell], {}) for cell in grid.cells[:MOST_TIMED]]
    known = sorted(each for each in seconds if each is not None)
    if not known:
        return "`snakemake -n` measures how long they take"
    ends = dict.fromkeys(map(duration, (known[0], known[-1])))
    return f"one takes about {' to '.join(ends)} by the images made before"


def _weights() -> Iterator[tuple[str, str]]:
    from nst.transfer.weights_list import WEIGHTS, weights_here

    for name in WEIGHTS:
        yield f"weights {name}", "; ".join(weights_here(name)) or f"not here yet: nst weights {name}"


def _slurm() -> Iterator[tuple[str, str]]:
    try:
        plugin = version(SLURM_PLUGIN)
    except PackageNotFoundError:
        plugin = ""
    if shutil.which("sbatch") is None:
        yield "slurm", "no sbatch here; profiles/slurm needs a cluster's login node"
    elif not plugin:
        yield "slurm", f"sbatch is here, the plugin is missing: pip install {SLURM_PLUGIN}"
    else:
        yield "slurm", f"plugin {plugin}; {_partitions()}"


def _partitions() -> str:
    try:
        done = subprocess.run(
            ["sinfo", "-h", "-o", "%P %G"], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return "sinfo does not answer"
    if done.returncode:
        return f"sinfo does not answer ({(done.stderr.strip().splitlines() or ['no message'])[-1]})"
    return "partitions " + ", ".join(sorted(set(done.stdout.strip().splitlines())))
