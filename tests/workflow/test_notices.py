"""What a run says before it starts: files dated in the future, and pictures that are not read."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from grids import build_grid

from nst.config.grid import expand
from nst.errors import NstError
from nst.workflow.notices import TOUCH, refuse_future, start_notice

TOMORROW = time.time() + 86400


def test_a_picture_of_tomorrow_is_named_and_nothing_is_lost(finished):
    image = finished.folder / "results/cells/c1/s1/style_weight-1e4.png"
    before = image.read_bytes()
    os.utime(finished.folder / "content/c1.png", (TOMORROW, TOMORROW))
    (finished.folder / "results/losses.csv").unlink()  # or there is nothing to be done
    done = finished.snakemake()
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: content/c1.png is dated in the future (")
    assert line.endswith("set the clock right, or `touch` it")
    assert image.read_bytes() == before
    (finished.folder / "content/c1.png").touch()
    done = finished.snakemake()
    assert done.returncode == 0, done.stderr
    assert image.read_bytes() == before and (finished.folder / "results/losses.csv").exists()


@pytest.mark.parametrize(
    "name",
    [
        *("c.png", "s.png", "start.png", "own.pth", "results/cells/c/s/only.csv"),
        *("results/losses.csv", "results/sheets/x.png"),
    ],
)
def test_whatever_images_are_made_from_is_looked_at(place, name):
    build_grid(place)
    settings = {"init": "start.png"}
    Path("results/sheets").mkdir()
    for file in ("start.png", "own.pth", "results/losses.csv", "results/sheets/x.png"):
        Path(file).write_bytes(Path("c.png").read_bytes())
    grid = expand(["config.yaml"], {"settings": settings, "weights": {"vgg16": "own.pth"}})
    os.utime(name, (time.time() + 30,) * 2)  # of a file server's clock
    refuse_future(grid)
    os.utime(name, (TOMORROW, TOMORROW))
    with pytest.raises(NstError, match=f"^{name} is dated in the future "):
        refuse_future(grid)
    remedy = TOUCH.strip("`") if name.startswith("results/") else f"touch {name}"
    subprocess.run(remedy, shell=True, check=True)
    refuse_future(grid)


def test_a_run_starts_with_what_is_not_read_and_what_will_be_replaced(place):
    grid = build_grid(place)
    (place / "mine").mkdir()
    for name in ("a.png", "b.nef"):
        (place / "mine" / name).write_bytes((place / "c.png").read_bytes())
    other = expand(["config.yaml"], {"content": "mine"})
    assert start_notice(grid, [], "snakemake prune") == ""
    assert start_notice(other, grid.cells, "snakemake prune").splitlines() == [
        "mine: 1 picture; 1 RAW file is not read",
        "1 cell not in this config: `snakemake prune` puts them aside",
        "1 image of other settings will be replaced; to keep both, make the setting an axis of `grid`",
    ]


def test_a_damaged_record_is_named_with_a_way_out_that_works(finished):
    record = finished.folder / "results/cells/c1/s1/style_weight-1e4.json"
    text = record.read_text()
    record.write_text(text[: len(text) // 2])
    done = finished.snakemake()
    assert done.returncode == 1
    assert "made with other settings" not in done.stderr
    reason = (
        f"the record {record.relative_to(finished.folder)} is damaged (not JSON); delete it and run"
    )
    assert f"table failed: {reason}" in done.stderr
    record.unlink()
    assert finished.snakemake().returncode == 0
    assert record.exists()


@pytest.mark.parametrize("options", [["-n"], ["--touch"]], ids=" ".join)
def test_a_run_says_once_how_many_pictures_it_does_not_read(project, options):
    (project.folder / "content/camera.NEF").touch()
    project.configure(project.config | {"content": "content"})
    done = project.snakemake(*options)
    assert done.stderr.count("content: 2 pictures; 1 RAW file is not read\n") == 1
