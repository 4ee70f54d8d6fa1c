"""The table and the sheets of a grid, without any transfer."""

import json
from dataclasses import replace

import pandas
import pytest
from grids import build_grid, made_record
from PIL import Image, ImageChops

from nst.cli import main
from nst.disk.record import read_record
from nst.errors import NstError
from nst.results import sheet as sheets
from nst.results.currency import read_cell
from nst.results.sheet_plan import COLUMNS, ROWS, plan
from nst.results.states import refuse_holes, survey
from nst.results.table import write_layers, write_table


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (contents, styles, axes) -> a grid whose cells are on disk."""
    monkeypatch.chdir(tmp_path)
    return lambda *parts, **options: build_grid(tmp_path, *parts, **options)


def test_the_table_has_a_row_per_cell_in_the_configs_order(make, tmp_path):
    grid = make(["b", "a"], ["s"], {"style_weight": [1e5, 10], "recipe": ["gatys"]})
    write_table(grid, tmp_path / "losses.csv")
    table = pandas.read_csv(tmp_path / "losses.csv")
    assert list(table.columns) == [
        "content", "style", "style_weight", "recipe", "content_loss", "style_loss", "tv_loss",
        "weighted_content", "weighted_style", "weighted_tv", "total_loss", "lpips", "ssim",
        "style_distance", "colour_distance", "size", "backbone", "seed", "made_evaluations", "outcome",
        "seconds", "made_on", "image",
    ]  # fmt: skip
    assert list(zip(table.content, table.style_weight, strict=True)) == [
        ("b", 1e5), ("b", 10), ("a", 1e5), ("a", 10),
    ]  # fmt: skip
    assert all((tmp_path / image).is_file() for image in table.image)


def test_losses_of_the_table_compare_between_weights(make, tmp_path):
    """As the page's: without weights. The weighted ones stand beside them, and add up."""
    grid = make(["a"], ["s"], {"style_weight": [10, 1e3]}, losses=lambda cell: (3, 0.5))
    write_table(grid, tmp_path / "losses.csv")
    table = pandas.read_csv(tmp_path / "losses.csv")
    assert list(table.content_loss) == [3, 3] and list(table.style_loss) == [0.5, 0.5]
    assert list(table.weighted_style) == [5, 500]
    assert list(table.total_loss) == list(table.weighted_content + table.weighted_style)
    assert table.tv_loss.isna().all()  # not measured: it has no weight


def test_every_setting_that_varies_has_a_column_of_its_own_name(make, tmp_path):
    axes = {"style_loss": ["gram", "wasserstein"], "evaluations": [5, 9], "size": [64, 96]}
    overrides = {"style": {"t": {"style_scale": 0.5}}}
    grid = make(["a"], ["s", "t"], axes, overrides=overrides)
    write_table(grid, tmp_path / "losses.csv")
    table = pandas.read_csv(tmp_path / "losses.csv")
    head = (tmp_path / "losses.csv").read_text().splitlines()[0].split(",")
    assert len(set(head)) == len(head)
    assert list(table.style_loss_setting[:2]) == ["gram", "gram"]
    assert set(table.style_scale) == {1, 0.5} and set(table["size"]) == {64, 96}
    assert set(table.evaluations) == {5, 9} and "made_evaluations" in head


def test_the_losses_of_layers_add_up_to_those_of_the_table(make, tmp_path):
    grid = make(["a"], ["s"], {"style_weight": [1, 10]})
    write_table(grid, tmp_path / "losses.csv")
    write_layers(grid, tmp_path / "layers.csv")
    table, layers = (pandas.read_csv(tmp_path / f"{name}.csv") for name in ("losses", "layers"))
    assert list(layers.columns) == [
        "content", "style", "style_weight", "term", "layer", "layer_weight", "layer_loss", "image",
    ]  # fmt: skip
    weighted = (layers.layer_weight * layers.layer_loss).groupby([layers.image, layers.term]).sum()
    for row in table.itertuples():
        assert weighted[row.image, "style"] == pytest.approx(row.style_loss, rel=1e-5)
        assert weighted[row.image, "content"] == pytest.approx(row.content_loss, rel=1e-5)


@pytest.mark.parametrize("space", ["\u202f", "\xa0", "\u3000"], ids=["narrow", "no-break", "wide"])
def test_a_path_with_any_space_is_one(make, tmp_path, space):
    """macOS puts a narrow space before AM and PM into the names of screenshots."""
    name = f"Screenshot 9.41{space}AM.png"
    grid = make(inputs={"content": {"path": name, "sha256": "0" * 64}})
    write_table(grid, tmp_path / "losses.csv")
    assert read_record(grid.cells[0].file(".json")).inputs["content"]["path"] == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is damaged"),
        ("[1, 2]", "lacks"),
        ("{", "is damaged"),
        ('{"outcome": "completed"}', "lacks evaluations, seconds"),
        ('{"a": ' * 5000, "is damaged"),
    ],
)
def test_a_damaged_record_is_refused_by_name(tmp_path, text, message):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(NstError, match=f"the record .*x.json {message}") as refusal:
        read_record(path)
    assert "delete it and run the workflow again" in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"losses": {"total": 1.0}}, "losses.style: None is not a number"),
        (
            {"losses": {"total": "1", "content": 1, "style": 1, "tv": 0}},
            "losses.total: '1' is not a number",
        ),
        ({"losses": 3}, "losses: 3 is not a table"),
        ({"seconds": None}, "seconds: None is not a number"),
        ({"outcome": 3}, "outcome: 3 is not a text"),
        ({"inputs": {"content": {"path": "c.png"}}}, "inputs.content.sha256: None is not a SHA-256"),
        ({"inputs": []}, r"inputs: \[\] is not a table"),
    ],
)
def test_a_record_with_wrong_values_is_refused(make, tmp_path, changes, message):
    grid = make(["a"], ["s"], {})
    data = {**vars(made_record(grid.cells[0])), **changes}
    (tmp_path / "x.json").write_text(json.dumps(data))
    with pytest.raises(NstError, match=message):
        read_record(tmp_path / "x.json")


