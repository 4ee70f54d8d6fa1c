"""Runs that do not finish: table, sheets and page show what is there, and the next run is whole."""

import csv
import os
import re
import signal
import subprocess
import time

import pytest
from conftest import BIN
from plans import AGGREGATES, CELLS, SHEETS, change, planned

FAILING = "c1/s2/style_weight-1e5"
IMPOSSIBLE = {"device": "cuda", "seed": 5}  # tests have no GPU


def outcomes(project):
    """What the table says of each cell."""
    rows = csv.DictReader((project.folder / "results/losses.csv").read_text().splitlines())
    return [row["outcome"] for row in rows]


def inodes(project):
    """What is written anew shows by its inode; logs, and what Snakemake keeps, aside."""
    files = [
        path
        for part in ("sheets", "gallery", "films", "curves")
        for path in (project.folder / "results" / part).rglob("*.*")
        if path.name != ".made.json"
    ]
    return {str(path.relative_to(project.folder)): path.stat().st_ino for path in files}


@pytest.fixture
def failing(project):
    """A project in which one cell cannot be made."""
    change(project, "overrides.cell", {FAILING: IMPOSSIBLE})
    return project


def test_a_failed_cell_costs_nothing_but_itself(failing):
    done = failing.snakemake()
    assert done.returncode == 1
    results = failing.folder / "results"
    assert outcomes(failing) == ["completed"] * 3 + ["failed"] + ["completed"] * 4
    assert len(list(results.glob("sheets/*.png"))) == len(SHEETS)
    assert "7 of 8 images" in (results / "index.html").read_text()
    assert FAILING in (results / "summary.md").read_text()
    assert len(list(results.glob("curves/*/*/all.svg"))) == 4
    said = done.stderr
    assert f"1 of 8 images failed: {FAILING}: " in said
    assert f"7 of 8 images to look at: {results / 'index.html'}" in said
    assert (
        "1 of 8 images remains to be made: fix what is named above, then run the same command" in said
    )
    assert "Traceback" not in said

    before = inodes(failing)  # a second failure writes nothing but the reason
    again = failing.snakemake()
    assert again.returncode == 1
    assert len(re.findall(r"^(?:local)?rule transfer:", again.stderr, re.MULTILINE)) == 1
    after = inodes(failing)
    assert {name for name in after if after[name] != before.get(name)} <= {
        "results/gallery/pairs/c1/s2.js",
        "results/gallery/live.js",
    }

    change(failing, "overrides", {})
    holed = {"all_style_weight-1e5", "c1_by_style_weight"}
    assert planned(failing) == ({FAILING}, holed, AGGREGATES)
    assert failing.snakemake().returncode == 0
    assert outcomes(failing) == ["completed"] * 8
    assert planned(failing) == (set(), set(), set())
    assert '<span id="count">8 images</span>' in (results / "index.html").read_text()


def test_holes_are_filled_though_no_cell_of_theirs_is_made_again(finished):
    """The config is changed and changed back: Snakemake has seen these very inputs of the sheets."""
    change(finished, "overrides.cell", {FAILING: IMPOSSIBLE, "c2/s1/style_weight-1e4": {"seed": 7}})
    assert finished.snakemake(f"results/cells/{FAILING}.png").returncode == 1
    assert outcomes(finished).count("failed") == outcomes(finished).count("outdated") == 1
    change(finished, "overrides", {})  # the old image of the failed cell is back in its place
    assert planned(finished) == (set(), SHEETS, AGGREGATES)
    assert finished.snakemake().returncode == 0
    assert outcomes(finished) == ["completed"] * 8
    assert planned(finished) == (set(), set(), set())


def test_an_old_page_is_not_left_beside_new_images(finished):
    """What a stopped run has not come to is outdated, and no number of it is shown."""
    change(finished, "settings.evaluations", 3)
    change(finished, "overrides.cell", {FAILING: IMPOSSIBLE})
    assert finished.snakemake().returncode == 1
    page = (finished.folder / "results/index.html").read_text()
    assert re.findall(r'"evaluations":(\d+)', page) == ["3"] * 7
    assert planned(finished)[0] == {FAILING}


def test_ctrl_c_leaves_a_page_of_what_is_there(project):
    change(project, "overrides.content", {"c2": {"evaluations": 100_000}})
    quick = sorted(cell for cell in CELLS if cell.startswith("c1/"))
    assert project.snakemake(*(f"results/cells/{cell}.png" for cell in quick)).returncode == 0
    process = subprocess.Popen(
        [BIN / "snakemake", "--cores", "2"],
        cwd=project.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    logs = project.folder / "results/logs/cells/c2"
    end = time.monotonic() + 60
    while not any("evaluation " in log.read_text() for log in logs.glob("*/*.log")):
        assert time.monotonic() < end
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "4 of 8 images to look at: " in said
    shown = outcomes(project)
    assert shown[:4] == ["completed"] * 4
    assert "stopped" in shown and set(shown[4:]) <= {"stopped", "missing", "killed"}
    copies = project.folder.glob("results/gallery/cells/*/*/*")  # made while the run was watched
    assert {f"c1/{path.parent.name}/{path.stem}" for path in copies} <= set(quick)
    cells, sheets, rules = planned(project)
    assert (cells, rules) == (CELLS - set(quick), AGGREGATES)
    assert sheets >= SHEETS - {"c1_by_style_weight"}  # which may have been drawn meanwhile
