"""What is installed: the wheel holds the workflow, and projects run by it without the repository."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from conftest import draw_picture
from wheels import bare_environment, build, copy_of_the_repository, tracked_files

PACKAGES = ("nst/", "snakemake_logger_plugin_nst/")
WORKFLOW = ("Snakefile", "workflow/", "profiles/")
MODULE = """
import nst

configfile: "config/mine.yaml"

module grid:
    snakefile: nst.SNAKEFILE
    config: config

use rule * from grid as grid_*
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return copy_of_the_repository(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def wheel(source):
    return build("wheel", source)


def names_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_the_package_and_the_workflow(wheel):
    tracked = tracked_files()
    expected = {name for name in tracked if name.startswith(PACKAGES)}
    expected |= {f"nst/packaged/{name}" for name in tracked if name.startswith(WORKFLOW)}
    assert names_in(wheel) == expected


def test_a_source_distribution_gives_the_same_wheel(source, wheel, tmp_path):
    subprocess.run(["tar", "xzf", build("sdist", source), "-C", tmp_path], check=True)
    (unpacked,) = tmp_path.iterdir()
    assert names_in(build("wheel", unpacked)) == names_in(wheel)


def small(project, weights):
    """Let a project make two images in a blink."""
    config = yaml.safe_load((project / "config.yaml").read_text())
    layers = {"content_layers": ["conv1"], "style_layers": ["conv1"]}
    config["settings"] = {"backbone": "alexnet", "size": 16, "evaluations": 2, **layers}
    config["grid"] = {"style_weight": ["1e4"]}
    config["weights"] = {"alexnet": str(weights)}
    (project / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True))


@pytest.mark.slow
def test_three_projects_of_one_installation(wheel, tmp_path, seeded_weights):
    """One of them uses the workflow as a module. None sees the repository."""
    programs = bare_environment(tmp_path / "bare", wheel)
    weights = seeded_weights("alexnet", {"conv1"})
    for seed, name in enumerate(("my photos/ä 1.png", "my photos/b.png", "style/s.png")):
        draw_picture(tmp_path / name, seed=seed)
    hidden = ("PYTHONPATH", "PYTHONSAFEPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"PATH": f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin", "NST_GPUS": ""}

    def call(folder, *command):
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    where = call(tmp_path, programs / "python", "-c", "import nst; print(nst.SNAKEFILE)")
    assert where.strip() == str(programs.parent / "lib" / where.split("/lib/")[1].strip())
    for name in ("first", "second ö", "third"):
        call(tmp_path, programs / "nst", "new", name, "--content", "my photos", "--style", "style")
        small(tmp_path / name, weights)
    module = tmp_path / "third"
    (module / "Snakefile").write_text(MODULE)
    (module / "config").mkdir()
    (module / "config.yaml").rename(module / "config/mine.yaml")
    for project in (tmp_path / "first", tmp_path / "second ö", module):
        assert "2 images to make" in call(project, programs / "snakemake", "-n")
        told = call(project, programs / "snakemake", "--cores", "2", "--resources", "gpu=2")
        assert "2 images made, making the sheets and the page" in told  # the line of our plugin
        assert f"Look at {project}/results/index.html" in told
        assert "nothing to be done" in call(project, programs / "snakemake", "--cores", "2")
        report = call(project, programs / "snakemake", "--cores", "2", "--report", "report.zip")
        assert "Report created" in report
        images = {Path(p).as_posix() for p in project.glob("results/cells/*/s/style_weight-1e4.png")}
        assert len(images) == 2
        record = next(iter(project.glob("results/cells/*/s/*.json")))
        assert json.loads(record.read_text())["settings"]["size"] == 16
        (project / "results/cells/b/s/style_weight-1e4.png").rename(
            project / "results/cells/b/s/style_weight-2.png"
        )
        rule = "grid_prune" if project == module else "prune"
        assert "results/stale" in call(project, programs / "snakemake", "--cores", "1", rule)
