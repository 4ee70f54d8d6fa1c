"""How far a run is, as its cells' files and logs tell while jobs write them."""

import pytest
from grids import build_grid, make_cells

from nst.config.grid import Grid
from nst.progress.poll import Poll, cell_stamps, last_evaluation
from nst.results.states import log_of

FIRST, SECOND = "c/s/seed-1", "c/s/seed-2"


@pytest.fixture
def grid(tmp_path, monkeypatch) -> Grid:
    """A grid of two cells, both made."""
    monkeypatch.chdir(tmp_path)
    return build_grid(tmp_path, axes={"seed": [1, 2]})


@pytest.fixture
def poll(grid) -> Poll:
    """A run that makes both cells again."""
    return Poll(grid, grid.cells, {cell.id: cell_stamps(cell) for cell in grid.cells})


def write_log(cell, text):
    log_of(cell).parent.mkdir(parents=True, exist_ok=True)
    log_of(cell).write_text(text)


def remove(cell):
    """What Snakemake does before a job begins."""
    for ending in (".png", ".json", ".csv"):
        cell.file(ending).unlink()


def test_an_image_that_will_be_replaced_is_none_of_this_run(poll):
    assert {state.kind for state in poll.states.values()} == {"outdated"}
    assert poll.look() == {}
    assert len(poll.unmade) == 2


def test_a_failure_of_an_earlier_run_is_none_of_this_run(grid):
    remove(grid.cells[0])
    write_log(grid.cells[0], "error: no such thing\n")
    poll = Poll(grid, grid.cells, {cell.id: cell_stamps(cell) for cell in grid.cells})
    assert poll.states[FIRST].kind == "missing"
    assert poll.look() == {} and poll.failed() == {}


def test_a_cell_is_followed_from_its_job_to_its_image(poll, grid, tmp_path):
    first = grid.cells[0]
    write_log(first, "")  # the shell empties the log, the old image is still there
    assert {name: state.kind for name, state in poll.look().items()} == {FIRST: "running"}
    assert poll.under_way == {FIRST: (0, first.settings.evaluations)}
    remove(first)
    write_log(first, "evaluation  1/80  total 5\nevaluation 24/80  total 3 content 1\n")
    poll.look()
    assert poll.under_way == {FIRST: (24, 80)}
    assert poll.states[FIRST].record is None
    make_cells(tmp_path, Grid(grid.config, (first,)))
    changed = poll.look()
    assert changed[FIRST].kind == "made" and changed[FIRST].record
    assert poll.under_way == {} and set(poll.unmade) == {SECOND}


def test_a_failed_cell_has_its_reason_until_its_job_begins_again(poll, grid):
    remove(grid.cells[0])
    write_log(grid.cells[0], "evaluation 3/80  total 5\nerror: the loss is not finite\n")
    assert poll.look()[FIRST].kind == "failed"
    assert poll.failed() == {FIRST: "the loss is not finite"}
    assert poll.look() == {}
    write_log(grid.cells[0], "evaluation 4/80  total 5\n")
    poll.look()
    assert poll.failed() == {} and poll.under_way == {FIRST: (4, 80)}


def test_a_cell_that_this_run_does_not_make_is_what_it_was(grid):
    poll = Poll(grid, grid.cells[:1], {})
    assert poll.states[SECOND].kind == "made" and poll.states[SECOND].record


def test_a_log_without_evaluations_names_none(tmp_path):
    (tmp_path / "a.log").write_text("note: large\n")
    assert last_evaluation(tmp_path / "a.log") is None
    assert last_evaluation(tmp_path / "none.log") is None


def test_a_job_that_was_killed_without_a_word_is_no_longer_under_way(poll, grid):
    remove(grid.cells[0])
    write_log(grid.cells[0], "evaluation 3/80  total 5\n")
    assert poll.look()[FIRST].kind == "running"
    poll.job_failed(FIRST)
    poll.job_failed("table")  # no cell
    assert poll.look()[FIRST].kind == "killed"
    assert poll.under_way == {} and "evaluation 3/80" in poll.failed()[FIRST]
    assert poll.look() == {}
    write_log(grid.cells[0], "evaluation 1/80 \n")  # it is tried again
    assert poll.look()[FIRST].kind == "running"
    assert poll.failed() == {} and poll.under_way == {FIRST: (1, 80)}


def test_a_job_that_is_killed_between_two_looks_never_was_under_way(poll, grid):
    write_log(grid.cells[0], "evaluation 3/80  total 5\n")  # the image of before is still there
    poll.job_failed(FIRST)
    assert poll.look()[FIRST].kind == "killed"
