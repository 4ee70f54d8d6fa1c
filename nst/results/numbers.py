"""What the page shows of one making of an image, whether it is a cell or a print."""

from collections.abc import Mapping
from typing import Any

from nst.config.grid import Cell
from nst.disk.record import Record, token
from nst.results.pareto import unweighted
from nst.results.thumbnails import look_of


def numbers(cell: Cell, record: Record) -> dict[str, Any]:
    """Its mark, its size, its losses, and how it was made."""
    return {
        "token": token(record),
        **look_of(cell.file(".png")),
        "losses": record.losses,
        "terms": list(unweighted(record)),
        "evaluations": record.evaluations,
        "seconds": record.seconds,
        "outcome": record.outcome,
        "device": record.device,
    }


def shown_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """Metrics with as many digits as the table has."""
    return {name: float(f"{value:.6g}") for name, value in metrics.items()}
