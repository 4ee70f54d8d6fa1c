"""Records -> losses.csv: one row per cell, in the config's order."""

from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.config.recipes import published_settings
from nst.config.settings import KINDS
from nst.disk.files import write_whole
from nst.disk.record import Record, differences, read_record
from nst.errors import NstError

LOSS_COLUMNS = {
    "total": "total_loss",
    "content": "content_loss",
    "style": "style_loss",
    "tv": "tv_loss",
}


def write_table(grid: Grid, path: Path) -> None:
    """Write the final losses of all cells. Raises NstError unless every cell has its record."""
    import pandas

    rows = [_row(cell, record) for cell, record in records(grid)]
    columns = [name for name, _ in rows[0]]
    frame = pandas.DataFrame([[value for _, value in row] for row in rows], columns=columns)
    write_whole(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n").encode())


def records(grid: Grid) -> list[tuple[Cell, Record]]:
    """The record of every cell. Raises NstError, naming them, if there are cells without one."""
    missing = [cell.id for cell in grid.cells if not cell.file(".json").is_file()]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise NstError(
            f"{len(missing)} of {len(grid.cells)} cells are not made: {', '.join(missing[:3])}{more};"
            " run snakemake"
        )
    made = [(cell, read_record(cell.file(".json"))) for cell in grid.cells]
    for cell, record in made:
        if other := changes(cell, record):
            raise NstError(
                f"{cell.id} was made with other settings ({'; '.join(other)[:200]}): delete"
                f" {cell.file('.png')} and run snakemake"
            )
    return made


def changes(cell: Cell, record: Record) -> list[str]:
    """How the settings of a cell differ from those that its image was made with."""
    pixels = cell.settings.pixels()
    defaults = {} if set(pixels) <= set(record.settings) else published_settings(record.settings)
    return differences(record, pixels, defaults)


def _row(cell: Cell, record: Record) -> list[tuple[str, object]]:
    """Column and value; an axis and a result may have one name (`evaluations`), so no mapping."""
    axes = [(name, KINDS[name].text(value)) for name, value in cell.axes.items()]
    return [
        ("content", cell.content),
        ("style", cell.style),
        *axes,
        *([] if "recipe" in cell.axes else [("recipe", KINDS["recipe"].text(cell.settings.recipe))]),
        *((column, record.losses[name]) for name, column in LOSS_COLUMNS.items()),
        ("evaluations", record.evaluations),
        ("outcome", record.outcome),
        ("seconds", record.seconds),
        ("device", record.device),
        ("image", cell.file(".png").as_posix()),
    ]
