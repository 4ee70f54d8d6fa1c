"""Start-up of local jobs: one process loads torch, and forks a job for every `nst transfer`.

`import torch` takes longer than many a small image. The workflow starts a server (`start`) beside
itself; `python -m nst transfer` hands it its arguments, folder, environment and standard descriptors
(`hand_over`), and waits. Whatever is amiss with the server, the job is done without it.

The server computes nothing, so it has one thread and no CUDA, and may fork. It listens in Linux's
abstract name space, where nothing is left behind, to processes of the same user. Torch-free at import.
"""

import atexit
import json
import os
import resource
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

from nst.machine.signals import STOPS

VARIABLE = "NST_PRELOADED"  # the server's name; "off" lets every job load torch itself
PATIENCE = 60  # seconds that a job waits to be started; the first waits for torch
LIFE = 1  # seconds between two looks whether the starter still lives
GRACE = 10  # seconds between SIGTERM and SIGKILL for a job whose client is gone
STARTED = b"s"
# What a shell or Snakemake sets anew for each job, and no library reads when it is loaded.
PASSING = {"_", "PWD", "OLDPWD", "SHLVL", "TMPDIR", "TMP", "TEMPDIR", "TEMP", VARIABLE}


def start() -> subprocess.Popen | None:
    """Start a server for the jobs of this process and name it in the environment.

    It ends with this process, a second later where that is killed; jobs that run then go on. Returns
    None, and changes nothing, where it is not wanted or cannot be: jobs do without.
    """
    if sys.platform != "linux" or os.environ.get(VARIABLE) == "off":
        return None
    name = f"nst-{os.urandom(8).hex()}"
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"\0{name}")
            listener.listen(128)  # jobs may come before the server has started
            server = _run_server(listener.fileno())
    except OSError:
        return None
    atexit.register(_end, server)
    os.environ[VARIABLE] = name
    return server


def _run_server(listener: int) -> subprocess.Popen:
    python = shutil.which("python") or sys.executable  # what jobs are run by
    return subprocess.Popen(
        [python, "-m", "nst.workflow.preloaded", str(listener), str(os.getpid())],
        pass_fds=[listener],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the jobs
    )


def _end(server: subprocess.Popen) -> None:
    server.terminate()
    server.wait()


def hand_over(arguments: list[str]) -> int | None:
    """Let the server do a transfer; its exit status, or None if it is left to the caller."""
    name = os.environ.get(VARIABLE, "off")
    if name == "off" or arguments[:1] != ["transfer"] or sys.platform != "linux":
        return None
    with socket.socket(socket.AF_UNIX) as server:
        try:
            server.settimeout(PATIENCE)
            server.connect(f"\0{name}")
            if not _is_ours(server):
                return None
            _send(server, _request())
            if server.recv(1) != STARTED:
                return None
        except (OSError, ValueError):
            return None
        server.settimeout(None)
        return _wait(server)


def _wait(server: socket.socket) -> int:
    """The status of a job that was started, once its process has ended."""
    sent: list[int] = []

    def pass_on(number: int, frame: object) -> None:
        sent.append(number)
        with suppress(OSError):
            server.sendall(bytes([number]))

    for number in STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, pass_on)
    status = b""
    with suppress(ConnectionError):  # an end with a signal unread
        while part := server.recv(1):
            status += part
    if not status and sent:  # the job has said what became of it
        return 128 + sent[-1]
    if not status:
        print("error: the process that made the image was killed", file=sys.stderr)
        return 128 + signal.SIGKILL
    return status[0]


def _is_ours(connection: socket.socket) -> bool:
    """Whether the other side is a process of this user: anybody may connect to, or take, a name."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    return int.from_bytes(credentials[4:8], sys.byteorder) == os.getuid()


def _request() -> dict:
    return {
        "arguments": sys.argv,
        "path": sys.path,
        "folder": str(Path.cwd()),
        "environment": dict(os.environ),
        "process": _process(),
    }


def _process() -> dict:
    """What a process has from its start and a job must share with the server, as JSON has it."""
    os.umask(mask := os.umask(0o077))
    limits = {name: value for name, value in vars(resource).items() if name.startswith("RLIMIT_")}
    return {
        "python": [sys.executable, list(sys.flags), sys.warnoptions, str(Path(__file__).parent)],
        "mask": mask,
        "nice": os.nice(0),
        "cores": sorted(os.sched_getaffinity(0)),
        "limits": {name: list(resource.getrlimit(value)) for name, value in limits.items()},
    }


def _send(server: socket.socket, request: dict) -> None:
    data = json.dumps(request).encode()
    socket.send_fds(server, [len(data).to_bytes(8)], [0, 1, 2])
    server.sendall(data)


def serve(listener: socket.socket, parent: int) -> None:
    """Fork a job for every client, as long as the process that started this one lives.

    Torch is loaded in the environment of the first client; one of another environment, whose
    libraries might have been loaded otherwise, is left to itself.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps
    listener.settimeout(LIFE)
    loaded: dict[str, str] = {}
    while os.getppid() == parent:
        with suppress(OSError, ValueError):
            client, _ = listener.accept()
            with client:
                client.settimeout(LIFE)
                if _is_ours(client):
                    _answer(client, listener, loaded)


def _answer(client: socket.socket, listener: socket.socket, loaded: dict[str, str]) -> None:
    """Fork the job of a client, unless it is to be left to itself."""
    head, descriptors, _, _ = socket.recv_fds(client, 8, 3)
    try:
        with client.makefile("rb") as stream:
            request = json.loads(stream.read(int.from_bytes(head)))
        ready = request["process"] == _process() and _loads(request["environment"], loaded)
        if ready and os.fork() == 0:
            listener.close()
            _become(client, request, descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _loads(environment: dict[str, str], loaded: dict[str, str]) -> bool:
    """Load torch if it is not loaded; whether it is, in this environment, and a fork is safe."""
    lasting = {
        name: value
        for name, value in environment.items()
        if name not in PASSING and not name.startswith("NST_")
    }
    if not loaded:
        loaded.update(lasting)
        _set_environment(environment)
        import nst.transfer.run  # noqa: F401
    return lasting == loaded and _may_fork()


def _may_fork() -> bool:
    """Whether nothing has started that a fork would break: more threads, or CUDA."""
    import torch

    return len([*Path("/proc/self/task").iterdir()]) == 1 and not torch.cuda.is_initialized()


def _set_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.environ.pop(VARIABLE, None)  # or the job would hand itself over


def _become(client: socket.socket, request: dict, descriptors: list[int]) -> None:
    """Be the client's job from here on; never returns."""
    status = 1
    try:
        client.settimeout(None)
        client.sendall(STARTED)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _set_environment(request["environment"])
        os.chdir(request["folder"])
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout.reconfigure(line_buffering=os.isatty(1))
        sys.argv, sys.path[:] = request["arguments"], request["path"]
        threading.Thread(target=_obey, args=[client], daemon=True).start()
        status = _run()
        client.sendall(bytes([status]))
    finally:
        os._exit(status)


def _run() -> int:
    """Do as `python -m nst` does; its exit status."""
    try:
        runpy.run_module("nst", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code or 0
    except BaseException as error:
        traceback.print_exc()
        status = 128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # full, or closed by `nst`
            stream.flush()
    return status


def _obey(client: socket.socket) -> None:
    """Heed the signals that the client got, and end with it: a job must not hold a GPU for nobody."""
    with suppress(OSError):
        while number := client.recv(1):
            os.kill(os.getpid(), number[0])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), parent=int(sys.argv[2]))
