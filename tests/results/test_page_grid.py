"""The grid of the page in a real browser: what stands where, what is hidden, how large it is."""

import pytest
from browser import complaints_of, find, press, text, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")


def heads(browser, scope):
    return browser.execute_script(
        "return [...document.querySelectorAll(`#grid th[scope=${arguments[0]}] .hider`)]"
        ".map(head => head.innerText.trim())",
        scope,
    )


def tiles(browser):
    """The ids of the cells of the grid, row by row."""
    return browser.execute_script("return [...grid.spots.values()].map(s => cellOf(s)?.id ?? null)")


def place(browser, name, value):
    browser.execute_script(
        "const list = document.querySelector(`[data-place=${arguments[0]}]`);"
        "list.value = arguments[1]; list.dispatchEvent(new Event('change'));", name, value,
    )  # fmt: skip


def test_the_reader_places_dimensions_and_the_others_have_controls(varied_page, opened):
    browser = opened(varied_page)
    assert heads(browser, "col") == ["strokes", "glass", "marble"]
    assert heads(browser, "row") == ["c", "d"]
    controls = browser.find_elements("css selector", ".controls [data-axis]")
    assert [one.get_attribute("data-axis") for one in controls] == ["style_weight", "pooling"]
    assert find(browser, "[data-axis=style_weight]").tag_name == "input"
    place(browser, "x", "style_weight")
    assert heads(browser, "col") == ["1", "10", "100"]
    place(browser, "y", "style_weight")  # which changes places with the content
    assert heads(browser, "row") == ["1", "10", "100"] and heads(browser, "col") == ["c", "d"]
    find(browser, "[data-axis=pooling] button:nth-of-type(2)").click()
    assert all("pooling-avg" in name for name in tiles(browser))
    assert {name.split("/")[1] for name in tiles(browser)} == {"strokes"}
    assert complaints_of(browser) == []


def test_a_grid_of_grids_has_heads_for_both_and_no_tile_of_what_is_left_out(varied_page, opened):
    browser = opened(varied_page, "#superx=pooling&supery=style_weight")
    assert heads(browser, "colgroup") == ["pooling max", "pooling avg"]
    assert heads(browser, "rowgroup") == ["style weight 1", "style weight 10", "style weight 100"]
    assert heads(browser, "col") == ["strokes", "glass", "marble"] * 2
    shown = tiles(browser)
    assert len(shown) == 6 * 6 and len(set(shown)) == 35
    at = 3 * 6 + 1  # the second row of grids, its second row, its second column
    assert shown[at] is None and shown[at - 6] == "c/glass/style_weight-10_pooling-max_size-64"
    assert shown[3] == "c/strokes/style_weight-1_pooling-avg_size-64"


def test_heads_hide_values_everywhere_and_a_press_shows_them_again(varied_page, opened):
    browser = opened(varied_page)
    find(browser, "#grid th[scope=col]:nth-child(3) .hider").click()
    assert heads(browser, "col") == ["strokes", "marble"]
    assert wait(browser, "location.hash.includes('hide=style%3Aglass')")
    browser.refresh()
    assert heads(browser, "col") == ["strokes", "marble"]
    find(browser, "#to-images").click()
    assert text(browser, "#tools [role=status]") == "24 of 34 images"
    find(browser, "#to-grid").click()
    find(browser, "#tools .chip").click()
    assert heads(browser, "col") == ["strokes", "glass", "marble"]
    for _ in range(3):  # the last one stays
        find(browser, "#grid th[scope=row] .hider").click()
    assert heads(browser, "row") == ["d"]
    find(browser, "#tools .chip:last-child").click()
    assert heads(browser, "row") == ["c", "d"]


def test_names_are_found_in_each_dimension_that_has_them(varied_page, opened):
    browser = opened(varied_page)
    find(browser, "#tools .find").send_keys("STR marb")
    assert heads(browser, "col") == ["strokes", "marble"] and heads(browser, "row") == ["c", "d"]
    assert wait(browser, "location.hash.includes('find=STR+marb')")
    find(browser, "#tools .find").send_keys(" xyz")
    assert "“xyz”" in text(browser, "#tools [role=status]")


def test_all_that_is_chosen_is_in_the_address(varied_page, opened):
    browser = opened(varied_page)
    browser.execute_script(
        "setPlace('x', 'style_weight'); setPlace('superx', 'pooling'); state.tiles = 'S';"
        "hide(dimensions[2], [1]); state.at[1] = 2; setField('sort', 'by-style');"
        "setField('down', '1'); setField('most', '3'); showFields(); changed(); writeNow()"
    )
    facts = (
        "return JSON.stringify([state.places, state.tiles, [...state.hidden.get('style_weight')],"
        " state.at[1], state.fields, tools.sort.value, tools.down.value, tools.most.value])"
    )
    before, address = browser.execute_script(facts), browser.current_url
    browser.get("about:blank")
    browser.back()
    assert wait(browser, "document.querySelectorAll('#grid th[scope=col]').length") == 4
    assert browser.execute_script(facts) == before
    browser = opened(varied_page, address[address.index("#") :])
    assert browser.execute_script(facts) == before
    assert text(browser, ".corner").startswith("marble")


@pytest.mark.parametrize("hash", [
    "#x=&y=nonsense&superx=style&supery=style&tiles=XXL&hide=&hide=style&hide=style:none&hide=moon:1",
    "#superx=content&supery=content&x=content&y=content&sort=moon&by=moon&only=moon&least=x&view=moon",
    "#x=size&superx=size&pooling=min&content=moon",
])  # fmt: skip
def test_an_address_that_makes_no_sense_shows_a_grid(varied_page, opened, hash):
    browser = opened(varied_page, hash)
    assert wait(browser, "document.querySelectorAll('#grid .tile').length")
    places = browser.execute_script("return Object.values(state.places)")
    assert len([one for one in places if one]) == len({one for one in places if one})
    assert places[0] and places[1] and complaints_of(browser) == []


