"""Pictures by other programs on the page, in a real browser."""

import shutil

import pytest
from browser import complaints_of, find, press, text, wait
from conftest import draw_picture
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

LEFT, RIGHT, DOWN, ESCAPE = "\ue012", "\ue014", "\ue015", "\ue00c"  # as in selenium's Keys
AXES = {"pooling": ["max", "avg"], "style_weight": [1, 10]}
BY_WEIGHT = "#view=grid&x=style_weight&y=style&pooling=avg"


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (axes) -> the folder of a page; of four pictures of a tool, one has another shape."""
    monkeypatch.chdir(tmp_path)

    def build(axes):
        names = ("tool", "nowhere")  # the other one has no picture at all
        more = {"external": {name: name + "/{content}_{style}.png" for name in names}}
        grid = build_grid(tmp_path, ["c", "d"], ["s", "t"], axes, balanced, (60, 40), more=more)
        (tmp_path / "tool").mkdir()
        shutil.copy(grid.cells[0].picture, tmp_path / "tool/c_s.png")
        draw_picture(tmp_path / "tool/d_s.png", (20, 50), seed=5)
        write_gallery(grid, tmp_path / "results/index.html")
        return tmp_path

    return build


def finds(browser, selector):
    return browser.find_elements("css selector", selector)


def heads(browser):
    return [one.text for one in finds(browser, "#grid thead th")]


def test_they_are_columns_that_follow_the_main_axis(make, opened):
    browser = opened(make(AXES), BY_WEIGHT)
    assert text(browser, "#count") == "16 images + 2 by another program"
    assert heads(browser) == ["1", "10", "made by tool"]
    wait(browser, "document.querySelectorAll('#grid td .tile').length === 6")
    marks = [one.text for one in finds(browser, "#grid .maker-mark") if one.is_displayed()]
    assert marks == []  # the head of the column says it
    browser.get(browser.current_url.split("#")[0] + "#view=grid&style_weight=made+by+tool")
    wait(browser, "document.querySelectorAll('#grid td .tile').length === 4")
    marks = [one.text for one in finds(browser, "#grid .maker-mark") if one.is_displayed()]
    assert marks == ["made by tool"] * 2
    hole = find(browser, "#grid .tile[aria-label='c in the style of t, made by tool, absent']")
    assert hole.text.splitlines() == ["absent", "tool/c_t.png does not exist"]
    assert not any(one.is_displayed() for one in finds(browser, "#grid .heart"))
    assert complaints_of(browser) == []


def test_a_long_name_of_a_program_takes_one_line(make, opened):
    browser = opened(make(AXES), "#view=images")
    lines = "[...document.querySelectorAll('#images .maker-mark')].map(m => m.offsetHeight)"
    before = browser.execute_script(f"return {lines}")
    browser.execute_script(
        "for (const one of nst.externals) one.maker = 'made by somebody '.repeat(9); filtered()"
    )
    assert browser.execute_script(f"return {lines}") == before and len(before) == 2


def test_the_first_look_is_at_the_images_made_here(make, opened):
    """The middle one, and one tool more would move it."""
    browser = opened(make({"style_weight": [1, 10]}))
    assert text(browser, ".control output") == "1"


def test_a_slider_stays_one_and_the_programs_stand_beside_it(make, opened):
    browser = opened(make({"style_weight": [1, 10, 100]}))
    assert [one.text for one in finds(browser, ".control .segments button")] == ["made by tool"]
    slider = find(browser, ".control input[type='range']")
    assert slider.get_attribute("max") == "2"
    slider.send_keys(RIGHT)
    assert text(browser, ".control output") == "100"
    find(browser, ".control .segments button").click()
    wait(browser, "grid.active.tile.button.cell.maker")
    assert text(browser, ".control output") == ""
    slider.click()  # where it stands
    wait(browser, "!grid.active.tile.button.cell.maker")
    find(browser, ".control .segments button").click()
    press(browser, LEFT)
    wait(browser, "!grid.active.tile.button.cell.maker && state.at[2] === 2")
    assert complaints_of(browser) == []


def test_one_opens_without_what_only_images_made_here_have(make, opened):
    folder = make(AXES)
    browser = opened(folder, f"{BY_WEIGHT}&cell=c/s/pooling-avg_style_weight-10")
    press(browser, "d")
    assert find(browser, "#cell .again").is_displayed()
    press(browser, RIGHT)
    wait(browser, "document.querySelector('#cell-title').textContent === 'c/s made by tool'")
    remark = "not here: it has no settings, losses or record"
    wait(browser, f"document.querySelector('#cell .panel').innerText.includes('{remark}')")
    for part in (".again", ".curve", ".note", ".pair-figure", "#cell .heart"):
        assert not any(one.is_displayed() for one in finds(browser, part)), part
    href = find(browser, "#cell .panel a.button").get_attribute("href")
    assert href.endswith("results/gallery/external/c/s/tool.png")
    assert (folder / "results/gallery/external/c/s/tool.png").is_file()
    # It has no place on the other axis; the way back leads to where one came from.
    controls = [one for one in finds(browser, "#cell .foot .choice") if one.is_displayed()]
    assert len(controls) == 1
    press(browser, "f")
    assert not find(browser, "#said").text
    press(browser, LEFT)
    wait(browser, "document.querySelector('#cell-title').textContent.includes('avg, style weight 10')")
    assert complaints_of(browser) == []


def test_another_shape_is_said_and_an_absent_one_opens_with_its_reason(make, opened):
    browser = opened(make(AXES), f"{BY_WEIGHT}&cell=d/s/tool")
    press(browser, "d")
    assert "another shape than its content (20 x 50 pixels, its content is " in text(browser, ".panel")
    press(browser, DOWN)
    wait(browser, "document.querySelector('#cell-title').textContent === 'd/t made by tool'")
    assert text(browser, ".why h3") == "absent"
    assert "tool/d_t.png does not exist" in text(browser, ".why")
    assert not find(browser, ".panel").is_displayed()
    assert not find(browser, ".why a").is_displayed()
    browser.execute_script("details.clear(); loading.clear(); openCell(state.open)")
    wait(browser, "new Promise((done) => setTimeout(() => done(true), 300))")
    assert text(browser, ".why") == "absent\ntool/d_t.png does not exist"


def test_they_are_among_the_images_and_compared(make, opened):
    pins = "&pins=c/s/tool&pins=c/s/pooling-max_style_weight-1&compare=1"
    browser = opened(make(AXES), f"#view=images{pins}")
    parts = [one.text for one in finds(browser, "#compare .differs") if one.is_displayed()]
    assert parts[0].startswith("made by tool") and "loss" not in parts[0]
    assert parts[1].startswith("pooling max · style weight 1")
    press(browser, ESCAPE)
    assert "18 of 18 images; 2 of them by other programs" in text(browser, "#tools [role=status]")
    assert len(finds(browser, "#images .maker-mark")) == 2


def test_a_grid_without_axes_has_one_for_them(make, opened):
    browser = opened(make(None), "#view=grid&x=made_by&y=style")
    assert text(browser, "#count") == "4 images + 2 by another program"
    assert heads(browser) == ["made here", "made by tool"]
    find(browser, "#grid .tile[aria-label='c in the style of s, made here']")
    assert complaints_of(browser) == []


def test_measured_ones_stand_in_the_plot_with_a_mark_of_their_own(make, opened):
    browser = opened(make(AXES), "#view=plot")
    browser.execute_script(
        "picturesThere().forEach((one, n) => { one.metrics = { lpips: n, style_distance: 9 - n } });"
        "filtered()"
    )
    marks = "return [plot.lists.up.value, document.querySelectorAll('#plot .figure .mark').length]"
    assert browser.execute_script(marks) == ["style_distance", 18]
    assert text(browser, "#plot .legend").split("\n")[:3] == ["1", "10", "made by tool"]
    browser.execute_script("state.plot.colour = 'pooling'; filtered()")
    assert text(browser, "#plot .legend").split("\n")[:3] == ["by other programs", "max", "avg"]
    assert browser.execute_script(marks)[1] == 18 and complaints_of(browser) == []
