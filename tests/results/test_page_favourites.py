"""Hearts and notes on the page, in a real browser."""

import subprocess

import pytest
import yaml
from browser import find, nameless_of, press, text, wait

pytest.importorskip("selenium")

HEARTS = "return [...favourites.ids]"


def test_a_heart_stays_until_the_page_is_opened_again(small_page, opened):
    browser = opened(small_page, "#style_weight=1e4")
    find(browser, "#grid .heart").click()
    assert text(browser, "#said") == "Favourite; 1 in all"
    browser.refresh()
    assert browser.execute_script(HEARTS) == ["c1/s1/style_weight-1e4"]
    heart = find(browser, "#grid .heart")
    assert heart.get_attribute("aria-pressed") == "true"
    assert heart.get_attribute("aria-label") == "Favourite: c1 in the style of s1, style weight 1e4"
    find(browser, "#to-images").click()
    browser.execute_script("setField('only', 'favourite')")
    assert text(browser, "#tools [role=status]") == "1 of 4 images"
    find(browser, "#images .heart").click()
    assert text(browser, "#tools [role=status]") == "0 of 4 images"
    browser.refresh()
    assert browser.execute_script(HEARTS) == []


def test_f_is_the_key_of_the_heart(small_page, opened):
    browser = opened(small_page, "#x=style&style_weight=1e4")
    press(browser, "f")
    assert browser.execute_script(HEARTS) == []  # no tile has the focus
    browser.execute_script("document.querySelectorAll('#grid .tile')[1].focus()")
    press(browser, "f")
    assert browser.execute_script(HEARTS) == ["c2/s1/style_weight-1e4"]
    browser.execute_script("openCell(byId.get('c1/s1/style_weight-1e4'))")
    press(browser, "f")
    assert len(browser.execute_script(HEARTS)) == 2
    assert find(browser, "#cell .heart").get_attribute("aria-pressed") == "true"
    press(browser, "f")
    browser.execute_script("dialog.close()")
    wait(browser, "document.activeElement.cell?.id === 'c1/s1/style_weight-1e4'")
    browser.execute_script("document.querySelectorAll('#grid .tile')[1].focus()")
    press(browser, "f")
    assert browser.execute_script(HEARTS) == []


def test_another_window_is_followed_and_not_overwritten(small_page, opened):
    browser = opened(small_page)
    other = "JSON.stringify({ids: ['c1/s1/style_weight-1e5'], notes: []})"
    browser.execute_script(f"localStorage.setItem(KEPT_AS, {other})")
    browser.execute_script("toggleFavourite(byId.get('c2/s1/style_weight-1e5'))")
    assert browser.execute_script(HEARTS) == ["c1/s1/style_weight-1e5", "c2/s1/style_weight-1e5"]


def test_hearts_work_where_the_browser_keeps_nothing_and_it_says_so_once(small_page, opened):
    browser = opened(small_page)
    browser.execute_script(
        "Storage.prototype.setItem = () => { throw new DOMException('no', 'QuotaExceededError'); };"
        "toggleFavourite(nst.cells[0])"
    )
    assert "does not keep favourites" in text(browser, "#said")
    browser.execute_script("toggleFavourite(nst.cells[1])")
    assert text(browser, "#said") == "Favourite; 2 in all"
    assert len(browser.execute_script(HEARTS)) == 2


def test_a_browser_that_refuses_its_storage_is_no_obstacle(small_page, opened):
    browser = opened(small_page)
    refuse = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } });"
    )
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": refuse})
    browser.refresh()
    find(browser, "#grid .heart").click()
    assert "does not keep favourites" in text(browser, "#said")
    browser.execute_script("toggleFavourite(nst.cells[3])")
    assert text(browser, "#said") == "Favourite; 2 in all"


@pytest.mark.parametrize(
    "odd", ["{", "null", "[]", '"x"', '{"ids": 5, "notes": {"a": 1}}', '{"ids": [1]}']
)
def test_what_the_storage_holds_is_not_trusted(small_page, opened, odd):
    browser = opened(small_page)
    browser.execute_script("localStorage.setItem(KEPT_AS, arguments[0])", odd)
    browser.refresh()
    assert wait(browser, "document.querySelector('#grid .heart') !== null")
    assert browser.execute_script(HEARTS) == []


def test_a_note_makes_a_favourite_and_comes_back_with_its_heart(small_page, opened):
    browser = opened(small_page, "#view=images&cell=c1/s1/style_weight-1e4")
    press(browser, "n", "the best: #1")
    assert browser.execute_script(HEARTS) == ["c1/s1/style_weight-1e4"]
    assert find(browser, "#cell .heart").get_attribute("aria-pressed") == "true"
    browser.refresh()
    assert find(browser, "#cell .note").get_attribute("value") == "the best: #1"
    press(browser, "f", "f")
    assert browser.execute_script(HEARTS) == ["c1/s1/style_weight-1e4"]
    browser.execute_script("dialog.close()")
    assert text(browser, "#to-favourites") == "Favourites1"
    find(browser, "#to-favourites").click()
    note = find(browser, "#favourites .note")
    assert note.get_attribute("value") == "the best: #1"
    assert note.get_attribute("aria-label") == "Note on c1 in the style of s1, style weight 1e4"


