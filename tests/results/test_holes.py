"""Grids in which cells are missing: everything is made of what is there, and says what is not."""

import csv
import json
import os
import re

import pytest
from grids import build_grid, write_record
from PIL import Image

from nst.cli import main
from nst.disk.log_end import failed, stopped, written
from nst.errors import NstError
from nst.results.curves import write_curves
from nst.results.dated_back import is_dated_back
from nst.results.gallery import write_gallery
from nst.results.hatched import GROUND, HATCH
from nst.results.metrics import METRICS
from nst.results.page_paths import PAGE, TABLE, pair_figure, pair_script, sheet_file, small_image
from nst.results.sheet import draw, is_current, save_sheet
from nst.results.sheet_plan import plan
from nst.results.states import log_of, log_tail, refuse_holes, survey
from nst.results.summary import write_summary
from nst.results.table import write_table

AXES = {"style_weight": [1, 10, 100]}
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (contents, styles, axes) -> a grid whose cells are on disk."""
    monkeypatch.chdir(tmp_path)
    return lambda *parts, **options: build_grid(tmp_path, *parts, **options)


def unmake(cell, log=None):
    """Take a cell's files away and leave this log."""
    for ending in (".png", ".json", ".csv"):
        cell.file(ending).unlink(missing_ok=True)
    if log is not None:
        log_of(cell).parent.mkdir(parents=True, exist_ok=True)
        log_of(cell).write_text(log)


def page_data():
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', PAGE.read_text())[1]
    return json.loads(data)


def details(content, style):
    script = pair_script(content, style).read_text()
    return json.loads(re.fullmatch(r"nst\.received\((.*)\);\n", script)[1])["cells"]


@pytest.mark.parametrize(
    ("log", "running", "kind", "reason"),
    [
        (f"evaluation 1/9\n{failed('no such picture')}\n", False, "failed", "no such picture"),
        (stopped(" by you, saved at 3"), False, "stopped", "stopped by you, saved at 3"),
        (
            "evaluation 1/9\n",
            False,
            "killed",
            "killed, or out of memory? Its log ends with: evaluation 1/9",
        ),
        ("", False, "killed", "killed before it began"),
        (written([TABLE]), False, "missing", "not made yet"),
        (None, False, "missing", "not made yet"),
        ("evaluation 1/9\n", True, "running", "evaluation 1/9"),
        (failed("no such picture"), True, "failed", "no such picture"),
    ],
)
def test_a_cell_without_its_files_is_what_its_log_says(make, log, running, kind, reason):
    grid = make(["a"], ["s"], {})
    unmake(grid.cells[0], log)
    state = survey(grid.cells, running)["a/s/only"]
    assert (state.kind, state.reason, state.record) == (kind, reason, None)


@pytest.mark.parametrize("ending", [".png", ".json", ".csv"])
def test_a_cell_that_lacks_a_file_is_not_made(make, ending):
    grid = make(["a"], ["s", "t"], {})
    grid.cells[1].file(ending).unlink()
    states = survey(grid.cells)
    assert [state.kind for state in states.values()] == ["made", "missing"]
    with pytest.raises(NstError, match=r"1 of 2 cells are not made: a/t/only; run snakemake"):
        refuse_holes(states)


def test_a_record_of_other_settings_or_a_damaged_one_is_no_image_of_the_grid(make):
    grid = make(["a"], ["s", "t"], {})
    write_record(grid.cells[0], (1, 1), engine=99)
    grid.cells[1].file(".json").write_text("{")
    outdated, damaged = survey(grid.cells).values()
    assert (outdated.kind, damaged.kind) == ("outdated", "damaged")
    assert outdated.reason.startswith("made before a change (engine 99 -> ")
    assert "is damaged (not JSON)" in damaged.reason


def test_the_end_of_a_long_log_is_read_alone(make):
    grid = make(["a"], ["s"], {})
    unmake(grid.cells[0], "\n".join(f"evaluation {n}/9999" for n in range(5000)) + "\nerror: \xff\n")
    tail = log_tail(grid.cells[0]).splitlines()
    assert len(tail) == 12
    assert tail[-1] == "error: \xff"


