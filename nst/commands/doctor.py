"""Say what this machine offers and what is missing."""

import argparse
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from nst.errors import NstError
from nst.machine import gpu, gpu_locks, nvidia

if TYPE_CHECKING:
    import torch

PACKAGES = ("nst-grid", "torch", "torchvision", "snakemake", "pillow", "pillow-heif", "pandas")
SLURM_PLUGIN = "snakemake-executor-plugin-slurm"
EXAMPLE = "example: nst doctor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`nst doctor` has no options."""


def run(options: argparse.Namespace) -> None:
    """Print the report."""
    print(report())


def report() -> str:
    """One line for each thing: its name, its state, and the way to get it if it is missing."""
    lines = [*_versions(), *_devices(), *_weights(), *_slurm()]
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
    import torch

    from nst.transfer.device import WAYS_OUT, cuda_fault

    cores, threads = os.cpu_count(), torch.get_num_threads()
    precision = precision_state(torch.device("cpu"))
    yield "cpu", f"{cores} cores, {threads} threads; {precision}"
    try:
        pool = gpu.pool()
        slots = gpu.slots_per_device()
        folder = gpu_locks.folder() if pool.devices else None
    except NstError as error:
        yield "gpu", f"refused: {error}"
        return
    if reason := cuda_fault():
        way = "cells run on the CPU"
        reason = nvidia.fault() or reason
        if pool.devices:
            way = f"{', '.join(pool.devices)} listed, so cells are refused; {WAYS_OUT}"
        yield "gpu", f"none that torch can use ({reason}): {way}"
        return
    for number in range(torch.cuda.device_count()):
        device = torch.device("cuda", number)
        properties = torch.cuda.get_device_properties(device)
        memory = properties.total_memory / 2**30
        yield f"gpu {number}", f"{properties.name}, {memory:.0f} GiB; {precision_state(device)}"
    yield "gpu slots", f"{', '.join(pool.devices) or 'none'}; {slots} per device; locks in {folder}"


def precision_state(device: "torch.device") -> str:
    """What `precision: auto` means on a device, and what it costs if that is the slow way."""
    from nst.engine.backbone import best_precision

    precision = best_precision(device)
    slow = {
        "cpu": "an image takes about three times as long as on a CPU with AVX-512 BF16",
        "cuda": "GPUs since the Ampere generation are faster, in bf16",
    }
    cost = f": {slow[device.type]}" if precision == "fp32" else ""
    return f"precision auto = {precision}{cost}"


def _weights() -> Iterator[tuple[str, str]]:
    from nst.transfer import weights

    for name in weights.PUBLISHED:
        states = []
        for folder in (Path("results/weights"), weights.default_folder()):
            path = folder / f"{name}.safetensors"
            if path.is_file():
                try:
                    weights.verify(name, path)
                    states.append(f"{path}, verified")
                except NstError as error:
                    states.append(f"refused: {error}")
        yield f"weights {name}", "; ".join(states) or f"not here yet: nst weights {name}"


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
