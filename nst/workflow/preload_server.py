"""A server that has imported torch and forks a process for every job of the workflow that needs it.

Importing torch takes longer than making a small image, or measuring some. The workflow starts the
server (`start`). `python -m nst transfer`, or `measure`, sends it its arguments, folder, environment
and standard descriptors (`hand_over`), and waits. If anything is wrong with the server, the job runs
without it.

The server computes nothing: it has one thread and no CUDA, so it can fork. It listens on a socket in
Linux's abstract namespace, which leaves no file, and answers processes of its own user only. Torch-free
at import.
"""

import atexit
import io
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

from nst.disk.log_end import end_early, failed
from nst.machine import signals

VARIABLE = "NST_PRELOADED"  # the server's name; with "off" every job imports torch itself
VERBS = {"transfer", "measure"}  # that need torch
START_TIMEOUT = 60  # seconds that a client waits for its job to start; the first waits for torch
POLL = 1  # seconds between two checks that the process which started the server is alive
GRACE = 10  # seconds between SIGTERM and SIGKILL for a job whose client has ended
STARTED = b"s"
# Variables that differ from job to job and that no library reads when it is imported.
JOB_VARIABLES = {"_", "PWD", "OLDPWD", "SHLVL", "TMPDIR", "TMP", "TEMPDIR", "TEMP", VARIABLE}


def start() -> subprocess.Popen | None:
    """Start a server for the jobs of this process and put its name in the environment.

    The server ends with this process, or a second after it was killed; running jobs go on. Returns
    None, and changes nothing, if the server is turned off or cannot be started.
    """
    if sys.platform != "linux" or os.environ.get(VARIABLE) == "off":
        return None
    name = f"nst-{os.urandom(8).hex()}"
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"\0{name}")
            listener.listen(128)  # clients may connect before the server has started
            server = _run_server(listener.fileno())
    except OSError:
        return None
    atexit.register(_end, server)
    os.environ[VARIABLE] = name
    return server


def _run_server(listener: int) -> subprocess.Popen:
    python = shutil.which("python") or sys.executable  # the one that runs the jobs
    return subprocess.Popen(
        [python, "-m", "nst.workflow.preload_server", str(listener), str(os.getpid())],
        pass_fds=[listener],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C stops the jobs, not the server
    )


def _end(server: subprocess.Popen) -> None:
    server.terminate()
    server.wait()


def hand_over(arguments: list[str]) -> int | None:
    """Let the server run a job; its exit status, or None if the caller must run it itself."""
    name = os.environ.get(VARIABLE, "off")
    needs_torch = bool(arguments) and arguments[0] in VERBS
    if name == "off" or not needs_torch or sys.platform != "linux":
        return None
    with socket.socket(socket.AF_UNIX) as server:
        with signals.answered(end_early):  # the server may take seconds to import torch
            has_started = _ask(server, name)
        return _wait(server) if has_started else None


def _ask(server: socket.socket, name: str) -> bool:
    """Ask the server of this name to start the job; whether it has."""
    try:
        server.settimeout(START_TIMEOUT)
        server.connect(f"\0{name}")
        if not _is_ours(server):
            return False
        _send(server, _request())
        if server.recv(1) != STARTED:
            return False
    except (OSError, ValueError):
        return False
    server.settimeout(None)
    return True


def _wait(server: socket.socket) -> int:
    """Wait for a job that has started to end; its exit status."""
    passed_on: list[int] = []

    def forward(number: int, frame: object) -> None:
        passed_on.append(number)
        with suppress(OSError):
            server.sendall(bytes([number]))

    for number in signals.STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, forward)
    status = b""
    with suppress(ConnectionError):  # the job ended before it read a signal
        while part := server.recv(1):
            status += part
    if not status and passed_on:  # the job's last line says how it was stopped
        return 128 + passed_on[-1]
    if not status:
        print(failed("the process of the job was killed"), file=sys.stderr)
        return 128 + signal.SIGKILL
    return status[0]


def _is_ours(connection: socket.socket) -> bool:
    """Whether the other process is of this user: any user may connect to the name, or take it first."""
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
    """What a job inherits from the server and cannot change: it must be the same in the client."""
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
    """Fork a job for every client until the process that started this one ends.

    Torch and the verbs are imported in the environment of the first client. Libraries may read their
    environment at import, so a client with another environment runs its job itself.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ended jobs leave no zombies
    listener.settimeout(POLL)
    loaded: dict[str, str] = {}
    while os.getppid() == parent:
        with suppress(OSError, ValueError):
            client, _ = listener.accept()
            with client:
                client.settimeout(POLL)
                if _is_ours(client):
                    _answer(client, listener, loaded)


def _answer(client: socket.socket, listener: socket.socket, loaded: dict[str, str]) -> None:
    """Fork a client's job, unless the client must run it itself."""
    head, descriptors, _, _ = socket.recv_fds(client, 8, 3)
    try:
        with client.makefile("rb") as stream:
            request = json.loads(stream.read(int.from_bytes(head)))
        ready = request["process"] == _process() and _import_torch(request["environment"], loaded)
        if ready and os.fork() == 0:
            listener.close()
            _become(client, request, descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _import_torch(environment: dict[str, str], loaded: dict[str, str]) -> bool:
    """Import torch at the first call; whether it was in this environment, and a fork is safe."""
    relevant = {
        name: value
        for name, value in environment.items()
        if name not in JOB_VARIABLES and not name.startswith("NST_")
    }
    if not loaded:
        loaded.update(relevant)
        _set_environment(environment)
        import nst.cli
        import nst.transfer.run

        nst.cli.parser()  # imports the verbs, which takes a job longer than the rest of its start
    return relevant == loaded and _may_fork()


def _may_fork() -> bool:
    """Whether a fork is safe: there is one thread, and CUDA has not started."""
    import torch

    return len([*Path("/proc/self/task").iterdir()]) == 1 and not torch.cuda.is_initialized()


def _set_environment(environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.environ.pop(VARIABLE, None)  # or the job would look for a server


def _become(client: socket.socket, request: dict, descriptors: list[int]) -> None:
    """Turn this process into the client's job; never returns."""
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
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=os.isatty(1))
        sys.argv, sys.path[:] = request["arguments"], request["path"]
        threading.Thread(target=_follow, args=[client], daemon=True).start()
        status = _run()
        client.sendall(bytes([status]))
    finally:
        os._exit(status)


def _run() -> int:
    """Run `python -m nst`; its exit status."""
    status = 0
    try:
        runpy.run_module("nst", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException as error:
        traceback.print_exc()
        status = 128 + signal.SIGINT if isinstance(error, KeyboardInterrupt) else 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the disk is full, or `nst` has closed it
            stream.flush()
    return status


def _follow(client: socket.socket) -> None:
    """Send this process the client's signals; end it when the client ends, to free its GPU."""
    with suppress(OSError):
        while number := client.recv(1):
            os.kill(os.getpid(), number[0])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), parent=int(sys.argv[2]))
