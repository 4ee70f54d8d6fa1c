"""Jobs forked from a process that has torch: as by themselves, and gone with whoever asked for them."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from conftest import draw_picture
from processes import children, soon

from nst.machine import gpu
from nst.workflow import preload_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server is for Linux")

ALONE = 99
# As `python -m nst`, but a job that is left to the caller is told from one that was done.
CLIENT = f"""
import sys
from nst.workflow.preload_server import hand_over
status = hand_over(sys.argv[1:])
sys.exit({ALONE} if status is None else status)
"""
STARTER = """
import sys
from nst.workflow import preload_server
print(preload_server.start().pid, flush=True)
sys.stdin.read()
"""
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@pytest.fixture(scope="module")
def server():
    """A server of this process, and the environment that names it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(preload_server.VARIABLE, "")
        process = preload_server.start()
        yield process, {**os.environ, **THREADS, "NST_GPUS": ""}
        process.terminate()
        process.wait()


@pytest.fixture
def command(tmp_path, seeded_weights):
    """A function (name, **settings) -> the arguments of a small transfer."""
    draw_picture(tmp_path / "c.png")
    draw_picture(tmp_path / "s.png", seed=1)
    weights = seeded_weights("alexnet", {"conv1"})

    def build(name, size=32, evaluations=3):
        files = [f"--{kind}={name}.{end}" for kind, end in (("record", "json"), ("trace", "csv"))]
        settings = "--backbone alexnet --content-layers conv1 --style-layers conv1 --precision fp32"
        return [
            "transfer", "c.png", "s.png", f"--out={name}.png", *files, f"--weights={weights}",
            *settings.split(), f"--size={size}", f"--evaluations={evaluations}",
        ]  # fmt: skip

    return build


def client(arguments, folder, environment, program=("-c", CLIENT)):
    """Run a client to its end."""
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def long_job(server, command, tmp_path):
    """A client and the process of its job, which holds a pretended GPU and would for long."""
    process, environment = server
    locks = {"NST_GPUS": "0", "NST_PRETEND_GPUS": "1", "NST_GPU_LOCKS": str(tmp_path / "locks")}
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, *command("long", evaluations=100000)],
        cwd=tmp_path,
        env={**environment, **locks},
        stderr=subprocess.PIPE,
        text=True,
    ) as asking:
        told = asking.stderr.readline()
        while "running on the CPU" not in told:
            assert told
            told = asking.stderr.readline()
        (job,) = children(process.pid)
        yield asking, job
        asking.kill()
    assert soon(lambda: children(process.pid) == [])


def without_clock(text):
    """A text without what differs from run to run: seconds, rates, memory."""
    text = re.sub(r'"(seconds|peak_memory_mb)": [\d.]+', "", text)
    return re.sub(r"[\d.:<?]+ ?(it/s|s/it|s\b)", "", text)


def test_a_job_of_the_server_does_as_one_by_itself(server, command, tmp_path):
    forked = client(command("x"), tmp_path, server[1])
    made = {end: (tmp_path / f"x.{end}").read_bytes() for end in ("png", "json", "csv")}
    environment = {**server[1], preload_server.VARIABLE: "off"}
    alone = client(command("x"), tmp_path, environment, program=("-m", "nst"))
    assert forked.returncode == alone.returncode == 0, forked.stderr
    assert "final losses" in forked.stderr
    assert without_clock(forked.stderr) == without_clock(alone.stderr)
    assert forked.stdout == alone.stdout
    assert made["png"] == (tmp_path / "x.png").read_bytes()
    assert without_clock(made["json"].decode()) == without_clock((tmp_path / "x.json").read_text())
    rows = [made["csv"].decode(), (tmp_path / "x.csv").read_text()]
    first, second = ([line.rpartition(",")[0] for line in text.splitlines()] for text in rows)
    assert first == second  # all but the seconds


@pytest.mark.parametrize(
    "wrong", [["--size", "0"], ["--sise", "8"], ["--style-weight", "x"], ["--help"]]
)
def test_a_refused_job_says_the_same(server, command, tmp_path, wrong):
    forked = client([*command("x"), *wrong], tmp_path, server[1])
    environment = {**server[1], preload_server.VARIABLE: "off"}
    alone = client([*command("x"), *wrong], tmp_path, environment, program=("-m", "nst"))
    assert (forked.returncode, forked.stderr, forked.stdout) == (
        alone.returncode, alone.stderr, alone.stdout
    )  # fmt: skip
    assert forked.returncode == (0 if wrong == ["--help"] else 2)


def test_the_environment_is_the_clients(server, command, tmp_path):
    assert client(["transfer", "--help"], tmp_path, server[1]).returncode == 0  # has another
    environment = {**server[1], "NST_GPUS": "0", "NST_GPU_LOCKS": "/proc/x"}
    refused = client(command("x"), tmp_path, environment)
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: cannot make the folder of GPU locks /proc/x")


