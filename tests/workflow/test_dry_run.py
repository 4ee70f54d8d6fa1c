"""The last lines of `snakemake -n`: images to make, the time, the disk."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from conftest import BIN
from grids import build_grid
from processes import soon

from nst.config.recipes import resolve
from nst.progress import speed
from nst.results.states import survey
from nst.workflow.dry_run import dry_run_report

LAYER = {"conv1": 1.0}
TINY = {"backbone": "alexnet", "size": 24, "content_layers": LAYER, "style_layers": LAYER}


def test_a_dry_run_says_three_lines(project):
    done = project.snakemake("--dry-run", words="few")
    assert done.returncode == 0, done.stderr
    images, time, disk = done.stdout.splitlines()
    assert images == "8 images to make, 0 of 8 are there"
    known = r"about \d+ (s|min), 2 at a time \(by a short trial\)"  # or not on a very busy machine
    assert re.fullmatch(rf"time: ({known}|known once the first images are under way)", time)
    assert re.fullmatch(r"disk: about \d+ MB, [\d.]+ (MB|GB) are free", disk)
    assert len(done.stderr.splitlines()) <= 2  # the profile, and the trial

    project.snakemake("results/cells/c1/s1/style_weight-1e4.png")
    images, time, disk = project.snakemake("--dry-run", words="few").stdout.splitlines()
    assert images == "7 images to make, 1 of 8 is there"
    assert time.endswith("(by the images made before)")
    part = project.snakemake("--dry-run", "results/cells/c2/s1/style_weight-1e4.png", words="few")
    assert part.stdout.splitlines()[0] == "1 image to make, 1 of 8 is there"


def test_the_lines_come_after_all_that_snakemake_says_too(project):
    done = project.snakemake("--dry-run")
    assert done.stdout.count("rule transfer:") == 8
    assert [line.split()[0] for line in done.stdout.splitlines()[-3:]] == ["8", "time:", "disk:"]


def test_where_all_is_there(finished):
    done = finished.snakemake("--dry-run", words="few")
    assert done.stdout.splitlines()[-1] == "no image to make: 8 images are there"


def test_a_dry_run_that_fails_promises_nothing(project):
    done = project.snakemake("--dry-run", "no/such.file", words="few")
    assert done.returncode == 1
    assert "MissingRuleException" in done.stdout + done.stderr
    assert "to make" not in done.stdout


def test_the_weights_of_a_backbone_with_a_hyphen_are_planned(project):
    done = project.snakemake("--dry-run", "results/weights/vgg19-caffe.safetensors")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("rule weights:") == 1 and "backbone=vgg19-caffe" in done.stdout


def test_the_disk_that_images_like_these_take(place):
    grid = build_grid(place, axes={"style_weight": list(range(1, 11))}, size=(64, 43))
    missing = grid.cells[5:]
    for cell in missing:
        cell.file(".png").unlink()
    lines = dry_run_report(grid, missing, survey(grid.cells), 2, may_try=False).splitlines()
    assert lines[0] == "5 images to make, 5 of 10 are there"
    assert lines[1].endswith("2 at a time (by the images made before)")
    assert lines[2].startswith("disk: about 1 MB, ")


def test_without_a_trial_the_time_is_not_known_yet(place):
    grid = build_grid(place)
    lines = dry_run_report(grid, grid.cells, {}, 100, may_try=False).splitlines()
    assert lines[1] == "time: known once the first images are under way"


def test_a_trial_measures_two_sizes_in_each_job_and_is_remembered(place, monkeypatch):
    monkeypatch.setattr(speed, "PATIENCE", 300)
    rows = speed.try_speed(resolve(TINY), 2)
    assert sorted(row[:2] for row in rows) == [[3, 3 * 96**2]] * 2 + [[3, 3 * 192**2]] * 2
    assert all(row[2] > 0 for row in rows)
    assert list(json.loads(speed.SPEED.read_text()).values()) == [rows]


def test_a_trial_that_cannot_be_made_is_not_tried_again_on_that_day(place, monkeypatch):
    monkeypatch.setattr(speed, "_measure", lambda settings, at_once: [])
    assert speed.try_speed(resolve(TINY), 1) == []
    monkeypatch.setattr(speed, "_measure", lambda settings, at_once: [[3, 100, 1.0]])
    assert speed.try_speed(resolve(TINY), 1) == []
    (name,) = json.loads(speed.SPEED.read_text())
    speed.SPEED.write_text(json.dumps({name: "2026-01-01"}))
    assert speed.try_speed(resolve(TINY), 1) == [[3, 100, 1.0]]


@pytest.mark.parametrize("text", ["", "[1]", "{"])
def test_what_is_remembered_may_be_damaged(place, monkeypatch, text):
    speed.SPEED.parent.mkdir(parents=True)
    speed.SPEED.write_text(text)
    monkeypatch.setattr(speed, "_measure", lambda settings, at_once: [[3, 100, 1.0]])
    assert speed.try_speed(resolve(TINY), 1) == [[3, 100, 1.0]]
    monkeypatch.setattr(speed, "_measure", lambda settings, at_once: pytest.fail("tried again"))
    assert speed.try_speed(resolve(TINY), 1) == [[3, 100, 1.0]]
    monkeypatch.setattr(speed, "_measure", lambda settings, at_once: [[3, 100, 9.0]])
    assert speed.try_speed(resolve(TINY), 2) == [[3, 100, 9.0]]


def start(project, *arguments, **popen):
    """Snakemake as a user starts it, in a process group of its own."""
    return subprocess.Popen(
        [BIN / "snakemake", "--cores", "2", *arguments],
        cwd=project.folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **popen,
    )


def test_ctrl_c_during_the_trial_is_told_in_a_word(project, tmp_path):
    (tmp_path / "torch.py").write_text("import time; open('begun', 'w'); time.sleep(600)")
    path = os.pathsep.join([str(tmp_path), *sys.path])
    with start(project, "-n", stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}) as run:
        assert soon((project.folder / "begun").exists)
        os.killpg(run.pid, signal.SIGINT)
        told = run.communicate()[1]
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told and "Exception ignored" not in told


def test_ctrl_c_before_the_jobs_is_told_in_a_word(project):
    with (project.folder / "Snakefile").open("a") as snakefile:
        snakefile.write("\nimport time\nopen('begun', 'w')\ntime.sleep(600)\n")
    with start(project, stdout=subprocess.PIPE) as run:
        assert soon((project.folder / "begun").exists)
        os.killpg(run.pid, signal.SIGINT)
        told = run.communicate()[1]
    assert run.returncode == 130
    assert told.splitlines()[-1] == "stopped"
    assert "Traceback" not in told


def test_nobody_may_read_what_a_dry_run_says(project):
    reader, writer = os.pipe()
    os.close(reader)
    with start(project, "-n", "results/summary.md", stdout=writer) as run:
        os.close(writer)
        told = run.communicate()[1]
    assert "Traceback" not in told and "Exception ignored" not in told
