"""The device and the precision that a transfer is computed with, and the memory that it took."""

import os
import re
import resource
import sys
import warnings
from collections.abc import Callable

import torch

from nst.config.settings import Settings
from nst.engine.backbone import best_precision
from nst.errors import NstError
from nst.machine import gpu
from nst.machine.free_memory import give_back
from nst.text import one_line

WAYS_OUT = "update the NVIDIA driver, install a torch for it, or choose device cpu"


def take_device(settings: Settings, say: Callable[[str], None]) -> tuple[torch.device, str]:
    """A device that this process holds until it lets go, and its name in records.

    Raises NstError where `device: cuda` has no GPU, and for a GPU that is listed but that torch cannot
    use: an image that takes a minute there may take an hour on the CPU.
    """
    pool = gpu.Pool(()) if settings.device == "cpu" else gpu.pool()
    held = gpu.hold(pool, gpu.slots_per_device(), say)
    if held is not None:
        say(f"GPU {held} assigned")
    if held is not None and (settings.device == "cuda" or not gpu.pretended()):
        if reason := cuda_fault():
            raise NstError(f"GPU {held} is listed, but torch cannot use it: {reason}; {WAYS_OUT}")
        device = torch.device("cuda", 0)  # the only visible one
        return device, f"cuda {held} {torch.cuda.get_device_name(device)}"
    if settings.device == "cuda":
        raise NstError(
            "device cuda: no GPU is listed here (by nvidia-smi, NST_GPUS or CUDA_VISIBLE_DEVICES);"
            " choose device auto or cpu, or name the GPU: NST_GPUS=0"
        )
    if held is not None:
        say(f"GPU {held} is pretended ({gpu.PRETEND}): running on the CPU")
    elif settings.device == "auto" and "NST_GPUS" not in os.environ and torch.cuda.is_available():
        say(
            "note: running on the CPU: nvidia-smi lists no GPU, but torch sees one; to use it set"
            " NST_GPUS=0"
        )
    return torch.device("cpu"), "cpu"


def let_go(device: torch.device) -> None:
    """Leave a device to the next job: an image is encoded without it."""
    if device.type == "cuda":
        give_back()
    gpu.let_go()


def cuda_fault() -> str:
    """Why torch cannot use a GPU, in its own words; an empty string if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the error says the same
            torch.cuda.init()
    except (AssertionError, RuntimeError) as error:
        sentence = re.split(r"\.\s|\.?$", one_line(str(error).splitlines()[0]))[0]
        return sentence[:200]
    return "" if torch.cuda.device_count() else "no CUDA device is visible to it"


def choose_precision(settings: Settings, device: torch.device) -> str:
    """The precision to compute in. Raises NstError for one that the device lacks."""
    precision = settings.precision
    if precision == "auto":
        # L-BFGS takes the rounding of bf16 for curvature; only backtracking undoes the bad step.
        rounding_hurts = settings.optimizer == "lbfgs" and settings.line_search == "none"
        precision = "fp32" if rounding_hurts else best_precision(device)
    if precision == "tf32" and device.type != "cuda":
        raise NstError("precision tf32 needs a GPU; choose auto, fp32 or bf16 on a CPU")
    if precision == "fp32-winograd" and device.type != "cpu":
        raise NstError("precision fp32-winograd needs a CPU; choose auto, fp32, tf32 or bf16 on a GPU")
    return precision


def final_precision(settings: Settings) -> str:
    """The precision of final losses: fp32, so that they can be compared, or the more exact fp64."""
    return "fp64" if settings.precision == "fp64" else "fp32"


def peak_memory(device: torch.device) -> float:
    """The most memory held at once, in MB of 2**20 bytes: the device's, or this process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
