"""The same GPUs under kill -9: no slot is ever held twice, and none is lost.

The devices are pretended (NST_GPUS=0,1), the processes are real: first a plain pool of jobs, then two
Snakemake runs at once in two folders. See gpu_job.py for the witness that is not nst.machine.gpu.
"""

import os
import random
import select
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import BIN, ROOT

from nst.machine import gpu

JOB = Path(__file__).with_name("gpu_job.py")
TWO = gpu.Pool(("0", "1"))
SNAKEFILE = """
from nst.workflow.environment import share_gpus

PYTHON, JOB, LOG = {programs!r}
share_gpus(workflow.global_resources["gpu"].value, 2)

rule all:
    input: expand("done/{{number}}", number=range({jobs}))

rule job:
    output: "done/{{number}}"
    resources: gpu=1
    shell: "{{PYTHON:q}} -S {{JOB:q}} {{LOG:q}} {seconds} {{output}}"
"""
HOLDER = """
import os, subprocess, sys, time
sys.path[0] = sys.argv[1]
from nst.machine import gpu
gpu.hold(gpu.pool())
if sys.argv[2] == "starts":
    child = subprocess.Popen(["sleep", "60"], close_fds=False).pid
elif (child := os.fork()) == 0:
    time.sleep(60)
print(child, flush=True)
time.sleep(60)
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="abstract sockets and pidfd are Linux's"
)


@pytest.fixture(autouse=True)
def two_devices(monkeypatch, tmp_path):
    """Two pretended GPUs and a folder of locks of their own, for this process and those it starts."""
    for name in ("NST_GPU_SLOTS", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "")  # so that it is noted, and put back, even if it was not set
        monkeypatch.delenv(name)
    monkeypatch.setenv("NST_GPUS", "0,1")
    monkeypatch.setenv("NST_PRETEND_GPUS", "1")
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "locks"))


class Log:
    """The log that all jobs of a test write to, and the harness the kills."""

    def __init__(self, path: Path):
        self.path = path
        path.touch()

    def __iter__(self) -> Iterator[tuple[str, int, str, float]]:
        for line in self.path.read_text().splitlines():
            event, pid, device, moment = line.split()
            yield event, int(pid), device, float(moment)

    def count(self, event: str) -> int:
        """How often something happened."""
        return sum(found == event for found, *_ in self)

    def running(self) -> list[int]:
        """The jobs that have started and not ended."""
        pids = {}
        for event, pid, _, _ in self:
            pids[pid] = event in ("start", "enter")
        return [pid for pid, runs in pids.items() if runs and is_job(pid, self)]

    def kill(self, pid: int) -> None:
        """Kill -9 a job, unless it has ended."""
        try:
            process = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        try:
            if is_job(pid, self):
                with self.path.open("a") as file:  # before the kill: a slot is held at least so long
                    file.write(f"kill {pid} - {time.monotonic():.6f}\n")
                signal.pidfd_send_signal(process, signal.SIGKILL)
        except ProcessLookupError:
            pass
        finally:
            os.close(process)

    def most_at_once(self) -> dict[str, int]:
        """How many jobs held each device at the same time, at most."""
        holds, changes = {}, []
        for event, pid, device, moment in self:
            if event == "enter":
                holds[pid] = device
                changes.append((moment, 1, device))
            elif event in ("leave", "kill") and pid in holds:
                changes.append((moment, -1, holds.pop(pid)))
        assert not holds, "jobs that ended neither by themselves nor by us"
        now, most = Counter(), Counter()
        for _, change, device in sorted(changes):
            now[device] += change
            most[device] = max(most[device], now[device])
        return dict(most)


def is_job(pid: int, log: Log) -> bool:
    """Whether a process of this id lives and is one of the log's jobs."""
    try:
        return str(log.path) in Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def free_now(slots: int) -> list[str]:
    """The devices of all slots that can be taken without waiting."""

    def give_up(message: str) -> None:
        raise TimeoutError

    devices, descriptors = [], []
    with suppress(TimeoutError):
        for _ in range(2 * slots + 1):
            device, held = gpu.claim(TWO, slots, give_up)
            devices.append(device)
            descriptors += held
    for descriptor in descriptors:
        os.close(descriptor)
    return devices


def check(log: Log, slots: int) -> None:
    """No device was ever held by more jobs than it has slots, and all slots are free."""
    assert log.count("VIOLATION") == 0
    assert log.most_at_once() == {"0": slots, "1": slots}  # no more; and no less, or nothing was tried
    assert free_now(slots) == ["0", "1"] * slots


