"""Snakemake in forks of a process that has imported it, which saves a second each time.

`run` is the client. The server is this file as a program: it reads requests, a line of JSON each, and
answers each with a line that holds the exit status.
"""

import atexit
import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path


def run(arguments: list[str], folder: Path, environment: dict) -> subprocess.CompletedProcess[str]:
    """The same as subprocess.run with captured output, for a command line of Snakemake."""
    with tempfile.TemporaryDirectory() as outputs:
        files = [f"{outputs}/stdout", f"{outputs}/stderr"]
        request = [arguments, str(folder), environment, [os.devnull, *files]]
        process = server()
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        status = int(process.stdout.readline())
        return subprocess.CompletedProcess(arguments, status, *(Path(f).read_text() for f in files))


@cache
def server() -> subprocess.Popen[str]:
    """Start the server of this process, which ends with it."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, __file__], text=True, **pipes)
    atexit.register(process.communicate)
    return process


def serve() -> None:
    """Answer requests until the input ends. Returns in each child, which then is Snakemake."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            return become(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    sys.exit()


def become(arguments: list[str], folder: str, environment: dict, files: list[str]) -> None:
    """Take over what a process is started with."""
    for descriptor, name in enumerate(files):
        file = os.open(name, os.O_RDWR | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = arguments
    sys.path[0] = str(Path(arguments[0]).parent)


if __name__ == "__main__":
    from snakemake.cli import main

    serve()
    sys.exit(main())
