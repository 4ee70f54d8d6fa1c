"""What became of jobs: said by them in the last lines of their logs, read by the workflow's report."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_picture
from grids import build_grid

from nst.cli import main
from nst.commands import recipes
from nst.disk.log_end import Fate, failed, read_fate, stopped, written
from nst.workflow.run_report import failure_report, failures, interruptions, log_stamps, other_failures


def write_log(name, text):
    path = Path(f"results/logs/{name}.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("log", "fate"),
    [
        (
            f"evaluation 9/9\n{written([Path('x.png'), Path('x.webp')])}",
            ("written", "wrote x.png and x.webp"),
        ),
        (f"note: x\n{stopped(' by SIGINT; saved')}\n", ("stopped", "stopped by SIGINT; saved")),
        (f"{failed('no a.png' + chr(10) + 'no b.png')}\n", ("failed", "no a.png")),
        (f"{failed('no a.png')}\nsys:1: ResourceWarning: x\n", ("failed", "no a.png")),
        ("GPU 0 assigned\nevaluation 1/9", ("killed", "evaluation 1/9")),
        (" \n", ("silent", "")),
    ],
)
def test_a_log_ends_with_the_fate_of_its_job(log, fate):
    assert read_fate(log) == Fate(*fate)


def test_a_bug_leaves_its_traceback_and_its_fate(monkeypatch, capsys):
    monkeypatch.setattr(recipes, "load", lambda name: 1 // 0)
    assert main(["recipes"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Traceback")
    assert read_fate(said) == Fate("failed", "ZeroDivisionError: integer division or modulo by zero")


def test_the_reason_of_weights_and_aggregates_is_found_in_their_logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_log("weights/vgg19", "fetching\nerror: no source")
    write_log("table", "fine")
    write_log("cells/a/s/only", "error: no")
    assert other_failures({}) == {"weights/vgg19": "no source"}
    assert other_failures(log_stamps()) == {}


def test_what_became_of_cells_is_found_in_their_logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["a", "b"], ["s"], {"style_weight": ["1", "10", "100"]})
    ids = [cell.id for cell in grid.cells]
    ends = [
        "evaluation 1/9\nstopped by SIGTERM, saved at evaluation 1: the same command resumes there\n",
        "error: stopped by SIGTERM, nothing was saved: no space left\n",
        "evaluation 1/9\n",
        "error: no such picture\n",
        "",
        "wrote x.png\n",
    ]
    for name, end in zip(ids, ends, strict=True):
        write_log(f"cells/{name}", end)
    assert failures(grid, {}) == {
        ids[1]: "stopped by SIGTERM, nothing was saved: no space left",
        ids[2]: "killed, or out of memory? Its log ends with: evaluation 1/9",
        ids[3]: "no such picture",
    }
    assert interruptions(grid, {}) == [
        f"1 of 6 images was stopped: {ids[0]}",
        f"1 of 6 images was killed before it began: {ids[4]}",
    ]
    assert interruptions(grid, log_stamps()) == []
    assert failure_report(grid, log_stamps()) == ""  # all cells are there


def test_a_job_that_is_killed_says_nothing(tmp_path, seeded_weights):
    draw_picture(tmp_path / "c.png")
    transfer = "transfer c.png c.png --out x.png --size 24 --evaluations 100000 --backbone alexnet"
    layers = ["--content-layers=conv1", "--style-layers=conv1", "--precision=fp32"]
    weights = f"--weights={seeded_weights('alexnet', {'conv1'})}"
    with subprocess.Popen(
        [sys.executable, "-m", "nst", *transfer.split(), *layers, weights],
        cwd=tmp_path,
        env={**os.environ, "NST_GPUS": ""},
        stderr=subprocess.PIPE,
        text=True,
    ) as job:
        log = job.stderr.readline()
        while not log.splitlines()[-1].startswith("evaluation "):
            log += job.stderr.readline()
        job.kill()
    assert read_fate(log).kind == "killed"


def test_the_end_of_a_run_says_what_failed_where_to_look_and_what_comes_next(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["a", "b"], ["s"], {"style_weight": ["1", "10", "100"]})
    ids = [cell.id for cell in grid.cells]

    def fail(name):
        (tmp_path / f"results/cells/{name}.png").unlink()
        write_log(f"cells/{name}", "error: no such picture\n")

    fail(ids[0])
    assert failure_report(grid, {}, Path("results/index.html")).splitlines() == [
        f"1 of 6 images failed: {ids[0]}: no such picture",
        f"5 of 6 images to look at: {tmp_path}/results/index.html",
        "1 of 6 images remains to be made: fix what is named above, then run the same command again,"
        " which makes only this one",
    ]
    for name in ids[1:]:
        fail(name)
    assert failure_report(grid, {}).splitlines()[:5] == [
        "6 of 6 images failed:",
        *(f"  {name}: no such picture" for name in ids[:3]),
        "  and 3 more, see results/summary.md",
    ]
