"""A GPU is held to the very end of a process: torch gives its memory back after Python has ended."""

import os
import subprocess
import sys

import pytest

from nst.machine import gpu

# What fcntl keeps goes late in Python's end, after the globals of nst.machine.gpu.
HOLDER = """
import fcntl, os, sys
from nst.machine import gpu

class Last:
    def __del__(self, open=os.open, flock=fcntl.flock, write=os.write):
        try:
            flock(open(sys_path, os_flags), lock)
            write(1, b"free")
        except BlockingIOError:
            write(1, b"held")

sys_path, os_flags = sys.argv[1], os.O_RDWR
lock = fcntl.LOCK_EX | fcntl.LOCK_NB
assert gpu.hold(gpu.Pool(("0",))) == "0"
fcntl.kept = Last()
"""


def test_a_gpu_is_held_until_python_has_ended(tmp_path, monkeypatch):
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path))
    lock = tmp_path / "0.lock"
    done = subprocess.run(
        [sys.executable, "-c", HOLDER, str(lock)], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("held", "")
    device, descriptors = gpu.claim(gpu.Pool(("0",)), waiting=pytest.fail)
    assert device == "0"
    for descriptor in descriptors:
        os.close(descriptor)


def test_a_process_that_holds_a_gpu_does_not_wait_for_itself(tmp_path):
    code = "from nst.machine import gpu; print(*(gpu.hold(gpu.Pool(('0', '1'))) for _ in range(3)))"
    call = [sys.executable, "-c", code]
    environment = {**os.environ, "NST_GPU_LOCKS": str(tmp_path)}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "0 0 0\n", done.stderr
