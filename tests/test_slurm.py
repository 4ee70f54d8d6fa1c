"""The workflow on a real SLURM of one node, with two GPUs that SLURM only believes in."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import pytest
from conftest import BIN, ROOT, Project, draw_picture, new_project

pytestmark = pytest.mark.slurm

NODE = ROOT / "tests/slurm_node.sh"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "srun")
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
)
CELLS = {
    f"{c}/{s}/style_weight-{w}" for c in ("c1", "c2") for s in ("s1", "s2") for w in ("1e4", "1e5")
}


def environment() -> dict[str, str]:
    """This environment without what would decide about GPUs in SLURM's place."""
    ours = {"NST_GPUS", "NST_GPU_SLOTS", "CUDA_VISIBLE_DEVICES", "SNAKEMAKE_PROFILE"}
    kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("SLURM_")}
    return {**kept, "OMP_NUM_THREADS": "1"}


def ask(*command: str | Path) -> str:
    """The output of a command that has to succeed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def submit(project: Project, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run the workflow through the profile, from what is the login node here."""
    command = [BIN / "snakemake", *ONE_NODE, *flags]
    return subprocess.run(
        command, cwd=project.folder, env=environment(), capture_output=True, text=True, timeout=150
    )


def made(project: Project) -> set[str]:
    """The cells that have all of their three files."""
    folder = project.folder / "results/cells"
    files = {str(f.relative_to(folder)) for f in folder.glob("*/*/*")}
    pictures = {f.removesuffix(".png") for f in files if f.endswith(".png")}
    return {cell for cell in pictures if {f"{cell}.json", f"{cell}.csv"} <= files}


def assigned(project: Project) -> dict[str, str]:
    """The GPU of each cell, from its log."""
    folder = project.folder / "results/logs/cells"
    logs = {str(f.relative_to(folder).with_suffix("")): f.read_text() for f in folder.glob("*/*/*.log")}
    found = {cell: re.search(r"^GPU (\S+) assigned$", text, re.M) for cell, text in logs.items()}
    return {cell: match[1] for cell, match in found.items() if match}


def aggregates(project: Project) -> list[str]:
    """Table, sheets and page, as far as they are there."""
    folder = project.folder / "results"
    return sorted(f.name for f in (*folder.glob("*.*"), *folder.glob("sheets/*")))


@pytest.fixture(scope="module")
def slurm():
    """A SLURM with two GPUs, for as long as this file's tests run."""
    if os.geteuid() != 0:
        pytest.skip("only root can start SLURM's daemons")
    if missing := [name for name in PROGRAMS if not shutil.which(name)]:
        pytest.skip(f"SLURM is not installed: no {', '.join(missing)}")
    if not find_spec("snakemake_executor_plugin_slurm"):
        pytest.skip("snakemake-executor-plugin-slurm is not installed")
    done = subprocess.run([NODE, "up"], capture_output=True, text=True, timeout=60)
    if done.returncode == ANOTHER_SLURM:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    yield Path(done.stdout.strip())
    ask(NODE, "down")


@pytest.fixture
def empty_queue(slurm):
    """Nothing is queued before a test, and nothing stays behind."""
    until(lambda: not ask("squeue", "--noheader"), 120)
    yield
    # SLURM itself may take its time to bury a cancelled job (CG, completing).
    until(lambda: not ask("squeue", "--noheader"), 120)


@pytest.fixture(scope="module")
def make_project(tmp_path_factory, seeded_weights):
    """A function -> a project of 2 x 2 x 2 cells that take a blink each."""
    return lambda: new_project(
        tmp_path_factory.mktemp("slurm") / "project", seeded_weights("alexnet", {"conv1"})
    )


@pytest.fixture(scope="module")
def grid(slurm, make_project):
    """The project after one run through the profile."""
    project = make_project()
    done = submit(project)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def change(project: Project, contents: Sequence[str] = ("c1", "c2"), evaluations: int = 2) -> Project:
    """The project with other contents, or with cells that take longer."""
    config = project.config
    config["content"] = {name: config["content"][name] for name in contents}
    config["settings"]["evaluations"] = evaluations
    project.configure(config)
    return project


