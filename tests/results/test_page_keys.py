"""The keys of the page, and the list of them, in a real browser."""

import pytest
from browser import emulate_phone, find, press, text, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

ESCAPE, RIGHT = "\ue00c", "\ue014"


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
    browser = opened(folder)
    entries = browser.execute_script("return KEYS.map(k => [k.place, k.names.join(), k.text])")
    assert len(entries) > 3 and all(all(entry) for entry in entries)


def test_a_touch_screen_shows_no_hint_of_keys(folder, opened):
    browser = opened(folder)
    assert find(browser, ".head .keys-button").is_displayed()
    with emulate_phone(browser):
        assert not find(browser, ".head .keys-button").is_displayed()
        assert "←" not in text(browser, "body")
