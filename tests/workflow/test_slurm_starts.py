"""Shared starts on a real SLURM of one node: each is in the submission of its cells."""

import re

import pytest
from cluster import made, submit
from plans import change

pytestmark = [pytest.mark.slow, pytest.mark.slurm]

PAIRS = {f"{content}/{style}" for content in ("c1", "c2") for style in ("s1", "s2")}


def submissions(project):
    """The pairs of the starts and of the cells of each SLURM job, by what its log says."""
    logs = [path.read_text() for path in (project.folder / ".snakemake/slurm_logs").rglob("*.log")]
    return [
        [set(re.findall(rf"--out results/{kind}/(\w+/\w+)/", text)) for kind in ("starts", "cells")]
        for text in logs
    ]


def test_a_start_is_in_the_submission_of_its_cells_also_a_second_time(make_project, empty_queue):
    project = make_project()
    for evaluations in (3, 4):  # with four jobs at most: the three of a pair
        change(project, "shared_start", {"evaluations": evaluations})
        done = submit(project)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {name.rpartition("/")[0] for name in made(project)} == PAIRS
        assert len(made(project)) == 8
    jobs = submissions(project)
    assert len(jobs) == 8
    for starts, cells in jobs:
        assert len(starts) == 1 and starts == cells
    done = submit(project, "--dry-run")
    assert "no image to make: 8 images are there" in done.stdout, done.stdout + done.stderr
