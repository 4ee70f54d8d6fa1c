"""Which GPUs there are, and that each has one name."""

import os
import sys
from pathlib import Path

import pytest
from gpu_claims import all_taken, at_once, bare_machine  # noqa: F401

from nst.errors import NstError
from nst.machine import gpu, nvidia
from nst.machine.gpu import Pool
from nst.workflow.environment import find_our_programs, share_gpus


@pytest.fixture
def nvidia_smi(tmp_path):
    """A function (lines) that lets nvidia-smi list these devices."""

    def write(lines):
        said = "\n".join(f'[ "$1" = -L ] && echo "{line}"' for line in lines)
        path = tmp_path / "bin/nvidia-smi"
        path.write_text(f"#!/bin/sh\n{said}\n")
        path.chmod(0o755)

    return write


SOURCES = {
    "explicit": ({"NST_GPUS": "0,1"}, Pool(("0", "1"))),
    "explicit before mask": ({"NST_GPUS": "5", "CUDA_VISIBLE_DEVICES": "0"}, Pool(("5",))),
    "explicit in a job": ({"NST_GPUS": "0", "SLURM_JOB_ID": "7"}, Pool(("0",))),
    "explicit none": ({"NST_GPUS": "", "CUDA_VISIBLE_DEVICES": "0"}, Pool(())),
    "spaces": ({"NST_GPUS": " 0, 1 ,"}, Pool(("0", "1"))),
    "user's mask": ({"CUDA_VISIBLE_DEVICES": "1,GPU-8a-f"}, Pool(("1", "GPU-8a-f"))),
    "user hides all": ({"CUDA_VISIBLE_DEVICES": ""}, Pool(())),
    "SLURM": ({"CUDA_VISIBLE_DEVICES": "0", "SLURM_JOB_ID": "7"}, Pool(("0",), "7")),
    "SLURM, two": ({"CUDA_VISIBLE_DEVICES": "0,1", "SLURM_JOB_ID": "7"}, Pool(("0", "1"), "7")),
    "SLURM, none": ({"CUDA_VISIBLE_DEVICES": "NoDevFiles", "SLURM_JOB_ID": "7"}, Pool((), "7")),
    "PBS": ({"CUDA_VISIBLE_DEVICES": "3", "PBS_JOBID": "7[1].n/x"}, Pool(("3",), "7[1].n/x")),
    "SGE": ({"CUDA_VISIBLE_DEVICES": "0", "JOB_ID": "7", "SGE_ROOT": "x"}, Pool(("0",), "7")),
    "somebody's JOB_ID": ({"CUDA_VISIBLE_DEVICES": "0", "JOB_ID": "7"}, Pool(("0",))),
    "no real job": ({"CUDA_VISIBLE_DEVICES": "0", "SLURM_JOB_ID": ""}, Pool(("0",))),
    "old MIG name": ({"NST_GPUS": "MIG-GPU-8a/1/0"}, Pool(("MIG-GPU-8a/1/0",))),
}
LISTS = {
    "two": (["GPU 0: A (UUID: GPU-1a)", "GPU 1: A (UUID: GPU-3c)"], ["GPU-1a", "GPU-3c"]),
    "one of two in slices": (
        [
            "GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-1a-2b)",
            "  MIG 3g.20gb     Device  0: (UUID: MIG-5e-6f)",
            "  MIG 3g.20gb     Device  1: (UUID: MIG-GPU-1a-2b/7/0)",
            "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-3c-4d)",
        ],
        ["MIG-5e-6f", "MIG-GPU-1a-2b/7/0", "GPU-3c-4d"],
    ),
    "no driver": (["NVIDIA-SMI has failed because it could not talk to the NVIDIA driver."], []),
    "no nvidia-smi": (None, []),
}
BROKEN = "Failed to initialize NVML: Driver/library version mismatch"
LIMITS = [(4, 2, "2"), (3, 2, "2"), (1, 2, "1"), (999, 2, "99")]
LIMITS += [(None, 2, None), (0, 2, None), (4, 0, None)]


@pytest.mark.parametrize(("environment", "found"), SOURCES.values(), ids=SOURCES)
def test_order_of_sources(environment, found):
    assert gpu.pool(environment) == found


@pytest.mark.parametrize("name", ["NST_GPUS", "CUDA_VISIBLE_DEVICES"])
@pytest.mark.parametrize("value", ["0;1", "0,0", "0,../x y", "all of them", "ü"])
def test_bad_ids_are_refused_with_the_value(name, value):
    with pytest.raises(NstError) as refusal:
        gpu.pool({name: value})
    assert str(refusal.value) == f"{name} is {value!r}, not a list of distinct device ids such as 0,1"


