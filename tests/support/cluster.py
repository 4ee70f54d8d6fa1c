"""A SLURM of one node, and the workflow on it, for the tests that need them."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import BIN, ROOT, Project, new_project

NODE = ROOT / "tests/support/slurm_node.sh"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun")
ONE_AT_A_TIME = Path(tempfile.gettempdir(), "nst-slurm.lock")
ANOTHER_SLURM = 3  # exit status of the script
# What one node without accounting needs otherwise than the profile has it.
ONE_NODE = (
    "--profile=profiles/slurm",
    "--default-resources=slurm_partition=test",
    "--slurm-status-command=squeue",
    "--slurm-init-seconds-before-status-checks=2",
    "--slurm-keep-successful-logs",
    "--group-components=cells=4",
    "--latency-wait=2",
    "--printshellcmds",
)


def environment() -> dict[str, str]:
    """This environment without what would decide about GPUs in SLURM's place."""
    ours = {"NST_GPUS", "NST_GPU_SLOTS", "CUDA_VISIBLE_DEVICES", "SNAKEMAKE_PROFILE"}
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("SLURM_")}
    return {**kept, "OMP_NUM_THREADS": "1", "NST_PRETEND_GPUS": "1"}


def ask(*command: str | Path) -> str:
    """The output of a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def submit(project: Project, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run the workflow through the profile, from what is the login node here."""
    command = [BIN / "snakemake", *ONE_NODE, *flags]
    return subprocess.run(
        command, cwd=project.folder, env=environment(), capture_output=True, text=True, timeout=400
    )


def start(project: Project, *flags: str) -> subprocess.Popen:
    """Start the workflow through the profile and let it run; what it says is in run.log."""
    with (project.folder / "run.log").open("w") as log:
        return subprocess.Popen(
            [BIN / "snakemake", *ONE_NODE, *flags],
            cwd=project.folder,
            env=environment(),
            stdout=log,
            stderr=log,
            # Tests that run in the background ignore interrupts, which would be inherited.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def allocate(project: Project, *flags: str) -> subprocess.CompletedProcess[str]:
    """Submit the whole workflow as one job on two GPUs, as the README has it; its log is job.log."""
    inside = f"exec {BIN}/snakemake --cores 4 --resources gpu=2"
    job = ["sbatch", "--parsable", "--gpus=2", "--cpus-per-task=4", "--output=job.log", *flags]
    return subprocess.run(
        [*job, "--wrap", inside],
        cwd=project.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=400,
    )


def made(project: Project) -> set[str]:
    """The cells that have all of their three files."""
    folder = project.folder / "results/cells"
    files = {str(f.relative_to(folder)) for f in folder.glob("*/*/*")}
    pictures = {f.removesuffix(".png") for f in files if f.endswith(".png")}
    return {cell for cell in pictures if {f"{cell}.json", f"{cell}.csv"} <= files}


def logs(project: Project) -> dict[str, str]:
    """What each cell has said in its last run."""
    folder = project.folder / "results/logs/cells"
    return {str(f.relative_to(folder).with_suffix("")): f.read_text() for f in folder.glob("*/*/*.log")}


def assigned(project: Project) -> dict[str, str]:
    """The GPU of each cell, from its log."""
    found = {c: re.search(r"^GPU (\S+) assigned$", text, re.M) for c, text in logs(project).items()}
    return {cell: match[1] for cell, match in found.items() if match}


def submissions(project: Project) -> dict[str, set[str]]:
    """The cells of each SLURM job, from the log that SLURM kept of it."""
    logs = (project.folder / ".snakemake/slurm_logs").rglob("*.log")
    return {f.stem: set(re.findall(r"--out results/cells/(\S+)\.png", f.read_text())) for f in logs}


def change(project: Project, contents: Sequence[str] = ("c1", "c2"), evaluations: int = 2) -> Project:
    """The project with other contents, or with cells that take longer."""
    config = project.config
    config["content"] = {name: config["content"][name] for name in contents}
    config["settings"]["evaluations"] = evaluations
    project.configure(config)
    return project


@pytest.fixture(scope="session")
def slurm() -> Iterator[Path]:
    """A SLURM with two GPUs for as long as tests run; the folder of its state."""
    if os.geteuid() != 0:
        pytest.skip("only root can start SLURM's daemons")
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        pytest.skip(f"SLURM is not installed: no {', '.join(missing)}")
    if not find_spec("snakemake_executor_plugin_slurm"):
        pytest.skip("snakemake-executor-plugin-slurm is not installed")
    with ONE_AT_A_TIME.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield from _running()


def _running() -> Iterator[Path]:
    """The same, with no other tests' SLURM beside it; one that is up is of tests that were killed."""
    subprocess.run([NODE, "down"], capture_output=True, timeout=60)
    done = subprocess.run([NODE, "up"], capture_output=True, text=True, timeout=60)
    if done.returncode == ANOTHER_SLURM:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    yield Path(done.stdout.strip())
    ask(NODE, "down")


@pytest.fixture
def empty_queue(slurm):
    """Nothing is queued before a test, and nothing stays behind."""
    until(lambda: not ask("squeue", "--noheader"))
    yield
    # SLURM itself may take its time to bury a cancelled job (CG, completing).
    until(lambda: not ask("squeue", "--noheader"))


@pytest.fixture(scope="module")
def make_project(tmp_path_factory, seeded_weights):
    """A function -> a project of 2 x 2 x 2 cells that take a blink each, in a folder of its own."""
    return lambda: new_project(
        tmp_path_factory.mktemp("slurm") / "project", seeded_weights("alexnet", {"conv1"})
    )


def working_in(folder: Path, besides: int) -> list[str]:
    """The processes that run in a folder, zombies left out."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.joinpath("cwd").resolve() == folder.resolve() and process.name != str(besides):
                found.append(process.joinpath("cmdline").read_text())
        except OSError:  # gone meanwhile
            continue
    return [command for command in found if command]


def until(condition, seconds: float = 120) -> None:
    """Wait until a condition holds; so long only where the machine is busy."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
