"""Where a transfer is computed, in which precision, and how much memory that took."""

import resource
import sys
from collections.abc import Callable

import torch

from nst.config.settings import Settings
from nst.engine.backbone import best_precision
from nst.errors import NstError
from nst.machine import gpu


def take_device(settings: Settings, say: Callable[[str], None]) -> tuple[torch.device, str]:
    """A device for this process alone, for as long as it lives, and its name.

    Raises NstError where `device: cuda` cannot be had.
    """
    devices = gpu.Pool(()) if settings.device == "cpu" else gpu.pool()
    assigned = gpu.hold(devices, gpu.slots_per_device(), say)
    if assigned is not None:
        say(f"GPU {assigned} assigned")
    if assigned is not None and torch.cuda.is_available():
        device = torch.device("cuda", 0)  # the only one that is visible
        return device, f"cuda {assigned} {torch.cuda.get_device_name(device)}"
    if settings.device == "cuda":
        raise NstError(
            "device cuda: torch sees no GPU here, or none is named; choose device auto or cpu, or name"
            " the GPU: NST_GPUS=0"
        )
    if assigned is not None:
        say("torch sees no GPU: running on the CPU")
    elif settings.device == "auto" and torch.cuda.is_available():
        say("running on the CPU: torch sees a GPU, nvidia-smi names none; NST_GPUS=0 would name it")
    return torch.device("cpu"), "cpu"


def choose_precision(settings: Settings, device: torch.device) -> str:
    """The precision to compute in. Raises NstError for one that the device has not."""
    precision = settings.precision
    if precision == "auto":
        # Without a guard L-BFGS takes the rounding of bf16 for curvature and may leap far away.
        unguarded = settings.optimizer == "lbfgs" and settings.line_search == "none"
        precision = "fp32" if unguarded else best_precision(device)
    if precision == "tf32" and device.type != "cuda":
        raise NstError("precision tf32 needs a GPU; choose auto, fp32 or bf16 on a CPU")
    return precision


def peak_memory(device: torch.device) -> float:
    """The most memory held at once, in MB of 2**20 bytes: the device's, or this process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
