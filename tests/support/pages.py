"""Projects with a page, and a browser that opens it: fixtures."""

import pytest
from browser import find_browser, new_tab, open_browser
from conftest import new_project
from grids import balanced, build_grid

PAGE_WEIGHTS = ["1", "10", "100", "1e3", "1e4"]


@pytest.fixture(scope="session")
def small_page(tmp_path_factory, seeded_weights):
    """The folder of a project after a whole run: 2 contents x 1 style x 2 weights."""
    find_browser()
    folder = tmp_path_factory.mktemp("small") / "project"
    project = new_project(folder, seeded_weights("alexnet", {"conv1"}))
    project.configure({**project.config, "style": {"s1": "style/s1.png"}})
    done = project.snakemake("--quiet", "rules", "host")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def large_page(tmp_path_factory):
    """The folder of 20 contents x 6 styles x 5 weights, drawn and recorded without a transfer."""
    from nst.results.gallery import write_gallery
    from nst.results.sheet import write_sheet
    from nst.results.sheet_plan import plan

    find_browser()
    folder = tmp_path_factory.mktemp("large")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = [[f"{kind}{n:02}" for n in range(count)] for kind, count in (("c", 20), ("s", 6))]
        grid = build_grid(folder, *names, {"style_weight": PAGE_WEIGHTS}, balanced)
        for name in plan(grid):
            write_sheet(grid, name, folder / f"results/sheets/{name}.png")
        write_gallery(grid, folder / "results/index.html", threads=2)
    return folder


@pytest.fixture(scope="session")
def varied_page(tmp_path_factory):
    """The folder of 2 contents x 3 styles x 3 weights x 2 poolings, two of them excluded."""
    from nst.results.gallery import write_gallery

    folder = tmp_path_factory.mktemp("varied")
    axes = {"style_weight": [1, 10, 100], "pooling": ["max", "avg"], "size": [64]}
    out = {"exclude": ["d/glass/style_weight-10_*"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        grid = build_grid(folder, ["c", "d"], ["strokes", "glass", "marble"], axes, balanced, more=out)
        write_gallery(grid, folder / "results/index.html")
    return folder


@pytest.fixture(scope="session")
def huge_page(tmp_path_factory):
    """The folder of 100 contents x 20 styles, one image each."""
    from nst.results.gallery import write_gallery

    find_browser()
    folder = tmp_path_factory.mktemp("huge")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = [[f"{kind}{n:02}" for n in range(count)] for kind, count in (("c", 100), ("s", 20))]
        grid = build_grid(folder, *names, {}, size=(12, 8))
        write_gallery(grid, folder / "results/index.html", threads=2)
    return folder


@pytest.fixture(scope="session")
def browser_process(tmp_path_factory):
    """One browser for all tests of a worker."""
    with open_browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def opened(browser_process):
    """A function (folder, address, **window) -> the browser, with that page in a new tab."""

    def open_page(folder, address="", **window):
        new_tab(browser_process, **window)
        browser_process.get(f"file://{folder}/results/index.html{address}")
        return browser_process

    return open_page
