"""What a run asked for when it began is what it makes, whatever is edited or replaced meanwhile."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

import pytest
import yaml
from conftest import BIN, draw_picture
from plans import CELLS, change, planned

import nst.config.recipes
from nst.cli import main

INPUTS = ".snakemake/nst/inputs"
PLAN = ".snakemake/nst/plan.json"
LATER = "have changed since this run began: run the same command again for what is new"


def start(project, *arguments):
    """Start a run, one job after the other; it is under way with its second job when this returns."""
    environment = {**os.environ, "NST_GPUS": "", "NST_GPU_LOCKS": str(project.folder / "gpu-locks")}
    run = subprocess.Popen(
        [str(BIN / "snakemake"), "--cores", "1", *arguments],
        cwd=project.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not logs(project) and time.monotonic() < deadline:
        time.sleep(0.01)
    return run


def logs(project):
    return list(project.folder.glob("results/logs/cells/*/*/*.log"))


def records(project):
    """The records of all cells, by id."""
    folder = project.folder / "results/cells"
    return {
        path.relative_to(folder).as_posix()[:-5]: json.loads(path.read_text())
        for path in folder.glob("*/*/*.json")
    }


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def project(project):
    """A folder of contents, a recipe of the user's, and jobs that take a moment."""
    recipe = (nst.config.recipes.FOLDER / "gatys.yaml").read_text()
    (project.folder / "mine.yaml").write_text(recipe)
    config = {**project.config, "content": "content"}
    config["settings"] |= {"recipe": "mine.yaml", "evaluations": 60}
    project.configure(config)
    return project


def edit_everything(folder):
    """All that a person may do while a run is under way."""
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["settings"] |= {"evaluations": 3, "size": 32}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "mine.yaml").write_text("nonsense: [")
    draw_picture(folder / "content/c1.png", seed=70)  # written over
    draw_picture(folder / "new.png", seed=71).replace(folder / "content/c2.png")
    draw_picture(folder / "content/c9.png", seed=72)
    (folder / "style/s1.png").unlink()
    (folder / "style/s2.png").rename(folder / "style/moved.png")
    (folder / "weights.pth").unlink()


def test_nothing_that_changes_during_a_run_touches_it(project):
    sums = {name: digest(project.folder / f"{name}.png") for name in
            ("content/c1", "content/c2", "style/s1", "style/s2")}  # fmt: skip
    run = start(project)
    edit_everything(project.folder)
    _, said = run.communicate()
    assert run.returncode == 0, said
    made = records(project)
    assert set(made) == CELLS
    for name, record in made.items():
        content, style, _ = name.split("/")
        assert (record["settings"]["evaluations"], record["settings"]["size"]) == (60, 16)
        assert record["settings"]["recipe"] == "mine.yaml"
        assert record["inputs"] == {
            "content": {"path": f"content/{content}.png", "sha256": sums[f"content/{content}"]},
            "style": {"path": f"style/{style}.png", "sha256": sums[f"style/{style}"]},
        }
    page = (project.folder / "results/index.html").read_text()
    assert '<span id="count">8 images</span>' in page and '"c9"' not in page
    assert f"config.yaml, mine.yaml, content and 5 more {LATER}" in said
    assert not (project.folder / INPUTS).exists() and not (project.folder / PLAN).exists()


def test_the_next_run_sees_what_a_run_did_not(project):
    run = start(project)
    edit_everything(project.folder)
    run.communicate()
    (project.folder / "mine.yaml").write_text((nst.config.recipes.FOLDER / "gatys.yaml").read_text())
    (project.folder / "style/moved.png").rename(project.folder / "style/s2.png")
    draw_picture(project.folder / "style/s1.png", seed=2)  # as before
    change(project, "weights", None)
    done = project.snakemake("--dry-run")
    assert "8 images will be replaced" in done.stderr, done.stderr


def test_a_picture_that_is_replaced_while_its_image_is_made_is_seen_by_the_next_run(project):
    run = start(project)
    old = (project.folder / "content/c1.png").stat()
    data = bytearray((project.folder / "content/c1.png").read_bytes())
    data[-1] ^= 1
    (project.folder / "content/c1.png").write_bytes(data)
    os.utime(project.folder / "content/c1.png", ns=(old.st_atime_ns, old.st_mtime_ns))
    _, said = run.communicate()
    assert run.returncode == 0
    assert f"content/c1.png {LATER.replace('have', 'has')}" in said
    assert planned(project)[0] == {cell for cell in CELLS if cell.startswith("c1")}


def test_a_remark_in_the_config_is_no_change(project):
    run = start(project)
    with (project.folder / "config.yaml").open("a") as file:
        file.write("# a remark\n")
    os.utime(project.folder / "style/s1.png", (1, 1))
    _, said = run.communicate()
    assert run.returncode == 0 and "since this run began" not in said


def test_what_a_killed_run_kept_is_removed_by_the_next(project):
    run = start(project)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert list((project.folder / INPUTS).iterdir())
    assert project.snakemake("--cores", "1").returncode == 0
    assert not (project.folder / INPUTS).exists() and not (project.folder / PLAN).exists()


def test_hidden_files_that_are_deleted_cost_no_more_than_the_job_under_way(project):
    run = start(project)
    shutil.rmtree(project.folder / ".snakemake/nst")
    _, said = run.communicate()
    assert len(records(project)) >= len(CELLS) - 1, said
    assert project.snakemake().returncode == 0
    assert set(records(project)) == CELLS


def test_without_the_plan_a_command_reads_the_files_themselves(project, monkeypatch):
    assert project.snakemake().returncode == 0
    monkeypatch.chdir(project.folder)
    assert main(["table", "--plan", PLAN, "--out", "x.csv"]) == 0
    assert (project.folder / "x.csv").read_text() == (project.folder / "results/losses.csv").read_text()
