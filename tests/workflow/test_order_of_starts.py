"""Where shared starts stand in the order of a run, and in the submissions of a cluster."""

from types import SimpleNamespace

from grids import build_grid

from nst.workflow import snakemake_api
from nst.workflow.order import breadth_first

NINE = "evaluations-9_style_weight-1e5"


class Job(SimpleNamespace):
    """A job of Snakemake's with its wildcards."""

    def __init__(self, wildcards):
        super().__init__(wildcards=wildcards)

    __hash__ = object.__hash__


def a_job(name):
    return Job(name.split("/"))


def test_a_start_comes_before_the_first_cell_of_its_pair(place):
    axes, more = {"style_weight": [1, 2, 3]}, {"shared_start": {"evaluations": 9}}
    places = breadth_first(build_grid(place, styles=("s", "t"), axes=axes, more=more))
    assert sorted(places, key=places.__getitem__)[:5] == [
        f"starts/c/s/{NINE}", "c/s/style_weight-2", f"starts/c/t/{NINE}", "c/t/style_weight-2",
        "c/s/style_weight-1",
    ]  # fmt: skip
    assert len(places) == 8
    names = [f"starts/c/t/{NINE}", "c/s/style_weight-2", f"starts/c/s/{NINE}", "losses.csv"]
    ordered = sorted(names, key=lambda name: snakemake_api._place(a_job(name), places))
    assert ordered == [names[3], names[2], names[1], names[0]]


def test_a_cell_that_has_the_name_of_its_start_has_a_place_of_its_own(place):
    axes, more = {"evaluations": [9], "style_weight": [1e5]}, {"shared_start": {"evaluations": 9}}
    places = breadth_first(build_grid(place, axes=axes, more=more))
    assert places == {f"starts/c/s/{NINE}": 0, f"c/s/{NINE}": 1}


class Group:
    """A group of Snakemake's with some jobs."""

    groupid = "cells"

    def __init__(self, *names):
        self.jobs, self.is_final = [a_job(name) for name in names], False

    def __iter__(self):
        return iter(self.jobs)

    def merge(self, other):
        self.jobs = [*self.jobs, *other.jobs]

    def finalize(self):
        self.is_final = True


def filled(groups, count):
    """The numbers of jobs in the submissions, the largest first."""
    jobs = {job: group for group in groups for job in group.jobs}
    settings = SimpleNamespace(group_components={"cells": count})
    workflow = SimpleNamespace(
        dag=SimpleNamespace(_group=jobs), parent_groupids={}, group_settings=settings
    )
    snakemake_api._fill_groups(workflow, {})
    left = list(dict.fromkeys(jobs.values()))
    assert all(group.is_final for group in left)
    return sorted((len(group.jobs) for group in left), reverse=True)


def test_a_submission_is_filled_with_jobs_and_never_parts_a_start_from_its_cells():
    assert filled([Group(f"c/s/{n}") for n in range(7)], 3) == [3, 3, 1]
    assert filled([Group(*(f"c/{n}/{m}" for m in range(4))) for n in range(5)], 10) == [8, 8, 4]
    assert filled([Group(*(f"c/{n}/{m}" for m in range(4))) for n in range(2)], 3) == [4, 4]
