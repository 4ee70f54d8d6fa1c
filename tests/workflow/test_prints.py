"""`snakemake prints` makes the images that the config lists again, and nothing else."""

import json
import re

import pytest
from conftest import draw_picture
from PIL import Image
from plans import change, cut_short, planned

CHOSEN = ["c1/s1/style_weight-1e4", "c2/s2/style_weight-1e5"]
PRINTS = "results/prints"
POSTER = f"""

rule poster:
    input:
        "{PRINTS}/{CHOSEN[0]}.png",
    output:
        "poster.png",
    shell:
        "cp {{input}} {{output}}"
"""


def files(folder, place):
    """The files below a folder of results, with what is in them and their dates."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in (folder / place).rglob("*")
        if path.is_file()
    }


def ask(project, cells=CHOSEN, **settings):
    """Ask for prints."""
    prints = {"settings": {"size": 32, **settings}, "cells": cells}
    project.configure({**project.config, "prints": prints})


def test_prints_are_made_replaced_and_pruned_while_the_grid_stays(finished):
    ask(finished)
    grid = {
        place: files(finished.folder, f"results/{place}") for place in ("cells", "sheets", "curves")
    }
    done = finished.snakemake("prints", words="few")
    assert done.returncode == 0, done.stderr
    assert "2 prints to make, 2 at a time" in done.stderr
    assert "index.html" in done.stderr
    for name in CHOSEN:
        with Image.open(finished.folder / f"{PRINTS}/{name}.png") as picture:
            assert picture.size == (32, 21)
        record = json.loads((finished.folder / f"{PRINTS}/{name}.json").read_text())
        assert record["inputs"]["start"]["path"] == f"results/cells/{name}.png"
        assert (finished.folder / f"{PRINTS}/{name}.csv").exists()
    # Neither the prints nor what is said of them make anything of the grid again.
    assert planned(finished) == (set(), set(), set())
    assert {place: files(finished.folder, f"results/{place}") for place in grid} == grid
    assert "nothing to be done" in finished.snakemake("prints", words="few").stderr

    (finished.folder / f"{PRINTS}/{CHOSEN[0]}.json").unlink()
    assert "1 print to make, 1 of 2 is there" in finished.snakemake("-n", "prints").stdout
    change(finished, "prints.settings.evaluations", 3)
    done = finished.snakemake("prints", words="few")
    assert "1 print will be replaced (evaluations 2 -> 3)" in done.stderr
    (aside,) = (finished.folder / "results/stale").iterdir()
    kept = sorted(path.name for path in (aside / "prints").rglob("*.png"))
    assert kept == ["style_weight-1e4.png", "style_weight-1e5.png"]

    ask(finished, CHOSEN[:1], evaluations=3)
    done = finished.snakemake("prune", words="few")
    assert "1 print moved to" in done.stdout + done.stderr
    assert not (finished.folder / f"{PRINTS}/{CHOSEN[1]}.png").exists()
    assert (finished.folder / f"{PRINTS}/{CHOSEN[0]}.png").exists()


def test_a_new_image_outdates_its_print_and_no_print_starts_from_an_old_one(finished):
    ask(finished)
    change(finished, "settings.evaluations", 3)
    done = finished.snakemake("prints", words="few")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if "prints.cells" in line]
    assert len(lines) == 2
    assert re.fullmatch(
        r"error: config.yaml:\d+: prints.cells\[0\]: c1/s1/style_weight-1e4 is out of date \("
        r"evaluations 2 -> 3\): run snakemake first, or print with `start: afresh`",
        lines[0],
    )
    (finished.folder / f"results/cells/{CHOSEN[0]}.png").unlink()
    assert "is not made yet: run snakemake first" in finished.snakemake("-n", "prints").stderr
    assert not (finished.folder / PRINTS).exists()

    change(finished, "prints.start", "afresh")
    assert finished.snakemake("prints").returncode == 0
    change(finished, "prints.start", "cell")
    assert finished.snakemake().returncode == 0
    done = finished.snakemake("prints", words="few")
    assert "2 prints will be replaced (start afresh -> cell)" in done.stderr


def test_one_print_that_fails_does_not_stop_the_others(finished):
    ask(finished)
    style = finished.folder / "style/s2.png"
    draw_picture(style, (400, 300), seed=2)
    change(finished, "prints.start", "afresh")
    cut_short(finished, "style/s2.png")
    done = finished.snakemake("prints", words="few")
    assert done.returncode == 1
    assert "1 of 2 prints failed: c2/s2/style_weight-1e5: style/s2.png is damaged" in done.stderr
    assert "1 of 2 prints remains to be made" in done.stderr
    assert (finished.folder / f"{PRINTS}/{CHOSEN[0]}.png").exists()


@pytest.mark.parametrize("targets", [["prints", "all"], ["prints", "results/losses.csv"]])
def test_prints_are_a_run_of_their_own(finished, targets):
    ask(finished)
    done = finished.snakemake(*targets, words="few")
    assert done.returncode == 2
    assert f"prints are a run of their own: ask for {targets[1]} in another" in done.stderr


def test_a_run_of_the_grid_makes_no_print_but_takes_one_that_is_there(finished):
    ask(finished)
    with (finished.folder / "Snakefile").open("a") as snakefile:
        snakefile.write(POSTER)
    refused = (
        f"error: {PRINTS}/{CHOSEN[0]}.png is to be made: prints are a run of their own: run"
        " `snakemake prints` first"
    )
    for arguments in (["poster"], ["-n", "poster"]):
        done = finished.snakemake(*arguments, words="few")
        assert (done.returncode, done.stderr.count(refused)) == (2, 1)
    assert not (finished.folder / PRINTS).exists()
    assert finished.snakemake("prints").returncode == 0
    done = finished.snakemake("--forcerun", "print", "--", "poster", words="few")
    assert (done.returncode, done.stderr.count(refused)) == (2, 1)
    assert finished.snakemake("poster").returncode == 0
    assert (finished.folder / "poster.png").exists()


def test_one_print_may_be_asked_for_by_its_path_and_none_are_refused(finished):
    ask(finished)
    assert finished.snakemake(f"{PRINTS}/{CHOSEN[0]}.png").returncode == 0
    assert [path.name for path in (finished.folder / PRINTS).rglob("*.png")] == ["style_weight-1e4.png"]
    ask(finished, [])
    done = finished.snakemake("prints", words="few")
    assert done.returncode == 2
    assert "prints: lists no images: name some under `cells`" in done.stderr
