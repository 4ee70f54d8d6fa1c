"""Metrics that one names, stored as if images had been measured."""

from collections.abc import Callable

import pytest
from grids import balanced, build_grid

from nst.config.external import External
from nst.config.grid import Cell, Grid
from nst.disk.sums import Sums
from nst.results.gallery import write_gallery
from nst.results.metrics import Numbers, PairMetrics, pair_file, write_pair


def store_metrics(grid: Grid, numbers: Callable[[Cell | External], Numbers | None]) -> None:
    """Store these metrics of the images in place; None is an image that was not measured."""
    sums = Sums()
    for (content, style), cells in grid.measured.items():
        images = {
            cell.id: (sums.of(cell.picture), measured)
            for cell, measured in ((cell, numbers(cell)) for cell in cells)
            if measured and sums.of(cell.picture)
        }
        originals = sums.of(cells[0].content_picture), sums.of(cells[0].style_picture)
        write_pair(pair_file(content, style), PairMetrics(*originals, images))


RECIPES = ["gatys", "crowson"]


def numbers(cell):
    """Metrics that trade as the losses do; of one image nothing is known."""
    if cell.id == "d/s/recipe-crowson_style_weight-100":
        return None
    content, style = balanced(cell)
    return {
        "lpips": content / 20, "ssim": 1 - content / 20, "style_distance": style / 10,
        "colour_distance": style,
    }  # fmt: skip


def metrics_page(folder):
    """A page of 2 contents x 1 style x 2 recipes x 3 weights, all but one image measured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        axes = {"recipe": RECIPES, "style_weight": [1, 10, 100]}
        grid = build_grid(folder, ["c", "d"], ["s"], axes, balanced)
        store_metrics(grid, numbers)
        write_gallery(grid, folder / "results/index.html")
    return folder
