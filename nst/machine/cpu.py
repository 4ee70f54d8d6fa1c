"""What kind of CPU this is, without torch."""

import os
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def multiplies_bf16() -> bool:
    """Whether it has AVX-512 BF16; false where there is no /proc/cpuinfo."""
    try:
        return "avx512_bf16" in CPUINFO.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
