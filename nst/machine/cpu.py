"""What kind of CPU this is, without torch."""

import os
import platform
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def precision() -> str:
    """What `precision: auto` means on it: torch's builds for x86 have MKL."""
    if multiplies_bf16():
        return "bf16"
    return "fp32-winograd" if platform.machine() in ("x86_64", "AMD64") else "fp32"


def multiplies_bf16() -> bool:
    """Whether it has AVX-512 BF16; false where there is no /proc/cpuinfo."""
    try:
        return "avx512_bf16" in CPUINFO.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
