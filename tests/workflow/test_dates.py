"""Clocks that were set back: said before any job, since Snakemake deletes what seems too old."""

import os
import subprocess
import time

import pytest
from grids import build_grid

from nst.config.grid import expand
from nst.errors import NstError
from nst.workflow.dates import TOUCH, refuse_future

TOMORROW = time.time() + 86400


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("content/c1.png", "`touch` them"),
        ("weights.pth", "`touch` them"),
        ("results/cells/c1/s1/style_weight-1e4.png", TOUCH),
        ("results/sheets/all_style_weight-1e4.png", TOUCH),
    ],
)
def test_a_file_of_tomorrow_is_named_and_nothing_is_lost(project, name, way):
    project.configure(
        {**project.config, "content": {"c1": "content/c1.png"}, "style": {"s1": "style/s1.png"}}
    )
    picture = project.folder / "results/cells/c1/s1/style_weight-1e4.png"
    assert project.snakemake().returncode == 0
    made = picture.read_bytes()
    os.utime(project.folder / name, (TOMORROW, TOMORROW))
    (project.folder / "results/losses.csv").unlink()  # or there is nothing to be done
    done = project.snakemake()
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: {name} is dated in the future (") and line.endswith(way)
    assert picture.read_bytes() == made
    touch = way.strip("`") if way == TOUCH else f"touch {name}"
    subprocess.run(touch, shell=True, cwd=project.folder, check=True)
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    assert picture.read_bytes() == made and (project.folder / "results/losses.csv").exists()


WATCHED = [f"cells/c/s/only{ending}" for ending in (".png", ".json", ".csv", ".webp")]
WATCHED += ["curves/c/s/all.svg", "sheets/all_only.png", "losses.csv", "summary.md", "index.html"]


@pytest.fixture
def with_films(place):
    """A grid that has films, and a function that dates a file of its results."""

    def date(name, moment):
        path = place / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (moment, moment))

    build_grid(place)
    return expand(["config.yaml"], {"settings": {"snapshot_every": 1}}), date


@pytest.mark.parametrize("name", WATCHED)
def test_whatever_snakemake_compares_is_looked_at(with_films, name):
    grid, date = with_films
    date(name, time.time() + 30)  # of a server's clock
    refuse_future(grid)
    date(name, TOMORROW)
    with pytest.raises(NstError, match=f"^results/{name} is dated in the future "):
        refuse_future(grid)
    subprocess.run(TOUCH.strip("`"), shell=True, check=True)
    refuse_future(grid)


@pytest.mark.parametrize("name", ["stale/x/cells/c/s/only.png", "logs/table.log", "gallery/x.webp"])
def test_what_snakemake_does_not_compare_is_left_alone(with_films, name):
    grid, date = with_films
    date(name, TOMORROW)
    refuse_future(grid)


def test_a_damaged_record_is_named_with_a_way_out_that_works(project):
    project.configure(
        {**project.config, "content": {"c1": "content/c1.png"}, "style": {"s1": "style/s1.png"}}
    )
    record = project.folder / "results/cells/c1/s1/style_weight-1e4.json"
    assert project.snakemake().returncode == 0
    whole = record.read_text()
    record.write_text(whole[: len(whole) // 2])
    done = project.snakemake()
    assert done.returncode == 1
    assert "made with other settings" not in done.stderr
    reason = f"the record {record.relative_to(project.folder)} is damaged (not JSON); delete it and run"
    assert f"table failed: {reason}" in done.stderr
    record.unlink()
    assert project.snakemake().returncode == 0
    assert record.exists()
