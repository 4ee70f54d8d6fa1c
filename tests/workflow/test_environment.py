"""A stop signal to all processes of a job: its shell and Snakemake wait until its state is saved."""

import os
import signal
import subprocess
import sys

import pytest

from nst.workflow.environment import await_jobs, note_interrupts

# A job that needs time to save its state, and whose exit status says that it did.
JOB = """
import signal, sys, time
for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
    signal.signal(number, lambda *_: (time.sleep(0.5), sys.exit(3)))
print("started", flush=True)
time.sleep(60)
"""
SNAKEMAKE = """
import os, signal
from nst.workflow.environment import await_jobs
signal.signal(signal.SIGTERM, lambda *_: print("ends gracefully"))
await_jobs()
os.kill(os.getpid(), signal.SIGUSR1)
"""

HANG_UP = """
import os, signal, subprocess
from nst.workflow.environment import await_jobs
await_jobs()
job = subprocess.Popen(["sleep", "60"])
try:
    os.kill(os.getpid(), signal.SIGHUP)
    signal.pause()
except KeyboardInterrupt:
    print("interrupted", job.wait())
"""


@pytest.fixture
def prefix():
    """The first commands of a job's shell; the signal handlers of this process are restored."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGUSR1, signal.SIGHUP)}
    yield await_jobs()
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP])
def test_the_shell_waits_for_a_job_that_saves_its_state(prefix, number):
    command = f"{prefix} {sys.executable} -c '{JOB}' \\\n 2>&1"
    shell = subprocess.Popen(
        ["bash", "-c", command], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with shell:
        assert shell.stdout.readline() == "started\n"
        os.killpg(shell.pid, number)
        assert shell.wait(30) == 3


def test_snakemake_takes_sigusr1_for_sigterm():
    done = subprocess.run([sys.executable, "-c", SNAKEMAKE], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "ends gracefully\n"), done.stderr


def test_ctrl_c_is_noted_and_interrupts_as_before():
    handler = signal.getsignal(signal.SIGINT)
    try:
        is_interrupted = note_interrupts()
        assert not is_interrupted()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert is_interrupted()
    finally:
        signal.signal(signal.SIGINT, handler)


def test_a_terminal_that_is_closed_stops_snakemake_and_its_jobs():
    python = [sys.executable, "-c", HANG_UP]
    done = subprocess.run(python, capture_output=True, text=True, start_new_session=True, timeout=60)
    assert done.stdout == f"interrupted {-signal.SIGHUP}\n", done.stderr


def test_under_nohup_it_does_not():
    ignored = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n{HANG_UP}"
    python = [sys.executable, "-c", ignored.replace("signal.pause()", "print('goes on'); job.kill()")]
    done = subprocess.run(python, capture_output=True, text=True, start_new_session=True, timeout=60)
    assert done.stdout == "goes on\n", done.stderr