def test_a_setting_that_is_newer_than_a_record_reads_as_its_default(make, tmp_path):
    grid = make(["a"], ["s"], {"seed": [0, 1]})
    for cell in grid.cells:
        data = json.loads(cell.file(".json").read_text())
        del data["settings"]["seed"], data["settings"]["tv"]
        cell.file(".json").write_text(json.dumps(data))
    assert read_cell(grid.cells[1]).settings["tv"] == grid.cells[1].settings.tv
    with pytest.raises(NstError, match=r"a/s/seed-1 was made before a change .seed 0 -> 1"):
        refuse_holes(survey(grid.cells))


def test_the_sheets_of_a_grid(make):
    grid = make(["a", "b"], ["s", "t"], {"style_weight": [1, 10, 100], "seed": [0, 1]})
    pages = plan(grid)
    assert [name for name in pages if name.startswith("all_")] == [
        f"all_style_weight-{w}_seed-{s}" for w in (1, 10, 100) for s in (0, 1)
    ]
    assert [name for name in pages if "_by_" in name] == [
        f"{c}_by_style_weight_seed-{s}" for c in "ab" for s in (0, 1)
    ]
    one = pages["b_by_style_weight_seed-1"]
    assert (one.kind, one.content, one.variant) == ("styles x values", "b", "seed 1")
    assert one.title == "b · seed 1"
    assert [header.label for header in one.columns] == [f"style weight {w}" for w in (1, 10, 100)]
    assert [[cell.id for cell in row] for row in one.cells] == [
        [f"b/{s}/style_weight-{w}_seed-1" for w in (1, 10, 100)] for s in "st"
    ]


def test_a_grid_without_axes_has_one_sheet(make):
    grid = make(["a"], ["s"], {})
    assert list(plan(grid)) == ["all_only"]
    assert grid.cells[0].id == "a/s/only"


def test_a_large_grid_is_split_and_every_cell_is_on_one_page_of_a_kind(make):
    grid = make([f"c{n}" for n in range(11)], [f"s{n}" for n in range(9)], {})
    pages = plan(grid)
    assert list(pages) == [f"all_only_page-{n}" for n in (1, 2, 3, 4)]
    assert pages["all_only_page-2"].title == "contents and styles · page 2 of 4"
    shown = [cell.id for page in pages.values() for row in page.cells for cell in row]
    assert sorted(shown) == sorted(grid.by_id)
    for page in pages.values():
        assert len(page.rows) <= ROWS and len(page.columns) <= COLUMNS


@pytest.mark.parametrize("size", [(4, 3), (300, 200), (200, 600), (900, 30)])
def test_a_sheet_shows_originals_and_cells_at_a_bounded_size(make, tmp_path, size):
    grid = make(["a", "a-rather-long-name-" + "x" * 40], ["s", "t"], {"seed": [0]}, size=size)
    page = plan(grid)["all_seed-0"]
    picture = sheets.draw(page)
    assert picture.width < 4 * (sheets.BOX + 60)
    assert picture.height < 4 * (sheets.BOX + 80)
    other = sheets.draw(replace(page, content="another title"))
    below_title = sheets.MARGIN + sheets.TITLE_SIZE + sheets.GAP
    changed = ImageChops.difference(picture, other).getbbox()
    assert changed and changed[1] >= sheets.MARGIN and changed[3] <= below_title


def test_a_sheet_that_does_not_exist_is_refused(make, tmp_path, capsys):
    make(["a"], ["s"], {"seed": [0]})
    assert main(["sheet", "all_seed-1", "--out", "x.png"]) == 2
    assert capsys.readouterr().err == (
        "error: no sheet 'all_seed-1'; did you mean 'all_seed-0'?; there are all_seed-0, a_by_seed\n"
    )


def test_pictures_of_the_sheets_are_inputs_once_each(make):
    grid = make(["a"], ["s", "t"], {"seed": [0]})
    pictures = plan(grid)["all_seed-0"].pictures()
    assert [str(p) for p in pictures] == [
        "a.png", "s.png", "t.png", "results/cells/a/s/seed-0.png", "results/cells/a/t/seed-0.png",
    ]  # fmt: skip


def test_a_sheet_can_be_opened(make, tmp_path):
    grid = make(["a"], ["s"], {})
    sheets.write_sheet(grid, "all_only", tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.format == "PNG"
