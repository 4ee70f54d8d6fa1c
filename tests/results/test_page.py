"""The page in a real browser, opened from disk: 4 cells of a whole run, and 600 drawn ones."""

import shlex

import pytest
from browser import complaints_of, find, find_browser, nameless_of, press, requests_of, text, wait
from conftest import draw_picture
from grids import balanced, build_grid
from pages import PAGE_WEIGHTS

from nst.disk.record import read_record
from nst.results.cell_command import command
from nst.results.gallery import write_gallery
from nst.results.sheet import write_sheet
from nst.results.sheet_plan import plan
from nst.results.thumbnails import SMALL

pytest.importorskip("selenium")


@pytest.fixture(params=["small", "large"])
def folder(request):
    return request.getfixturevalue(f"{request.param}_page")


def test_nothing_leaves_the_disk_and_nothing_complains(folder, opened):
    browser = opened(folder)
    for view in ("images", "plot", "sheets", "grid"):
        find(browser, f"#to-{view}").click()
    find(browser, "#grid .tile").click()
    wait(browser, "document.querySelector('[data-copy=command]') !== null")
    wait(browser, "[...document.querySelectorAll('#cell .stage img[src]')].every(i => i.complete)")
    asked = requests_of(browser)
    assert any("/gallery/pairs/" in url for url in asked)
    assert [url for url in asked if not url.startswith(("file://", "data:"))] == []
    wait(browser, "document.querySelector('.curve path.total') !== null")
    # The figures of pairs are drawn by another rule, which only the whole run had.
    missing = [c for c in complaints_of(browser) if "/curves/" not in c or folder.name == "project"]
    assert missing == []


def test_the_slider_changes_the_pictures(folder, opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(folder, "#x=style&style_weight=1e4")
    assert "style_weight-1e4" in find(browser, "#grid .tile img").get_attribute("src")
    slider = find(browser, "#tools input[type=range]")
    slider.send_keys(Keys.END)
    before = find(browser, "#grid .tile img").get_attribute("src")
    slider.send_keys(Keys.HOME)
    first = find(browser, "#grid .tile img").get_attribute("src")
    assert first != before and text(browser, "#tools output") in first
    assert wait(browser, f"location.hash.includes('style_weight={text(browser, '#tools output')}')")
    browser.execute_script("document.activeElement.blur()")
    press(browser, Keys.ARROW_RIGHT)
    assert find(browser, "#grid .tile img").get_attribute("src") != first
    assert wait(browser, "document.querySelector('#grid .tile img').naturalWidth > 0")


def test_every_pair_has_its_tile_and_pictures_come_when_they_are_near(large_page, opened):
    browser = opened(large_page)
    assert len(browser.find_elements("css selector", "#grid tbody td")) == 120
    assert wait(browser, "document.querySelectorAll('#grid .tile').length")
    assert len(browser.find_elements("css selector", "#grid .tile")) < 120
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    assert wait(
        browser, "document.querySelector('#grid tr[data-row=\"19\"] .tile img')?.naturalWidth > 1"
    )


def test_the_filter_filters_and_the_order_orders(large_page, opened):
    browser = opened(large_page, "#view=images")
    assert text(browser, "#tools [role=status]") == "600 of 600 images"
    find(browser, "[aria-controls=filters]").click()
    menu = find(browser, "[data-filter=style]")
    find(browser, "[data-filter=style] summary").click()
    menu.find_elements("css selector", "button")[1].click()
    assert text(browser, "#tools [role=status]") == "0 of 600 images"
    menu.find_elements("css selector", "input")[3].click()
    assert text(browser, "#tools [role=status]") == "100 of 600 images"
    ids = browser.execute_script("return chosen().map(c => c.id)")
    assert {name.split("/")[1] for name in ids} == {"s03"}
    cards = [
        c.get_attribute("data-cell") for c in browser.find_elements("css selector", ".cards figure")
    ]
    assert cards == ids[: len(cards)] and len(cards) >= 60
    browser.execute_script(
        "tools.sort.value = 'style'; tools.down.value = '1';"
        "for (const one of [tools.sort, tools.down]) one.dispatchEvent(new Event('change'))"
    )
    losses = browser.execute_script("return chosen().map(c => c.terms[1])")
    assert losses == sorted(losses, reverse=True) and len(set(losses)) > 5
    browser.execute_script("tools.by.value = 'total'; tools.by.dispatchEvent(new Event('change'))")
    find(browser, "#tools input[placeholder='at most']").send_keys("200")
    totals = browser.execute_script("return chosen().map(c => c.losses.total)")
    assert totals and max(totals) <= 200


def test_more_cards_come_with_scrolling(large_page, opened):
    browser = opened(large_page, "#view=images")
    before = len(browser.find_elements("css selector", ".cards figure"))
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    assert wait(browser, f"document.querySelectorAll('.cards figure').length > {before}")


def test_the_plot_shows_the_front_and_opens_what_is_pointed_at(large_page, opened):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser = opened(large_page, "#view=plot", height=1300)
    assert wait(browser, "document.querySelectorAll('#plot circle, #plot .knee').length") >= 600
    svg = find(browser, "#plot svg")
    x, y = browser.execute_script("return [plot.points[500].x, plot.points[500].y]")
    left, top = -svg.size["width"] / 2 + x, -svg.size["height"] / 2 + y
    ActionChains(browser).move_to_element_with_offset(svg, round(left), round(top)).perform()
    shown = find(browser, "#plot .tip img").get_attribute("src")
    assert "gallery/cells/" in shown
    points = find(browser, "#plot polyline.front").get_attribute("points").split()
    assert len(points) == len(PAGE_WEIGHTS)
    ActionChains(browser).click().perform()
    name = text(browser, "#cell-title").split(" ")[0]
    assert f"/{name}/" in shown
    press(browser, Keys.ESCAPE)
    svg.send_keys(Keys.ARROW_RIGHT)
    assert find(browser, "#plot .tip").is_displayed()


@pytest.mark.parametrize("view", ["grid", "images", "plot", "sheets"])
def test_everything_has_a_name_and_nothing_jumps(small_page, opened, view):
    browser = opened(small_page, f"#view={view}&pins=c1/s1/style_weight-1e4")
    assert nameless_of(browser) == []
    shift = browser.execute_async_script(
        "const done = arguments[0]; let sum = 0;"
        "new PerformanceObserver(l => { for (const e of l.getEntries()) sum += e.value; })"
        ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done(sum), 400)"
    )
    assert shift < 0.05  # up to 0.1 counts as good


