"""Clocks that were set back: said before any job, since Snakemake deletes what seems too old."""

import os
import subprocess
import time

import pytest

from nst.dates import TOUCH

TOMORROW = time.time() + 86400


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("content/c1.png", "`touch` them"),
        ("weights.pth", "`touch` them"),
        ("results/cells/c1/s1/style_weight-1e4.png", TOUCH),
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
