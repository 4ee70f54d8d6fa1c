"""The paths of the page and of the files beside it, all below results/."""

from pathlib import Path

from nst.config.external import External
from nst.config.grid import Cell

RESULTS = Path("results")
PAGE = RESULTS / "index.html"
TABLE = RESULTS / "losses.csv"
LAYERS = RESULTS / "losses_by_layer.csv"
SUMMARY = RESULTS / "summary.md"
SHEETS = RESULTS / "sheets"
CURVES = RESULTS / "curves"
FILMS = RESULTS / "films"
GALLERY = RESULTS / "gallery"
DRAWN = RESULTS / "drawn"
NEWS = GALLERY / "live.js"  # what has changed since the page was written, and how the run is
LIVE = GALLERY / "live"  # details and changes of a run that is under way


def pair_figure(content: str, style: str) -> Path:
    """The figure of the curves of all cells of a pair."""
    return CURVES / content / style / "all.svg"


def sheet_file(name: str) -> Path:
    """A contact sheet."""
    return SHEETS / f"{name}.png"


def small_sheet(name: str) -> Path:
    """The small copy of a contact sheet."""
    return GALLERY / "sheets" / f"{name}.webp"


def small_original(kind: str, name: str) -> Path:
    """The small copy of a content or style picture."""
    return GALLERY / "originals" / kind / f"{name}.webp"


def small_image(cell: Cell | External) -> Path:
    """The small copy of a cell's image, or of what another program made."""
    return GALLERY / "cells" / f"{cell.id}.webp"


def external_copy(one: External) -> Path:
    """The copy of what another program made that the page shows when it is opened."""
    return GALLERY / "external" / f"{one.id}.png"


def overlay(content: str, name: str) -> Path:
    """A picture of masks and regions, to lay over the images of a content."""
    return GALLERY / "overlays" / content / f"{name}.webp"


def pair_script(content: str, style: str) -> Path:
    """The script that the page loads when a cell of a pair is opened."""
    return GALLERY / "pairs" / content / f"{style}.js"


def drawn_originals() -> Path:
    """The script with the contents and styles for the picture that the page saves."""
    return DRAWN / "originals.js"


def drawn_script(content: str, style: str) -> Path:
    """The script with the images of a pair for the picture that the page saves."""
    return DRAWN / "pairs" / content / f"{style}.js"


def live_script(cell: Cell, token: str) -> Path:
    """The script with the details of one making of a cell, while its pair has none of it."""
    return LIVE / f"{cell.id}.{token}.js"


def link(path: Path) -> str:
    """A path as the page, which is in results/, links to it."""
    return path.relative_to(RESULTS).as_posix()
