"""Pictures by other programs in a run: a change of one remakes what shows it, and no image."""

import os
import shutil
import time

import pandas
import pytest
from conftest import draw_picture
from plans import AGGREGATES, SHEETS, change, planned

SHOW = {"all_tool", "c1_by_style_weight", "c2_by_style_weight"}


@pytest.fixture
def project(finished):
    """The finished grid with a copy of each pair's first image, but one that lacks."""
    for cell in sorted(finished.folder.glob("results/cells/*/*/style_weight-1e4.png")):
        content, style = cell.parts[-3:-1]
        (finished.folder / "tool").mkdir(exist_ok=True)
        shutil.copy(cell, finished.folder / f"tool/{content}_{style}.png")
    (finished.folder / "tool/c2_s2.png").unlink()
    change(finished, "external", {"tool": "tool/{content}_{style}.png"})
    return finished


def test_they_may_be_named_on_the_command_line(project):
    """Where Snakemake would take the placeholders for wildcards."""
    change(project, "external", None)
    patterns = 'external={tool: "tool/{content}_{style}.png"}'
    assert planned(project, "--config", patterns) == (set(), SHEETS | SHOW, AGGREGATES)
    sheet = "results/sheets/all_tool.png"
    assert project.snakemake(sheet, "--config", patterns).returncode == 0
    assert (project.folder / sheet).is_file()


def test_they_are_shown_and_change_no_image(project):
    assert planned(project) == (set(), SHOW, AGGREGATES)
    done = project.snakemake(words="few")
    assert done.returncode == 0, done.stderr
    line = "external.tool: no picture for 1 of 4 pairs: tool/c2_s2.png"
    assert done.stderr.count(line) == 1
    assert planned(project) == (set(), set(), set())
    table = pandas.read_csv(project.folder / "results/losses.csv")
    assert list(table[table.external == "tool"].outcome) == ["external"] * 3 + ["absent"]

    # The content of a file decides, not its date.
    path = project.folder / "tool/c1_s1.png"
    os.utime(path, (time.time() + 5,) * 2)
    assert planned(project) == (set(), set(), set())
    draw_picture(path, (20, 20), seed=5)
    os.utime(path, (1e9, 1e9))
    assert planned(project) == (set(), SHOW - {"c2_by_style_weight"}, AGGREGATES)

    # Nor does one that is no picture fail a run.
    path.write_text("no picture")
    done = project.snakemake(words="few")
    assert done.returncode == 0 and "tool/c1_s1.png is not a picture" in done.stderr
    assert planned(project) == (set(), set(), set())

    # Prune leaves them where they are, and what shows them, until config.yaml no longer names them.
    files = sorted(project.folder.glob("tool/*"))
    done = project.snakemake("prune")
    assert "nothing is stale" in done.stdout + done.stderr
    change(project, "external", None)
    assert planned(project) == (set(), SHEETS & SHOW, AGGREGATES)
    done = project.snakemake("prune")
    assert done.returncode == 0
    assert sorted(project.folder.glob("tool/*")) == files
    moved = {path.name for path in project.folder.glob("results/stale/*/**/*") if path.is_file()}
    assert moved == {"all_tool.png"}
