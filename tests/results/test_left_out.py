"""Grids of folders and with cells left out: labels and empty boxes on the sheets and the page."""

import json

import pandas
import pytest
from browser import find, text, wait
from conftest import draw_picture
from grids import SETTINGS, balanced, make_cells
from PIL import Image, ImageChops

from nst.config.grid import expand
from nst.results import fonts, previews
from nst.results.curves import write_curves
from nst.results.gallery import gallery_files, write_gallery
from nst.results.page_data import page_data
from nst.results.sheet import draw, write_sheet
from nst.results.sheet_plan import plan
from nst.results.states import survey
from nst.results.summary import write_summary
from nst.results.table import write_table
from nst.workflow.aggregates import curve_files, sheet_labels

EXCLUDE = ["Cafe_Zurich/s1/style_weight-1", "IMG_2/s2"]
LEFT_OUT = 1 + 4
ODD = "Z'+alert(1)+' &lt;b& \"猫\""


def build(folder, exclude=(), weights=(1, 10, 100, 1000)):
    """A grid of a folder of two contents, two styles and some weights; its cells are on disk."""
    for number, name in enumerate(("Fotos ü/Café Zürich", "Fotos ü/IMG_2", "s1", "s2")):
        draw_picture(folder / f"{name}.png", seed=number)
    config = {
        "content": "Fotos ü",
        "style": {"s1": "s1.png", "s2": "s2.png"},
        "grid": {"style_weight": list(weights)},
        "settings": SETTINGS,
        **({"exclude": list(exclude)} if exclude else {}),
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    return make_cells(folder, expand(["config.yaml"]), balanced)


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: patterns -> such a grid in the current folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *exclude, **options: build(tmp_path, exclude, **options)


def write_all(grid, folder):
    """Write all aggregates."""
    for name in plan(grid):
        write_sheet(grid, name, folder / f"results/sheets/{name}.png")
    write_curves(grid)
    write_table(grid, folder / "results/losses.csv")
    write_summary(grid, folder / "results/summary.md")
    write_gallery(grid, folder / "results/index.html")


def test_the_aggregates_of_a_grid_with_cells_left_out(grid, tmp_path):
    built = grid(*EXCLUDE)
    write_all(built, tmp_path)
    table = pandas.read_csv(tmp_path / "results/losses.csv")
    assert len(table) == 16 - LEFT_OUT == len(built.cells)
    assert set(zip(table.content, table["style"], strict=True)) == {
        ("Cafe_Zurich", "s1"), ("Cafe_Zurich", "s2"), ("IMG_2", "s1"),
    }  # fmt: skip
    summary = (tmp_path / "results/summary.md").read_text()
    assert (
        "11 images: 2 contents, 2 styles, 4 variants of each pair, 5 left out by `exclude`." in summary
    )
    assert all(path.is_file() for path in gallery_files(built))
    assert not (tmp_path / "results/gallery/pairs/IMG_2/s2.js").exists()
    figures = curve_files(built)
    assert len(figures) == 3 and all((tmp_path / path).is_file() for path in figures)
    assert figures["results/curves/Cafe_Zurich/s1/all.svg"]["content"] == "Café Zürich"
    assert "Café Zürich x s1" in (tmp_path / "results/curves/Cafe_Zurich/s1/all.svg").read_text()


def test_the_sheets_mark_what_is_left_out_and_carry_labels(grid):
    whole, built = plan(grid()), plan(grid(*EXCLUDE))
    assert built.keys() == whole.keys()
    sheet = built["all_style_weight-1"]
    assert [[cell and cell.id for cell in row] for row in sheet.cells] == [
        [None, "Cafe_Zurich/s2/style_weight-1"],
        ["IMG_2/s1/style_weight-1", None],
    ]
    assert [header.label for header in sheet.rows] == ["Café Zürich", "IMG_2"]
    assert built["Cafe_Zurich_by_style_weight"].title == "Café Zürich"
    assert len(sheet.pictures()) == 4 + 2
    same = [name for name in whole if sheet_labels(whole[name]) == sheet_labels(built[name])]
    assert same == []  # every sheet shows a cell that is left out
    page = draw(sheet)
    assert page.size == draw(whole["all_style_weight-1"]).size
    assert ImageChops.difference(page, draw(whole["all_style_weight-1"])).getbbox()


def test_sheets_without_any_cell_are_not_drawn(grid):
    assert "IMG_2_by_style_weight" not in plan(grid("IMG_2/*"))
    assert "all_style_weight-10" not in plan(grid("*/*/style_weight-10"))


def test_a_sheet_of_empty_rows_can_be_drawn(grid):
    for sheet in plan(grid("*/s2", "IMG_2/*")).values():
        assert draw(sheet).width > 100


def test_films_go_along_what_is_there_and_are_found_at_the_first_position(grid, tmp_path):
    built = grid(*EXCLUDE)
    write_all(built, tmp_path)
    current = {film.path for film in previews.films(built).values()}
    films = page_data(built, survey(built.cells), plan(built).values(), current)["films"]
    assert set(films) == {"0,0,0", "0,1,0", "1,0,0"}
    with Image.open(tmp_path / "results" / films["0,0,0"]) as film:
        assert film.n_frames == 3
    short = grid("IMG_2/s1/*-10")  # three frames would be left of four, but two of three
    assert len(previews.films(short)) == 4
    assert len(previews.films(grid("IMG_2/s1/*-10", weights=(1, 10, 100)))) == 3


def test_positions_on_the_page_are_those_of_the_whole_grid(grid, tmp_path):
    def positions(built):
        write_all(built, tmp_path)
        data = page_data(built, survey(built.cells), plan(built).values(), set())
        return {cell["id"]: (cell["content"], cell["style"], *cell["axes"]) for cell in data["cells"]}

    whole, part = positions(grid()), positions(grid(*EXCLUDE))
    assert len(whole) == 16 and len(part) == 16 - LEFT_OUT
    assert part.items() <= whole.items()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("style weight 1", "style weight 1"), ("Café Zürich", "Cafe Zurich"), ("猫 ä", "? a")],
)
def test_a_text_without_letters_in_any_font_is_spelled_with_others(monkeypatch, text, expected):
    monkeypatch.setattr(fonts, "SYSTEM_FONTS", ("no-such-font.ttf",))
    assert fonts.fitting(text)[0] == expected


