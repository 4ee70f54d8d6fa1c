"""Losses and settings under the names that they have in losses.csv."""

from nst.disk.record import Record
from nst.results.pareto import unweighted


def column_of(setting: str) -> str:
    """The column of a setting; one of them is called as a loss is."""
    return f"{setting}_setting" if setting == "style_loss" else setting


def losses_of(record: Record) -> dict[str, float | None]:
    """The losses without their weights, the weighted ones, and their sum."""
    plain, weighted = unweighted(record)._asdict(), record.losses
    return {
        **{f"{name}_loss": value for name, value in plain.items()},
        **{f"weighted_{name}": weighted[name] for name in plain},
        "total_loss": weighted["total"],
    }
