"""The keys of the page, and the list of them, in a real browser."""

import pytest
from browser import emulate_phone, find, press, text, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

ESCAPE, LEFT, RIGHT = "\ue00c", "\ue012", "\ue014"
HEARTS = "return [...favourites.ids]"
OPEN = "#x=style&y=content&style_weight=1&cell=c/s/style_weight-1"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["c"], ["s", "t"], {"style_weight": [1, 10]}, balanced)
    write_gallery(grid, tmp_path / "results/index.html")
    return tmp_path


def listed(browser):
    return dict(
        browser.execute_script(
            "return [...document.querySelector('#keys dl').querySelectorAll('dt')].map(t =>"
            " [t.innerText.replace(/\\s+/g, ' '), t.nextSibling.innerText])"
        )
    )


def test_the_list_of_keys_is_opened_and_closed_by_keys_and_says_what_works_here(folder, opened):
    browser = opened(folder, "#x=style&y=content")
    press(browser, "?")
    assert wait(browser, "keyList.open")
    assert listed(browser)["← →"] == "along the first slider above the grid"
    press(browser, RIGHT)  # nothing moves beneath the list
    assert browser.execute_script("return state.at[2] === start().at[2]")
    press(browser, ESCAPE)
    assert wait(browser, "!keyList.open")
    find(browser, "#grid .tile").click()
    find(browser, "#cell .keys-button").click()
    assert listed(browser)["Esc"] == "close"
    press(browser, ESCAPE)
    assert browser.execute_script("return dialog.open && !keyList.open")


def test_every_key_of_the_list_has_a_text(folder, opened):
    browser = opened(folder, "#x=style&y=content")
    entries = browser.execute_script(
        "return KEYS.filter((k) => k.when() || !(k.text instanceof Function))"
        ".map((k) => [k.place, k.names.join(), k.text instanceof Function ? k.text() : k.text])"
    )
    assert len(entries) > 3 and all(all(entry) for entry in entries)


def test_no_key_has_two_meanings_where_it_works(folder, opened):
    """Arrows move the focus in the grid if an image has it, and otherwise the first slider."""
    browser = opened(folder, "#x=style&y=content")
    twice = """
        const places = {
          grid: () => {},
          cell: () => openCell(nst.cells[0]),
          compare: () => { dialog.close(); openCompare(); showSolo(0); },
        };
        for (const cell of nst.cells) cell.print = { ...cell, picture: "p", record: "r", settings: {} };
        state.pins = nst.cells.slice(0, 2);
        return Object.entries(places).flatMap(([place, go]) => {
          go();
          if (place === "cell") toggleWiper(true);
          const here = KEYS.filter((key) => [place, "everywhere"].includes(key.place) && key.when());
          const names = here.flatMap((key) => key.names);
          return [place, ...names.filter((name, n) => names.indexOf(name) !== n)];
        })
    """
    assert browser.execute_script(twice) == ["grid", "ArrowLeft", "ArrowRight", "cell", "compare"]


def test_a_run_leaves_the_note_to_the_one_who_writes_it(folder, opened):
    browser = opened(folder, OPEN)
    press(browser, "n", "for the ")
    browser.execute_script("put({[state.open.id]: {state: 'running', reason: 'r'}}, {})")
    assert wait(browser, "document.querySelector('.why').checkVisibility()")
    press(browser, "off")
    assert find(browser, "#cell .note").get_attribute("value") == "for the off"
    assert browser.execute_script(HEARTS) == ["c/s/style_weight-1"]
    for part in ("#cell .facts", "#cell .curve", "#cell .pin"):
        assert not find(browser, part).is_displayed(), part
    news = "hearStranger({ base: 'another' })"
    assert browser.execute_script(f"{news}; return {news}") == [False, 3000]  # asks again later
    press(browser, "!")
    assert find(browser, "#cell .note").get_attribute("value") == "for the off!"
    press(browser, ESCAPE)
    browser.execute_script(f"window.sameAsBefore = true; {news}")
    assert wait(browser, "window.sameAsBefore === undefined && document.readyState === 'complete'")


def test_escape_in_a_field_of_an_image_leaves_the_field_and_not_the_image(folder, opened):
    browser = opened(folder, OPEN)
    press(browser, "n", "seen", ESCAPE)
    press(browser, "w")
    browser.execute_script("open.which.focus()")
    press(browser, ESCAPE)
    assert browser.execute_script("return dialog.open && document.activeElement === dialog")
    press(browser, ESCAPE)
    assert wait(browser, "!dialog.open")


def test_after_a_press_of_the_slider_arrows_move_the_image_again(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, OPEN)
    slider = find(browser, "#cell .foot input[type=range]")
    edge = slider.size["width"] // 2 - 8
    ActionChains(browser).move_to_element_with_offset(slider, edge, 0).click().perform()
    assert browser.execute_script("return state.open.id") == "c/s/style_weight-10"
    press(browser, RIGHT)
    assert browser.execute_script("return state.open.id") == "c/t/style_weight-10"
    slider.send_keys(LEFT)  # by the keyboard the slider keeps the focus
    assert browser.execute_script("return state.open.id") == "c/t/style_weight-1"
    assert browser.execute_script("return document.activeElement.type") == "range"


def test_f_and_p_are_for_what_came_last_the_pointer_or_the_focus(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, "#x=style&y=content&style_weight=1")
    wait(browser, "document.querySelectorAll('#grid .tile').length === 2")
    one, other = browser.find_elements("css selector", "#grid .tile")
    one.click()
    press(browser, ESCAPE)
    assert wait(browser, "!dialog.open")
    ActionChains(browser).move_to_element(other).perform()
    press(browser, "f", "p")
    pinned = "return state.pins.map((cell) => cell.id)"
    assert browser.execute_script(HEARTS) == browser.execute_script(pinned) == ["c/t/style_weight-1"]
    press(browser, RIGHT, LEFT, "p")
    assert browser.execute_script(pinned) == ["c/t/style_weight-1", "c/s/style_weight-1"]


def test_f_and_p_are_for_the_image_of_a_comparison_that_is_seen_alone(folder, opened):
    pins = "".join(
        f"&pins=c/{name}" for name in ("s/style_weight-1", "t/style_weight-1", "t/style_weight-10")
    )
    browser = opened(folder, f"#compare=1{pins}")
    press(browser, "f", "2", "f")
    assert browser.execute_script(HEARTS) == ["c/t/style_weight-1"]
    press(browser, "p")
    assert browser.execute_script("return state.pins.length") == 2


def test_a_touch_screen_shows_no_hint_of_keys(folder, opened):
    browser = opened(folder)
    assert find(browser, ".head .keys-button").is_displayed()
    with emulate_phone(browser):
        assert not find(browser, ".head .keys-button").is_displayed()
        assert "←" not in text(browser, "body")
