"""`nst.load`: the images of a project as a table, read from their records."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst.config.cell import CELLS, PRINTS
from nst.config.picture_paths import in_natural_order
from nst.config.setting_sets import EXECUTION
from nst.config.settings import KINDS
from nst.disk.record import Record, read_record
from nst.errors import NstError
from nst.notebook.losses import column_of, losses_of
from nst.results.page_paths import RESULTS
from nst.text import one_line

if TYPE_CHECKING:
    from pandas import DataFrame, Series

ALWAYS = ("recipe", "size", "backbone", "seed")  # settings with a column even if all images share them
UNSHOWN = (*EXECUTION, "snapshot_every")


def load(folder: str | Path = "results") -> "DataFrame":
    """The images of a project, one row each: settings, losses, and the paths of image and print.

    `folder` is a project or its results. Settings that differ have a column, and so do recipe, size,
    backbone and seed. Losses are named as in losses.csv: `content_loss` is without its weight. All
    images that lie there are listed; `snakemake prune` moves those that the config no longer asks for.
    A damaged record is left out with a warning. Raises NstError for a folder without images.
    """
    import pandas

    cells = _cells(Path(folder).expanduser())
    paths = in_natural_order(
        path for path in cells.glob("*/*/*.json") if path.with_suffix(".png").exists()
    )
    records = {path: record for path in paths if (record := _record(path))}
    if not records:
        raise NstError(f"{cells} holds no image: name a project, or its results, after its first run")
    columns = _setting_columns(list(records.values()))
    rows = [_row(path, record, columns) for path, record in records.items()]
    rows.sort(key=lambda row: [_order(row[name]) for name in map(column_of, columns)])
    table = pandas.DataFrame(rows).sort_values(["content", "style"], kind="stable", key=_places)
    losses = list(losses_of(next(iter(records.values()))))
    return table.astype(dict.fromkeys(losses, float)).reset_index(drop=True)


def _cells(folder: Path) -> Path:
    """The folder of the images of a project, or of its results."""
    for cells in (folder / CELLS, folder / CELLS.relative_to(RESULTS)):
        if cells.is_dir():
            return cells
    raise NstError(f"{folder} holds neither {CELLS} nor {CELLS.name}: name a project, or its results")


def _record(path: Path) -> Record | None:
    try:
        return read_record(path)
    except NstError as error:
        warnings.warn(one_line(str(error)), stacklevel=3)
        return None


def _setting_columns(records: list[Record]) -> list[str]:
    """The settings that differ between the records, and those that always have a column."""
    first = records[0].settings
    names = [name for name in first if name in KINDS and name not in UNSHOWN]
    varying = {name for name in names for one in records if one.settings.get(name) != first[name]}
    return [name for name in names if name in varying or name in ALWAYS]


def _row(path: Path, record: Record, columns: list[str]) -> dict[str, Any]:
    image = path.with_suffix(".png")
    content, style, variant = path.parts[-3], path.parts[-2], path.stem
    print_ = image.parents[3] / PRINTS.name / content / style / image.name
    return {
        "content": content,
        "style": style,
        "variant": variant,
        **{column_of(name): _value(record.settings.get(name)) for name in columns},
        **losses_of(record),
        "made_evaluations": record.evaluations,
        "outcome": record.outcome,
        "seconds": record.seconds,
        "made_on": record.device,
        "image": str(image),
        "print": str(print_) if print_.is_file() else None,
    }


def _order(value: Any) -> tuple[bool, Any]:
    """What settings are sorted by: numbers by size, others as they are written."""
    is_number = isinstance(value, int | float)
    return not is_number, value if is_number else str(value)


def _places(names: "Series") -> "Series":
    """The place of each name in natural order."""
    order = [path.name for path in in_natural_order({Path(name) for name in names})]
    return names.map(order.index)


def _value(value: Any) -> Any:
    """A setting's value for a column: layers with weights as one text."""
    return (
        ", ".join(f"{layer}={weight:g}" for layer, weight in value.items())
        if isinstance(value, dict)
        else value
    )
