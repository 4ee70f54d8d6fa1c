"""The details of a cell in a real browser: its curve, and scripts that cannot be loaded."""

import re
from pathlib import Path

import pytest
from browser import find, text, wait
from grids import SETTINGS, balanced, build_grid, write_trace

from nst.disk.record import read_trace
from nst.results.curve_svg import CATEGORIES, INK
from nst.results.gallery import write_gallery
from nst.results.page_paths import pair_script

pytest.importorskip("selenium")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A page of one content, two styles and two weights, without sheets or figures."""
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path, ["c"], ["s", "t"], {"style_weight": ["1", "100"]}, balanced)
    write_trace(grid.cells[0], [(1e-9, 50), *((2 + n / 50, 50 / n) for n in range(1, 60))])
    write_gallery(grid, tmp_path / "results/index.html")
    return tmp_path


def rgb(colour):
    return f"rgb({', '.join(str(level) for level in bytes.fromhex(colour[1:]))})"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_curve_has_a_line_for_every_loss_in_both_schemes(folder, opened, scheme):
    browser = opened(folder, "#cell=c/s/style_weight-1")
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    browser.execute_script("if (open.panel.hidden) togglePanel()")
    assert wait(browser, f"document.documentElement.dataset.theme === '{scheme}'")
    strokes = wait(
        browser,
        "document.querySelector('.curve svg') && [...document.querySelectorAll('.curve path[d*=L]')]"
        ".map(p => getComputedStyle(p).stroke)",
    )
    colours = [colour[scheme == "dark"] for colour in (INK, CATEGORIES[0], CATEGORIES[1])]
    assert strokes[:3] == list(map(rgb, colours))
    labels = {t.text for t in browser.find_elements("css selector", ".curve text")}
    assert {"total", "content", "style", "evaluations", "losses, weighted as optimized"} <= labels
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_line_stays_within_its_plot(folder, opened):
    browser = opened(folder, "#cell=c/s/style_weight-1")
    path = wait(browser, "document.querySelectorAll('.curve .line:not(.total)')[0]?.getAttribute('d')")
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]
    assert len(heights) == 60
    assert max(heights) == heights[0] == 230  # the start, nearly 0, runs along the axis
    assert heights[-1] < 200


def test_pointing_at_the_curve_tells_the_losses_there(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, "#cell=c/s/style_weight-1")
    browser.execute_script("if (open.panel.hidden) togglePanel()")
    wait(browser, "document.querySelector('.curve svg')?.clientWidth > 100")  # drawn for the panel
    svg = find(browser, ".curve")  # which stays while what is in it is drawn again
    title = "document.querySelector('.curve .strong-text').textContent"
    browser.execute_script("arguments[0].scrollIntoView()", svg)
    ActionChains(browser).move_to_element(svg).perform()
    said = wait(browser, f"{title}.startsWith('evaluation ') && {title}")
    trace = read_trace(Path("results/cells/c/s/style_weight-1.csv"))
    at = trace["evaluation"].index(float(re.match(r"evaluation (\d+) ", said)[1]))
    assert f"total {trace['total'][at]:.4g} ·" in said and f"style {trace['style'][at]:.4g}" in said
    ActionChains(browser).move_to_element(find(browser, "#cell-title")).perform()
    assert wait(browser, f"{title} === 'losses, weighted as optimized'")


def test_the_curve_follows_the_cell(folder, opened):
    browser = opened(folder, "#cell=c/s/style_weight-1")
    assert wait(browser, "document.querySelector('.curve svg')?.getAttribute('aria-label')") == (
        "Losses of c in the style of s, style weight 1 by evaluation"
    )
    browser.execute_script("moveCell(0, 1)")
    assert wait(
        browser,
        "document.querySelector('.curve svg')?.getAttribute('aria-label').includes('weight 100')",
    )


def test_a_script_that_cannot_be_loaded_is_tried_again_and_its_error_does_not_stay(folder, opened):
    script = folder / pair_script("c", "s")
    content = script.read_bytes()
    script.unlink()
    browser = opened(folder, "#cell=c/s/style_weight-1")
    fault = "results/gallery is not beside this page"
    assert wait(browser, "copies.fault.textContent") == fault
    assert not find(browser, "[data-copy=command]").is_enabled()
    browser.execute_script("openCell(byId.get('c/t/style_weight-1'))")
    assert wait(browser, "!document.querySelector('[data-copy=command]').disabled")
    assert text(browser, "#cell").count(fault) == 0
    script.write_bytes(content)
    browser.execute_script("openCell(byId.get('c/s/style_weight-100'))")
    assert wait(browser, "copies.command.textContent.includes('s.png')")
    assert browser.execute_script("return copies.fault.textContent") == ""


def test_a_file_in_another_format_is_offered(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    more = {"settings": {**SETTINGS, "format": "tiff16"}}
    grid = build_grid(tmp_path, ["c"], ["s"], {"style_weight": ["1", "10"]}, more=more)
    grid.cells[0].beside.write_bytes(b"II")
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path, "#cell=c/s/style_weight-1")
    browser.execute_script("if (open.panel.hidden) togglePanel()")
    offered = "[open.beside.hidden, open.beside.textContent, open.beside.getAttribute('href')]"
    hidden, words, address = wait(browser, f"{offered}[1] && {offered}")
    assert (hidden, words) == (False, "Open the .tif")
    assert address.startswith("cells/c/s/style_weight-1.tif?")
    browser = opened(tmp_path, "#cell=c/s/style_weight-10")
    assert wait(browser, "open.facts.textContent && [open.beside.hidden]") == [True]
