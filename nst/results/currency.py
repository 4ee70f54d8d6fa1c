"""Whether the image of a cell is current: what it was made from decides, and never a date."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nst.config.cell import CELL_ENDINGS, CELLS, Cell
from nst.config.inputs import named_by_settings, without_paths
from nst.config.recipes import complete_settings
from nst.config.setting_sets import OF_STARTS
from nst.config.settings import FIELDS, KINDS
from nst.config.shared_start import KEYS, NAME
from nst.disk.encoded import DEEP
from nst.disk.input_names import noun_of, styles_among
from nst.disk.record import Record, differences, read_record
from nst.disk.sums import Sums
from nst.errors import NstError

CURRENT, OUTDATED, MISSING, DAMAGED = "current", "outdated", "missing", "damaged"
WEIGHTS = Path("results/weights")
NUMBERS = re.compile(  # of the section, in the name of a shared start
    "(?P<axes>.*?)" + "_".join(rf"{key}-(?P<{key}>[^_]+)" for key in KEYS) + r"\.png"
)


@dataclass(frozen=True)
class Currency:
    """`kind` is one of the words above, `reasons` say why a cell is not current.

    Of a missing cell the record is not read; `fault` is what is wrong with a damaged one.
    """

    kind: str
    reasons: tuple[str, ...] = ()
    record: Record | None = None
    fault: str = ""


def judge(cells: Iterable[Cell], sums: Sums | None = None) -> dict[str, Currency]:
    """The currency of each cell, by its id."""
    sums = sums or Sums()
    currencies = {cell.id: _judge(cell, sums) for cell in cells}
    sums.save()
    return currencies


def lacks_film(cell: Cell, currency: Currency) -> bool:
    """Whether a film is asked for and not there, or is that of an earlier image."""
    every = cell.settings.snapshot_every
    if not every or not currency.record:
        return False
    return currency.record.settings.get("snapshot_every") != every or not cell.film.is_file()


def lacks_deep(cell: Cell, currency: Currency) -> bool:
    """Whether a file of 16 bits is asked for and not there: it cannot be made of the PNG."""
    if not cell.beside or cell.settings.format not in DEEP or not currency.record:
        return False
    return any(_lacking(cell, currency.record))


def _lacking(cell: Cell, record: Record) -> Iterator[str]:
    """Why a file of 16 bits is to be made, with its image, that has this record."""
    kind, dpi = (record.settings.get(name, FIELDS[name].default) for name in ("format", "dpi"))
    if kind != cell.settings.format or (cell.beside and not cell.beside.is_file()):
        yield f"format {cell.settings.format} needs 16 bits, which the PNG lacks"
    elif dpi != cell.settings.dpi:
        yield f"dpi {KINDS['dpi'].text(dpi)} -> {KINDS['dpi'].text(cell.settings.dpi)}"


def reasons_to_make(cell: Cell, currency: Currency) -> tuple[str, ...]:
    """Why a cell that is there is made again, in words."""
    if not currency.reasons and lacks_deep(cell, currency) and currency.record and cell.beside:
        return tuple(_lacking(cell, currency.record))
    if currency.reasons or not lacks_film(cell, currency) or not currency.record:
        return currency.reasons
    before, now = currency.record.settings.get("snapshot_every"), cell.settings.snapshot_every
    return ("its film is missing",) if before == now else (f"snapshot_every {before} -> {now}",)


def read_cell(cell: Cell) -> Record:
    """The record of a cell; settings that are newer than the record have their defaults.

    Raises NstError as `read_record` does.
    """
    record = read_record(cell.file(".json"))
    return replace(record, settings=complete_settings(record.settings))


def _judge(cell: Cell, sums: Sums) -> Currency:
    absent = [ending for ending in CELL_ENDINGS if not cell.file(ending).is_file()]
    if absent:
        return Currency(MISSING, tuple(f"no {cell.variant}{ending}" for ending in absent))
    try:
        record = read_cell(cell)
    except NstError as error:
        return Currency(DAMAGED, ("its record is damaged",), fault=str(error).splitlines()[0])
    reasons = tuple(_changes(cell, record, sums))
    return Currency(OUTDATED if reasons else CURRENT, reasons, record)


def _changes(cell: Cell, record: Record, sums: Sums) -> Iterator[str]:
    """What has changed since a record was written, in words: `size 128 -> 96`.

    The bytes of a shared start say nothing: another machine makes others with the same settings, which
    are all among those of its cells, or in its name.
    """
    pictures = cell.given_inputs
    idle = OF_STARTS if cell.start and not cell.shared_start else ()
    pixels = {name: value for name, value in cell.settings.pixels().items() if name not in idle}
    if cell.settings.same_blend(blend := record.settings["blend"], len(cell.style_pictures)):
        pixels["blend"] = blend  # the shares count, not how they are written
    if (pixels["alpha"], pixels["mask"], record.settings["mask"]) == ("keep", "none", "alpha"):
        pixels["mask"] = "alpha"  # which added nothing
    named = [name for name in named_by_settings(cell.settings) if name in pictures]
    compared = [name for name in named if name in record.inputs]  # by their contents, below
    recorded_settings = without_paths(record.settings, compared)
    yield from differences(replace(record, settings=recorded_settings), without_paths(pixels, compared))
    if bool(cell.start) != ("start" in record.inputs):
        yield _other_start(cell)
    elif cell.shared_start:
        yield from _of_section(Path(record.inputs["start"]["path"]).name, cell.shared_start)
    before, now = (len(styles_among(inputs)) for inputs in (record.inputs, pictures))
    if before and before != now:
        yield f"style pictures {before} -> {now}"
    for name, path in pictures.items():
        recorded = record.inputs.get(name, {})
        now = sums.of(path) if recorded else ""
        if now and now != recorded["sha256"]:
            replaced = recorded["path"] == str(path)
            if name == "start":
                yield "the image it starts from was made again"
            else:
                yield f"the {noun_of(name)} was replaced" if replaced else f"another {noun_of(name)}"
    if record.weights["backbone"] == cell.settings.backbone:
        now = sums.of(cell.own_weights) if cell.own_weights else _noted(cell.settings.backbone)
        if now and now != record.weights["sha256"]:
            yield f"other weights of {cell.settings.backbone}"


def _other_start(cell: Cell) -> str:
    """That a cell now has a start and had none, or the other way round."""
    if cell.folder == CELLS:
        return "now from a shared start" if cell.start else "no longer from a shared start"
    return "start afresh -> cell" if cell.start else "start cell -> afresh"


def _of_section(before: str, start: Cell) -> Iterator[str]:
    """How the name of the shared start in a record differs from that of the shared start now."""
    now = start.file(".png").name
    if before == now:
        return
    old, new = (NUMBERS.fullmatch(name) for name in (before, now))
    if not old or not new or old["axes"] != new["axes"]:
        yield "another shared start"
        return
    for key in KEYS:
        if old[key] != new[key]:
            yield f"{NAME}.{key} {old[key]} -> {new[key]}"


def _noted(backbone: str) -> str:
    """The sum of the published weights, which are noted beside their file."""
    try:
        return (WEIGHTS / f"{backbone}.safetensors.sha256").read_text().split()[0]
    except (OSError, ValueError, IndexError):
        return ""
