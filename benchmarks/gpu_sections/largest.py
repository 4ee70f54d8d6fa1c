"""The largest size that the device's memory holds without tiles."""

import gc
import time

import torch

from gpu_sections.common import is_over, loaded
from nst.engine.objective import Style
from nst.engine.stages import Stage, optimize
from nst.errors import is_out_of_memory

FIRST, GRAIN, EVALUATIONS = 1024, 256, 3


def largest(options) -> None:
    """the largest size that fits without tiles, by a few evaluations; L-BFGS's pairs come on top"""
    fits, fails, size, seconds = 0, None, min(FIRST, options.most), 0.0
    while size > fits and not is_over(options, seconds * (size / fits) ** 2 if fits else 0):
        start = time.perf_counter()
        if is_held(options, size):
            fits, seconds = size, time.perf_counter() - start
        else:
            fails = size
        between = (fits + fails) // 2 // GRAIN * GRAIN if fails else min(2 * size, options.most)
        size = between if not fails or between > fits else 0
    if fails:
        print(f"{fits} px fits, {fails} px does not")
    else:
        print(f"{fits} px fits; nothing larger was tried")


def is_held(options, size: int) -> bool:
    """Whether a few evaluations of this size fit in memory."""
    device = torch.device(options.device)
    if device.type == "cuda":
        torch.cuda.init()
        gc.collect()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    try:
        backbone, settings, content, style = loaded(options, "gatys", size, "auto", device)
        optimize(backbone, settings, [Stage(content, (Style(style),), content, EVALUATIONS)])
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        print(f"{size} px: not enough memory", flush=True)
        return False
    used = f", peak {torch.cuda.max_memory_allocated() >> 20} MB" if device.type == "cuda" else ""
    print(f"{size} px: {time.perf_counter() - start:.1f} s{used}", flush=True)
    return True
