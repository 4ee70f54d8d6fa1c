"""`nst restore`: what was put aside comes back, whole, and nothing is lost on the way."""

import csv
from pathlib import Path

import pytest
from grids import build_grid
from plans import AGGREGATES, SHEETS, change, planned

from nst.cli import main
from nst.workflow.folder_lock import holding_folder


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*") if p.is_file()
    }


@pytest.fixture
def replaced(finished, monkeypatch):
    """A grid whose images were replaced: its project, and the files of before."""
    monkeypatch.chdir(finished.folder)
    before = contents(Path("results/cells"))
    change(finished, "settings.evaluations", 3)
    assert finished.snakemake().returncode == 0
    return finished, before


def test_images_that_were_replaced_come_back_and_go_again(replaced, capsys):
    project, before = replaced
    after = contents(Path("results/cells"))
    assert main(["restore"]) == 0
    listed = capsys.readouterr().out.split("  ")
    assert listed[1] == "8 images\n"
    date = listed[0]
    assert main(["restore", date]) == 0
    said = capsys.readouterr().out.splitlines()
    (aside,) = Path("results/stale").iterdir()
    assert aside.name != date
    assert said == [
        f"8 images moved back from results/stale/{date}; 8 images that stood in their place moved to"
        f" {aside}",
        "the next run replaces 8 images again, unless you first set evaluations back to 2",
        "the sheets show them after the next run of snakemake",
    ]
    assert contents(Path("results/cells")) == before
    assert contents(aside / "cells") == after
    # No number of an image that was replaced stays beside the one that is back.
    assert Path("results/index.html").read_text().count('"state":"outdated"') == 8
    rows = csv.DictReader(Path("results/losses.csv").read_text().splitlines())
    outcomes = [row["outcome"] for row in rows]
    assert outcomes == ["outdated"] * 8

    change(project, "settings.evaluations", 2)
    assert planned(project) == (set(), SHEETS, AGGREGATES)
    assert project.snakemake().returncode == 0
    assert "2" in Path("results/losses.csv").read_text().splitlines()[1].split(",")
    assert planned(project) == (set(), set(), set())
    change(project, "settings.evaluations", 3)
    assert main(["restore", aside.name]) == 0
    assert contents(Path("results/cells")) == after
    assert planned(project) == (set(), SHEETS, AGGREGATES)


def test_what_prune_put_aside_comes_back(finished, monkeypatch, capsys):
    monkeypatch.chdir(finished.folder)
    before = contents(Path("results/cells"))
    change(finished, "style.s2", None)
    assert main(["prune"]) == 0
    (folder,) = Path("results/stale").iterdir()
    capsys.readouterr()
    assert main(["restore", folder.name]) == 0
    said = capsys.readouterr().out
    assert "4 images moved back from " in said
    assert "4 of 4 images not in this config: `snakemake prune` would put them aside again" in said
    assert contents(Path("results/cells")) == before
    assert not folder.exists()
    change(finished, "style.s2", "style/s2.png")
    assert planned(finished)[0] == set()


def test_nothing_is_moved_during_a_run(place, capsys):
    (place / "results/stale/x/sheets").mkdir(parents=True)
    (place / "results/stale/x/sheets/one.png").touch()
    (place / "config.yaml").write_text("{}")
    with holding_folder():
        assert main(["restore", "x"]) == 2
    assert "another run is under way" in capsys.readouterr().err
    assert (place / "results/stale/x/sheets/one.png").exists()


def test_an_unknown_date_is_refused_with_the_known_ones(place, capsys):
    build_grid(place)
    assert main(["restore", "yesterday"]) == 2
    assert "there are: none" in capsys.readouterr().err
    for name in ("2026-01-01_10-00-00", "2026-01-02_10-00-00"):
        (place / "results/stale" / name / "cells/a/b").mkdir(parents=True)
        (place / "results/stale" / name / "cells/a/b/only.png").touch()
    assert main(["restore", "../cells"]) == 2
    said = capsys.readouterr().err
    assert "no '../cells' in results/stale" in said
    assert "2026-01-02_10-00-00, 2026-01-01_10-00-00" in said
    assert main(["restore"]) == 0
    assert capsys.readouterr().out.startswith("2026-01-02_10-00-00  1 image\n")


def test_a_config_with_faults_is_no_reason_to_bring_nothing_back(place, capsys):
    (place / "results/stale/x/cells/a/b").mkdir(parents=True)
    (place / "results/stale/x/cells/a/b/only.png").write_bytes(b"old")
    (place / "config.yaml").write_text("nonsense")
    assert main(["restore", "x"]) == 0
    assert (place / "results/cells/a/b/only.png").read_bytes() == b"old"
    assert "note: config.yaml holds 'nonsense'" in capsys.readouterr().err


def test_films_go_with_their_images(place, capsys):
    """Also one of other frames, which is that of the newer image."""
    cells, stale = place / "results/cells/a/b", place / "results/stale/x/cells/a/b"
    for folder in (cells, stale):
        folder.mkdir(parents=True)
    for name in ("w-1.png", "w-1.every-5.webp", "w-1.json", "w-1.5.png"):
        (cells / name).write_text("new")
    for name in ("w-1.png", "w-1.json", "w-1.csv", "w-1.every-2.webp"):
        (stale / name).write_text("old")
    assert main(["restore", "x"]) == 0
    assert {path.name for path in cells.iterdir() if path.read_text() == "old"} == {
        "w-1.png", "w-1.json", "w-1.csv", "w-1.every-2.webp",
    }  # fmt: skip
    assert {path.name for path in cells.iterdir() if path.read_text() == "new"} == {"w-1.5.png"}
    (aside,) = (place / "results/stale").iterdir()
    assert {path.name for path in aside.rglob("*.*")} == {"w-1.png", "w-1.every-5.webp", "w-1.json"}
