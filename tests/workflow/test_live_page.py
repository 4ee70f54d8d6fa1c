"""A run that is watched in a real browser from its first image to its end, at every frame.

The size of the images changes with the run, and so do their numbers: a wrong pair shows in them.
"""

import os
import signal
import subprocess

import pytest
from browser import complaints_of, find_browser, new_tab
from conftest import BIN
from plans import change

pytest.importorskip("selenium")

FAILING, OPEN = "c1/s2/style_weight-1e4", "c2/s1/style_weight-1e5"
IMPOSSIBLE = {"device": "cuda", "seed": 5}  # tests have no GPU
PATIENCE = 120  # seconds
WATCH = """
const look = () => {
  requestAnimationFrame(look);
  if (typeof byId === 'undefined' || !document.querySelector('#cell .facts')) return;
  const wrong = (...facts) => console.error('WRONG PAIR', ...facts);
  const visible = (node) => node.checkVisibility({ visibilityProperty: true });
  const seen = (img) => img && visible(img) && img.complete && img.naturalWidth;
  for (const tile of document.querySelectorAll('#grid .tile')) {
    const img = tile.querySelector(':scope > img'), width = tile.cell?.size?.[0];
    if (seen(img) && img.naturalWidth !== width) wrong('grid', img.src, width);
  }
  const above = document.querySelector('#cell .image img');
  const width = document.querySelector('#cell .facts').textContent.match(/pixels(\\d+)/)?.[1];
  if (seen(above) && above.naturalWidth !== Number(width)) wrong('cell', above.src, width);
  for (const text of [copies.record, copies.command].filter(visible).map((one) => one.textContent)) {
    const size = text.match(/(?:"size": |--size )(\\d+)/)?.[1];
    if (text && size !== width) wrong('details', text.slice(0, 80), size, width);
  }
};
addEventListener('DOMContentLoaded', look);
"""


@pytest.fixture
def watched(finished, browser_process):
    """The project after a whole run, and its page in the browser, with an image open."""
    find_browser()
    new_tab(browser_process)
    browser_process.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    browser_process.get(f"file://{finished.folder}/results/index.html#view=grid&cell={OPEN}")
    return finished, browser_process


def begin(project):
    return subprocess.Popen(
        [BIN / "snakemake", "--cores", "2"],
        cwd=project.folder,
        env={**os.environ, "NST_GPUS": "", "NST_GPU_LOCKS": str(project.folder / "gpu-locks")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def wait(browser, script):
    """Wait until the page, which may just be loading itself again, is as the script asks."""
    from selenium.webdriver.support.ui import WebDriverWait

    def look(browser):
        try:
            return browser.execute_script(f"return {script}")
        except Exception:  # between two pages
            return None

    return WebDriverWait(browser, PATIENCE).until(look)


def made(size):
    return f"nst.cells.filter(cell => cell.size[0] === {size}).length"


def test_a_page_follows_a_run_that_is_killed_and_one_in_which_an_image_fails(watched):
    project, browser = watched
    assert wait(browser, f"{made(16)} === 8")
    change(project, "settings", {**project.config["settings"], "size": 20, "evaluations": 500})
    change(project, "overrides.cell", {FAILING: IMPOSSIBLE})
    browser.execute_script("setInterval(askAgain, 1000)")  # as a person who comes back to the page
    killed = begin(project)
    assert wait(browser, f"{made(16)} === 0 && {made(20)} > 0")
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert wait(browser, "runLine.dataset.state === 'killed'")
    assert "The run was killed at about " in browser.execute_script("return runLine.textContent")

    again = begin(project)
    assert again.wait(PATIENCE) == 1
    assert wait(browser, f"runLine.dataset.state === 'failed' && {made(20)} === 7")
    assert ", 1 failed. " in browser.execute_script("return runLine.textContent")
    assert browser.execute_script("return headline.textContent") == "7 of 8 images"
    assert browser.execute_script("return dialog.open && state.open.id") == OPEN
    browser.execute_script("openCell(byId.get(arguments[0]))", FAILING)
    assert wait(browser, "open.why.innerText.startsWith('failed')")
    assert wait(browser, f"open.logPath.textContent === 'results/logs/cells/{FAILING}.log'")
    assert [line for line in complaints_of(browser) if "WRONG PAIR" in line] == []
