"""Exactly the right jobs run after a change, read from Snakemake's own plan."""

import json
import os
import re
import shutil
import time

import pytest
from conftest import ROOT, draw_picture
from plans import AGGREGATES, CELLS, SHEETS, change, planned

from nst.cli import main

PACKAGE = ROOT / "nst"


@pytest.fixture
def project(finished):
    """The finished grid, in a folder of this test's own."""
    return finished


def of(word):
    return {cell for cell in CELLS if word in cell}


def test_nothing_changed_runs_nothing(project):
    assert planned(project) == (set(), set(), set())


def test_add_a_style(project):
    change(project, "style.s3", "style/s3.png")
    new = {cell.replace("s1", "s3") for cell in of("s1")}
    assert planned(project) == (new, SHEETS, AGGREGATES)


def test_remove_a_style_then_put_it_back(project):
    change(project, "style.s2", None)
    assert planned(project) == (set(), SHEETS, AGGREGATES)
    done = project.snakemake()
    assert done.returncode == 0
    assert "4 cells not in this config: `snakemake prune` puts them aside" in done.stderr
    change(project, "style.s2", "style/s2.png")
    assert planned(project) == (set(), SHEETS, AGGREGATES)


def test_change_a_weight(project):
    change(project, "grid.style_weight", ["1e4", "2e5"])
    new = {cell.replace("1e5", "2e5") for cell in of("1e5")}
    sheets = {"all_style_weight-2e5", "c1_by_style_weight", "c2_by_style_weight"}
    assert planned(project) == (new, sheets, AGGREGATES)


@pytest.mark.parametrize(
    "weights", [[10000, 100000], ["1e4", 100000.0], ["10000", "1.0e5"], ["1E4", "0.1e6"]]
)
def test_another_spelling_of_a_weight_runs_nothing(project, weights):
    change(project, "grid.style_weight", weights)
    assert planned(project) == (set(), set(), set())


# Of every control one value that makes images again, with what it needs.
CONTROLS = (
    {"style_scale": 1.5},
    {"colour": "keep"},
    {"colour": "match", "colour_map": "cholesky"},
    {"style_loss": "covariance"},
    {"init_mix": 0.5},
    {"edges_weight": 0.1},
    {"edges_weight": 0.1, "edges_pool": 8},
    {"padding": "circular"},
)


@pytest.mark.parametrize("settings", CONTROLS, ids=lambda settings: [*settings][-1])
def test_an_override_of_one_style(project, settings):
    change(project, "overrides.style", {"s2": settings})
    assert planned(project) == (of("s2"), SHEETS, AGGREGATES)


def test_an_override_of_one_cell(project):
    change(project, "overrides.cell", {"c1/s2/style_weight-1e4": {"seed": 5}})
    sheets = {"all_style_weight-1e4", "c1_by_style_weight"}
    assert planned(project) == ({"c1/s2/style_weight-1e4"}, sheets, AGGREGATES)


def test_a_further_picture_of_a_style(project):
    change(project, "style.s2", ["style/s2.png", "style/s1.png"])
    assert planned(project) == (of("s2"), SHEETS, AGGREGATES)
    change(project, "style.s2", {"style/s2.png": 3, "style/s1.png": 1})
    assert planned(project) == (of("s2"), SHEETS, AGGREGATES)
    assert project.snakemake().returncode == 0
    change(project, "style.s2", {"style/s2.png": 6, "style/s1.png": 2})  # the same shares
    assert planned(project)[0] == set()
    draw_picture(project.folder / "style/s1.png", seed=98)
    assert planned(project) == (CELLS, SHEETS, AGGREGATES)


def test_an_entry_in_another_form_runs_nothing(project):
    change(project, "style.s2", {"picture": "style/s2.png"})
    change(project, "content.c1", {"picture": "content/c1.png"})
    change(project, "settings.blend", "equal")
    assert planned(project) == (set(), set(), set())


