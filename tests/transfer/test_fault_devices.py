"""Faults of memory, devices, weights, clocks and signals: one line, and what is done is not lost."""

import errno
import fcntl
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from light import arguments, names, the_error

from nst.cli import main
from nst.disk import files
from nst.disk.files import appearing, write_whole
from nst.disk.record import read_record
from nst.engine.objective import Objective
from nst.errors import NstError
from nst.machine import signals
from nst.machine.free_memory import free_bytes
from nst.transfer import run as transfer
from nst.transfer import saving
from nst.transfer.needed_memory import oom_as_error
from nst.transfer.weights import sha256
from nst.workflow import folder_lock
from nst.workflow.run_report import failures, log_stamps

GONE = "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported"
BREAKDOWNS = {  # what is raised, how the line begins
    "CUDA without memory": (torch.OutOfMemoryError("CUDA out of memory. Tried"), "not enough memory"),
    "a CPU without memory": (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough"),
    "Python without memory": (MemoryError(), "not enough memory for size 24"),
    "cuDNN without memory": (RuntimeError("CUDNN_STATUS_ALLOC_FAILED"), "not enough memory"),
    "a GPU that is gone": (RuntimeError(GONE), "the GPU failed (CUDA error: unspecified launch fail"),
    "another name for it": (torch.AcceleratorError(GONE), "the GPU failed (CUDA error"),
    "an old GPU": (
        torch.AcceleratorError("CUDA error: no kernel image is available for execution on the device"),
        "this torch was not built for this GPU (CUDA error: no kernel image is available",
    ),
    "a library on it": (RuntimeError("CUBLAS_STATUS_EXECUTION_FAILED when calling"), "the GPU failed"),
}


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("alexnet", {"conv1"})


@pytest.fixture
def breaks(monkeypatch):
    """A function (error, n) that lets the n-th evaluation fail."""

    def inject(error, number):
        count, real = [0], Objective.__call__

        def fail(objective, image):
            count[0] += 1
            if count[0] == number:
                raise error
            return real(objective, image)

        monkeypatch.setattr(Objective, "__call__", fail)

    return inject


@pytest.mark.parametrize("number", [1, 4, 7], ids=["first", "middle", "final losses"])
@pytest.mark.parametrize("case", BREAKDOWNS)
def test_a_breakdown_is_one_line_and_the_work_is_kept(place, weights, capfd, breaks, case, number):
    error, begins = BREAKDOWNS[case]
    breaks(error, number)
    command = arguments(weights, "--checkpoint", "x.checkpoint")
    assert main(command) == 2
    line = the_error(capfd)
    assert line.startswith(f"error: {begins}")
    assert (f"saved at evaluation {number - 1}: the same command resumes there" in line) == (number > 1)
    assert names(place) == (["x.checkpoint"] if number > 1 else [])
    assert main(command) == 0
    assert (f"resuming after evaluation {number - 1} of 6" in capfd.readouterr().err) == (number > 1)


def test_a_state_that_went_with_the_device_leaves_the_checkpoint(
    place, weights, capfd, breaks, monkeypatch
):
    command = arguments(weights, "--checkpoint", "x.checkpoint")
    breaks(RuntimeError(GONE), 4)
    assert main(command) == 2
    kept = (place / "x.checkpoint").read_bytes()
    capfd.readouterr()

    def gone(*_):
        raise RuntimeError(GONE)

    monkeypatch.setattr(saving, "write_checkpoint", gone)
    breaks(RuntimeError(GONE), 2)
    assert main(command) == 2
    kept_because = f"the checkpoint of before is kept ({GONE.splitlines()[0]})"
    assert the_error(capfd).endswith(f"; {kept_because}: the same command resumes there")
    assert (place / "x.checkpoint").read_bytes() == kept


@pytest.mark.parametrize("text", ["shapes do not fit", "expected preallocated buffer"])
def test_any_other_error_is_a_bug_and_shows_itself(text):
    with pytest.raises(RuntimeError, match=text), oom_as_error(lambda: ""):
        raise RuntimeError(text)


def run_limited(folder, weights, room, *more):
    """A transfer in a process with `room` bytes of memory beyond what torch takes when loaded."""
    program = (
        "import resource, sys, torch; import PIL.PngImagePlugin\n"
        "import nst.transfer.run, nst.transfer.weights\n"
        "torch.nn.functional.conv2d(torch.zeros(1, 3, 8, 8), torch.zeros(4, 3, 3, 3))\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        f"resource.setrlimit(resource.RLIMIT_AS, (used + {room},) * 2)\n"
        "from nst.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments(weights, *more)],
        cwd=folder, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is heeded by Linux")
@pytest.mark.parametrize("room", [2**20, 40 * 2**20])
def test_memory_that_runs_out_anywhere_is_one_line(place, weights, room):
    done = run_limited(place, weights, room, "--size", "2000", "--tile", "none")
    said = done.stderr.split("Exception ignored in atexit callback")[0]  # torch has none either
    lines = [line for line in said.splitlines() if not line.startswith(("evaluation ", "note: "))]
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1 and lines[0].startswith("error: not enough memory"), done.stderr
    assert names(place) == []


def test_the_limit_of_a_process_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(resource, "getrlimit", lambda which: (2**30, 2**30))
    assert free_bytes(torch.device("cpu")) < 2**30


def test_weights_that_are_replaced_while_they_are_used(place, weights, capfd, monkeypatch):
    shutil.copy(weights, place / "w.pth")
    real = transfer.images.to_picture

    def replaced(image):  # after the optimization, before the final losses
        state = torch.load("w.pth")
        torch.save({name: value * 2 for name, value in state.items()}, "w.pth")
        return real(image)

    with monkeypatch.context() as patch:
        patch.setattr(transfer.images, "to_picture", replaced)
        assert main(arguments("w.pth")) == 2
    assert "w.pth is damaged or not the expected file" in the_error(capfd)
    assert names(place) == ["w.pth"]
    with monkeypatch.context() as patch:  # only touched: no harm is done
        patch.setattr(transfer.images, "to_picture", lambda i: (os.utime("w.pth", (1, 1)), real(i))[1])
        assert main(arguments("w.pth")) == 0
    assert read_record(place / "x.json").weights["sha256"] == sha256(place / "w.pth")


class _Runs:
    def __reduce__(self):
        return Path.touch, (Path("was-run"),)


@pytest.mark.parametrize("damage", ["truncated", "altered", "a program"])
def test_weights_that_are_not_what_they_were(place, weights, capfd, damage):
    shutil.copy(weights, place / "w.pth")
    note = f"{sha256(place / 'w.pth')}  w.pth\n"
    data = bytearray((place / "w.pth").read_bytes())
    if damage == "altered":
        data[len(data) // 2] ^= 1
        (place / "w.pth.sha256").write_text(note)
    changed = {"truncated": data[: len(data) // 2], "altered": data, "a program": pickle.dumps(_Runs())}
    (place / "w.pth").write_bytes(changed[damage])
    before = names(place)
    assert main(arguments("w.pth")) == 2
    assert "w.pth" in the_error(capfd)
    assert names(place) == before and "was-run" not in before


def test_a_picture_that_is_replaced_while_it_is_used(place, weights, monkeypatch):
    used, real = sha256(place / "c.png"), transfer.read_originals

    def replaced(*given):
        found = real(*given)
        shutil.copy("s.png", "c.png")
        return found

    monkeypatch.setattr(transfer, "read_originals", replaced)
    assert main(arguments(weights)) == 0
    assert read_record(place / "x.json").inputs["content"]["sha256"] == used != sha256(place / "c.png")


def test_an_output_folder_that_is_removed_is_made_again(place, weights, monkeypatch):
    (place / "out").mkdir()
    real = transfer.images.to_picture
    monkeypatch.setattr(
        transfer.images, "to_picture", lambda i: (shutil.rmtree("out", ignore_errors=True), real(i))[1]
    )
    assert main(arguments(weights, folder="out/")) == 0
    assert names(place / "out") == ["x.csv", "x.json", "x.png", "x.webp"]


def test_a_closed_folder_and_a_checkpoint_over_a_picture_are_found_first(
    place, weights, capfd, monkeypatch
):
    before = (place / "c.png").read_bytes()
    assert main(arguments(weights, "--checkpoint", "c.png")) == 2
    assert "c.png would be overwritten" in the_error(capfd)
    assert (place / "c.png").read_bytes() == before
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(transfer, "read_originals", lambda *_: pytest.fail("the work began"))
    assert main(arguments(weights)) == 2
    assert "permission denied for" in the_error(capfd)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_amid_the_writing_waits_for_all_of_it(place, weights, number):
    program = (
        "import os, sys; from pathlib import Path; from nst.cli import main; real = Path.replace\n"
        f"Path.replace = lambda a, b: (os.kill(os.getpid(), {int(number)}), real(a, b))[1]\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    call = [sys.executable, "-c", program, *arguments(weights)]
    done = subprocess.run(call, cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr  # all was done but to end
    assert names(place) == ["x.csv", "x.json", "x.png", "x.webp"]


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(place, monkeypatch, code):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", fail)
    write_whole(place / "a", b"1")
    with appearing(place / "b") as partial:
        partial.write_bytes(b"2")
        files.sweep(place)  # what may be in use stays
        assert partial.exists()
    assert names(place) == ["a", "b"]
    assert folder_lock.hold_folder().startswith(f"note: no locks here ({os.strerror(code)})")


def test_a_full_disk_does_not_cost_the_lock(place, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    assert folder_lock.hold_folder() == ""


def test_reasons_are_found_whatever_the_clock_says(place, monkeypatch):
    from grids import build_grid

    cells = build_grid(place, ["c1"], ["s1"], {"style_weight": ["1", "10"]}).cells
    grid = type("Grid", (), {"cells": cells})
    for cell in cells:
        write_whole(Path(f"results/logs/cells/{cell.id}.log"), b"error: of an earlier run\n")
    before = log_stamps()
    assert failures(grid, before) == {}
    log = Path(f"results/logs/cells/{cells[0].id}.log")
    log.write_text("error: no room\n")
    os.utime(log, (time.time() - 9e5,) * 2)  # the clock was set back
    assert failures(grid, before) == {cells[0].id: "no room"}


def test_no_signal_is_lost_after_a_moment_without():
    with signals.ignored():
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    with pytest.raises(NstError), oom_as_error(lambda: "not enough"):
        raise MemoryError
