"""Which device a transfer takes, and that a GPU is never passed over in silence."""

from dataclasses import replace

import pytest
import torch
from gpu_claims import bare_machine  # noqa: F401

from nst.config.recipes import resolve
from nst.errors import NstError
from nst.machine import gpu
from nst.transfer.device import take_device

SETTINGS = resolve({"backbone": "vgg16"})
OLD_DRIVER = "The NVIDIA driver on your system is too old (found version 12020). Please update your GPU"


@pytest.fixture
def machine(monkeypatch):
    """A function (torch's error) that lists one GPU; torch refuses it with that error."""

    def listed(error):
        def init():
            raise error

        monkeypatch.setenv("NST_GPUS", "0")
        monkeypatch.setattr(gpu, "_held", {})
        monkeypatch.setattr(torch.cuda, "init", init)

    return listed


@pytest.mark.parametrize("device", ["auto", "cuda"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError(OLD_DRIVER), "The NVIDIA driver on your system is too old (found version 12020)"),
        (
            AssertionError("Torch not compiled with CUDA enabled"),
            "Torch not compiled with CUDA enabled",
        ),
        (RuntimeError("No CUDA GPUs are available"), "No CUDA GPUs are available"),
    ],
)
def test_a_listed_gpu_that_torch_cannot_use_is_refused_with_its_reason(machine, device, error, reason):
    machine(error)
    with pytest.raises(NstError) as refusal:
        take_device(replace(SETTINGS, device=device), print)
    assert str(refusal.value) == (
        f"GPU 0 is listed, but torch cannot use it: {reason}; update the NVIDIA driver, install a torch"
        " for it, or choose device cpu"
    )


def test_device_cpu_looks_at_no_gpu(machine):
    machine(RuntimeError(OLD_DRIVER))
    assert take_device(replace(SETTINGS, device="cpu"), pytest.fail) == (torch.device("cpu"), "cpu")


def test_a_pretended_gpu_is_held_and_said_to_be_pretended(machine, monkeypatch):
    machine(RuntimeError(OLD_DRIVER))
    monkeypatch.setenv(gpu.PRETEND, "1")
    lines = []
    assert take_device(SETTINGS, lines.append) == (torch.device("cpu"), "cpu")
    assert lines == ["GPU 0 assigned", "GPU 0 is pretended (NST_PRETEND_GPUS): running on the CPU"]
    with pytest.raises(NstError, match="torch cannot use it"):
        take_device(replace(SETTINGS, device="cuda"), print)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused():
    assert take_device(SETTINGS, pytest.fail) == (torch.device("cpu"), "cpu")
    with pytest.raises(NstError, match="device cuda: no GPU is listed here"):
        take_device(replace(SETTINGS, device="cuda"), print)
