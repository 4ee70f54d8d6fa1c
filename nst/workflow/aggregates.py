"""What the rules of table, sheets and page are given: their inputs, and what Snakemake compares."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nst.config.cell import CELL_ENDINGS
from nst.config.grid import Grid
from nst.disk.sums import Sums
from nst.results.currency import CURRENT, Currency
from nst.results.favourites import project_name
from nst.results.gallery import gallery_files
from nst.results.page_paths import TABLE, pair_figure, sheet_file
from nst.results.sheet_plan import Sheet
from nst.results.states import MADE, State
from nst.results.table import cells_of_other_rows


def cell_files(grid: Grid, ending: str) -> list[str]:
    """This file of every cell, in the config's order."""
    return [cell.file(ending).as_posix() for cell in grid.cells]


def missing_cell_files(grid: Grid) -> list[str]:
    """For every cell that lacks a file, the first that is missing.

    Snakemake does not miss a deleted file if what was made from it is there, unless it is a target.
    To make all files of all cells targets would take it longer, and fill the terminal with paths.
    """
    missing = []
    for cell in grid.cells:
        files = [cell.file(ending) for ending in CELL_ENDINGS]
        files += [cell.film] if grid.snapshot_every else []
        files += [cell.beside] if cell.beside else []
        missing += _first(file for file in files if not file.exists())
    return [path.as_posix() for path in missing]


def film_files(grid: Grid) -> list[str]:
    """The film of every cell, if the config asks for films."""
    return [cell.film.as_posix() for cell in grid.cells] if grid.snapshot_every else []


def files_beside(grid: Grid) -> list[str]:
    """The file of every cell in another format, if the config asks for one."""
    return [cell.beside.as_posix() for cell in grid.cells if cell.beside]


def curve_files(grid: Grid) -> dict[str, dict[str, str]]:
    """The figure of every pair, and the labels by which a report finds it."""
    return {
        pair_figure(content, style).as_posix(): {
            "content": cell.content_label,
            "style": cell.style_label,
        }
        for (content, style), cell in grid.pairs.items()
    }


def missing_page_file(grid: Grid) -> list[str]:
    """The first of the files beside the page that is missing, if one is.

    It is an output of the page's rule for this run only, so that Snakemake sees that the page is not
    whole. Were all of them outputs, it would delete all of them before each run of the rule.
    """
    return [path.as_posix() for path in _first(p for p in gallery_files(grid) if not p.exists())]


def _first(paths: Iterator[Path]) -> list[Path]:
    path = next(paths, None)
    return [path] if path else []


def sheet_labels(sheet: Sheet) -> str:
    """All that is written on a sheet, and the cells that are shown, in order."""
    headers = [header.label for header in (*sheet.rows, *sheet.columns)]
    return json.dumps(
        [sheet.title, headers, [[cell and cell.id for cell in row] for row in sheet.cells]]
    )


def sheet_facts(sheet: Sheet) -> dict[str, str]:
    """What a report says of a sheet: its kind, its content, and the values that all of it shares."""
    variant = " · ".join(filter(None, [sheet.variant, sheet.page]))
    return {"kind": sheet.kind, "content": sheet.content or "all", "variant": variant}


def grid_order(grid: Grid) -> str:
    """A digest of the cells in the config's order: Snakemake compares inputs as a set."""
    order = [[cell.id, cell.settings.recipe, list(cell.axes)] for cell in grid.cells]
    return hashlib.sha256(json.dumps(order).encode()).hexdigest()


def aggregates_of_others(
    grid: Grid, sheets: Mapping[str, Sheet], currencies: Mapping[str, Currency]
) -> list[Path]:
    """The table and the sheets that show other images than those in place, which are not newer.

    As after a backup was put back: Snakemake, which goes by dates, does not see it.
    """
    states = {
        name: State(MADE, record=currency.record)
        for name, currency in currencies.items()
        if currency.kind == CURRENT
    }
    made = [cell for cell in grid.cells if cell.id in states]
    others = {
        cell.id: cell
        for cell in cells_of_other_rows(made, states, TABLE)
        if not _is_newer(cell.file(".json"), TABLE)
    }
    if not others:
        return []
    shown = (
        sheet_file(name)
        for name, sheet in sheets.items()
        if any(
            cell.id in others and not _is_newer(cell.file(".png"), sheet_file(name))
            for cell in sheet.images()
        )
    )
    return [TABLE, *shown]


def _is_newer(source: Path, made: Path) -> bool:
    """Whether Snakemake sees by dates that a file must be made again."""
    return not made.is_file() or source.stat().st_mtime > made.stat().st_mtime


def digest_of(pictures: Iterable[Path], sums: Sums) -> str:
    """A digest of the contents of pictures, in order; moved ones have the same."""
    return hashlib.sha256(" ".join(map(sums.of, pictures)).encode()).hexdigest()


def external_digest(grid: Grid, sums: Sums) -> str:
    """A digest of the pictures of other programs: their paths and contents."""
    facts = [(one.id, str(one.picture), sums.of(one.picture)) for one in grid.externals]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def label_digest(grid: Grid) -> str:
    """A digest of what a person reads as the names of contents and styles."""
    return hashlib.sha256(json.dumps(grid.config.labels).encode()).hexdigest()


def shown_digest(grid: Grid, sums: Sums) -> str:
    """A digest of what the page shows beside the records: originals, texts, and paths in commands."""
    config = grid.config
    originals = [
        (section, name, str(path), sums.of(path))
        for section, pictures in (("content", config.content), ("style", config.style))
        for name, path in pictures.items()
    ]
    originals += [
        ("style", name, str(path), sums.of(path))
        for name in config.style
        for path in config.style_pictures[name][1:]
    ]
    weights = {name: str(path) for name, path in config.weights.items()}
    facts = [originals, config.labels, weights, grid.texts.facts(), project_name()]
    facts += [external_digest(grid, sums)] if grid.externals else []
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def config_options(files: Sequence[str], overlay: Mapping[str, Any]) -> list[str]:
    """The options by which a verb of nst reads the config as this run does."""
    # Snakemake would take `{content}` in a text for a wildcard; JSON's own braces have no name in them.
    text = re.sub(r"\{(?=\s*\w)", r"\\u007b", json.dumps(overlay))
    return ["--config", *files, *(["--overlay", text] if overlay else [])]
