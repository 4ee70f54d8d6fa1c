"""One run at a time in a folder: the second is refused, and told which is the first."""

import os
import socket
import subprocess
import sys

import pytest

from nst.errors import NstError
from nst.workflow.folder_lock import FILE, hold_folder, is_held

HOLD = (
    "from nst.workflow.folder_lock import hold_folder; print(repr(hold_folder()), flush=True); input()"
)


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Another process that locks this folder until its standard input ends."""
    monkeypatch.chdir(tmp_path)
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", HOLD], text=True, **piped) as process:
        assert process.stdout.readline() == "''\n"
        yield process
        process.kill()


def test_a_second_run_is_refused_and_told_of_the_first(other):
    before = FILE.read_text()
    with pytest.raises(NstError) as refusal:
        hold_folder()
    assert str(refusal.value) == (
        f"another run is under way in this folder (process {other.pid} on {socket.gethostname()}): wait"
        " for it, or stop it first"
    )
    assert FILE.read_text() == before


def test_whether_a_run_is_under_way_can_be_asked(other, tmp_path, monkeypatch):
    assert is_held()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert not is_held()
    FILE.parent.mkdir()
    FILE.touch()
    assert not is_held()


def test_a_first_run_that_is_not_named(other):
    os.truncate(FILE, 0)
    with pytest.raises(NstError, match=r"folder .process unknown.: wait for it"):
        hold_folder()


def test_a_killed_run_locks_no_longer(other, monkeypatch):
    descriptors = []
    monkeypatch.setattr("nst.workflow.folder_lock._descriptors", descriptors)
    other.kill()
    other.wait()
    assert hold_folder() == ""
    os.close(*descriptors)
    assert FILE.read_text() == f"process {os.getpid()} on {socket.gethostname()}\n"


def test_a_folder_where_nothing_can_be_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    FILE.parent.touch()
    with pytest.raises(NstError) as refusal:
        hold_folder()
    assert str(refusal.value) == "cannot write .snakemake/nst.lock: File exists: choose another path"


def test_one_snakemake_refuses_another(project):
    (project.folder / FILE).parent.mkdir()
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=project.folder, text=True, **piped
    ) as process:
        process.stdout.readline()
        before = sorted(project.folder.rglob("*"))
        done = project.snakemake()
        process.communicate()
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: another run is under way in this folder (process {process.pid} on ")
    new = {path for path in project.folder.rglob("*") if path not in before}
    assert {path.relative_to(project.folder).parts[0] for path in new} <= {".snakemake"}
