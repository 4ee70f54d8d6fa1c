"""Hearts and notes on the page, in a real browser."""

import pytest
from browser import find, press, text, wait

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
    browser.execute_script("filters.only.value = 'favourite'; filtered()")
    assert text(browser, "#filters [role=status]") == "1 of 4 images"
    find(browser, "#images .heart").click()
    assert text(browser, "#filters [role=status]") == "0 of 4 images"
    browser.refresh()
    assert browser.execute_script(HEARTS) == []


def test_f_is_the_key_of_the_heart(small_page, opened):
    browser = opened(small_page, "#style_weight=1e4")
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
    browser.execute_script("dialog.close(); document.querySelectorAll('#grid .tile')[1].focus()")
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


@pytest.mark.parametrize(
    "odd", ["{", "null", "[]", '"x"', '{"ids": 5, "notes": {"a": 1}}', '{"ids": [1]}']
)
def test_what_the_storage_holds_is_not_trusted(small_page, opened, odd):
    browser = opened(small_page)
    browser.execute_script("localStorage.setItem(KEPT_AS, arguments[0])", odd)
    browser.refresh()
    assert wait(browser, "document.querySelector('#grid .heart') !== null")
    assert browser.execute_script(HEARTS) == []