def test_the_table_has_a_row_for_a_hole_with_its_outcome_and_no_numbers(make):
    grid = make(["a"], ["s"], AXES)
    unmake(grid.cells[1], failed("no such picture"))
    write_table(grid, TABLE)
    rows = list(csv.DictReader(TABLE.read_text().splitlines()))
    assert [row["outcome"] for row in rows] == ["completed", "failed", "completed"]
    empty = {name for name, value in rows[1].items() if not value}
    assert empty == {
        "content_loss", "style_loss", "tv_loss", "weighted_content", "weighted_style", "weighted_tv",
        "total_loss", *METRICS, "made_evaluations", "seconds", "made_on", "image",
    }  # fmt: skip
    assert rows[1]["style_weight"] == "10"
    assert is_dated_back(TABLE)
    build_grid(TABLE.parent.parent, ["a"], ["s"], AXES)
    write_table(grid, TABLE)
    assert not is_dated_back(TABLE)


def test_the_summary_says_what_is_not_there_and_why(make, tmp_path):
    grid = make(["a"], ["s"], AXES)
    unmake(grid.cells[1], failed("no | picture"))
    write_summary(grid, tmp_path / "x.md")
    text = (tmp_path / "x.md").read_text()
    assert "2 of 3 images: 1 content" in text
    assert "| a/s/style_weight-10 | failed | no \\| picture |" in text


def test_a_figure_leaves_a_hole_out_and_a_pair_of_holes_has_none(make):
    grid = make(["a"], ["s", "t"], AXES)
    write_curves(grid)
    whole = pair_figure("a", "s").read_bytes()
    for cell in (grid.cells[0], *grid.cells[3:]):
        unmake(cell)
    write_curves(grid)
    assert len(pair_figure("a", "s").read_bytes()) < len(whole)
    assert not pair_figure("a", "t").exists()
    build_grid(TABLE.parent.parent.resolve(), ["a"], ["s", "t"], AXES)
    write_curves(grid)
    assert pair_figure("a", "s").read_bytes() == whole


def test_a_hole_is_a_hatched_box_on_its_sheet(make):
    grid = make(["a"], ["s", "t"], {}, size=(240, 160))
    sheet = plan(grid)["all_only"]
    whole = draw(sheet)
    unmake(grid.cells[1])
    holed = draw(sheet)
    assert holed.size == whole.size  # the hole has the shape that the image would have

    def hatches(picture):
        colours = {tuple(bytes.fromhex(colour[1:])) for colour in (GROUND, HATCH)}
        return sum(count for count, colour in picture.getcolors(1 << 24) if colour in colours)

    assert hatches(holed) > 240 * 160 / 2 > hatches(whole)


def test_a_grid_without_an_image_and_with_a_damaged_content_has_sheets_and_a_page(make, tmp_path):
    grid = make(["a", "b"], ["s"], {})
    for cell in grid.cells:
        unmake(cell, failed("a.png is damaged"))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    save_sheet(plan(grid)["all_only"], survey(grid.cells), sheet_file("all_only"))
    write_gallery(grid, PAGE)
    assert page_data()["cells"] == []
    assert len(page_data()["holes"]) == 2
    with Image.open("results/gallery/originals/content/a.webp") as picture:
        assert picture.size == (512, 512)


def test_a_sheet_with_holes_is_drawn_again_only_if_it_shows_something_else(make):
    grid = make(["a"], ["s", "t"], {})
    sheet = plan(grid)["all_only"]
    file = sheet_file("all_only")
    unmake(grid.cells[1])
    states = survey(grid.cells)
    assert not is_current(sheet, states)
    save_sheet(sheet, states, file)
    assert is_current(sheet, states)
    assert is_dated_back(file)
    unmake(grid.cells[1], failed("no"))
    assert not is_current(sheet, survey(grid.cells))  # another word
    build_grid(file.parents[2].resolve(), ["a"], ["s", "t"], {})
    assert not is_current(sheet, survey(grid.cells))  # whole now
    save_sheet(sheet, survey(grid.cells), file)
    assert is_current(sheet, survey(grid.cells))
    os.utime(grid.cells[0].file(".png"), (2e9, 2e9))
    assert not is_current(sheet, survey(grid.cells))


