"""The rule that measures: what runs again after which change, and what a run without it does."""

import csv
import json
import os

import pytest
from conftest import ROOT, new_project
from plans import change, planned

from nst.results.metrics import METRICS, NETWORKS, VERSION

PAIR = "results/metrics/c1/s1.json"


def measurable(project, networks=True):
    """A project with images that are large enough to be measured, and the networks that do it."""
    change(project, "metrics", None)
    change(project, "settings.size", 48)
    if networks:
        weights = project.folder / "results/weights"
        weights.mkdir(parents=True)
        for file in (ROOT / "results/weights").iterdir():
            (weights / file.name).symlink_to(file)
    return project


@pytest.fixture(scope="module")
def measured_once(tmp_path_factory, seeded_weights, networks):
    folder = tmp_path_factory.mktemp("measured") / "project"
    project = measurable(new_project(folder, seeded_weights("alexnet", {"conv1"})))
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def measured(measured_once, tmp_path):
    """A copy of a project whose images are made and measured."""
    return measured_once.copy(tmp_path / "project")


def run(project, *arguments, env=None):
    done = project.snakemake(*arguments, env=env, words="few")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def rows(project):
    with (project.folder / "results/losses.csv").open() as file:
        return list(csv.DictReader(file))


def stamps(project):
    cells = (project.folder / "results/cells").glob("*/*/*.png")
    return {path: path.stat().st_mtime_ns for path in cells}


def test_every_image_is_measured_once(measured):
    assert all(row[name] for row in rows(measured) for name in METRICS)
    assert not (measured.folder / "results/metrics/weights.txt").exists()
    assert planned(measured) == (set(), set(), set())


def test_an_old_grid_gets_metrics_and_no_image_is_made_again(measured):
    """As a grid that was made before there were metrics, and whose table is up to date."""
    before = stamps(measured)
    for path in (measured.folder / "results/metrics").glob("*/*.json"):
        path.unlink()
    run(measured)
    assert all(row["lpips"] for row in rows(measured)) and stamps(measured) == before
    assert planned(measured) == (set(), set(), set())


def test_other_metrics_are_measured_and_no_image_is_made_again(measured):
    """What is stored is of another version, and newer than everything, as far as dates go."""
    before, path = stamps(measured), measured.folder / PAIR
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"version": VERSION + 1}))
    run(measured)
    assert json.loads(path.read_text()) == data and stamps(measured) == before


def test_an_image_that_is_made_again_is_measured_again_and_no_other(measured):
    path = measured.folder / PAIR
    before = json.loads(path.read_text())
    before["images"]["c1/s1/style_weight-1e4"]["lpips"] = 0.125  # shows whether it is kept
    path.write_text(json.dumps(before))
    change(measured, "overrides.cell", {"c1/s1/style_weight-1e5": {"seed": 5, "init": "noise"}})
    run(measured)
    after = json.loads(path.read_text())
    kept, new = (after["images"][f"c1/s1/style_weight-{weight}"] for weight in ("1e4", "1e5"))
    assert kept == before["images"]["c1/s1/style_weight-1e4"]
    assert new["sha256"] != before["images"]["c1/s1/style_weight-1e5"]["sha256"]
    assert planned(measured) == (set(), set(), set())


def test_an_image_from_a_backup_is_measured_again(measured):
    """Its date is that of before, so that only its content tells."""
    one, other = (
        measured.folder / f"results/cells/c1/s1/style_weight-{weight}.png" for weight in ("1e4", "1e5")
    )
    date = one.stat().st_mtime_ns
    one.write_bytes(other.read_bytes())
    os.utime(one, ns=(date, date))
    run(measured)
    images = json.loads((measured.folder / PAIR).read_text())["images"]
    assert len({image["sha256"] for image in images.values()}) == 1


def test_what_a_stopped_job_has_measured_is_not_measured_again(measured):
    """Snakemake has put back the file of before; what the job had measured is beside it."""
    path = measured.folder / PAIR
    data = json.loads(path.read_text())
    path.write_text(json.dumps(data | {"images": {}}))
    data["images"]["c1/s1/style_weight-1e4"]["lpips"] = 0.125  # shows whether it is kept
    path.with_suffix(".part").write_text(json.dumps(data))
    run(measured)
    assert json.loads(path.read_text()) == data and not path.with_suffix(".part").exists()
    assert any(row["lpips"] == "0.125" for row in rows(measured))


def test_an_image_that_fails_leaves_the_others_of_its_pair_measured(measured):
    (measured.folder / PAIR).unlink()
    change(measured, "overrides.cell", {"c1/s1/style_weight-1e5": {"device": "cuda", "seed": 5}})
    done = measured.snakemake(words="few")
    assert done.returncode == 1 and "1 of 8 images failed" in done.stderr
    assert ", for 60 seconds at most" in done.stderr
    assert "c1/s1/style_weight-1e4" in json.loads((measured.folder / PAIR).read_text())["images"]


def test_without_the_networks_a_grid_is_made_and_says_so(project, tmp_path):
    measurable(project, networks=False)
    env = {"NST_WEIGHTS": str(tmp_path / "none"), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"}
    env |= {"TORCH_HOME": str(tmp_path / "torch"), "https_proxy": "http://127.0.0.1:1/"}
    done = project.snakemake(env=env, words="few")
    text = done.stdout + done.stderr
    assert done.returncode == 0, text
    assert text.count("images are not measured") == 1
    assert all(f"`nst weights {name}`" in text for name in NETWORKS)
    assert all(row["outcome"] == "completed" and not row["lpips"] for row in rows(project))
    assert planned(project, env=env) == (set(), set(), set())
    assert "not measured" not in run(project, "--force", "results/curves/c1/s1/all.svg", env=env)
    (tmp_path / "none").mkdir(exist_ok=True)
    for file in (ROOT / "results/weights").iterdir():  # what was printed is done
        (tmp_path / "none" / file.name).symlink_to(file)
    run(project, env=env)
    assert all(row["lpips"] for row in rows(project))


@pytest.mark.parametrize("setting", ["all", "none"])
def test_a_pair_that_is_not_measured_is_refused_in_one_line(project, setting):
    change(project, "metrics", setting)
    pair = "c1/s1" if setting == "none" else "foo/bar"
    done = project.snakemake(f"results/metrics/{pair}.json", words="few")
    assert done.returncode == 2
    error = f"error: results/metrics/{pair}.json is of no pair that the config measures"
    assert done.stderr.splitlines()[-1] == error


def test_metrics_can_be_turned_off(measured):
    change(measured, "metrics", "none")
    run(measured)
    assert not any(row["lpips"] for row in rows(measured))
    assert (measured.folder / PAIR).exists()
