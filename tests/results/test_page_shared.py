"""A page that is one file, in a real browser, alone in its folder."""

import shutil

import pytest
from browser import complaints_of, find, nameless_of, new_tab, press, requests_of, text, wait
from grids import balanced, build_grid

from nst.cli import main

pytest.importorskip("selenium")

FAVOURITES = """\
project: proj
favourites:
- cell: d/t/style_weight-10
  note: "print: A2"
- cell: c/s/style_weight-1
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A folder with all.html, of 8 images, and chosen.html, of 2 favourites, and nothing else."""
    folder = tmp_path_factory.mktemp("one") / "proj"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        build_grid(
            folder, ["c", "d"], ["s", "t"], {"style_weight": ["1", "10"]}, balanced, size=(300, 200)
        )
        (folder / "favourites.yaml").write_text(FAVOURITES)
        assert main(["gallery", "--single", "all.html", "--px", "200"]) == 0
        assert main(["gallery", "--single", "chosen.html", "--favourites"]) == 0
    away = tmp_path_factory.mktemp("away")
    for name in ("all.html", "chosen.html"):
        shutil.copy(folder / name, away)
    return away


@pytest.fixture
def visit(pages, browser_process):
    """A function (name, address, **window) -> the browser with that page in a new tab."""

    def open_page(name, address="", **window):
        new_tab(browser_process, **window)
        browser_process.get(f"file://{pages}/{name}{address}")
        return browser_process

    return open_page


@pytest.mark.parametrize("name", ["all.html", "chosen.html"])
@pytest.mark.parametrize("window", [{}, {"width": 390, "height": 844}])
def test_nothing_is_asked_for_and_nothing_complains(visit, name, window):
    browser = visit(name, **window)
    for view in ("images", "plot", "favourites", "grid"):
        find(browser, f"#to-{view}").click()
        assert nameless_of(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
    browser.execute_script("openCell(nst.cells[0]); togglePanel()")
    wait(browser, "document.querySelector('.curve path.total') !== null")
    browser.execute_script("dialog.close(); nst.cells.slice(0, 2).forEach(togglePin); openCompare()")
    wait(
        browser,
        "[...document.querySelectorAll('#compare .layer img[src]')].every((img) => img.naturalWidth)",
    )
    assert [url for url in requests_of(browser) if not url.startswith(("data:", "file://"))] == []
    assert [
        url for url in requests_of(browser) if url.startswith("file://") and ".html" not in url
    ] == []
    assert complaints_of(browser) == []


@pytest.mark.parametrize("name", ["all.html", "chosen.html"])
def test_no_link_leads_out_of_the_page(visit, name):
    browser = visit(name)
    browser.execute_script("openCell(nst.cells[0]); togglePanel()")
    links = browser.execute_script(
        "const links = [...document.querySelectorAll('a')].filter((a) => a.checkVisibility());"
        "return links.map((a) => a.getAttribute('href'))"
    )
    assert [link for link in links if not (link or "").startswith("#")] == []
    images = browser.execute_script(
        "return [...document.images].map((img) => img.getAttribute('src')).filter(Boolean)"
    )
    assert [src for src in images if not src.startswith("data:")] == []
    assert browser.find_elements("css selector", "[data-copy=command], [data-copy=record]") == []
    wait(browser, "!document.querySelector('[data-copy=config]').disabled")
    assert "style_weight: 1" in browser.execute_script("return copies.config.textContent")
    assert "200 pixels" in text(browser, "#cell") or name == "chosen.html"


def test_only_its_own_script_may_run(visit):
    browser = visit("all.html")
    browser.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.foreign = 1';"
        "document.body.append(script)"
    )
    assert browser.execute_script("return window.foreign") is None
    assert any("Content Security Policy" in each for each in complaints_of(browser))


def test_the_chosen_open_as_a_list_with_their_notes(visit):
    browser = visit("chosen.html")
    assert find(browser, "#to-favourites").get_attribute("aria-current") == "page"
    cards = browser.find_elements("css selector", "#favourites figure")
    assert [card.get_attribute("data-cell") for card in cards] == [
        "d/t/style_weight-10",
        "c/s/style_weight-1",
    ]
    assert find(browser, "#favourites .note").get_attribute("value") == "print: A2"
    browser.execute_script("openCell(nst.cells[1])")
    press(browser, "\ue014")  # right
    assert browser.execute_script("return state.open.id") == "c/s/style_weight-1"
    browser.execute_script("dialog.close()")
    buttons = browser.find_elements("css selector", "#favourites > .buttons button")
    kept = ["Save favourites.yaml", "Read favourites.yaml", "Remove all"]
    assert [button.text for button in buttons] == kept
    assert "chosen from proj" in text(browser, ".head")
    assert not find(browser, "#to-summary").is_displayed()  # it would compare what is not here


def test_it_is_used_as_any_page(visit):
    from selenium.webdriver.common.keys import Keys

    browser = visit("all.html", "#style_weight=1")
    before = find(browser, "#grid .tile img").get_attribute("src")
    browser.execute_script("moveGrid(dimensions.at(-1), 1)")
    assert find(browser, "#grid .tile img").get_attribute("src") != before
    assert wait(browser, "document.querySelector('#grid .tile img').naturalWidth > 0")
    find(browser, "#grid .tile").send_keys("f", Keys.ENTER)
    assert find(browser, "#cell").is_displayed()
    assert wait(
        browser,
        "[...document.querySelectorAll('#cell .layer img')].some((img) => img.naturalWidth === 200)",
    )
    press(browser, Keys.ESCAPE)
    browser.refresh()
    assert browser.execute_script("return [...favourites.ids]") == ["c/s/style_weight-10"]
