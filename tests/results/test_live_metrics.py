"""Metrics that come to a page while a run is under way, in a real browser."""

import pytest
from browser import complaints_of, wait
from measuring import store_metrics

pytest.importorskip("selenium")


@pytest.mark.parametrize("chunk", [3, 200])
def test_metrics_come_when_a_pair_is_measured_and_go_with_their_image(
    making, watched, monkeypatch, chunk
):
    monkeypatch.setattr("nst.results.live.CHUNK", chunk)
    page = making.begin()
    cells = making.grid.cells
    for cell in cells:
        making.start(page, cell)
        making.finish(page, cell, 40)
    browser = watched("#view=images&sort=lpips")
    values = "wall.cells.map(c => c.metrics?.lpips ?? null).join()"
    numbers = {"ssim": 0.5, "style_distance": 2.0, "colour_distance": 1.0}
    lpips = {cell.id: 1 / (2 + n) for n, cell in enumerate(cells)}
    store_metrics(making.grid, lambda cell: {"lpips": lpips[cell.id], **numbers})
    page.update({}, making.status())
    browser.execute_script("ask()")
    expected = ",".join(f"{value:.6g}" for value in sorted(lpips.values()))
    assert wait(browser, f"{values} === {expected!r}")
    assert "LPIPS 0.143" in browser.find_element("css selector", "#images").text
    making.start(page, cells[5])
    making.finish(page, cells[5], 41)
    browser.execute_script("ask()")
    gone = ",".join(expected.split(",")[1:]) + ","
    assert wait(browser, f"{values} === {gone!r}")
    browser.refresh()
    assert wait(browser, f"{values} === {gone!r}")
    assert complaints_of(browser) == []
