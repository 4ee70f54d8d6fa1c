"""Whole runs with a server: torch is imported once, and no process is left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import BIN
from processes import children, processes, soon

from nst.workflow import preload_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server is for Linux")

WITNESS = """
import atexit, os, sys
def tell():
    if "torch" in sys.modules:
        open(os.environ["WITNESS"], "a").write(f"{sys.argv}\\n")
atexit.register(tell)
"""


def witnessed(project):
    """An environment in which each process that has imported torch adds a line to a file; the file."""
    site = project.folder.parent / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(WITNESS)
    path = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    return {
        "PYTHONPATH": path,
        "WITNESS": str(site / "signed"),
        preload_server.VARIABLE: "",
    }, site / "signed"


def test_a_run_loads_torch_once_and_leaves_nothing(project):
    environment, signed = witnessed(project)
    done = project.snakemake(env=environment)
    assert done.returncode == 0, done.stderr
    assert not signed.exists()
    assert soon(lambda: processes(project.folder) == [])
    again = ["--force", "results/cells/c1/s1/style_weight-1e4.png"]
    assert project.snakemake(*again, env=environment).returncode == 0  # one job: not worth a server
    assert len(signed.read_text().splitlines()) == 1


def test_a_run_may_do_without(project):
    project.configure(
        {**project.config, "content": {"c1": "content/c1.png"}, "style": {"s1": "style/s1.png"}}
    )
    environment, signed = witnessed(project)
    done = project.snakemake(env={**environment, preload_server.VARIABLE: "off"})
    assert done.returncode == 0, done.stderr
    assert len(signed.read_text().splitlines()) == 2


def test_a_killed_run_leaves_nothing(project):
    config = project.config
    config["settings"]["evaluations"] = 10000
    project.configure(config)
    run = subprocess.Popen(
        [str(BIN / "snakemake"), "--cores", "2"],
        cwd=project.folder,
        env={**os.environ, "NST_GPUS": "", preload_server.VARIABLE: ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = soon(lambda: [pid for pid in children(run.pid) if b"nst.workflow.preload_server" in
                           Path(f"/proc/{pid}/cmdline").read_bytes()])  # fmt: skip
    try:
        assert soon(lambda: len(children(server[0])) == 2)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert soon(lambda: processes(project.folder) == [])