def submissions(project: Project) -> dict[str, set[str]]:
    """The cells of each SLURM job, from the log that SLURM kept of it."""
    logs = (project.folder / ".snakemake/slurm_logs").rglob("*.log")
    return {f.stem: set(re.findall(r"--out results/cells/(\S+)\.png", f.read_text())) for f in logs}


def test_makes_the_whole_grid_in_groups(grid, empty_queue):
    assert made(grid) == CELLS
    assert {"index.html", "losses.csv", "all_style_weight-1e4.png"} <= set(aggregates(grid))
    groups = list(submissions(grid).values())
    assert [len(group) for group in groups] == [4, 4]
    assert set.union(*groups) == CELLS


def test_submissions_at_the_same_time_have_a_gpu_each(grid):
    gpus = assigned(grid)
    assert set(gpus) == CELLS
    spans = {}
    for job, cells in submissions(grid).items():
        text = ask("scontrol", "show", "job", job)
        times = [
            datetime.fromisoformat(re.search(rf"{k}Time=(\S+)", text)[1]) for k in ("Start", "End")
        ]
        devices = {gpus[cell] for cell in cells}
        assert len(devices) == 1, f"job {job} asked for one GPU and used {devices}"
        spans[job] = (*times, *devices)
    together = [
        (one[2], other[2])
        for one, other in combinations(spans.values(), 2)
        if one[0] < other[1] and other[0] < one[1]
    ]
    assert together, f"no two jobs ran at the same time: {spans}"
    assert all(one != other for one, other in together), spans


def test_says_that_torch_does_not_see_the_gpu(grid):
    log = (grid.folder / "results/logs/cells/c1/s1/style_weight-1e4.log").read_text()
    assert "torch sees no GPU: running on the CPU" in log


def test_makes_nothing_again(grid, empty_queue):
    done = submit(grid)
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


def test_whole_workflow_inside_one_allocation(empty_queue, make_project):
    # Long enough for two cells to hold their GPUs at once, however they start.
    project = change(make_project(), contents=["c1"], evaluations=500)
    inside = f"{BIN}/snakemake --cores 4 --resources gpu=2"
    done = subprocess.run(
        ["sbatch", "--wait", "--gpus=2", "--cpus-per-task=4", "--output=job.log", "--wrap", inside],
        cwd=project.folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (project.folder / "job.log").read_text()
    cells = {cell for cell in CELLS if cell.startswith("c1/")}
    assert made(project) == cells
    assert "index.html" in aggregates(project)
    assert set(assigned(project)) == cells
    assert set(assigned(project).values()) == {"0", "1"}


def test_failed_cells_are_named_and_the_others_kept(empty_queue, make_project):
    project = change(make_project(), contents=["c1"])
    picture = project.folder / "style/s2.png"
    picture.write_bytes(picture.read_bytes()[: picture.stat().st_size // 2])
    # All four are one group, which fails as a whole.
    done = submit(project)
    assert done.returncode == 1
    assert "2 of 4 cells failed:" in done.stderr
    for weight in ("1e4", "1e5"):
        reason = rf"^  c1/s2/style_weight-{weight}: style/s2\.png is damaged or cut short"
        assert re.search(reason, done.stderr, re.M), done.stderr
    assert made(project) == {"c1/s1/style_weight-1e4", "c1/s1/style_weight-1e5"}
    assert aggregates(project) == []
    # Mended, only the failed cells are still to be made.
    draw_picture(picture, seed=3)
    dry = submit(project, "--dry-run")
    assert re.search(r"^transfer +2$", dry.stdout + dry.stderr, re.M)


def test_interrupting_the_workflow_cancels_its_jobs(empty_queue, make_project):
    project = change(make_project(), evaluations=100_000)  # minutes
    workflow = subprocess.Popen(
        [BIN / "snakemake", *ONE_NODE],
        cwd=project.folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Where the tests themselves run in the background, interrupts are ignored, and so inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        until(lambda: len(assigned(project)) == 2)
        workflow.send_signal(signal.SIGINT)
        until(lambda: not ask("squeue", "--noheader", "--states=PENDING,RUNNING,SUSPENDED"))
        until(lambda: not working_in(project.folder, besides=workflow.pid))
        assert workflow.wait(60) != 0
    finally:
        workflow.kill()
        workflow.wait()
        ask("scancel", "--user=root")
    assert made(project) == set()


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


def until(condition, seconds: float = 30) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
