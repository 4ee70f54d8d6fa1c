"""Metrics that one names, stored as if images had been measured."""

from collections.abc import Callable

from nst.config.external import External
from nst.config.grid import Cell, Grid
from nst.disk.sums import Sums
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
