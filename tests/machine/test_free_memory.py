"""How much memory a machine leaves to a process."""

import os
import sys
from pathlib import Path

import pytest
import torch

from nst.machine.memory import free_bytes, give_back

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
    assert free_bytes(CPU, machine.root) == 8 * GIB
    machine("proc/self/cgroup", "0::/user.slice\n")
    limit(machine, "sys/fs/cgroup/user.slice", "max", 5)
    assert free_bytes(CPU, machine.root) == 8 * GIB


def test_where_the_kernel_says_nothing_it_is_all_there_is(tmp_path):
    assert free_bytes(CPU, tmp_path) > GIB / 4


def test_the_tightest_group_around_the_process_counts(machine):
    machine("proc/self/cgroup", "1:name=systemd:/x\n0::/job/step\n")
    limit(machine, "sys/fs/cgroup/job/step", 6 * GIB, GIB)
    assert free_bytes(CPU, machine.root) == 5 * GIB
    limit(machine, "sys/fs/cgroup/job", 4 * GIB, 2 * GIB, cached=GIB)
    assert free_bytes(CPU, machine.root) == 3 * GIB


def test_groups_of_the_first_kind_count_too(machine):
    machine("proc/self/cgroup", "4:memory:/slurm/job\n0::/\n")
    names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
    limit(machine, "sys/fs/cgroup/memory/slurm/job", 3 * GIB, GIB, names=names)
    assert free_bytes(CPU, machine.root) == 2 * GIB


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
