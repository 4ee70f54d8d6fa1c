"""How many prints are made at once, with how many threads and GPUs, and what is no run of prints."""

from types import SimpleNamespace

import pytest
from grids import build_grid

from nst.config.grid import expand
from nst.errors import NstError
from nst.results.currency import CURRENT, Currency
from nst.workflow import snakemake_module
from nst.workflow.tasks import Tasks

ONE, OTHER = "c/s/style_weight-1", "c/s/style_weight-10"
RULES = {name: name for name in snakemake_module.RULES}


def a_job(rule, threads, name):
    content, style, variant = name.split("/")
    wildcards = SimpleNamespace(content=content, style=style, variant=variant)
    return SimpleNamespace(rule=SimpleNamespace(name=rule), threads=threads, wildcards=wildcards)


@pytest.fixture
def tasks(place):
    """A function (targets, planned jobs, settings of prints) -> the tasks of a run on eight cores."""
    build_grid(place, axes={"style_weight": [1, 10]})

    def build(targets=(), jobs=(), settings=None):
        prints = {"settings": {"size": 96, **(settings or {})}, "cells": [ONE, OTHER]}
        grid = expand(["config.yaml"], {"settings": {"device": "cpu"}, "prints": prints})

        def needed(exclude_finished=True):  # as at the end of a dry run
            return [] if exclude_finished else jobs

        dag, asked = SimpleNamespace(needrun_jobs=needed), SimpleNamespace(targets=set(targets))
        workflow = SimpleNamespace(cores=8, dag=dag, dag_settings=asked)
        return Tasks(workflow, RULES, grid)

    return build


def test_the_cores_are_shared_by_the_prints_that_are_still_to_be_made(tasks):
    of_prints = tasks(["prints"])
    assert of_prints.print_threads == 1
    of_prints.choose()
    assert of_prints.are_prints
    assert of_prints.print_threads == 4
    of_prints.currencies[ONE] = Currency(CURRENT)
    assert of_prints.print_threads == 8
    of_prints.currencies[OTHER] = Currency(CURRENT)
    assert of_prints.print_threads == 8  # they are made again only if they are forced to be


@pytest.mark.parametrize(("threads", "at_once"), [(8, 1), (2, 4), (3, 2), (16, 1)])
def test_the_threads_that_the_user_sets_say_how_many_are_made_at_once(tasks, threads, at_once):
    of_prints = tasks(["prints"], [a_job("print", threads, ONE), a_job("sheet", 8, ONE)])
    of_prints.choose()
    assert of_prints.at_once() == at_once


def test_the_gpus_of_prints_are_counted_where_the_grid_has_none(tasks, monkeypatch):
    monkeypatch.setenv("NST_GPUS", "0,1")
    of_prints = tasks(settings={"device": "auto"})
    assert {cell.settings.device for cell in of_prints.whole.cells} == {"cpu"}
    assert of_prints.gpus == 2
    assert of_prints.on_cpu(of_prints.whole.prints) == []
    assert of_prints.on_cpu(of_prints.whole.cells) == list(of_prints.whole.cells)


def test_a_run_of_the_grid_makes_no_print(tasks):
    own = "is to be made: prints are a run of their own: run `snakemake prints` first$"
    for_a_poster = tasks(["poster"], [a_job("print", 1, OTHER)])
    for_a_poster.choose()
    with pytest.raises(NstError, match=f"^results/prints/{OTHER}.png {own}"):
        for_a_poster.refuse_forced_prints()
    with pytest.raises(NstError, match=f"^results/prints/{ONE}.png {own}"):
        for_a_poster.refuse_print(for_a_poster.whole.prints[0])
    for targets in (["prints"], ["prune"]):
        others = tasks(targets)
        others.grid = others.whole.of_prints if targets == ["prints"] else others.whole
        others.refuse_print(others.whole.prints[0])