def test_one_content_shows_styles_by_weights_and_one_image_fills_the_window(
    tmp_path, monkeypatch, opened
):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["c"], ["s", "t"], {"style_weight": [1, 10]}, balanced)
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path)
    assert heads(browser, "col") == ["1", "10"] and heads(browser, "row") == ["s", "t"]
    assert text(browser, ".corner").startswith("c")
    assert browser.find_elements("css selector", ".controls input") == []
    browser = opened(tmp_path, "#hide=style:s&hide=style_weight:1", width=1400, height=900)
    box = find(browser, "#grid .spot").rect
    assert box["height"] > 450 and box["width"] > 600


def test_a_step_goes_past_what_is_hidden_and_left_out(varied_page, opened):
    browser = opened(varied_page, "#hide=style:strokes")
    step = "const c = stepAlong(byId.get(arguments[0]), arguments[1], arguments[2]); return c && c.id"
    along = lambda *given: browser.execute_script(step, *given)  # noqa: E731
    name = "{}/{}/style_weight-{}_pooling-max_size-64".format
    assert along(name("c", "marble", 1), "x", -1) == name("c", "glass", 1)
    assert along(name("c", "glass", 1), "x", -1) is None
    assert along(name("d", "glass", 1), "style_weight", 1) == name("d", "glass", 100)
    assert along(name("c", "glass", 10), "y", 1) is None
    assert along(name("c", "glass", 1), "superx", 1) is None
    assert along(name("c", "glass", 1), "pooling", 1) == name("c", "glass", 1).replace("max", "avg")


def test_tiles_are_walked_by_keyboard_and_moved_along_what_has_a_control(varied_page, opened):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser = opened(varied_page, "#style_weight=1")
    wait(browser, "document.querySelector('#grid .tile')")
    assert len(browser.find_elements("css selector", "#grid .tile[tabindex='0']")) == 1
    browser.execute_script("document.querySelector('#grid .tile').focus()")
    here = "return document.activeElement.cell.id"
    press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    assert browser.execute_script(here) == "d/marble/style_weight-1_pooling-max_size-64"
    browser.execute_script("state.at[2] = 2; showGrid()")
    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ARROW_LEFT).key_up(Keys.SHIFT).perform()
    assert browser.execute_script("return state.at[2]") == 1
    press(browser, Keys.ENTER)
    assert "d/marble" in text(browser, "#cell-title")


def test_two_thousand_images_are_built_as_they_come_into_sight(huge_page, opened):
    browser = opened(huge_page, width=1440, height=900)
    assert wait(browser, "document.querySelectorAll('#grid .tile img').length") < 500
    assert len(browser.find_elements("css selector", "#grid tbody td")) == 2000
    assert text(browser, ".beyond.right").split()[1] == "more"
    browser.execute_script("scrollTo(document.documentElement.scrollWidth, 1e6)")
    assert wait(browser, "grid.spots.size === 2000 && [...grid.spots.values()].at(-1).tile") is not None
    top, left = browser.execute_script(
        "const box = (s) => document.querySelector(s).getBoundingClientRect();"
        "return [box('#grid thead').top - box('#tools').bottom,"
        " box('#grid tbody tr:last-child th').left]"
    )
    assert abs(top) <= 2 and 0 <= left < 60  # heads stay in sight
    find(browser, "#tools .find").send_keys("c42 s07")
    assert heads(browser, "row") == ["c42"] and heads(browser, "col") == ["s07"]


def test_the_grid_begins_high_and_two_rows_are_seen_at_once(varied_page, opened):
    browser = opened(varied_page, width=1440, height=900)
    corners = (
        "const rows = [...document.querySelectorAll('#grid tbody tr')];"
        "const box = (row) => row.querySelector('.tile').getBoundingClientRect();"
        "return [box(rows[0]).top, box(rows[1]).bottom, innerHeight, box(rows[0]).width]"
    )
    wait(browser, "document.querySelectorAll('#grid .tile').length === 6")
    top, bottom, height, width = browser.execute_script(corners)
    assert top < 330 and bottom <= height
    find(browser, "[aria-controls=filters]").click()
    assert browser.execute_script(corners)[3] == width  # what is unfolded does not make them smaller
    browser.execute_script("showGrid()")
    assert browser.execute_script(corners)[3] == width


def test_what_arranges_the_grid_is_folded_until_the_reader_unfolds_it(varied_page, opened):
    browser = opened(varied_page)
    shown = "return [...document.querySelectorAll('[data-place]')].every(one => one.checkVisibility())"
    assert not browser.execute_script(shown)
    find(browser, "#to-images").click()
    assert not find(browser, "#filters").is_displayed()
    find(browser, "#to-grid").click()
    find(browser, "[aria-controls=filters]").click()
    assert browser.execute_script(shown)
    browser.refresh()
    assert browser.execute_script(shown)
    browser = opened(varied_page, "#x=style_weight")
    assert browser.execute_script(shown)
    browser = opened(varied_page, "#view=images&most=3")
    assert find(browser, "#filters").is_displayed()


@pytest.mark.parametrize("width", [1440, 2560])
def test_a_grid_that_fits_fills_the_width_and_scrolls_one_way(varied_page, opened, width):
    browser = opened(varied_page, "#superx=pooling", width=width, height=1000)
    table = browser.execute_script(
        "return document.querySelector('#grid table').getBoundingClientRect().width"
    )
    page = browser.execute_script("return document.documentElement.clientWidth")
    assert 0.85 * page < table <= page
    assert browser.execute_script("return document.documentElement.scrollWidth") <= page
