"""What the machine is, and whether the tests for it pass."""

import subprocess
import sys

import torch

from gpu_sections.common import called


def machine(options) -> None:
    """what this is"""
    print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, Python {sys.version.split()[0]}")
    print(f"{options.weights.name}, {options.backbone}, sizes {options.sizes}, device {options.device}")
    if options.device == "cuda":
        print(torch.cuda.get_device_name(), torch.cuda.get_device_capability())
        print(called(["nvidia-smi", "--query-gpu=driver_version,memory.total", "--format=csv"]))


def tests(options) -> None:
    """those marked gpu"""
    words = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider"]
    words += ["--continue-on-collection-errors", "-o", "addopts="]  # some tests need more packages
    words += ["tests/engine", "tests/machine", "tests/transfer", "tests/workflow"]
    done = subprocess.run(words, capture_output=True, text=True)
    lines = done.stdout.splitlines() or done.stderr.splitlines()
    print("\n".join(lines[-12:]))
