"""Pretended machines and claims of GPUs, for the tests of nst.machine.gpu."""

import os
from contextlib import contextmanager

import pytest

from nst.machine import gpu
from nst.machine.gpu import Pool

TWO = Pool(("0", "1"))


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """No GPU, no scheduler, a folder of locks of its own; the environment as before afterwards."""
    job = (*gpu.SCHEDULER_JOBS, "JOB_ID", "SGE_ROOT")
    masks = ("NST_GPUS", "NST_GPU_SLOTS", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", gpu.PRETEND)
    for name in (*masks, *job):
        monkeypatch.setenv(name, "")  # so that it is noted, and put back, even if it was not set
        monkeypatch.delenv(name)
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "locks"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()


@contextmanager
def claimed(devices: Pool, slots: int, waiting):
    """A device that is held for as long as the context."""
    device, descriptors = gpu.claim(devices, slots, waiting)
    try:
        yield device
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def at_once(devices: Pool = TWO, slots: int = 1):
    """A device that must be free now."""
    return claimed(devices, slots, waiting=pytest.fail)


def all_taken(devices: Pool = TWO, slots: int = 1) -> bool:
    """Whether a process would have to wait."""

    def give_up(message):
        raise TimeoutError

    try:
        with claimed(devices, slots, give_up):
            return False
    except TimeoutError:
        return True
