"""The time that is left: how near it comes for runs whose true course is known."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from grids import made_record

from nst.config.grid import expand
from nst.progress.estimate import (
    AFTER,
    BEFORE,
    Estimator,
    Sample,
    Speed,
    before,
    fit,
    last_row,
    makespan,
    speed_key,
    work_of,
)
from nst.results.states import State
from nst.workflow.order import breadth_first

TRUE = Speed(0.02, 2e-6)  # of the machine that is played
START = 4.0


@pytest.fixture
def grid_of(project, monkeypatch):
    """A function (values of axes and settings) -> a grid."""
    monkeypatch.chdir(project.folder)

    def make(axes, overrides=None, **settings):
        config = project.config
        config["content"], config["style"] = {"c": "content/c1.png"}, {"s": "style/s1.png"}
        config |= {"grid": axes, "overrides": overrides or {}}
        shared = {"backbone": "vgg16", "evaluations": 80, "size": 128, **settings}
        config["settings"] = {name: value for name, value in shared.items() if name not in axes}
        config.pop("weights", None)
        project.configure(config)
        return expand(["config.yaml"])

    return make


def take(grid, cell, chance):
    """The seconds that the evaluations of a cell take, with what disturbs them."""
    return TRUE.seconds(work_of(grid, cell)) * chance.uniform(0.85, 1.2)


def record_of(grid, cell):
    """The record of a cell that was made at the true speed."""
    seconds = TRUE.seconds(work_of(grid, cell))
    return made_record(cell, evaluations=cell.settings.evaluations, seconds=seconds)


def played(grid, jobs):
    """The estimates of a run of `jobs` jobs at once after each image, each beside the truth."""
    chance = random.Random(1)
    cells = [grid.by_id[name] for name in breadth_first(grid)]
    waiting, running, now, steps = list(cells), [], 0.0, []
    estimator = Estimator(grid, {}, jobs)

    def begin():
        while waiting and len(running) < jobs:
            seconds = take(grid, waiting[0], chance)
            beside = TRUE.seconds(estimator._work_beside(waiting[0], BEFORE + AFTER))
            running.append((now + START + beside + seconds, seconds, now, waiting.pop(0)))

    begin()
    while running:
        running.sort(key=lambda job: job[0])
        now, seconds, _, made = running.pop(0)
        estimator.made(made, replace(record_of(grid, made), seconds=seconds))
        estimator.starts[made.id] = START
        begin()
        under_way = {
            cell.id: (int(max(0, now - begun - START) / seconds * cell.settings.evaluations), 0)
            for _, seconds, begun, cell in running
        }
        steps.append((now, estimator.seconds_left(waiting, under_way)))
    return [(left, now - time) for time, left in steps]


@pytest.mark.parametrize("jobs", [1, 2, 7])
@pytest.mark.parametrize(
    "axes",
    [{"size": [64, 128, 256, 512]}, {"style_weight": [1, 10, 100]}, {"evaluations": [20, 80, 300]}],
    ids=str,
)
def test_within_a_quarter_from_the_tenth_image_on(grid_of, axes, jobs):
    grid = grid_of({**axes, "tv_weight": list(range(20))}, scales=2)
    course = played(grid, jobs)
    total = sum(course[0])
    for left, truth in course[9:]:
        assert left == pytest.approx(truth, rel=0.25, abs=0.01 * total)


def test_records_of_earlier_runs_tell_before_the_first_image(grid_of):
    small = grid_of({"size": [64, 128]})
    states = {cell.id: State("made", record=record_of(small, cell)) for cell in small.cells}
    large = grid_of({"size": [64, 128, 256]})
    todo = [cell for cell in large.cells if cell.settings.size == 256]
    left = Estimator(large, states, 1).seconds_left(todo, {})
    truth = sum(TRUE.seconds(work_of(large, cell)) + 3 for cell in todo)
    assert left == pytest.approx(truth, rel=0.1)
    assert Estimator(large, {}, 1).seconds_left(todo, {}) is None


def test_the_log_of_the_first_image_tells_before_it_is_made(grid_of):
    grid = grid_of({"tv_weight": [0, 1]}, scales=1)
    first, second = grid.cells
    log = Path("results/logs/cells") / f"{first.id}.log"
    log.parent.mkdir(parents=True)
    log.write_text("note: x\nevaluation 40/80  total 1  content 1  style 1  tv 0    20.0 s\n")
    assert last_row(log) == (40, 20.0)
    left = Estimator(grid, {}, 1).seconds_left([second], {first.id: (40, 80)})
    assert left == pytest.approx(20 + 2 + 40, rel=0.05)


def test_fewer_jobs_than_asked_for_take_longer(grid_of):
    """A machine with one GPU, or a cluster that is busy."""
    grid = grid_of({"tv_weight": list(range(40))})
    estimator = Estimator(grid, {}, 8)
    estimator.made(grid.cells[0], record_of(grid, grid.cells[0]))
    begun = {grid.cells[1].id: (0, 80), grid.cells[2].id: (0, 80)}
    first, *_, last = [estimator.seconds_left(grid.cells[3:], begun) for _ in range(5)]
    assert last == pytest.approx(4 * first, rel=0.2)


def test_samples_of_one_size_say_the_time_of_this_size():
    samples = [Sample((), (80, 80 * 5e4), seconds) for seconds in (9, 10, 11)]
    assert fit(samples).seconds((160, 160 * 5e4)) == pytest.approx(20, rel=0.05)
    speed = fit([Sample((), (80, 80 * pixels), 80 * (0.1 + 1e-6 * pixels)) for pixels in (4e3, 1e5)])
    assert (speed.evaluation, speed.pixel) == pytest.approx((0.1, 1e-6), rel=0.1)


@pytest.mark.parametrize("seconds", [(10, 1), (1, 1000)], ids=["faster", "far slower"])
def test_no_speed_is_negative(seconds):
    samples = [Sample((), (10, 10 * px), s) for px, s in zip((1e4, 1e5), seconds, strict=True)]
    assert min(vars(fit(samples)).values()) >= 0


def test_the_last_image_ends_the_run():
    assert makespan([3, 1, 1, 1], 2) == 3
    assert makespan([1, 1, 1, 9], 2) == 10
    assert makespan([], 3) == 0


def test_measurements_of_another_network_count_only_without_better_ones(grid_of):
    grid = grid_of({"backbone": ["vgg16", "vgg19"]})
    one, other = grid.cells
    assert speed_key(one.settings) != speed_key(other.settings)
    estimator = Estimator(grid, {}, 1)
    estimator.made(one, replace(record_of(grid, one), seconds=10.0))
    assert estimator.seconds_left([other], {}) == pytest.approx(13, rel=0.05)
    for _ in range(3):
        estimator.made(other, replace(record_of(grid, other), seconds=30.0))
    assert estimator.seconds_left([other], {}) == pytest.approx(33, rel=0.05)


def test_each_picture_of_a_blend_takes_time_before_the_first_evaluation(grid_of):
    (cell,) = grid_of({"size": [128]}).cells
    grid = grid_of({"size": [128]})
    several = replace(cell, style_pictures=cell.style_pictures * 5)
    none = replace(several, settings=replace(cell.settings, blend=[1.0, 0.0, 0.0, 0.0, 0.0]))
    assert before(several) > before(cell) == before(none)
    estimator = Estimator(grid, {}, 1)
    estimator.made(cell, record_of(grid, cell))
    seconds = [estimator.seconds_left([one], {}) for one in (cell, several)]
    more = TRUE.seconds(estimator._work_beside(cell, before(several) - before(cell)))
    assert seconds[1] - seconds[0] == pytest.approx(more, rel=0.3)
