"""The page while a run is under way, in a real browser that looks at every frame.

Each making of an image has its own width, and so have its numbers: a wrong pair shows in the widths.
"""

import re

import pytest
from browser import complaints_of, press, wait
from pair_watch import HALF_ASKED

from nst.disk.log_end import failed
from nst.results.dated_back import is_dated_back
from nst.results.gallery import write_gallery
from nst.results.live import LivePage
from nst.results.news import note_end, read_news, write_news
from nst.results.page_paths import LIVE, NEWS, PAGE
from nst.results.states import log_of, survey

pytest.importorskip("selenium")

OPEN = "c/s/style_weight-10"


def wrong_pairs(browser):
    return [line for line in complaints_of(browser) if "WRONG PAIR" in line]


def line(browser):
    return browser.execute_script("return document.getElementById('run').textContent")


WIDTHS = "nst.cells.length === 6 && nst.cells.map(c => c.size[0]).join()"
COMPARE = "if (pinned().length > 1 && !compare.open) openCompare()"
ADDRESSES = [
    "#view=grid",
    "#view=images&sort=style",
    f"#view=images&sort=style&cell={OPEN}",
    f"#view=grid&pins={OPEN}&pins=c/t/style_weight-1",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_that_is_open_follows_a_run_to_its_end(making, watched, address):
    grid = making.grid
    write_gallery(grid, PAGE)
    browser = watched(address)
    browser.execute_script(COMPARE)
    page = making.begin()
    browser.execute_script("askAgain()")
    for number, cell in enumerate(grid.cells):
        making.start(page, cell)
        browser.execute_script("ask()")
        making.write(cell, 40 + number)
        browser.execute_script("if (dialog.open) showCell(byId.get(arguments[0]))", cell.id)
        browser.execute_async_script("setTimeout(arguments[0], 150)")
        making.tell(page, cell)
        browser.execute_async_script("ask().then(arguments[0])")
        browser.execute_script(COMPARE)
    assert wait(browser, WIDTHS) == "40,41,42,43,44,45"
    assert line(browser).startswith("6 of 6 images, 10 min left, ready about ")
    base = browser.execute_script("return nst.base")
    PAGE.unlink()  # as Snakemake does before its rule
    page.update({}, making.status())
    write_gallery(grid, PAGE)
    page.end(making.status("ended"))
    browser.execute_script("ask()")
    assert wait(browser, f"nst.base !== {base!r} && document.querySelector('#ended').textContent")
    assert browser.execute_script("return document.getElementById('ended').textContent").startswith(
        "· the run ended at "
    )
    assert not line(browser) and not browser.execute_script("return runLine.checkVisibility()")
    assert browser.execute_script("return dialog.open") == ("cell=" in address)
    assert not list(LIVE.glob("**/*.js"))
    assert wrong_pairs(browser) == []


def test_a_page_that_a_later_run_wrote_says_when_that_ended(making, watched):
    for number, cell in enumerate(making.grid.cells):
        making.write(cell, 40 + number)
    page = making.begin()
    page.end(making.status("ended"))
    write_gallery(making.grid, PAGE)
    news = read_news()
    write_news(news | {"status": {**news["status"], "state": "ended", "written": 1e9}})
    ended = "document.querySelector('#ended').textContent"
    browser = watched("#view=grid")
    assert re.fullmatch(r"· the run ended at \d+ September.* \d\d:46", wait(browser, ended))
    note_end(news["base"])
    assert "page_written" not in read_news()["status"]
    note_end("another")
    browser.refresh()
    assert re.fullmatch(r"· the run ended at \d\d:\d\d", wait(browser, ended))


def test_a_page_that_no_longer_asks_shows_no_new_image_under_old_numbers(making, watched):
    write_gallery(making.grid, PAGE)
    browser = watched("#view=images&sort=style&style_weight=1")
    browser.execute_script("clearTimeout(follow.timer)")
    page = making.begin()
    for cell in making.grid.cells:
        making.start(page, cell)
        making.finish(page, cell, 50)
    browser.execute_script("openCell(byId.get(arguments[0]))", OPEN)
    press(browser, "\ue014")
    assert wait(browser, "nst.cells.length === 6 && nst.cells.every(c => c.size[0] === 50)")
    assert wait(browser, "document.querySelector('#cell .image img').naturalWidth === 50")
    assert wrong_pairs(browser) == []


def test_an_answer_to_an_earlier_question_does_not_show_the_next_image(making, watched):
    write_gallery(making.grid, PAGE)
    browser = watched(f"#cell={OPEN}")
    browser.execute_script(HALF_ASKED)
    image = "document.querySelector('#cell .image img')"
    assert wait(browser, f"{image}.complete && {image}.naturalWidth && unsure.size")
    browser.execute_script("release()")
    assert wait(browser, "answers.length")  # the next question is on its way
    assert browser.execute_script(f"return {image}.classList.contains('unsure')")
    browser.execute_script("release()")
    assert wait(browser, f"!{image}.classList.contains('unsure')")


def test_a_picture_that_stays_for_a_moment_has_no_words_of_the_next_one(making, watched):
    write_gallery(making.grid, PAGE)
    browser = watched(f"#cell={OPEN}")
    browser.execute_script("if (open.panel.hidden) togglePanel()")
    browser.execute_script(HALF_ASKED)
    opacities = "['#cell h2', '#cell .facts'].map(s => document.querySelector(s))"
    seen = f"{opacities}.map(one => one.checkVisibility({{ opacityProperty: true }}))"
    lingers = "open.stage.root.querySelector('.ghost')"
    browser.execute_script("performance.now = () => 0; openCell(everyCell[0])")
    wait(browser, lingers)
    assert browser.execute_script(f"return {seen}") == [False, False]
    browser.execute_script("delete performance.now")
    wait(browser, f"!{lingers}")
    assert browser.execute_script(f"return {seen}") == [True, True]
    assert wrong_pairs(browser) == []


def test_a_watcher_that_was_killed_leaves_no_wrong_pair_and_the_next_one_goes_on(making, watched):
    grid = making.grid
    page = making.begin()
    browser = watched(f"#cell={OPEN}")
    making.start(page, grid.cells[0])
    making.finish(page, grid.cells[0], 60)
    making.start(page, grid.by_id[OPEN])
    browser.execute_async_script("ask().then(arguments[0])")
    making.write(grid.by_id[OPEN], 61)
    del page  # nobody tells the page
    browser.execute_script("follow.heard = performance.now() - 31e3; ask()")
    assert wait(browser, "document.getElementById('run').dataset.state === 'silent'")
    assert "no news since" in line(browser)
    making.states = survey(grid.cells)
    LivePage(grid, making.states, making.status())
    browser.execute_script("ask()")
    assert wait(browser, "document.querySelector('#cell .image img').naturalWidth === 61")
    browser.execute_script("openCell(byId.get('c/s/style_weight-1'))")
    assert wait(browser, "copies.record.textContent.includes('\"seconds\": 60')")
    assert wrong_pairs(browser) == []


def test_a_failed_cell_says_why_with_its_log_and_the_end_is_said(making, watched):
    page = making.begin()
    browser = watched("#style_weight=1")
    cell = making.grid.cells[0]
    making.start(page, cell)
    log_of(cell).parent.mkdir(parents=True)
    log_of(cell).write_text(f"evaluation 1/7\n{failed('the loss is infinite')}\n")
    making.states |= survey([cell])
    page.update({cell.id: making.states[cell.id]}, making.status())
    browser.execute_script("ask()")
    assert wait(browser, "document.querySelector('#grid .tile').innerText").splitlines() == [
        "failed", "the loss is infinite"
    ]  # fmt: skip
    browser.execute_script("openCell(everyCell[0])")
    assert wait(browser, "open.log.textContent.includes('evaluation 1/7') && !open.log.hidden")
    page.end(making.status("killed") | {"failed": {cell.id: "the loss is infinite"}})
    browser.execute_script("ask()")
    assert "The run was killed at about" in wait(browser, "said.textContent")
    assert "0 of 6 images, 1 failed" in line(browser)
    assert wrong_pairs(browser) == []


def test_what_the_reader_has_set_stays_when_the_page_is_loaded_again(making, watched):
    write_gallery(making.grid, PAGE)
    browser = watched(f"#view=images&sort=style&cell={OPEN}")
    browser.execute_script(
        "setField('most', '100'); setField('sort', 'seconds'); window.before = 1;"
        "hide(dimensions[1], [1]); changed(); writeNow();"
        "document.querySelector('#cell .again:nth-of-type(2) details').open = true;"
        "toggleWiper(); open.wiper.set(80); open.stage.setLevel(4); togglePanel()"
    )
    wait(browser, "copies.config.textContent && copies.record.textContent")
    browser.execute_script("open.panel.scrollTop = 90")
    write_gallery(making.grid, PAGE)
    browser.execute_script("ask()")
    assert wait(browser, "window.before !== 1 && tools.most?.value") == "100"
    assert browser.execute_script("return [tools.sort.value, open.wiper.at()]") == ["seconds", "80"]
    assert wait(browser, "open.panel.scrollTop") == 90
    assert browser.execute_script("return open.stage.view.level()") == 4
    assert browser.execute_script("return countHidden()") == 1
    assert browser.execute_script(
        "return document.querySelector('#cell .again:nth-of-type(2) details').open"
    )


def test_many_changes_are_put_in_chunks_that_a_page_loads_once(making, watched, monkeypatch):
    monkeypatch.setattr("nst.results.live.CHUNK", 2)
    page = making.begin()
    browser = watched()
    for number, cell in enumerate(making.grid.cells):
        making.start(page, cell)
        making.finish(page, cell, 70 + number)
    assert len(list(LIVE.glob("*.js"))) >= 2
    assert NEWS.stat().st_size < 6000
    browser.execute_script("ask()")
    assert wait(browser, WIDTHS) == "70,71,72,73,74,75"
    browser.refresh()
    assert wait(browser, WIDTHS) == "70,71,72,73,74,75"
    assert wrong_pairs(browser) == []


def test_the_page_of_a_run_is_older_than_all_that_it_is_made_of(making):
    making.begin()
    assert is_dated_back(PAGE)