@pytest.mark.parametrize("slots", [1, 2])
def test_killed_jobs_of_a_pool(monkeypatch, tmp_path, slots):
    jobs, log = 150, Log(tmp_path / "log")
    monkeypatch.setenv("NST_GPU_SLOTS", str(slots))

    def run(number: int) -> int:
        chance = random.Random(number)
        seconds = slots * chance.uniform(0.02, 0.06)
        job = subprocess.Popen([sys.executable, "-S", JOB, log.path, str(seconds)])
        if number % 3 == 0:  # once it has started, or once it holds a device
            moment = chance.choice(["start", "enter", "enter"])
            while job.poll() is None and (moment, job.pid) not in {(e, pid) for e, pid, *_ in log}:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, seconds / 2))
            log.kill(job.pid)
        return job.wait()

    with ThreadPoolExecutor(4 + 2 * slots) as pool:
        ends = Counter(pool.map(run, range(jobs)))
    check(log, slots)
    assert set(ends) == {0, -signal.SIGKILL}
    assert log.count("leave") >= ends[0] >= jobs * 2 // 3
    assert ends[-signal.SIGKILL] >= log.count("enter") - log.count("leave") >= 10


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "slots", "jobs"), [(2, 1, 60), (4, 2, 40)])
def test_killed_jobs_and_killed_snakemake(tmp_path, limit, slots, jobs):
    log, ended = Log(tmp_path / "log"), threading.Event()
    folders = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor(3) as pool:
        killer = pool.submit(kill_now_and_then, log, ended)
        try:
            runs = list(pool.map(lambda folder: run_to_the_end(folder, log, limit, jobs), folders))
        finally:
            ended.set()
        killer.result()
    deadline = time.monotonic() + 10
    while log.running() and time.monotonic() < deadline:  # orphans of the killed Snakemakes
        time.sleep(0.05)
    check(log, slots)
    assert min(runs) >= 3
    assert log.count("kill") >= 10
    assert log.count("leave") >= 2 * jobs


def run_to_the_end(folder: Path, log: Log, limit: int, jobs: int) -> int:
    """Run a workflow, kill its first two Snakemakes, go on; how many it took."""
    folder.mkdir()
    programs = (sys.executable, str(JOB), str(log.path))
    (folder / "Snakefile").write_text(
        SNAKEFILE.format(programs=programs, jobs=jobs, seconds=0.02 * limit)
    )
    command = [str(BIN / "snakemake"), "--cores", "4", "--resources", f"gpu={limit}", "--retries", "3"]
    command += ["--keep-going", "--rerun-incomplete", "--scheduler", "greedy"]

    def done() -> int:
        return len(list(folder.glob("done/*")))

    for run in range(1, 10):
        enough = min(run * jobs // 3, jobs)  # the first two are killed after a third, and two thirds
        with (folder / "output").open("a") as output:
            snakemake = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
            try:
                while enough < jobs and done() < enough and snakemake.poll() is None:
                    time.sleep(0.02)
                if enough == jobs:
                    snakemake.wait(timeout=100)
            finally:
                snakemake.kill()
                snakemake.wait()
            if enough == done() == jobs:
                return run
            subprocess.run([*command, "--unlock"], cwd=folder, check=True, stdout=output, stderr=output)
    pytest.fail((folder / "output").read_text())


def kill_now_and_then(log: Log, ended: threading.Event) -> None:
    """Kill one of the running jobs every now and then."""
    chance = random.Random(1)
    while not ended.wait(chance.uniform(0.05, 0.25)):
        if running := log.running():
            log.kill(chance.choice(running))


@pytest.mark.parametrize(("child", "free"), [("starts", ["0", "1"]), ("forks", ["1"])])
def test_slot_of_a_killed_parent(child, free):
    """A program that the holder started does not keep the slot; a child that it forked does.

    So does the device with its memory: the driver's descriptors are closed on exec and kept on fork.
    """
    command = [sys.executable, "-S", "-c", HOLDER, str(ROOT), child]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        orphan = int(holder.stdout.readline())
        ends = os.pidfd_open(orphan)
        taken = free_now(1)
        holder.kill()
        holder.wait()
    try:
        assert taken == ["1"]
        assert free_now(1) == free
    finally:
        signal.pidfd_send_signal(ends, signal.SIGKILL)
        select.select([ends], [], [], 10)
        os.close(ends)
    assert free_now(1) == ["0", "1"]
