"""Which process gets which GPU, and that no lock is ever held twice or lost."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from gpu_claims import TWO, all_taken, at_once, bare_machine, claimed  # noqa: F401

from nst.errors import NstError
from nst.machine import gpu, gpu_locks
from nst.machine.gpu import Pool


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
    folder = gpu_locks.folder()
    descriptors = [os.open(folder, os.O_RDONLY), os.open(folder / "0.lock", os.O_RDWR | os.O_CREAT)]
    for descriptor in descriptors:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def counted():
        for descriptor in descriptors[::-1]:
            os.close(descriptor)

    timer = threading.Timer(0.1, counted)
    timer.start()
    with at_once() as device:
        assert device == "0"
    timer.join()


def test_a_job_waits_and_says_so_once(monkeypatch):
    monkeypatch.setattr(gpu, "POLL", 0.01)
    said, got = [], []

    def wait():
        with claimed(TWO, 1, said.append) as device:
            got.append(device)

    waiter = threading.Thread(target=wait, daemon=True)
    with at_once() as zero:
        assert zero == "0"
        with at_once() as one:
            assert one == "1"
            waiter.start()
            time.sleep(0.15)
            assert (said, got) == (["waiting for one of the GPUs 0, 1"], [])
        waiter.join(60)
    assert (len(said), got) == (1, ["1"])


def test_a_run_with_one_slot_has_the_device_for_itself():
    one = Pool(("0",))
    with at_once(one, slots=2), at_once(one, slots=4):
        assert all_taken(one, slots=1)
        assert all_taken(one, slots=2) and not all_taken(one, slots=4)
    with at_once(one, slots=1):
        assert all_taken(one, slots=2) and all_taken(one, slots=1)


def test_hold_lasts_until_the_process_ends():
    code = "import gc, os, sys; from nst.machine import gpu; got = gpu.hold(gpu.Pool(('0',)))"
    code += "; gc.collect(); seen = os.environ['CUDA_VISIBLE_DEVICES'], os.environ['CUDA_DEVICE_ORDER']"
    code += "; print(got, *seen, 'torch' in sys.modules, flush=True); sys.stdin.read()"
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code], text=True, **pipes) as holder:
        assert holder.stdout.readline() == "0 0 PCI_BUS_ID False\n"
        assert all_taken(Pool(("0",))) and not all_taken(TWO)
        assert holder.communicate(timeout=60) == ("", "")
    assert holder.returncode == 0
    assert not all_taken(Pool(("0",)))


def test_a_device_that_was_let_go_is_free_and_taken_again(monkeypatch):
    monkeypatch.setattr(gpu, "_held", {})
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with at_once(Pool(("0",))):
        assert gpu.hold(TWO) == "1"
    gpu.let_go()
    assert not all_taken(Pool(("1",)))
    assert gpu.hold(TWO) == "1"  # the only one that this process can see
    assert all_taken(Pool(("1",)))
    gpu.let_go()


def test_without_a_device_there_is_no_lock(tmp_path):
    assert gpu.hold(Pool(())) is None
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert not (tmp_path / "locks").exists()


def test_a_device_that_a_scheduler_has_set_is_locked():
    environment = {"CUDA_VISIBLE_DEVICES": "0", "SLURM_JOB_ID": "7"}
    with at_once(gpu.pool(environment)):
        assert all_taken(gpu.pool(environment))
        assert not all_taken(gpu.pool({**environment, "SLURM_JOB_ID": "8"}))


def test_jobs_of_a_scheduler_with_the_same_relative_ids_do_not_meet():
    one, other = Pool(("0", "1"), "7"), Pool(("0", "1"), "8")
    with at_once(one), at_once(one), at_once(other), at_once(other):
        assert all_taken(one) and all_taken(other) and not all_taken(TWO)


# The locks


def test_folder_is_made_for_us_alone_and_for_all_shells(monkeypatch, tmp_path):
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "new" / "locks"))
    assert gpu_locks.folder() == tmp_path / "new" / "locks"
    assert gpu_locks.folder().stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("NST_GPU_LOCKS", "")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert gpu_locks.folder() == Path(f"/tmp/nst-gpu-{os.getuid()}")


@pytest.mark.parametrize(
    "fault", ["another's", "link", "group", "world", "file", "below a file", "relative"]
)
def test_doubtful_folder_is_refused(monkeypatch, tmp_path, fault):
    folder = tmp_path / "locks"
    reason = "is not yours alone; set NST_GPU_LOCKS to one that is"
    if fault == "another's":
        gpu_locks.folder()
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
    with pytest.raises(NstError) as refusal:
        gpu.claim(TWO)
    assert str(folder) in str(refusal.value) and reason in str(refusal.value)


def test_disk_without_flock_is_refused(monkeypatch):
    def flock(descriptor, how):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    told = "Operation not supported; set NST_GPU_LOCKS to a folder on a local"
    with pytest.raises(NstError, match=told):
        gpu.claim(TWO)


def test_link_in_place_of_a_lock_is_refused(tmp_path):
    (gpu_locks.folder() / "0.lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NstError, match=r"cannot lock .*0\.lock"):
        gpu.claim(TWO)


def test_lock_file_removed_while_nobody_holds_it():
    with at_once(), at_once():
        pass
    for file in gpu_locks.folder().glob("*.lock"):
        file.unlink()
    with at_once(), at_once():
        assert all_taken()


@pytest.mark.parametrize("replaced", [False, True])
def test_lock_file_removed_between_open_and_flock_has_one_owner(monkeypatch, replaced):
    """Two processes have opened the file; the first to lock it would not be the last."""
    real, file = fcntl.flock, gpu_locks.folder() / "0.lock"

    def flock(descriptor, how):
        monkeypatch.setattr(fcntl, "flock", real)
        file.unlink()
        if replaced:
            file.write_text("")
        real(descriptor, how)

    with at_once(Pool(("0",))):
        pass
    monkeypatch.setattr(fcntl, "flock", flock)
    assert gpu_locks.try_lock(file) is None  # it locked a file that has no name any more
    with at_once(Pool(("0",))):
        assert all_taken(Pool(("0",)))
