"""What the page says of a grid in words, and how it looks, in a real browser."""

import pytest
from browser import complaints_of, find, text, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")


def test_titles_and_texts_of_the_config_stand_where_people_look(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    texts = {
        "title": "<b>Cats</b> & glass",
        "text": "one\n\ntwo",
        "content": {"c": "<i>a cat</i>"},
        "style": {"s": "a window"},
        "axes": {"style_weight": {"title": "strength", "text": "how much", "values": {"10": "most"}}},
    }
    axes = {"style_weight": [1, 10]}
    grid = build_grid(tmp_path, ["c", "d"], ["s", "t"], axes, balanced, more={"page": texts})
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path, "#style_weight=10")
    assert (browser.title, text(browser, "h1")) == (texts["title"], texts["title"])
    assert text(browser, ".head .faint").startswith("8 images: 2 contents × 2 styles")  # noqa: RUF001
    assert text(browser, ".head .about").split() == ["one", "two"]
    assert text(browser, "#grid th[scope=row] .text") == "<i>a cat</i>"
    assert text(browser, "#grid th[scope=col] .text") == "a window"
    assert text(browser, ".controls .slider").startswith("strength")
    assert text(browser, ".controls .text") == "how much: most"
    assert text(browser, "#grid .about") == ""
    browser.execute_script("setPlace('x', 'style_weight'); changed()")
    assert text(browser, "#grid .about") == "strength how much"
    browser.execute_script("openCell(everyCell[1]); if (open.panel.hidden) togglePanel()")
    said = "c\n<i>a cat</i>\ns\na window\nstrength 10\nmost"
    assert text(browser, "#cell .texts") == said
    assert complaints_of(browser) == []


def test_what_is_left_out_is_said_and_a_page_without_title_has_the_folders_name(varied_page, opened):
    browser = opened(varied_page)
    assert text(browser, "h1") == browser.title == varied_page.name
    assert "2 left out" in text(browser, ".head .faint")


def titles_of_the_summary(browser):
    return browser.execute_script(
        "return [...document.querySelectorAll('#summary h2')].map(h => h.innerText)"
    )


def test_the_summary_is_a_view_that_opens_what_it_suggests(large_page, opened):
    browser = opened(large_page, "#view=summary")
    assert titles_of_the_summary(browser) == ["Where to look first", "The slowest images", "Cost"]
    suggested = browser.execute_script("return nst.groups.filter(group => group.knee).length")
    rows = browser.find_elements("css selector", "#summary section:first-child tbody tr")
    assert len(rows) == min(suggested, 100)
    find(browser, "#summary .as-link").click()
    assert wait(browser, "state.open.knee")


def test_a_summary_without_a_suggestion_does_not_say_where_to_look(varied_page, opened):
    browser = opened(varied_page, "#view=summary")
    assert titles_of_the_summary(browser) == ["The slowest images", "Cost"]


def test_the_reader_makes_the_page_dark_and_it_stays_so(varied_page, opened):
    browser = opened(varied_page)
    before = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    button = find(browser, ".head-buttons button")
    said = button.get_attribute("aria-label")
    button.click()
    after = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert after != before and button.get_attribute("aria-label") != said
    browser.refresh()
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == after
    find(browser, ".head-buttons button").click()
    assert browser.execute_script("return getComputedStyle(document.body).backgroundColor") == before


def test_thirty_styles_have_marks_of_their_own_in_the_plot(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["c"], [f"s{n:02}" for n in range(30)], {}, balanced)
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path, "#view=plot", width=1440, height=900)
    legend = wait(browser, "[...document.querySelectorAll('.legend svg')].map(s => s.innerHTML)")
    assert len(legend) == len(set(legend)) == 30
    bottom = browser.execute_script(
        "return document.querySelector('#plot svg').getBoundingClientRect().bottom"
    )
    assert bottom <= browser.execute_script("return innerHeight")