def test_the_page_has_labels_and_empty_tiles(tmp_path_factory, opened, monkeypatch):
    folder = tmp_path_factory.mktemp("left out")
    monkeypatch.chdir(folder)
    draw_picture(folder / f"Fotos ü/{ODD}.png")
    write_all(build(folder, EXCLUDE), folder)
    browser = opened(folder, "#style_weight=1")
    heads = browser.execute_script(
        "return [...document.querySelectorAll('#grid th[scope=row] span')].map((e) => e.textContent)"
    )
    assert heads == ["Café Zürich", "IMG_2", ODD]
    empty = "[...document.querySelectorAll('#grid td .left-out')].filter((e) => e.checkVisibility())"
    tiles = "[...document.querySelectorAll('#grid td .tile')].filter((e) => e.checkVisibility())"
    counts = f"return [{empty}.length, {tiles}.length]"
    assert browser.execute_script(counts) == [2, 4]
    slider = find(browser, "#tools input[type=range]")
    slider.send_keys("\ue010")  # End
    assert browser.execute_script(counts) == [1, 5]
    browser.execute_script(f"{tiles}[0].click()")
    assert text(browser, "#cell-title").startswith("Café Zürich/s1")
    wait(browser, "document.querySelector('.curve path.total') !== null")  # its script was found
    wait(
        browser,
        "[...document.querySelectorAll('#cell .stage img[src]')].every(i => i.naturalWidth)",
    )
    for _ in range(5):  # the last step would be to the cell that is left out
        find(browser, "#cell").send_keys("\ue008\ue012")
    assert "style weight 10" in text(browser, "#cell-title").split("/")[1]
    assert "style weight 100" not in text(browser, "#cell-title")


def test_a_head_that_no_font_can_write_has_its_safe_name(monkeypatch):
    monkeypatch.setattr(fonts, "SYSTEM_FONTS", ())
    assert fonts.fitting("猫 ä", "a-123") == ("a-123", "")
    assert fonts.fitting("cat", "a-123") == ("cat", "")
