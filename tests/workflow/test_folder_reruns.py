"""The files beside the page: deleted ones are made again, the others are kept."""

import shutil

import pytest
from conftest import ROOT, new_project
from plans import AGGREGATES, SHEETS, change, planned

PACKAGE = ROOT / "nst"
NOTHING = (set(), set(), set())


@pytest.fixture(scope="module")
def grid_of_twelve(tmp_path_factory, seeded_weights):
    """A finished grid of 2 x 2 x 3 cells, so that there are films along the weights."""
    folder = tmp_path_factory.mktemp("folders") / "project"
    project = new_project(folder, seeded_weights("alexnet", {"conv1"}))
    change(project, "grid.style_weight", ["1e4", "1e5", "1e6"])
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def project(grid_of_twelve, tmp_path):
    """A copy of the finished grid and of Snakemake's metadata."""
    return grid_of_twelve.copy(tmp_path / "project")


def files(project):
    """The files beside the page, with their inodes."""
    results = project.folder / "results"
    return {
        path.relative_to(results).as_posix(): path.stat().st_ino
        for name in ("gallery", "films")
        for path in (results / name).glob("**/*")
        if path.is_file() and path.name not in (".made.json", "live.js")  # which say so at every run
    }


# What is deleted below results/, and the rules that then run.
DELETED = {
    "gallery": {"gallery"},
    "films": {"gallery"},
    "gallery/cells/c2/s1/style_weight-1e5.webp": {"gallery"},
    "gallery/pairs/c1/s2.js": {"gallery"},
}


@pytest.mark.parametrize("name", DELETED)
def test_what_is_deleted_is_made_again_and_nothing_else(project, name):
    before = files(project)
    path = project.folder / "results" / name
    (shutil.rmtree if path.is_dir() else type(path).unlink)(path)
    left = files(project)
    assert planned(project) == (set(), set(), DELETED[name])
    assert project.snakemake().returncode == 0
    after = files(project)
    assert set(after) == set(before)
    assert {file: after[file] for file in left} == left
    assert planned(project) == NOTHING


def test_one_changed_cell_makes_only_its_own_files_again(project):
    before = files(project)
    change(project, "overrides.cell", {"c1/s2/style_weight-1e5": {"style_scale": 2}})
    assert project.snakemake().returncode == 0
    after = files(project)
    assert {file for file in before if before[file] != after[file]} == {
        "gallery/cells/c1/s2/style_weight-1e5.webp",
        "gallery/pairs/c1/s2.js",
        "films/c1/s2/by_style_weight.webp",
        "gallery/sheets/all_style_weight-1e5.webp",
        "gallery/sheets/c1_by_style_weight.webp",
    }
    assert planned(project) == NOTHING


def test_a_failed_page_keeps_the_files_beside_it(project):
    """Snakemake deletes the outputs of a failed job; these files are not outputs."""
    sheet = project.folder / "results/sheets/c2_by_style_weight.png"
    shutil.rmtree(project.folder / "results/gallery")
    sheet.write_bytes(b"no picture")
    assert project.snakemake().returncode == 1
    before = files(project)
    assert "gallery/cells/c2/s2/style_weight-1e6.webp" in before
    sheet.unlink()
    assert project.snakemake().returncode == 0
    after = files(project)
    copies = {file for file in before if file.startswith("gallery/cells/")}
    assert len(copies) == 12 and {file for file in copies if before[file] != after[file]} == set()


def test_another_version_of_the_code_makes_aggregates_again_and_no_cell(project):
    shutil.copytree(PACKAGE, project.folder / "nst", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PYTHONPATH": str(project.folder)}
    assert planned(project, env=environment) == NOTHING
    with (project.folder / "nst/results/templates/gallery.css").open("a") as file:
        file.write("p { margin: 0; }\n")
    cells, sheets, rules = planned(project, env=environment)
    assert (cells, rules) == (set(), AGGREGATES)
    assert sheets == {*SHEETS, "all_style_weight-1e6"}
