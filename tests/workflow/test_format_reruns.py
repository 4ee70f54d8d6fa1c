"""Files in another format beside the images of a grid: what is made again for which change."""

import json

import pytest
from conftest import new_project
from plans import CELLS, change, planned

from nst.disk.embedded import embedded_record
from nst.disk.images import read


@pytest.fixture(scope="module")
def finished_once(tmp_path_factory, seeded_weights):
    """A finished grid of eight cells, with JPEGs."""
    folder = tmp_path_factory.mktemp("formats") / "project"
    project = new_project(folder, seeded_weights("alexnet", {"conv1"}))
    change(project, "settings.format", "jpeg")
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def project(finished_once, tmp_path):
    """A copy of the grid and of Snakemake's metadata."""
    return finished_once.copy(tmp_path / "project")


def beside(project, ending, folder="results/cells"):
    """The ids of the images that have a file of this ending beside them."""
    cells = project.folder / folder
    files = cells.glob(f"*/*/*{ending}")
    return {path.relative_to(cells).as_posix().removesuffix(ending) for path in files}


def news_status(project):
    """What results/gallery/live.js says of the last run."""
    text = (project.folder / "results/gallery/live.js").read_text()
    return json.loads(text.removeprefix("nst.live(").removesuffix(");\n"))["status"]


def page_written(project):
    """When a run ended that wrote the page."""
    return news_status(project)["page_written"]


def pictures(project):
    return {path: path.read_bytes() for path in (project.folder / "results/cells").glob("*/*/*.png")}


def test_every_image_has_its_file_and_nothing_is_left_to_make(project):
    assert beside(project, ".jpg") == CELLS
    assert planned(project) == (set(), set(), set())
    path = project.folder / "results/cells" / f"{min(CELLS)}.jpg"
    inside = embedded_record(path, "").settings
    assert (inside["dpi"], read(path)[0].size) == (300, read(path.with_suffix(".png"))[0].size)


def test_a_format_of_8_bits_makes_no_image_again(project):
    before = pictures(project)
    change(project, "settings.format", "webp")
    change(project, "settings.snapshot_every", 0)
    assert planned(project)[0] == set() and "export" in planned(project)[2]
    done = project.snakemake("--dry-run", words="few")
    written = "8 further files to write (.webp)"
    assert done.stdout.splitlines() == [f"no image to make: 8 images are there; {written}"]
    stale = "8 further files of another format (.jpg) not in this config: `snakemake prune` puts"
    assert stale in done.stderr
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    assert f"no image to make; {written}\n" in done.stderr
    assert page_written(project) > news_status(project)["written"]
    assert beside(project, ".webp") == CELLS and pictures(project) == before
    assert planned(project) == (set(), set(), set())
    assert "8 further files of another format (.jpg) moved to" in project.snakemake("prune").stdout
    assert beside(project, ".jpg") == set() and beside(project, ".webp") == CELLS


def test_another_resolution_or_a_missing_file_makes_no_image_again(project):
    change(project, "settings.dpi", 150)
    assert planned(project)[0] == set() and "export" in planned(project)[2]
    change(project, "settings.dpi", 300)
    (project.folder / "results/cells" / f"{min(CELLS)}.jpg").unlink()
    assert planned(project)[0] == set() and "export" in planned(project)[2]


def test_an_image_that_is_made_again_has_a_new_file(project):
    (project.folder / "results/cells" / f"{min(CELLS)}.png").unlink()
    cells, _, rules = planned(project)
    assert cells == {min(CELLS)} and "export" in rules
    said = project.snakemake("--dry-run", words="few").stdout.splitlines()[0]
    assert said == "1 image to make, 7 of 8 are there; 1 further file to write (.jpg)"
    done = project.snakemake(words="few")
    assert "1 image of the 8 in the grid to make; 1 further file to write (.jpg)\n" in done.stderr


def test_16_bits_need_the_image_again_and_say_so(project):
    change(project, "settings.format", "png16")
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    said = "8 images will be replaced (format png16 needs 16 bits, which the PNG lacks)"
    assert said in done.stdout + done.stderr
    assert beside(project, ".16bit.png") == CELLS
    assert planned(project) == (set(), set(), set())
    (project.folder / "results/cells" / f"{min(CELLS)}.16bit.png").unlink()
    assert planned(project)[0] == {min(CELLS)}
    change(project, "settings.format", "jpeg")
    assert planned(project)[0] == set()
    change(project, "settings.format", "png16")
    change(project, "settings.dpi", 72)
    assert planned(project)[0] == CELLS
    change(project, "content", {"c1": project.config["content"]["c1"]})
    said = project.snakemake("prune").stdout
    further = "4 further files of another format (.jpg)"  # of the other cells
    assert said.startswith(f"4 cells, 1 sheet and {further} moved")
    assert {name[:3] for name in beside(project, ".16bit.png")} == {"c1/"}


def test_prints_have_a_format_of_their_own(project):
    change(project, "settings.format", "png")
    cells = ["c1/s1/style_weight-1e4"]
    change(project, "prints", {"settings": {"size": 32, "format": "tiff16"}, "cells": cells})
    done = project.snakemake("prints")
    assert done.returncode == 0, done.stderr
    assert beside(project, ".tif", "results/prints") == set(cells)
    first = page_written(project)
    change(project, "prints.settings.format", "webp")
    done = project.snakemake("prints")
    assert done.returncode == 0 and "replaced" not in done.stdout + done.stderr
    assert beside(project, ".webp", "results/prints") == set(cells)
    assert page_written(project) > first
