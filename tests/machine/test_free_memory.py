"""How much memory a machine leaves to a process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nst.errors import NstError
from nst.machine import free_memory
from nst.machine.free_memory import FREE, JOBS, free_main_memory, give_back, job_bytes, jobs_at_once

CPU = torch.device("cpu")
GIB = 2**30


@pytest.fixture
def machine(tmp_path):
    """A function (path below /, text) that writes what the kernel would say; 8 GiB are available."""

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("proc/meminfo", f"MemTotal: 16777216 kB\nMemAvailable: {8 * 2**20} kB\n")
    write.root = tmp_path
    return write


def limit(machine, folder, most, used, cached=0, names=("memory.max", "memory.current")):
    for name, number in zip(names, (most, used), strict=True):
        machine(f"{folder}/{name}", f"{number}\n")
    machine(f"{folder}/memory.stat", f"anon 1\ninactive_file {cached}\n")


def test_without_groups_it_is_what_the_kernel_says(machine):
    assert free_main_memory(machine.root) == 8 * GIB
    machine("proc/self/cgroup", "0::/user.slice\n")
    limit(machine, "sys/fs/cgroup/user.slice", "max", 5)
    assert free_main_memory(machine.root) == 8 * GIB


def test_where_the_kernel_says_nothing_it_is_all_there_is(tmp_path):
    assert free_main_memory(tmp_path) > GIB / 4


def test_the_tightest_group_around_the_process_counts(machine):
    machine("proc/self/cgroup", "1:name=systemd:/x\n0::/job/step\n")
    limit(machine, "sys/fs/cgroup/job/step", 6 * GIB, GIB)
    assert free_main_memory(machine.root) == 5 * GIB
    limit(machine, "sys/fs/cgroup/job", 4 * GIB, 2 * GIB, cached=GIB)
    assert free_main_memory(machine.root) == 3 * GIB


def test_groups_of_the_first_kind_count_too(machine):
    machine("proc/self/cgroup", "4:memory:/slurm/job\n0::/\n")
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
    limit(machine, "sys/fs/cgroup/memory/slurm/job", 3 * GIB, GIB, names=names)
    assert free_main_memory(machine.root) == 2 * GIB


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_memory_that_was_freed_is_given_back():
    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    # Too small for the C library to map each apart; the last one, kept, holds the heap's end.
    blocks = [torch.ones(2**12) for _ in range(8000)]
    kept, before = blocks[-1], resident()
    del blocks[:]
    give_back()
    assert resident() < before - 60 * 2**20
    assert kept.sum() == 2**12


def test_a_job_takes_its_share_of_what_was_free_when_the_run_began(monkeypatch):
    free = iter([12 * GIB, 8 * GIB, 2 * GIB])  # as other jobs of the run take theirs
    monkeypatch.setattr(free_memory, "free_main_memory", lambda: next(free))
    run = {JOBS: "4", FREE: str(12 * GIB)}
    assert [job_bytes(CPU, run) for _ in range(3)] == [3 * GIB, 3 * GIB, 2 * GIB]


def test_without_a_run_half_of_what_is_free_is_a_share(monkeypatch):
    monkeypatch.setattr(free_memory, "free_main_memory", lambda: 8 * GIB)
    assert job_bytes(CPU, {}) == 4 * GIB
    assert job_bytes(CPU, {JOBS: "1"}) == 8 * GIB


def test_nonsense_in_the_environment_is_refused():
    assert jobs_at_once({}) == 2
    assert jobs_at_once({JOBS: "64"}) == 64
    for bad in ("", "0", "-1", "1.5", "many"):
        with pytest.raises(NstError, match=f"^NST_JOBS_AT_ONCE is {bad!r}, not a whole number from 1"):
            jobs_at_once({JOBS: bad})
        with pytest.raises(NstError, match=f"^NST_FREE_MEMORY is {bad!r}, not a whole number from 1"):
            job_bytes(CPU, {FREE: bad})


MAPPED = """
import re
from pathlib import Path

from nst.machine.free_memory import map_large_blocks
map_large_blocks()
import torch

torch.zeros(2**22)  # glibc then keeps blocks of up to this size in its heap, unless told otherwise
blocks = [torch.zeros(2**21) for _ in range(3)]  # 8 MiB
maps = re.split(r"\\n(?=[0-9a-f]+-)", Path("/proc/self/smaps").read_text())
for block in blocks:
    place = block.data_ptr()
    (found,) = (one for one in maps if int(one[:12], 16) <= place < int(one[13:25], 16))
    print("huge" if " hg" in found.splitlines()[-1] else "small")
size = lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096
before = size()
del block, blocks[0]  # not the last, whose memory a heap gives back, too
print("freed" if before - size() >= 2**23 else "kept")
"""


@pytest.mark.skipif(
    not Path("/sys/kernel/mm/transparent_hugepage").exists(), reason="the kernel has no huge pages"
)
def test_large_blocks_are_mapped_one_by_one_in_huge_pages():
    command = [sys.executable, "-c", MAPPED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["huge"] * 3 + ["freed"]
