"""Holes on the page, in a real browser."""

import pytest
from browser import complaints_of, find, press, text, wait
from grids import balanced, build_grid, write_record

from nst.disk.log_end import failed
from nst.results.gallery import write_gallery
from nst.results.states import log_of

pytest.importorskip("selenium")

FAILED, OUTDATED = "c/t/style_weight-10", "c/t/style_weight-100"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A page of two pairs of three images, without sheets; one has failed, one is outdated."""
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["c"], ["s", "t"], {"style_weight": [1, 10, 100]}, balanced)
    cell = grid.by_id[FAILED]
    for ending in (".png", ".json", ".csv"):
        cell.file(ending).unlink()
    log_of(cell).parent.mkdir(parents=True)
    log_of(cell).write_text(f"evaluation 1/9\n{failed('<b>no</b> such picture')}\n")
    write_record(grid.by_id[OUTDATED], (1, 1), engine=99)
    write_gallery(grid, tmp_path / "results/index.html")
    return tmp_path


def visible(browser, selector):
    return browser.execute_script(
        f"return [...document.querySelectorAll({selector!r})].filter(e => e.checkVisibility()).length"
    )


def test_a_hole_is_a_marked_tile_and_opens_with_its_reason_and_log(folder, opened):
    browser = opened(folder, "#view=grid&x=style&y=content&style_weight=10")
    assert text(browser, "#count") == "4 of 6 images"
    assert "Not shown: 1 failed. Shown faintly and without numbers: 1 outdated" in text(
        browser, "#absent"
    )
    assert visible(browser, "#grid .hole") == 1
    assert visible(browser, "#grid .tile > img") == 1
    hole = find(browser, "#grid .tile[aria-label$=', failed']")
    assert hole.text.splitlines() == ["failed", "<b>no</b> such picture"]
    hole.click()
    wait(browser, "document.querySelector('.why pre').textContent.includes('evaluation 1/9')")
    assert text(browser, ".absent").count("<b>no</b> such picture") == 1
    assert text(browser, ".why a") == f"results/logs/cells/{FAILED}.log"
    assert find(browser, ".why a").get_attribute("href").endswith("/style_weight-10.log")
    assert (folder / text(browser, ".why a")).exists()
    for part in (
        ".wiper",
        ".facts",
        ".curve",
        ".again",
        "#cell .stage",
        "#cell .pin",
        "#cell .pair-figure",
    ):
        assert visible(browser, part) == 0, part
    press(browser, "p")
    assert visible(browser, "#tray") == 0
    press(browser, "?")
    keys = set(
        browser.execute_script(
            "return [...document.querySelectorAll('#keys dd')].map(d => d.textContent)"
        )
    )
    assert "close" in keys and not any("zoom" in key or "pin" in key for key in keys)
    press(browser, "\ue00c")
    press(browser, "\ue012")  # left, to an image
    wait(browser, "document.querySelector('#cell .stage').checkVisibility()")
    assert visible(browser, ".why") == 0
    assert not complaints_of(browser)


def test_an_outdated_image_has_no_numbers_and_none_but_made_ones_are_listed(folder, opened):
    browser = opened(
        folder, f"#view=grid&style_weight=100&cell={OUTDATED}&pins={OUTDATED}&pins={FAILED}"
    )
    wait(browser, "document.querySelector('.absent .hole img').naturalWidth > 0")
    assert text(browser, ".why h3") == "outdated"
    assert "made before a change (engine 99" in text(browser, ".why p")
    assert visible(browser, ".facts") == visible(browser, "#tray") == 0
    press(browser, "\ue00c")  # Escape
    find(browser, "#to-images").click()
    assert visible(browser, "#images figure") == 4
    assert "4 of 4 images; 2 not there" in text(browser, "#tools")
    find(browser, "#to-plot").click()
    assert visible(browser, "#plot .figure circle:not(.ring), #plot .knee") == 4
    assert not complaints_of(browser)
