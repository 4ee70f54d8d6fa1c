"""Films of a grid: which cells Snakemake plans to make for them."""

import shutil

import pytest
from conftest import new_project
from plans import CELLS, change, planned


@pytest.fixture(scope="module")
def grid_with_films(tmp_path_factory, seeded_weights):
    """A finished grid of eight cells, with films of every evaluation."""
    folder = tmp_path_factory.mktemp("films") / "project"
    project = new_project(folder, seeded_weights("alexnet", {"conv1"}))
    change(project, "settings.snapshot_every", 1)
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def project(grid_with_films, tmp_path):
    """A copy of the grid and of Snakemake's metadata."""
    return grid_with_films.copy(tmp_path / "project")


def films(project):
    """The ids of the cells that have a film."""
    cells = project.folder / "results/cells"
    names = (path.relative_to(cells).as_posix() for path in cells.glob("*/*/*.webp"))
    return {name.rpartition(".every-")[0] for name in names}


def test_every_cell_has_a_film_and_nothing_is_left_to_make(project):
    assert films(project) == CELLS
    assert planned(project) == (set(), set(), set())


def test_without_the_setting_there_are_no_films(finished):
    assert films(finished) == set()
    change(finished, "settings.snapshot_every", 0)
    assert planned(finished) == (set(), set(), set())


def test_films_make_all_cells_again(finished):
    change(finished, "settings.snapshot_every", 1)
    assert planned(finished)[0] == CELLS


def test_another_interval_makes_all_cells_again(project):
    change(project, "settings.snapshot_every", 2)
    assert planned(project)[0] == CELLS


def test_films_that_are_no_longer_wanted_make_no_cell_and_are_pruned(project):
    change(project, "settings.snapshot_every", 0)
    assert planned(project) == (set(), set(), {"gallery"})  # the page no longer shows them
    assert "8 films moved to results/stale/" in project.snakemake("prune").stdout
    assert films(project) == set()
    assert len(list((project.folder / "results/cells").glob("*/*/*.png"))) == 8
    assert planned(project) == (set(), set(), {"gallery"})
    (aside,) = (project.folder / "results/stale").glob("*/cells")
    shutil.copytree(aside, project.folder / "results/cells", dirs_exist_ok=True)
    change(project, "settings.snapshot_every", 1)  # restored as they were
    assert planned(project) == (set(), set(), set())


def test_a_deleted_film_makes_its_cell_again(project):
    (project.folder / "results/cells/c1/s1/style_weight-1e4.every-1.webp").unlink()
    assert planned(project)[0] == {"c1/s1/style_weight-1e4"}


def test_cells_that_are_made_again_without_films(project):
    """Nothing is made twice, and no old film is taken for that of a new image."""
    change(project, "settings.snapshot_every", 0)
    change(project, "overrides.style", {"s2": {"style_scale": 1.5}})
    (project.folder / "results/cells/c1/s1/style_weight-1e4.png").unlink()
    done = project.snakemake()
    assert done.returncode == 0
    assert "8 films not in this config: `snakemake prune` puts them aside" in done.stderr
    assert planned(project) == (set(), set(), set())
    change(project, "settings.snapshot_every", 1)
    assert planned(project)[0] >= {cell for cell in CELLS if "s2" in cell}
    assert project.snakemake().returncode == 0
    assert planned(project) == (set(), set(), set())


def test_the_films_of_a_removed_style_are_pruned(project):
    change(project, "style.s2", None)
    assert project.snakemake("prune").returncode == 0
    assert films(project) == {cell for cell in CELLS if "s1" in cell}
