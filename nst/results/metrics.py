"""The metrics of images, as `nst measure` has stored them: results/metrics/{content}/{style}.json.

A metric is a number of a saved picture that no recipe changes, so images of all recipes, networks and
sizes compare.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst.config.cell import Cell
from nst.config.external import External
from nst.config.grid import Grid
from nst.disk.files import write_whole
from nst.disk.record import SHA256
from nst.disk.sums import Sums
from nst.results.currency import WEIGHTS
from nst.results.page_paths import RESULTS

# Raised whenever the same pictures may get other numbers; all images are then measured again.
VERSION = 1
# In the order of all columns and lists. The first two are to the content, the others to the style.
METRICS = ("lpips", "ssim", "style_distance", "colour_distance")
# The two that stand for content and style loss where losses do not compare.
COMPARED = ("lpips", "style_distance")
# What measures: two networks, and the weights by which LPIPS adds up the features of the first.
NETWORKS = ("alexnet", "vgg16", "lpips")
FOLDER = RESULTS / "metrics"

Numbers = dict[str, float]  # by the names of METRICS
Images = dict[str, tuple[str, Numbers]]  # the `mark` of each image and its numbers, by cells' ids
Metrics = Mapping[str, Mapping[str, float]]  # such numbers by the ids of cells
Pair = Sequence[Cell | External]  # what is measured of one content and one style


@dataclass
class PairMetrics:
    """What was measured of the images of a content and a style, whose sums are here, too.

    `images` has the `mark` of each image and its numbers, by the ids of cells. Numbers that an
    image is too small for are left out; all of them, of an image that could not be measured.
    """

    content: str
    style: str
    images: Images = field(default_factory=dict)


def pair_file(content: str, style: str) -> Path:
    """Where the metrics of a pair are stored."""
    return FOLDER / content / f"{style}.json"


def part_file(content: str, style: str) -> Path:
    """Where the metrics of a pair are kept while it is measured.

    Snakemake puts the file of a pair back as it was if the job that updates it fails or is stopped.
    """
    return FOLDER / content / f"{style}.part"


def stored(grid: Grid, sums: Sums | None = None) -> dict[str, Numbers]:
    """The metrics of the images that are in place, by the ids of their cells.

    Only what was measured of the image as it is now, against the originals as they are now. Nothing if
    the config turns metrics off.
    """
    own = sums or Sums()
    found: dict[str, Numbers] = {}
    for cells in grid.measured.values():
        found |= measured(cells, own)
    own.save()
    return found


def measured(cells: Pair, sums: Sums) -> dict[str, Numbers]:
    """Of the cells of one pair, the metrics of those whose image is measured as it is now."""
    return {name: numbers for name, (_, numbers) in current(cells, sums).images.items() if numbers}


def current(cells: Pair, sums: Sums) -> PairMetrics:
    """What is stored of the cells of one pair, and fits their images and originals as they are now."""
    first = cells[0]
    originals = sums.of(first.content_picture), style_sum(first.style_pictures, sums)
    result = PairMetrics(*originals)
    for path in (pair_file(first.content, first.style), part_file(first.content, first.style)):
        pair = read_pair(path)
        if pair and (pair.content, pair.style) == originals:
            known = [cell for cell in cells if cell.id in pair.images]
            result.images |= {
                cell.id: pair.images[cell.id]
                for cell in known
                if mark(cell, sums.of(cell.picture)) == pair.images[cell.id][0]
            }
    return result


def style_sum(pictures: Sequence[Path], sums: Sums) -> str:
    """The sum of a style: that of its picture, or of the sums of all."""
    given = list(map(sums.of, pictures))
    return given[0] if len(given) == 1 else hashlib.sha256(" ".join(given).encode()).hexdigest()


def mark(one: Cell | External, sha256: str) -> str:
    """What an image is known by: the sum of its file, and for a blend the shares that it has."""
    if len(one.style_pictures) == 1:
        return sha256
    shares = " ".join(f"{share:.9f}" for share in one.style_shares)
    return hashlib.sha256(f"{sha256} {shares}".encode()).hexdigest()


def to_measure(cells: Pair, sums: Sums) -> list[Cell | External]:
    """The cells of one pair whose image is there and not measured as it is now."""
    known = current(cells, sums).images
    return [cell for cell in cells if cell.id not in known and sums.of(cell.picture)]


def missing_networks() -> list[str]:
    """What measures and is not in the project's folder of weights."""
    return [name for name in NETWORKS if not (WEIGHTS / f"{name}.safetensors").is_file()]


def keep_part(cells: Pair, sums: Sums, new: Images) -> None:
    """Keep what has been measured of a pair so far. Raises NstError where it cannot be written."""
    write_pair(part_file(cells[0].content, cells[0].style), _with(cells, sums, new))


def store(cells: Pair, sums: Sums, new: Images) -> None:
    """Store what was measured of a pair. Raises NstError where the file cannot be written."""
    write_pair(pair_file(cells[0].content, cells[0].style), _with(cells, sums, new))
    with suppress(OSError):
        part_file(cells[0].content, cells[0].style).unlink()


def _with(cells: Pair, sums: Sums, new: Images) -> PairMetrics:
    """What is stored of a pair, by another program too, which may measure it at the same time."""
    pair = current(cells, sums)
    pair.images |= new
    return pair


def write_pair(path: Path, pair: PairMetrics) -> None:
    """Store the metrics of a pair. Raises NstError where the file cannot be written."""
    images = {name: {"sha256": sha256, **numbers} for name, (sha256, numbers) in pair.images.items()}
    data = {"version": VERSION, "content": pair.content, "style": pair.style, "images": images}
    write_whole(path, (json.dumps(data, indent=1, allow_nan=False) + "\n").encode())


def read_pair(path: Path) -> PairMetrics | None:
    """What is stored of a pair; None if that is nothing, of another version, or damaged."""
    with suppress(OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] == VERSION:
            images = {name: _image(entry) for name, entry in data["images"].items()}
            return PairMetrics(_sum(data["content"]), _sum(data["style"]), images)
    return None


def _image(entry: Mapping[str, Any]) -> tuple[str, Numbers]:
    numbers = {name: entry[name] for name in METRICS if name in entry}
    for value in numbers.values():
        if type(value) not in (int, float) or not math.isfinite(value):
            raise ValueError(value)
    return _sum(entry["sha256"]), numbers


def _sum(value: Any) -> str:
    if not SHA256.fullmatch(value):
        raise ValueError(value)
    return value
