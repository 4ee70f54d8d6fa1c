"""One GPU for one process: where devices come from, who gets which, and that none is ever lost."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from nst.errors import NstError
from nst.machine import gpu
from nst.machine.gpu import Pool
from nst.workflow.jobs import find_our_programs, share_gpus

TWO = Pool(("0", "1"))


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    """No GPU, no scheduler, a folder of locks of its own; the environment as before afterwards."""
    job = (*gpu.SCHEDULER_JOBS, "JOB_ID", "SGE_ROOT")
    for name in ("NST_GPUS", "NST_GPU_SLOTS", "CUDA_VISIBLE_DEVICES", *job):
        monkeypatch.setenv(name, "")  # so that it is noted, and put back, even if it was not set
        monkeypatch.delenv(name)
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "locks"))


def at_once(devices: Pool = TWO, slots: int = 1):
    """A slot that must be free now."""
    return gpu.slot(devices, slots, waiting=pytest.fail)


def all_taken(devices: Pool = TWO, slots: int = 1) -> bool:
    """Whether a process would have to wait."""

    def give_up(message):
        raise TimeoutError

    try:
        with gpu.slot(devices, slots, give_up):
            return False
    except TimeoutError:
        return True


# Which devices there are


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
    "PBS": ({"CUDA_VISIBLE_DEVICES": "3", "PBS_JOBID": "7[1].n/x"}, Pool(("3",), "7-1-.n-x")),
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
def test_devices_of_the_machine(monkeypatch, tmp_path, listed, devices):
    if listed is not None:
        said = "\n".join(f'[ "$1" = -L ] && echo "{line}"' for line in listed)
        (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{said}\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu.pool() == Pool(tuple(devices))


def test_only_one_device_of_a_scheduler_is_assigned():
    assert Pool(("0",), "7").assigned
    assert not any(p.assigned for p in (Pool(("0",)), Pool(("0", "1"), "7"), Pool((), "7")))


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


# Who gets which


def test_devices_fill_evenly_whatever_was_given_back():
    with ExitStack() as last, ExitStack() as first:
        assert [first.enter_context(at_once(slots=2)) for _ in range(2)] == ["0", "1"]
        assert last.enter_context(at_once(slots=2)) == "0"
        assert first.enter_context(at_once(slots=2)) == "1"
        assert all_taken(slots=2)
        first.close()  # one process is left, in the second slot of device 0
        assert [last.enter_context(at_once(slots=2)) for _ in range(3)] == ["1", "0", "1"]
        assert all_taken(slots=2)


def test_a_job_that_only_counts_free_slots_makes_nobody_wait():
    folder = gpu.lock_folder()
    descriptors = [os.open(folder, os.O_RDONLY), os.open(folder / "0.0.lock", os.O_RDWR | os.O_CREAT)]
    for descriptor in descriptors:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    counted = threading.Timer(0.1, gpu._close, [descriptors[::-1]])
    counted.start()
    with at_once() as device:
        assert device == "0"
    counted.join()


def test_a_job_waits_says_so_once_and_sees_only_its_device(monkeypatch):
    monkeypatch.setattr(gpu, "POLL", 0.01)
    said, got = [], []

    def wait():
        with gpu.slot(TWO, waiting=said.append) as device:
            got.append((device, os.environ["CUDA_VISIBLE_DEVICES"]))

    waiter = threading.Thread(target=wait, daemon=True)
    with at_once() as zero:
        assert os.environ["CUDA_VISIBLE_DEVICES"] == zero == "0"
        with at_once() as one:
            assert os.environ["CUDA_VISIBLE_DEVICES"] == one == "1"
            waiter.start()
            time.sleep(0.15)
            assert (said, got) == (["waiting for one of the GPUs 0, 1"], [])
        waiter.join(5)
    assert (len(said), got) == (1, [("1", "1")])
    # Once CUDA has started, a process cannot go to another device, so the mask stays.
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "1"


def test_hold_lasts_until_the_process_ends():
    code = "import gc, sys; from nst import gpu; got = gpu.hold(gpu.Pool(('0',))); gc.collect()"
    code += "; print(got, 'torch' in sys.modules, flush=True); sys.stdin.read()"
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as holder:
        assert holder.stdout.readline() == "0 False\n"
        assert all_taken(Pool(("0",))) and not all_taken(TWO)
        assert holder.communicate(timeout=10) == ("", "")
    assert holder.returncode == 0
    assert not all_taken(Pool(("0",)))


@pytest.mark.parametrize(("devices", "device"), [(Pool(()), None), (Pool(("3",), "7"), "3")])
def test_where_there_is_no_choice_there_is_no_lock(tmp_path, devices, device):
    with at_once(devices) as one, at_once(devices) as other:
        assert one == other == device == os.environ.get("CUDA_VISIBLE_DEVICES")
    assert not (tmp_path / "locks").exists()


def test_jobs_of_a_scheduler_with_the_same_relative_ids_do_not_meet():
    one, other = Pool(("0", "1"), "7"), Pool(("0", "1"), "8")
    with at_once(one), at_once(one), at_once(other), at_once(other):
        assert all_taken(one) and all_taken(other) and not all_taken(TWO)


# The locks


def test_folder_is_made_for_us_alone_and_for_all_shells(monkeypatch, tmp_path):
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "new" / "locks"))
    assert gpu.lock_folder() == tmp_path / "new" / "locks"
    assert gpu.lock_folder().stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("NST_GPU_LOCKS", "")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert gpu.lock_folder() == Path(f"/tmp/nst-gpu-{os.getuid()}")


@pytest.mark.parametrize(
    "fault", ["another's", "link", "group", "world", "file", "below a file", "relative"]
)
def test_doubtful_folder_is_refused(monkeypatch, tmp_path, fault):
    folder = tmp_path / "locks"
    reason = "is not yours alone; set NST_GPU_LOCKS to one that is"
    if fault == "another's":
        gpu.lock_folder()
        ours = os.getuid()
        monkeypatch.setattr(os, "getuid", lambda: ours + 1)
    elif fault == "link":
        (tmp_path / "else").mkdir()
        folder.symlink_to(tmp_path / "else")
    elif fault in ("group", "world"):
        folder.mkdir()
        folder.chmod(0o770 if fault == "group" else 0o702)
    elif fault == "relative":
        monkeypatch.setenv("NST_GPU_LOCKS", "locks")
        folder, reason = "'locks'", "not an absolute path"
    else:
        folder.write_text("")
        reason = "set NST_GPU_LOCKS to a folder of yours on this node"
        if fault == "below a file":
            monkeypatch.setenv("NST_GPU_LOCKS", str(folder / "locks"))
    with pytest.raises(NstError) as refusal, gpu.slot(TWO):
        pass
    assert str(folder) in str(refusal.value) and reason in str(refusal.value)


def test_disk_without_flock_is_refused(monkeypatch):
    def flock(descriptor, how):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    told = "Operation not supported; set NST_GPU_LOCKS to a folder on a local"
    with pytest.raises(NstError, match=told):
        gpu.slot(TWO).__enter__()


def test_link_in_place_of_a_lock_is_refused(tmp_path):
    (gpu.lock_folder() / "0.0.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NstError, match=r"cannot lock .*0\.0\.lock"):
        gpu.slot(TWO).__enter__()


def test_lock_file_removed_while_nobody_holds_it():
    with at_once(), at_once():
        pass
    for file in gpu.lock_folder().glob("*.lock"):
        file.unlink()
    with at_once(), at_once():
        assert all_taken()


@pytest.mark.parametrize("replaced", [False, True])
def test_lock_file_removed_between_open_and_flock_has_one_owner(monkeypatch, replaced):
    """Two processes have opened the file; the first to lock it would not be the last."""
    real, file = fcntl.flock, gpu.lock_folder() / "0.0.lock"

    def flock(descriptor, how):
        monkeypatch.setattr(fcntl, "flock", real)
        file.unlink()
        if replaced:
            file.write_text("")
        real(descriptor, how)

    with at_once(Pool(("0",))):
        pass
    monkeypatch.setattr(fcntl, "flock", flock)
    assert gpu._try(file) is None  # it locked a file that has no name any more
    with at_once(Pool(("0",))):
        assert all_taken(Pool(("0",)))
