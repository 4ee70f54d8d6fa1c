"""Pictures by other programs in sheets and table; what is wrong with one is said, and nothing fails."""

import os
import shutil

import pandas
import pytest
from conftest import draw_picture
from grids import build_grid
from PIL import Image, ImageChops

from nst.disk import images
from nst.results import sheet as sheets
from nst.results.externals import external_notices, survey_externals
from nst.results.sheet_plan import plan
from nst.results.states import survey
from nst.results.table import write_table

EXTERNAL = {"copies": "copies/{content}_{style}.png", "tool": "tool/{content}_{style}.png"}


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function -> a grid of 2 x 2 x 2 with copies of cells, and one picture of a tool, of four."""
    monkeypatch.chdir(tmp_path)

    def build(weights=(1, 10), **more):
        axes = {"style_weight": list(weights)} if weights else None
        more = {"external": EXTERNAL, **more}
        grid = build_grid(tmp_path, ["a", "b"], ["s", "t"], axes, size=(60, 40), more=more)
        for cell in reversed(grid.cells):
            copy = tmp_path / f"copies/{cell.content}_{cell.style}.png"
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(cell.picture, copy)
        draw_picture(tmp_path / "tool/a_s.png", (50, 50), seed=9)
        return grid

    return build


def thumbnails(sheet):
    """The pictures of the first row of a sheet of 60 x 40 pixels, by their columns."""
    picture = sheets.draw(sheet)
    left = sheets.MARGIN + sheets.MIN_WIDTH + 2 * sheets.GAP
    top = sheets.MARGIN + sheets.TITLE_SIZE + 2 * sheets.GAP + 32 + sheets.LABEL + sheets.GAP
    step = sheets.MIN_WIDTH + sheets.GAP
    return [picture.crop((left + 18 + n * step, top, left + 78 + n * step, top + 40)) for n in range(4)]


def test_they_have_a_sheet_as_a_variant_has_and_columns_beside_the_values(make):
    pages = plan(make())
    assert list(pages) == [
        "all_style_weight-1", "all_style_weight-10", "all_copies", "all_tool",
        "a_by_style_weight", "b_by_style_weight",
    ]  # fmt: skip
    assert pages["all_tool"].title == "made by tool"
    one = pages["b_by_style_weight"]
    assert [header.label for header in one.columns] == [
        "style weight 1", "style weight 10", "made by copies", "made by tool",
    ]  # fmt: skip
    assert [cell.id for cell in one.cells[1]][2:] == ["b/t/copies", "b/t/tool"]
    assert [cell.id for cell in one.images()] == [
        f"b/{style}/style_weight-{weight}" for style in "st" for weight in (1, 10)
    ]


def test_a_grid_without_axes_has_its_images_beside_them(make):
    pages = plan(make(None))
    assert list(pages) == ["all_only", "all_copies", "all_tool", "a_by_maker", "b_by_maker"]
    columns = pages["a_by_maker"].columns
    assert [header.label for header in columns] == ["made here", "made by copies", "made by tool"]


def test_a_copy_of_an_image_has_the_same_thumbnail(make):
    first, second, copy, _ = thumbnails(plan(make())["a_by_style_weight"])
    assert not ImageChops.difference(first, copy).getbbox()
    assert ImageChops.difference(first, second).getbbox()


def test_another_shape_is_shown_whole_and_not_stretched(make, tmp_path):
    grid = make()
    sheet = plan(grid)["all_tool"]
    drawn = sheets.draw(sheet)
    with Image.open(tmp_path / "tool/a_s.png") as tool:
        left = sheets.MARGIN + sheets.MIN_WIDTH + 2 * sheets.GAP + (sheets.BOX - 50) // 2
        rows = range(drawn.height - 50)
        crops = (drawn.crop((left, y, left + 50, y + 50)).tobytes() for y in rows)
        assert list(crops).count(tool.tobytes()) == 1


@pytest.mark.parametrize("kind", ["text", "empty", "half", "folder", "pipe", "huge", "nothing", "link"])
def test_nothing_fails_for_what_is_no_picture(make, tmp_path, monkeypatch, kind):
    grid, path = make(), tmp_path / "tool/a_s.png"
    whole = path.read_bytes()
    path.unlink()
    if kind == "text":
        path.write_text("<b>no</b>")
    elif kind == "empty":
        path.touch()
    elif kind == "half":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "huge":
        path.write_bytes(whole)
        monkeypatch.setattr(images, "MAX_PIXELS", 2450)
    elif kind == "link":
        path.symlink_to("nowhere")
    states = survey_externals(grid)
    state = states["a/s/tool"]
    assert state.kind == ("absent" if kind in ("link", "nothing") else "unreadable")
    assert "tool/a_s.png" in state.reason and "\n" not in state.reason
    (notice,) = [line for line in external_notices(grid, states) if "a_s.png" in line]
    assert notice.startswith("config.yaml:1: external.tool: ") and "tool/a_s.png" in notice
    for sheet in plan(grid).values():
        sheets.draw(sheet)
    write_table(grid, tmp_path / "losses.csv")
    table = pandas.read_csv(tmp_path / "losses.csv")
    assert table[table.external == "tool"].outcome.iloc[0] == state.kind


def test_what_is_missing_or_misshapen_is_named_with_its_line(make):
    grid = make()
    assert external_notices(grid, survey_externals(grid)) == [
        "config.yaml:1: external.tool: no picture for 3 of 4 pairs:"
        " tool/a_t.png; tool/b_s.png; tool/b_t.png",
        "config.yaml:1: external.tool: tool/a_s.png has another shape than its content"
        " (50 x 50 pixels, its content is 48 x 32), so it is not measured",
    ]


def test_many_are_not_all_named(make, tmp_path):
    grid = make()
    shutil.rmtree(tmp_path / "tool")
    assert external_notices(grid, survey_externals(grid))[0].endswith("tool/b_s.png; and 1 more")


def test_the_table_has_a_row_for_each_without_losses(make, tmp_path):
    grid = make()
    write_table(grid, tmp_path / "losses.csv")
    table = pandas.read_csv(tmp_path / "losses.csv")
    assert list(table.columns[2:5]) == ["style_weight", "recipe", "external"]
    made, others = table[table.external.isna()], table[table.external.notna()]
    assert len(made) == 8 and list(made.outcome) == ["completed"] * 8
    assert list(others.external[:2]) == ["copies", "tool"]
    assert list(others.outcome) == ["external", "external"] + ["external", "absent"] * 3
    empty = set(table.columns) - {"content", "style", "external", "outcome", "image"}
    assert others[sorted(empty)].isna().all().all()
    assert others.image.iloc[0] == "copies/a_s.png" and pandas.isna(others.image.iloc[3])


def test_a_table_without_them_has_no_column_for_them(make, tmp_path):
    write_table(make(external=None), tmp_path / "losses.csv")
    assert "external" not in (tmp_path / "losses.csv").read_text()


def test_a_sheet_with_an_absent_picture_is_whole(make):
    """Only images that are to be made leave holes, for which Snakemake draws a sheet again."""
    grid = make()
    sheet = plan(grid)["a_by_style_weight"]
    assert sheets.hole_facts(sheet, survey(grid.cells)) == ""
