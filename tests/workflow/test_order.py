"""The order in which cells are made: stated for a grid, kept by a window, and by Snakemake."""

import re

import pytest

from nst.config.grid import expand
from nst.workflow.order import Window, breadth_first, first_that_fit

WEIGHTS = [1, 2, 3, 4, 5, 6]
PRIORITIZED = "c5/s5/style_weight-4"  # by the user


def configure(project, contents=2, styles=2, **grid):
    """A grid of made-up names; returns the config."""
    config = project.config
    config["content"] = {f"c{n}": "content/c1.png" for n in range(contents)}
    config["style"] = {f"s{n}": "style/s1.png" for n in range(styles)}
    config["grid"] = grid
    project.configure(config)
    return config


def order_of(project, monkeypatch):
    monkeypatch.chdir(project.folder)
    places = breadth_first(expand(["config.yaml"]))
    assert sorted(places.values()) == list(range(len(places)))
    return sorted(places, key=places.__getitem__)


def test_one_variant_of_every_pair_comes_before_the_second_of_any(project, monkeypatch):
    configure(project, style_weight=WEIGHTS)
    order = order_of(project, monkeypatch)
    pairs = ["c0/s0", "c0/s1", "c1/s0", "c1/s1"]
    assert order == [f"{pair}/style_weight-{weight}" for weight in (3, 2, 4, 1, 5, 6) for pair in pairs]


def test_the_nearest_to_the_middle_of_several_axes_comes_next(project, monkeypatch):
    configure(project, 1, 1, style_weight=[1, 2, 3], tv_weight=[7, 8, 9])
    order = [name.removeprefix("c0/s0/style_weight-") for name in order_of(project, monkeypatch)]
    assert order[0] == "2_tv_weight-8"
    assert order[1:5] == ["1_tv_weight-8", "2_tv_weight-7", "2_tv_weight-9", "3_tv_weight-8"]
    assert order[5:] == ["1_tv_weight-7", "1_tv_weight-9", "3_tv_weight-7", "3_tv_weight-9"]


def test_a_pair_without_its_middle_begins_with_the_nearest_that_it_has(project, monkeypatch):
    config = configure(project, 1, 2, style_weight=[1, 2, 3])
    project.configure({**config, "exclude": ["c0/s0/style_weight-2"]})
    order = [name.replace("style_weight-", "") for name in order_of(project, monkeypatch)]
    assert order == ["c0/s0/1", "c0/s1/2", "c0/s0/3", "c0/s1/1", "c0/s1/3"]


def test_a_window_shows_the_first_of_what_is_in_it():
    window = Window([5, 3, 9], lambda number: number, 2)
    assert (list(window), len(window), 9 in window) == ([3, 5], 3, True)
    window.update([4, 3], [1])
    assert list(window) == [1, 3]
    window -= {1, 3}
    assert list(window) == [4, 5]
    window.add(3)  # a job that is tried again
    window.remove(3)
    window.add(3)
    assert list(window) == [3, 4]
    window.clear()
    assert list(window) == []


def test_a_job_that_does_not_fit_lets_those_after_it_pass():
    jobs = [("a", {"gpu": 1}), ("b", {"gpu": 1, "else": 9}), ("c", {"cores": 1}), ("d", {"cores": 2})]
    chosen = first_that_fit(jobs, lambda job: job[1], {"gpu": 1, "cores": 2})
    assert [name for name, _ in chosen] == ["a", "c"]


@pytest.mark.parametrize("flags", [[], ["--scheduler-subsample", "4"]])
def test_snakemake_keeps_the_order_beyond_a_hundred_ready_jobs(project, monkeypatch, flags):
    configure(project, 6, 6, style_weight=[1, 2, 3, 4])
    rule = project.folder / "workflow/rules/cells.smk"
    text, _, _ = rule.read_text().partition("python -m nst transfer")
    rule.write_text(text + 'touch {output:q}\n        """\n')
    flags = ["--cores", "1", "-p", "--until", "transfer", *flags]
    done = project.snakemake(*flags, "--prioritize", f"results/cells/{PRIORITIZED}.png")
    assert done.returncode == 0, done.stderr
    started = re.findall(r"^    output: results/cells/(\S+)\.png", done.stderr, re.MULTILINE)
    order = order_of(project, monkeypatch)
    order.remove(PRIORITIZED)
    assert started == [PRIORITIZED, *order]