def test_steps_between_two_styles(project):
    change(project, "interpolate", [{"from": "s1", "to": "s2", "steps": 3}])
    assert planned(project)[0] == {cell.replace("s1", "s1_s2_50") for cell in of("s1")}


def test_a_global_setting(project):
    change(project, "settings.evaluations", 3)
    assert planned(project) == (CELLS, SHEETS, AGGREGATES)


def test_to_write_a_default_out_runs_nothing(project):
    change(project, "settings.seed", 0)
    change(project, "settings.style_scale", 1.0)
    change(project, "settings.colour", "style")
    change(project, "settings.init_mix", 1)
    change(project, "settings.edges_weight", 0.0)
    change(project, "settings.edges_pool", 4)
    change(project, "settings.colour_map", "symmetric")
    change(project, "settings.mask", "none")
    change(project, "settings.mask_edge", 8)
    change(project, "settings.protect", 1)
    change(project, "settings.alpha", "white")
    change(project, "settings.style_mask", "none")
    change(project, "settings.regions", {})
    change(project, "settings.guide", "none")
    change(project, "settings.guide_mode", "simple")
    change(project, "settings.guide_grow", 0)
    assert planned(project) == (set(), set(), set())


def test_the_means_and_the_cores_run_nothing(project):
    change(project, "settings.device", "cpu")
    change(project, "settings.tile", 64)
    assert planned(project, "--cores", "1") == (set(), set(), set())


def test_another_order_draws_the_sheets_again_and_no_cell(project):
    change(project, "style", {"s2": "style/s2.png", "s1": "style/s1.png"})
    assert planned(project) == (set(), SHEETS, AGGREGATES)


def test_other_bytes_of_a_picture(project):
    draw_picture(project.folder / "style/s1.png", seed=99)
    assert planned(project) == (of("s1"), SHEETS, AGGREGATES)


@pytest.mark.parametrize("name", ["style/s1.png", "content/c1.png", "weights.pth"])
def test_a_touched_file_runs_nothing(project, name):
    later = time.time() + 5
    os.utime(project.folder / name, (later, later))
    assert planned(project) == (set(), set(), set())


def test_an_edited_recipe_runs_its_cells(project):
    """Edited in place: no flag of the cells changes, only what the recipe says."""
    import nst.config.recipes

    text = (nst.config.recipes.FOLDER / "painter.yaml").read_text()
    recipe = project.folder / "mine.yaml"
    recipe.write_text(text)
    change(project, "settings.recipe", "mine.yaml")
    assert planned(project)[0] == set()  # it says the same as the recipe of before
    assert project.snakemake().returncode == 0
    assert planned(project) == (set(), set(), set())
    recipe.write_text(text.replace("history: 20", "history: 9"))
    assert planned(project) == (CELLS, SHEETS, AGGREGATES)
    recipe.write_text("# a remark\n" + text)
    assert planned(project) == (set(), set(), set())


def test_a_picture_that_is_replaced_by_an_older_one_runs_its_cells(project):
    old = draw_picture(project.folder / "older.png", seed=99)
    os.utime(old, (1e9, 1e9))
    old.replace(project.folder / "style/s1.png")
    assert planned(project) == (of("s1"), SHEETS, AGGREGATES)


def test_a_picture_that_is_moved_runs_the_page_alone(project):
    """Which names the paths of its originals."""
    (project.folder / "style/s1.png").rename(project.folder / "style/moved.png")
    change(project, "style.s1", "style/moved.png")
    assert planned(project) == (set(), set(), {"gallery"})


def test_a_backup_of_images_that_is_put_back_is_shown(project):
    """With its dates, which are older than those of all that shows the images."""
    cells, backup = project.folder / "results/cells/c1", project.folder / "backup"
    shutil.copytree(cells, backup)
    change(project, "overrides.content", {"c1": {"seed": 1}})
    assert project.snakemake().returncode == 0
    shutil.rmtree(cells)
    shutil.copytree(backup, cells)
    change(project, "overrides", {})
    sheets = SHEETS - {"c2_by_style_weight"}
    assert planned(project) == (set(), sheets, AGGREGATES)
    assert project.snakemake().returncode == 0
    assert planned(project) == (set(), set(), set())


