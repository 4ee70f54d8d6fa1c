"""Jobs of a real SLURM that end too soon: the same command goes on, to the same bytes."""

import pytest
from cluster import allocate, ask, change, environment, logs, start, submissions, submit, until
from conftest import Project

pytestmark = [pytest.mark.slow, pytest.mark.slurm]

# How SLURM ends a job, or only signals it: its command, the signal that comes, the job's state.
ENDS = {
    "cancel": (("scancel", "{job}"), "SIGTERM", "CANCELLED"),
    "warning": (("scancel", "--signal=USR1", "{job}"), "SIGUSR1", "FAILED"),
}


@pytest.fixture(scope="module")
def make_slow(make_project):
    """A function -> a project of four cells that take some seconds each."""
    return lambda: change(make_project(), contents=["c1"], evaluations=6000)


@pytest.fixture(scope="module")
def undisturbed(slurm, make_slow):
    """The images of a run on this machine that nothing stops."""
    project = make_slow()
    done = project.snakemake(env=environment())
    assert done.returncode == 0, done.stderr
    return pictures(project)


def shorten(project: Project, evaluations: int) -> Project:
    """The project with two cells only, of that many evaluations."""
    config = project.config
    config["style"].pop("s2")
    project.configure({**config, "settings": {**config["settings"], "evaluations": evaluations}})
    return project


def pictures(project: Project) -> dict[str, bytes]:
    """The images that are there, by the end of their paths."""
    folder = project.folder / "results/cells"
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.glob("*/*/*.png")}


def checkpoints(project: Project) -> set[str]:
    """The cells that have a checkpoint."""
    folder = project.folder / "results/cells"
    return {str(f.relative_to(folder).with_suffix("")) for f in folder.glob("*/*/*.checkpoint")}


def under_way(project: Project) -> set[str]:
    """The cells that are well under way."""
    said = logs(project).items()
    return {c for c, text in said if text.count("\nevaluation ") > 1 and "stopped" not in text}


def test_jobs_that_slurm_ends_go_on(undisturbed, empty_queue, make_slow):
    project, stopped = make_slow(), set()
    workflow = start(project, "--group-components=cells=1")
    try:
        for command, number, state in ENDS.values():
            until(lambda: under_way(project), 120)
            cell = under_way(project).pop()
            job = next(job for job, cells in submissions(project).items() if cell in cells)
            ask(*(word.format(job=job) for word in command))
            until(lambda cell=cell: "stopped by" in logs(project)[cell])
            said = f"stopped by {number}, saved at evaluation "
            assert logs(project)[cell].splitlines()[-1].startswith(said)
            until(
                lambda job=job, state=state: f"JobState={state}" in ask("scontrol", "show", "job", job)
            )
            stopped.add(cell)
        assert checkpoints(project) == stopped
        assert workflow.wait(180) == 1
    finally:
        workflow.kill()
        workflow.wait()
    said = (project.folder / "run.log").read_text()
    assert "2 of 4 images were stopped: " in said
    assert "images failed" not in said
    done = submit(project)
    assert done.returncode == 0, done.stderr
    assert {cell for cell, text in logs(project).items() if "resuming after" in text} == stopped
    assert pictures(project) == undisturbed
    assert checkpoints(project) == set()


def test_a_killed_snakemake_is_no_obstacle(undisturbed, empty_queue, make_slow):
    project = make_slow()
    workflow = start(project, "--group-components=cells=2")
    try:
        until(lambda: len(under_way(project)) == 2, 120)
    finally:
        workflow.kill()
        workflow.wait()
    # Its jobs still run, and hold both GPUs until they are done.
    done = submit(project, "--group-components=cells=2")
    assert done.returncode == 0, done.stderr
    assert pictures(project) == undisturbed


def test_an_allocation_that_runs_out_goes_on(empty_queue, make_slow):
    # SLURM looks at the limits of time every 30 s only: these cells outlast that.
    project = shorten(make_slow(), evaluations=40_000)
    job = allocate(project).stdout.strip()
    until(lambda: len(under_way(project)) == 2, 120)
    stopped = under_way(project)
    ask("scontrol", "update", "EndTime=now", f"JobId={job}")
    until(lambda: not ask("squeue", "--noheader"), 120)
    assert "JobState=TIMEOUT" in ask("scontrol", "show", "job", job)
    assert "2 of 2 images were stopped: " in (project.folder / "job.log").read_text()
    assert checkpoints(project) == stopped
    done = allocate(project, "--wait")
    assert done.returncode == 0, (project.folder / "job.log").read_text()
    assert {cell for cell, text in logs(project).items() if "resuming after" in text} == stopped
    assert set(pictures(project)) == {f"{cell}.png" for cell in stopped}
