"""Prints on the page, in a real browser: marked, seen, wiped against their images."""

import shutil

import pytest
from browser import press
from conftest import Project

pytest.importorskip("selenium")

ONE = "c1/s1/style_weight-1e4"


@pytest.fixture(scope="module")
def printed(small_page, tmp_path_factory):
    """The small page with one print."""
    folder = tmp_path_factory.mktemp("printed") / "project"
    shutil.copytree(small_page, folder, symlinks=True)
    project = Project(folder)
    prints = {"settings": {"size": 48}, "cells": [ONE]}
    project.configure({**project.config, "prints": prints})
    done = project.snakemake("prints")
    assert done.returncode == 0, done.stderr
    return folder


def test_a_print_is_marked_seen_and_wiped_against_its_image(printed, opened):
    browser = opened(printed, f"#cell={ONE}")
    run = browser.execute_script
    assert run("return everyCell.filter((cell) => cell.print).map((cell) => cell.id)") == [ONE]
    assert (
        run("return [...document.querySelectorAll('.print-mark')].filter((m) => !m.hidden).length") >= 1
    )
    assert run("return [...comparisons(state.open).values()][0].name") == "the print, 48 pixels"
    button = run("return open.printed")
    assert button.get_attribute("aria-pressed") == "false"
    press(browser, "r")
    assert button.get_attribute("aria-pressed") == "true"
    press(browser, "w")
    assert run("return open.which.selectedOptions[0].textContent") == "the image, 16 pixels"
    images = run("return [...open.pane.root.querySelectorAll('img')].map((img) => img.src)")
    assert any("/results/prints/c1/s1/style_weight-1e4.png?" in src for src in images)
    assert run("return open.printFacts.textContent").startswith("made from the image; asked: size 48")
    press(browser, "r")
    assert button.get_attribute("aria-pressed") == "false"
    run("openCell(everyCell.find((cell) => !cell.print))")
    assert run("return open.printed.hidden && open.ofPrint.hidden")
