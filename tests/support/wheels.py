"""The wheel of this repository, and a bare environment to install it into."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from conftest import ROOT

BUILD = "from setuptools.build_meta import build_{kind} as build; print(build('dist'))"


def tracked_files() -> list[str]:
    """The files of the repository, new ones included."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def copy_of_the_repository(folder: Path) -> Path:
    """A checkout without what is ignored."""
    for name in tracked_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


def build(kind: str, source: Path) -> Path:
    """The wheel or the sdist of a checkout, built by the setuptools that is here, without a network."""
    (source / "dist").mkdir(exist_ok=True)
    command = [sys.executable, "-c", BUILD.format(kind=kind)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return source / "dist" / done.stdout.splitlines()[-1]


def bare_environment(folder: Path, wheel: Path) -> Path:
    """The programs of an environment that has the wheel, and of this environment all but nst-grid."""
    venv.create(folder, with_pip=False)
    own = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    # A path alone: its .pth files, and so the editable nst-grid, are not read.
    Path(own, "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    python = str(folder / "bin/python")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-index", "--force-reinstall", str(wheel)], check=True)
    for name in ("snakemake",):
        program = folder / "bin" / name
        program.write_text(f"#!{python}\nfrom snakemake.cli import main\nmain()\n")
        program.chmod(0o755)
    return folder / "bin"