@pytest.mark.parametrize(("error", "status"), [(ZeroDivisionError, 1), (KeyboardInterrupt, 130)])
def test_a_bug_leaves_its_traceback(monkeypatch, capsys, error, status):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(preload_server.runpy, "run_module", fail)
    assert preload_server._run() == status
    assert error.__name__ in capsys.readouterr().err


@pytest.mark.parametrize(
    "changed",
    [{preload_server.VARIABLE: "nobody"}, {preload_server.VARIABLE: "off"}, {"OMP_NUM_THREADS": "2"}],
    ids=["no server", "off", "another environment"],
)
def test_a_job_that_the_server_cannot_do_is_left_to_the_caller(server, command, tmp_path, changed):
    assert client(command("x"), tmp_path, server[1]).returncode == 0
    assert client(command("x"), tmp_path, {**server[1], **changed}).returncode == ALONE
    done = client(command("y"), tmp_path, {**server[1], **changed}, program=("-m", "nst"))
    assert done.returncode == 0
    assert (tmp_path / "x.png").read_bytes() == (tmp_path / "y.png").read_bytes()


def test_no_other_verb_is_handed_over(server, tmp_path):
    assert client(["recipes"], tmp_path, server[1]).returncode == ALONE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_ends_with_its_client_and_frees_its_gpu(long_job, monkeypatch, tmp_path, number):
    asking, job = long_job
    monkeypatch.setenv("NST_GPU_LOCKS", str(tmp_path / "locks"))

    def free():
        with suppress(TimeoutError):
            _, descriptors = gpu.claim(gpu.Pool(("0",)), waiting=give_up)
            for descriptor in descriptors:
                os.close(descriptor)
            return True

    def give_up(message):
        raise TimeoutError

    assert not free()
    ends = os.pidfd_open(job)
    asking.send_signal(number)
    # A signal that can be caught is the job's; the client waits for its end.
    assert asking.wait() == (-number if number == signal.SIGKILL else 128 + number)
    assert select.select([ends], [], [], 60)[0]
    os.close(ends)
    assert free()


def test_an_interrupt_is_passed_on(long_job):
    asking, _ = long_job
    asking.send_signal(signal.SIGINT)
    assert asking.wait(timeout=60) == 130
    assert asking.stderr.read().endswith("stopped; nothing was written\n")


def test_a_killed_job_is_told(long_job):
    asking, job = long_job
    os.kill(job, signal.SIGKILL)
    assert asking.wait(timeout=60) == 137
    assert asking.stderr.read().endswith("error: the process of the job was killed\n")


def test_the_jobs_of_a_killed_server_go_on(monkeypatch, command, tmp_path):
    monkeypatch.setenv(preload_server.VARIABLE, "")
    with preload_server.start() as server:
        environment = {**os.environ, **THREADS, "NST_GPUS": ""}
        with subprocess.Popen(
            [sys.executable, "-c", CLIENT, *command("x", evaluations=3000)],
            cwd=tmp_path,
            env=environment,
        ) as asking:
            assert soon(lambda: children(server.pid))
            server.kill()
            server.wait()
            assert asking.poll() is None
    assert asking.returncode == 0
    assert (tmp_path / "x.png").exists()
    assert client(command("x"), tmp_path, environment).returncode == ALONE


def test_a_server_ends_with_its_starter():
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with starter:
        ends = os.pidfd_open(int(starter.stdout.readline()))
        starter.kill()
    assert select.select([ends], [], [], 60)[0]
    os.close(ends)


@pytest.mark.parametrize(
    ("number", "by"), [(signal.SIGINT, "you (Ctrl-C)"), (signal.SIGTERM, "SIGTERM")]
)
@pytest.mark.parametrize("waits_for", ["the server", "torch"])
def test_a_job_that_is_stopped_before_it_begins_says_so(command, tmp_path, number, by, waits_for):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/torch.py").write_text("import time\nopen('begun', 'w')\ntime.sleep(600)\n")
    name = f"nst-test-{os.getpid()}"
    path = os.pathsep.join([str(tmp_path / "modules"), *sys.path])
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"\0{name}")
        listener.listen()
        server = name if waits_for == "the server" else "off"
        with subprocess.Popen(
            [sys.executable, "-m", "nst", *command("x")],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path, preload_server.VARIABLE: server},
            stderr=subprocess.PIPE,
            text=True,
        ) as job:
            if waits_for == "the server":
                connection, _ = listener.accept()
                with connection:
                    assert connection.recv(8)
                    job.send_signal(number)
                    job.wait(timeout=60)
            else:
                assert soon((tmp_path / "begun").exists)
                job.send_signal(number)
            told = job.communicate(timeout=60)[1]
    assert told == f"stopped by {by}, nothing to save yet\n"
    assert job.returncode == 128 + number