@pytest.mark.parametrize(("listed", "devices"), LISTS.values(), ids=LISTS)
def test_devices_of_the_machine(nvidia_smi, listed, devices):
    if listed is not None:
        nvidia_smi(listed)
    assert gpu.pool() == Pool(tuple(devices))


LISTED = [
    "GPU 0: NVIDIA H200 (UUID: GPU-032e9aed-3a4c-f8ab-f05e-34101ee055a7)",
    "GPU 1: NVIDIA A100 (UUID: GPU-1a-2b)",
    "  MIG 3g.20gb     Device  0: (UUID: MIG-5e-6f)",
    "  MIG 3g.20gb     Device  1: (UUID: MIG-7a-8b)",
]
H200 = "GPU-032e9aed-3a4c-f8ab-f05e-34101ee055a7"


def test_an_nvidia_smi_that_fails_is_quoted(nvidia_smi):
    assert nvidia.fault() == ""  # not installed: nothing to say
    nvidia_smi(LISTED)
    assert nvidia.fault() == ""
    nvidia_smi([BROKEN])
    assert nvidia.fault() == f"nvidia-smi: {BROKEN}"


def test_windows_own_nvidia_smi_is_found(nvidia_smi, tmp_path, monkeypatch):
    nvidia_smi(LISTED)
    (tmp_path / "bin/nvidia-smi").rename(tmp_path / "elsewhere")
    monkeypatch.setattr(nvidia, "WSL", str(tmp_path / "elsewhere"))
    assert nvidia.devices()


@pytest.mark.parametrize(
    ("name", "device"),
    [("0", H200), ("GPU-032e", H200), (H200, H200), ("1", "MIG-5e-6f"), ("MIG-7a", "MIG-7a-8b"),
     ("2", "2"), ("GPU-9", "GPU-9"), ("MIG-", "MIG-")],
)  # fmt: skip
@pytest.mark.parametrize("job", ["", "7"])
def test_a_device_has_one_name_and_one_lock_whatever_names_it(nvidia_smi, name, device, job):
    nvidia_smi(LISTED)
    pool = gpu.pool({"CUDA_VISIBLE_DEVICES": name, "SLURM_JOB_ID": job})
    assert pool.devices == (device,)
    known = device.startswith(("GPU-", "MIG-"))
    assert pool.lock_name(device) == (device if known or not job else f"7.{device}")


def test_two_names_of_one_device_are_refused(nvidia_smi):
    nvidia_smi(LISTED)
    with pytest.raises(NstError, match="which names a device twice"):
        gpu.pool({"NST_GPUS": f"0,{H200}"})


def test_pretended_devices_are_names_only(nvidia_smi):
    nvidia_smi(LISTED)
    assert gpu.pool({"NST_GPUS": "0,1", gpu.PRETEND: "1"}).devices == ("0", "1")


def test_an_index_and_a_uuid_are_one_lock(nvidia_smi, monkeypatch):
    nvidia_smi(LISTED)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    with at_once(gpu.pool()):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", H200)
        monkeypatch.setenv("SLURM_JOB_ID", "7")
        assert all_taken(gpu.pool())


def test_slots_per_device():
    assert gpu.slots_per_device({}) == 1
    assert gpu.slots_per_device({"NST_GPU_SLOTS": "12"}) == 12
    for bad in ("", "0", "-1", "1.5", "100", "two"):
        with pytest.raises(NstError, match=f"^NST_GPU_SLOTS is {bad!r}, not a whole number from 1 to"):
            gpu.slots_per_device({"NST_GPU_SLOTS": bad})


@pytest.mark.parametrize(("limit", "devices", "slots"), LIMITS)
def test_limit_of_the_workflow_becomes_slots(monkeypatch, limit, devices, slots):
    share_gpus(limit, devices)
    assert os.environ.get("NST_GPU_SLOTS") == slots
    monkeypatch.setenv("NST_GPU_SLOTS", "7")
    share_gpus(limit, devices)
    assert os.environ["NST_GPU_SLOTS"] == "7"


@pytest.mark.parametrize("path", ["/usr/bin:/bin", None])
def test_our_programs_come_first(monkeypatch, path):
    monkeypatch.setenv("PATH", path or "")
    if path is None:
        monkeypatch.delenv("PATH")
    find_our_programs()
    assert os.environ["PATH"] == f"{Path(sys.executable).parent}:{path or os.defpath}"
