"""The workflow on a real SLURM of one node, with two GPUs that SLURM only believes in."""

import re
import signal
from datetime import datetime
from itertools import combinations

import pytest
from cluster import allocate, ask, assigned, change, made, start, submissions, submit, until, working_in
from conftest import Project, draw_picture
from plans import cut_short

pytestmark = [pytest.mark.slow, pytest.mark.slurm]

CELLS = {
    f"{c}/{s}/style_weight-{w}" for c in ("c1", "c2") for s in ("s1", "s2") for w in ("1e4", "1e5")
}


def aggregates(project: Project) -> list[str]:
    """Table, sheets and page, as far as they are there."""
    folder = project.folder / "results"
    return sorted(f.name for f in (*folder.glob("*.*"), *folder.glob("sheets/*")))


@pytest.fixture(scope="module")
def grid(slurm, make_project):
    """The project after one run through the profile."""
    project = make_project()
    tiles = {"c1/s1/style_weight-1e4": {"tile": 64}}  # cells of a group need not be computed alike
    project.configure({**project.config, "overrides": {"cell": tiles}})
    done = submit(project)
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def test_makes_the_whole_grid_in_groups(grid, empty_queue):
    assert made(grid) == CELLS
    assert {"index.html", "losses.csv", "all_style_weight-1e4.png"} <= set(aggregates(grid))
    groups = list(submissions(grid).values())
    assert [len(group) for group in groups] == [4, 4]
    assert set.union(*groups) == CELLS


def test_a_submission_holds_cells_that_follow_each_other(grid):
    """One variant of every pair; the plugin sends several submissions at once, in any order."""
    variants = [{cell.split("/")[2] for cell in group} for group in submissions(grid).values()]
    assert sorted(variants, key=str) == [{"style_weight-1e4"}, {"style_weight-1e5"}]


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


def test_a_pretended_gpu_is_said_to_be_one(grid):
    log = (grid.folder / "results/logs/cells/c1/s1/style_weight-1e4.log").read_text()
    assert "is pretended (NST_PRETEND_GPUS): running on the CPU" in log


def test_makes_nothing_again(grid, empty_queue):
    done = submit(grid)
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr


def test_whole_workflow_inside_one_allocation(empty_queue, make_project):
    # Long enough for two cells to hold their GPUs at once, however they start.
    project = change(make_project(), contents=["c1"], evaluations=500)
    done = allocate(project, "--wait")
    assert done.returncode == 0, (project.folder / "job.log").read_text()
    cells = {cell for cell in CELLS if cell.startswith("c1/")}
    assert made(project) == cells
    assert "index.html" in aggregates(project)
    assert set(assigned(project)) == cells
    assert set(assigned(project).values()) == {"0", "1"}


def test_failed_cells_are_named_and_the_others_kept(empty_queue, make_project):
    project = change(make_project(), contents=["c1"])
    cut_short(project, "style/s2.png")
    # All four are one group, which fails as a whole.
    done = submit(project)
    assert done.returncode == 1
    assert "2 of 4 images failed:" in done.stderr
    for weight in ("1e4", "1e5"):
        reason = rf"^  c1/s2/style_weight-{weight}: style/s2\.png is damaged or cut short"
        assert re.search(reason, done.stderr, re.M), done.stderr
    assert made(project) == {"c1/s1/style_weight-1e4", "c1/s1/style_weight-1e5"}
    assert {"index.html", "losses.csv"} <= set(aggregates(project))  # of what is there
    # Mended, only the failed cells are still to be made.
    draw_picture(project.folder / "style/s2.png", seed=3)
    dry = submit(project, "--dry-run")
    assert re.search(r"^transfer +2$", dry.stdout + dry.stderr, re.M)


def test_interrupting_the_workflow_cancels_its_jobs(empty_queue, make_project):
    project = change(make_project(), evaluations=100_000)  # minutes
    workflow = start(project)
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
