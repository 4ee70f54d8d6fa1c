"""A run whose jobs are the test, and the page that follows it: a class and fixtures."""

import time

import pytest
from browser import find_browser, new_tab, wait
from conftest import draw_picture
from grids import build_grid, made_record, write_trace
from pair_watch import WATCH

from nst.disk.record import record_bytes
from nst.results.live import LivePage
from nst.results.news import withdraw
from nst.results.states import OUTDATED, State, survey

AXES = {"style_weight": [1, 10, 100]}
FIRST = 24  # pixels of the images before the run


class Making:
    """A grid whose jobs are the test: they write as jobs do, and the watcher tells the page."""

    def __init__(self, folder):
        self.grid = build_grid(folder, ["c"], ["s", "t"], AXES)
        self.folder, self.states, self.clock = folder, {}, time.time()
        for cell in self.grid.cells:
            self.write(cell, FIRST)

    def write(self, cell, width):
        """What a job leaves, in its order: trace, record, image."""
        losses = (float(width), float(width))
        write_trace(cell, [losses] * 3)
        record = made_record(cell, losses, seconds=float(width))
        cell.file(".json").write_bytes(record_bytes(record))
        draw_picture(self.folder / cell.file(".png"), (width, 16), seed=width)

    def status(self, state="running", under_way=()):
        self.clock += 1
        kinds = [one.kind for one in self.states.values()]
        return {
            "state": state, "written": self.clock, "cells": len(kinds), "to_make": len(kinds),
            "made": kinds.count("made"), "under_way": list(under_way), "failed": {},
            "seconds_left": 600,
        }  # fmt: skip

    def begin(self):
        """What Snakemake's process and then the watcher do when a run begins that makes all again."""
        withdraw(self.grid.cells, len(self.grid.cells))
        self.states = {cell.id: State(OUTDATED, "made again") for cell in self.grid.cells}
        return LivePage(self.grid, self.states, self.status())

    def start(self, page, cell):
        """A job begins: Snakemake removes what it will write."""
        for ending in (".png", ".json", ".csv"):
            cell.file(ending).unlink(missing_ok=True)
        self.states[cell.id] = State("running", "evaluation")
        now = {"id": cell.id, "evaluation": 5, "of": 7}
        page.update({cell.id: self.states[cell.id]}, self.status(under_way=[now]))

    def finish(self, page, cell, width):
        """A job has ended, and a bit later the watcher sees it."""
        self.write(cell, width)
        self.tell(page, cell)

    def tell(self, page, cell):
        self.states |= survey([cell])
        page.update({cell.id: self.states[cell.id]}, self.status())


@pytest.fixture
def making(tmp_path, monkeypatch):
    find_browser()
    monkeypatch.chdir(tmp_path)
    return Making(tmp_path)


@pytest.fixture
def watched(browser_process, tmp_path):
    """A function (address) -> the browser with the page, every frame of which is looked at."""
    browser = browser_process

    def open_page(address=""):
        new_tab(browser)
        script = {"source": f"addEventListener('DOMContentLoaded', () => {{ {WATCH} }})"}
        browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
        browser.get(f"file://{tmp_path}/results/index.html{address}")
        wait(browser, "byId.size === 6 && !unsure.size")
        return browser

    return open_page