def test_the_page_keeps_holes_apart_and_tells_their_reasons_and_logs(make):
    grid = make(["a"], ["s"], AXES)
    unmake(grid.cells[1], f"{EVIL}\n{failed(EVIL)}")
    write_gallery(grid, PAGE)
    data = page_data()
    assert [cell["id"] for cell in data["cells"]] == [grid.cells[0].id, grid.cells[2].id]
    assert data["holes"] == [
        {
            "id": "a/s/style_weight-10", "content": 0, "style": 0, "axes": [1], "state": "failed",
            "reason": EVIL,
        }
    ]  # fmt: skip
    assert data["films"] == {}
    assert details("a", "s")["a/s/style_weight-10"] == {"log": f"{EVIL}\nerror: {EVIL}"}
    assert set(details("a", "s")) == {cell.id for cell in grid.cells}
    page = PAGE.read_text()
    assert EVIL not in page
    assert '<span id="count">2 of 3 images</span>' in page
    assert not small_image(grid.cells[1]).exists()


def test_an_outdated_image_is_shown_as_what_it_is_and_has_no_numbers(make):
    grid = make(["a"], ["s"], AXES)
    write_gallery(grid, PAGE)
    write_record(grid.cells[1], (1, 1), engine=99)
    write_gallery(grid, PAGE)
    (hole,) = page_data()["holes"]
    assert (hole["state"], hole["old"]) == ("outdated", True)
    assert "losses" not in hole
    assert details("a", "s")[grid.cells[1].id] == {"log": ""}


def test_a_page_with_holes_shows_only_sheets_that_are_current(make):
    grid = make(["a"], ["s", "t"], {"style_weight": [1, 10]})
    states = survey(grid.cells)
    for name, sheet in plan(grid).items():
        save_sheet(sheet, states, sheet_file(name))
    unmake(grid.cells[0])
    write_gallery(grid, PAGE)
    assert [sheet["picture"] for sheet in page_data()["sheets"]] == ["sheets/all_style_weight-10.png"]
    sheet = plan(grid)["all_style_weight-1"]
    save_sheet(sheet, survey(grid.cells), sheet_file(sheet.name))
    write_gallery(grid, PAGE)
    assert len(page_data()["sheets"]) == 2


def test_in_a_hurry_no_picture_is_shrunk_and_none_that_is_old_is_shown(make):
    grid = make(["a"], ["s"], AXES)
    write_gallery(grid, PAGE, hurried=True)
    assert [cell.get("full") for cell in page_data()["cells"]] == [True] * 3
    assert page_data()["films"] == {}
    assert not small_image(grid.cells[0]).exists()
    for name, sheet in plan(grid).items():
        save_sheet(sheet, survey(grid.cells), sheet_file(name))
    write_gallery(grid, PAGE)
    os.utime(grid.cells[0].file(".png"), (1e9, 1e9))
    write_gallery(grid, PAGE, hurried=True)
    assert [cell.get("full") for cell in page_data()["cells"]] == [True, None, None]
    assert page_data()["films"] == {}


def test_the_verbs_take_half_a_grid_and_refuse_it_if_asked(make, capsys):
    grid = make(["a"], ["s"], AXES)
    unmake(grid.cells[1])
    calls = {
        "table": ["--out", str(TABLE)], "summary": ["--out", "results/summary.md"], "curves": [],
        "gallery": ["--out", str(PAGE)],
    }  # fmt: skip
    for verb, words in calls.items():
        assert main([verb, *words]) == 0
        assert capsys.readouterr().err == "note: not all images are there: 1 missing\n"
        assert main([verb, "--whole", *words]) == 2
        assert "1 of 3 cells are not made" in capsys.readouterr().err
    assert main(["sheet", "all_style_weight-10", "--out", "x.png"]) == 0
    assert main(["sheet", "all_style_weight-10", "--whole", "--out", "y.png"]) == 2
    assert main(["sheet", "all_style_weight-1", "--whole", "--out", "z.png"]) == 0


def test_an_original_that_cannot_be_read_is_refused_if_nothing_is_missing(make, tmp_path):
    grid = make(["a"], ["s"], {})
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:60])
    with pytest.raises(NstError, match=r"a\.png is damaged"):
        draw(plan(grid)["all_only"])
    with pytest.raises(NstError, match=r"a\.png is damaged"):
        write_gallery(grid, PAGE)