def test_one_target_by_name_runs_no_other_cell(project):
    change(project, "settings.evaluations", 3)
    name = "c1/s1/style_weight-1e4"
    assert planned(project, f"results/cells/{name}.png") == ({name}, set(), set())


def test_another_engine_runs_all_cells(project):
    shutil.copytree(PACKAGE, project.folder / "nst", ignore=shutil.ignore_patterns("__pycache__"))
    record = project.folder / "nst/disk/record.py"
    record.write_text(re.sub(r"^ENGINE = \d+", "ENGINE = 999", record.read_text(), flags=re.MULTILINE))
    environment = {"PYTHONPATH": str(project.folder)}
    assert planned(project, env=environment) == (CELLS, SHEETS, AGGREGATES)


def test_what_snakemake_forgot_the_records_know(project):
    """As in a project that is copied without hidden files."""
    shutil.rmtree(project.folder / ".snakemake")
    for number, path in enumerate(sorted(project.folder.rglob("*.*"), key=lambda path: path.name)):
        os.utime(path, (1e9 + number, 1e9 + number))  # dates in no order that means anything
    assert planned(project)[0] == set()
    change(project, "settings.evaluations", 3)
    assert planned(project)[0] == CELLS


def test_a_missing_picture_is_refused_though_all_outputs_are_there(project):
    change(project, "style.s2", "style/nowhere.png")
    done = project.snakemake("--dry-run")
    assert done.returncode == 2
    assert "style.s2: style/nowhere.png does not exist" in done.stderr


def test_another_blank_in_a_rule_runs_nothing(project):
    rule = project.folder / "workflow/rules/cells.smk"
    rule.write_text(rule.read_text().replace("python -m nst transfer ", "python -m nst transfer  "))
    assert planned(project) == (set(), set(), set())


@pytest.mark.parametrize("ending", ["png", "json", "csv"])
def test_a_deleted_file_of_a_cell_is_made_again(project, ending):
    (project.folder / f"results/cells/c1/s1/style_weight-1e4.{ending}").unlink()
    cells, _, rules = planned(project)
    assert cells == {"c1/s1/style_weight-1e4"}
    assert rules == AGGREGATES


def test_what_is_made_from_the_table_is_made_again_with_a_record(project):
    record = project.folder / "results/cells/c1/s1/style_weight-1e4.json"
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "seconds": data["seconds"] + 1}))
    assert planned(project) == (set(), set(), AGGREGATES)


def test_prune_puts_stale_cells_aside_and_only_those(project, monkeypatch, capsys):
    change(project, "style.s2", None)
    change(project, "grid.style_weight", ["1e4"])
    monkeypatch.chdir(project.folder)
    assert main(["prune", "--dry-run"]) == 0
    *listed, counted = capsys.readouterr().out.splitlines()
    assert counted == "6 cells and 1 sheet would be moved to results/stale"
    assert all(map(os.path.exists, listed))
    done = project.snakemake("prune")
    assert done.returncode == 0, done.stderr
    left = {str(p.relative_to(project.folder / "results/cells"))[:-4] for p in
            (project.folder / "results/cells").glob("*/*/*.png")}  # fmt: skip
    assert left == {"c1/s1/style_weight-1e4", "c2/s1/style_weight-1e4"}
    aside = list((project.folder / "results/stale").glob("*/cells/*/*/*.png"))
    assert len(aside) == 6
    (folder,) = (project.folder / "results/stale").iterdir()
    moved = {f"results/{f.relative_to(folder)}" for f in folder.rglob("*") if f.is_file()}
    assert moved == set(listed)
    assert list((project.folder / "results/stale").glob("*/sheets/all_style_weight-1e5.png"))
    again = project.snakemake("prune")
    assert "nothing is stale" in again.stdout + again.stderr