def test_what_was_removed_comes_back_in_its_place(small_page, opened):
    browser = opened(small_page, "#view=favourites")
    assert "No favourites yet" in text(browser, "#favourites .empty")
    assert not find(browser, "#favourites .strong").is_enabled()
    browser.execute_script("for (const cell of nst.cells) setNote(cell.id, `note ${cell.number}`)")
    ids = browser.execute_script(HEARTS)
    assert len(browser.find_elements("css selector", "#favourites figure")) == len(ids) == 4
    find(browser, "#favourites > .buttons button:last-of-type").click()
    assert browser.execute_script("return [favourites.ids.size, favourites.notes.size]") == [0, 0]
    browser.execute_script("setNote(nst.cells[2].id, 'later')")
    find(browser, "#favourites .undo button").click()
    assert browser.execute_script(HEARTS) == ids
    notes = browser.execute_script("return nst.cells.map((cell) => noteOf(cell.id))")
    assert notes == ["note 0", "note 1", "later", "note 3"]


def test_the_list_is_used_by_keyboard_alone(small_page, opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(small_page, "#view=favourites")
    browser.execute_script("nst.cells.forEach(toggleFavourite)")
    browser.execute_script("document.querySelectorAll('#favourites .tile')[1].focus()")
    press(browser, "f")
    assert len(browser.execute_script(HEARTS)) == 3
    focused = "return document.activeElement.closest('figure')?.dataset.cell"
    assert browser.execute_script(focused) == browser.execute_script(HEARTS)[1]
    press(browser, Keys.TAB, "f is typed")
    assert browser.execute_script("return document.activeElement.value") == "f is typed"
    assert len(browser.execute_script(HEARTS)) == 3
    assert nameless_of(browser) == []
    find(browser, "nav a:last-child").send_keys(Keys.TAB)
    press(browser, Keys.ENTER)
    assert find(browser, "#large").is_displayed()


def test_make_these_large_says_what_to_write_and_how_long_it_takes(small_page, opened):
    browser = opened(small_page, "#view=favourites")
    browser.execute_script("nst.cells.slice(0, 2).forEach(toggleFavourite)")
    find(browser, "#favourites .strong").click()
    yaml_text = text(browser, "#large pre")
    assert yaml.safe_load(yaml_text) == {
        "prints": {
            "settings": {"size": 1024, "evaluations": 200},
            "cells": ["c1/s1/style_weight-1e4", "c1/s1/style_weight-1e5"],
        }
    }
    size = find(browser, "#large input")
    size.clear()
    size.send_keys("1000")
    assert "size: 1000" in text(browser, "#large pre")
    assert "snakemake -n prints gives a better" in text(browser, "#large > p")
    size.clear()
    size.send_keys("10")
    assert "A print must be larger than its image" in text(browser, "#large > p")
    assert (
        browser.execute_script("return firstSize([{ size: [1000, 3000] }, { size: [5, 5] }])") == 6000
    )
    browser.execute_script("nst.cells.slice(2).forEach(toggleFavourite)")
    prints = yaml.safe_load(text(browser, "#large pre"))["prints"]
    assert prints["cells"] == browser.execute_script(HEARTS)
    seconds = browser.execute_script(
        "const cell = { size: [100, 50], seconds: 10, evaluations: 20 };"
        "return printSeconds([cell], { size: 200, evaluations: 40 })"
    )
    assert seconds == 80  # four times the pixels, twice the evaluations


def test_the_cp_commands_copy_every_favourite_to_a_name_of_its_own(small_page, opened, tmp_path):
    browser = opened(small_page, "#view=favourites")
    odd = ["a_b/c/only", "a/b_c/only", "A/B_C/only", "it's/x y/$(z)"]
    for name in odd:
        path = tmp_path / f"results/cells/{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    cells = [{"id": name} for name in odd]
    cells[0]["print"] = {"picture": "prints/large.png"}
    (tmp_path / "results/prints").mkdir()
    (tmp_path / "results/prints/large.png").write_text("large")
    commands = browser.execute_script("return copyCommands(arguments[0])", cells)
    subprocess.run(["sh", "-euc", commands], cwd=tmp_path, check=True)
    assert sorted(path.read_text() for path in (tmp_path / "favourites").iterdir()) == sorted(
        [*odd, "large"]
    )
    browser.execute_script("nst.cells.forEach(toggleFavourite)")
    find(browser, "#favourites > .buttons button:nth-of-type(2)").click()
    shown = text(browser, "#favourites .panel-box:not(#large) pre").splitlines()
    assert shown[0] == "mkdir -p favourites" and len(shown) == 5


def test_hearts_are_at_hand_on_a_phone(small_page, opened):
    browser = opened(small_page, width=390, height=844)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "hover", "value": "none"}]}
    )
    heart = "getComputedStyle(document.querySelector('#grid .heart'))"
    assert browser.execute_script(f"return [{heart}.opacity, {heart}.width]") == ["1", "36px"]
    find(browser, "#grid .heart").click()
    find(browser, "#to-favourites").click()
    browser.execute_script("liked.large.button.click()")
    assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_heart_touches_one_card_among_many(large_page, opened):
    browser = opened(large_page, "#view=favourites")
    browser.execute_script(
        "nst.cells.forEach((cell) => favourites.ids.add(cell.id)); keepFavourites(); showHearts()"
    )
    assert len(browser.find_elements("css selector", "#favourites figure")) == 600
    browser.execute_script(
        "window.touched = [];"
        "const observer = new MutationObserver((all) => touched.push(...all));"
        "observer.observe(liked.list, { childList: true, subtree: true });"
        "toggleFavourite(nst.cells[300])"
    )
    assert wait(browser, "touched.length") == 1