@pytest.mark.parametrize("address", ["#view=grid", "#view=images", "#view=plot", "#view=sheets",
                                     "#cell=c1/s1/style_weight-1e4"])  # fmt: skip
def test_a_phone_scrolls_in_one_direction_only(small_page, opened, address):
    browser = opened(small_page, address, width=500, height=900)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True},
    )
    browser.execute_async_script("setTimeout(arguments[0], 300)")
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    assert wide <= 360
    if "cell=" in address:
        inner = browser.execute_script(
            "const d = document.querySelector('dialog[open]'); return d.scrollWidth - d.clientWidth"
        )
        assert inner <= 0


def test_names_are_only_names(tmp_path, monkeypatch, opened):
    """What comes from the config, a file's name or a record never becomes part of the page's code."""
    find_browser()
    monkeypatch.chdir(tmp_path)
    evil = "<img src=x onerror=document.title='caught'>"
    closing = "</script><script>document.title='caught'</script>"

    picture = draw_picture(tmp_path / "' onload='x' &b;.png")
    axes = {"init": [picture.name, "noise"]}
    grid = build_grid(tmp_path, ["a"], ["s"], axes, balanced, outcome=closing, device=evil)
    for name in plan(grid):
        write_sheet(grid, name, tmp_path / f"results/sheets/{name}.png")
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path, f"#view=images&cell={grid.cells[0].id}")
    wait(browser, "document.querySelector('[data-copy=command]') !== null")
    find(browser, "#to-plot")
    assert browser.title == tmp_path.name
    shown = browser.execute_script("return document.querySelector('.facts').textContent")
    assert closing in shown and evil in shown
    assert "' onload='x' &b;.png" in text(browser, "#cell-title")
    made = read_record(grid.cells[0].file(".json"))
    copied = browser.execute_script("return details.get(state.open.id).command")
    assert copied == command(grid, grid.cells[0], made)
    assert shlex.split(copied)[-1 - shlex.split(copied)[::-1].index("--init") + 1] == picture.name


def test_an_unchanged_grid_rebuilds_no_thumbnail(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["a", "b"], ["s"], {"style_weight": [1, 10]}, size=(SMALL * 2, 40))
    for name in plan(grid):
        write_sheet(grid, name, tmp_path / f"results/sheets/{name}.png")
    page = tmp_path / "results/index.html"
    inodes = lambda: {p: p.stat().st_ino for p in (tmp_path / "results/gallery").glob("**/*.webp")}  # noqa: E731
    write_gallery(grid, page)
    before = inodes()
    write_gallery(grid, page)
    assert inodes() == before and len(before) == 3 + 4 + len(plan(grid))
