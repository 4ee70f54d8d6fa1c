"""Which masks and regions the images of a grid have: as pictures to lay over them, and in words."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from PIL import Image

from nst.config.grid import Grid
from nst.disk import images
from nst.disk.colours import alpha_of
from nst.disk.derived import Derived, code_digest
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results import overlay_picture, page_paths
from nst.results.made_with import guide_rows, mask_words
from nst.results.previews import READING
from nst.results.thumbnails import LARGE, shrunk_size, webp

ALPHA = "alpha"  # the value of `mask` that names no file
CODE = ("results/overlays", "results/overlay_picture", "results/thumbnails", *READING)


@dataclass(frozen=True)
class Overlay:
    """What is laid over an image: its regions, each by its mask, and below `mask` what is left."""

    name: str  # of the content
    content: Path
    regions: tuple[tuple[str, Path], ...]
    mask: Path | str  # a picture, ALPHA, or "" for none
    protect: float
    rows: tuple[tuple[str, str], ...]  # of the legend: colour and words

    @property
    def path(self) -> Path:
        """The picture beside the page; alike for images that differ in the words alone."""
        facts = repr([str(self.content), self.regions, str(self.mask), self.protect])
        return page_paths.overlay(self.name, hashlib.sha256(facts.encode()).hexdigest()[:12])

    @property
    def sources(self) -> list[Path]:
        """The pictures that it is made of."""
        mask = [self.content if self.mask == ALPHA else Path(self.mask)] if self.mask else []
        return [*(path for _, path in self.regions), *mask]

    def drawn(self, longest: int) -> Image.Image:
        """As a picture in the shape of the content. Raises NstError for a mask that cannot be read."""
        size = shrunk_size(images.upright_size(self.content), longest)
        laid = Image.new("RGBA", size)
        if self.regions:
            masks = [_grey(path, size) for _, path in self.regions]
            laid = overlay_picture.of_regions(masks)
        if self.mask:
            mask = _alpha(self.content, size) if self.mask == ALPHA else _grey(Path(self.mask), size)
            laid = Image.alpha_composite(laid, overlay_picture.of_mask(mask, self.protect))
        return laid

    @property
    def kinds(self) -> list[str]:
        """What it is of."""
        return [name for name, has in (("mask", self.mask), ("regions", self.regions)) if has]

    def words(self) -> dict[str, Any]:
        """What the page knows of it."""
        link = page_paths.link(self.path)
        return {"picture": link, "kind": " and ".join(self.kinds), "rows": self.rows}


def overlays(grid: Grid) -> dict[str, Overlay]:
    """The overlays of the images that have a mask or regions, by their ids."""
    found = {}
    same = cache(_overlay)  # one object for all images that are alike
    for cell in grid.cells:
        settings = cell.settings
        regions = tuple(settings.regions.items()) if settings.guide else ()
        mask = (settings.picture("mask") or settings.mask) if settings.protect else "none"
        if regions or mask != "none":
            rows = guide_rows(cell) if regions else ()
            found[cell.id] = same(
                cell.content, cell.content_picture, regions, mask, settings.protect, rows
            )
    return found


def _overlay(
    name: str,
    content: Path,
    regions: tuple[tuple[str, str], ...],
    mask: Path | str,
    protect: float,
    guide: tuple[tuple[str, str], ...],
) -> Overlay:
    used = [(region, Path(path)) for region, path in regions if region in dict(guide)]
    colours = {region: overlay_picture.colour_of(n) for n, (region, _) in enumerate(used)}
    rows = [(colours[region], text) for region, text in guide]
    if mask != "none":
        rows += mask_words(overlay_picture.DIM, protect)
    return Overlay(name, content, tuple(used), "" if mask == "none" else mask, protect, tuple(rows))


def overlay_pictures(grid: Grid, whole: bool = True) -> Iterator[Derived]:
    """The pictures of all overlays. If the grid is not `whole`, one that cannot be read is empty."""
    sums = Sums()
    for one in {one.path: one for one in overlays(grid).values()}.values():
        facts = [sums.of(path) for path in (one.content, *one.sources)]
        method = f"overlay {LARGE} {code_digest(*CODE)} {' '.join(facts)}"
        yield Derived(one.path, (), method, partial(overlay_bytes, one, LARGE, whole))


def overlay_bytes(one: Overlay, longest: int, whole: bool = False) -> bytes:
    """An overlay as WebP. Raises NstError for a mask that cannot be read if it must be `whole`."""
    try:
        return webp(one.drawn(longest))
    except NstError:  # its images have failed for the same reason, which the page tells
        if whole:
            raise
        return webp(Image.new("RGBA", (1, 1)))


def _grey(path: Path, size: tuple[int, int]) -> Image.Image:
    picture, _ = images.read(path, shown=max(size))
    return picture.convert("L").resize(size, Image.Resampling.BOX)


def _alpha(path: Path, size: tuple[int, int]) -> Image.Image:
    alpha = alpha_of(images.decoded(path, shown=max(size))[0])
    return Image.new("L", size, 255) if alpha is None else alpha.resize(size, Image.Resampling.BOX)
