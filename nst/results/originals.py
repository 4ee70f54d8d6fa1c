"""What stands for a content or a style on page and sheets: its picture, or the strip of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst.config.grid import Cell, Grid
from nst.results.strip import Part, strip
from nst.results.thumbnails import REDUCING_GAP, seen, shrunk_size


@dataclass(frozen=True)
class Original:
    """The pictures of a content or a style, each with its share."""

    parts: tuple[Part, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The pictures that are shown of it."""
        return tuple(path for path, share in self.parts if share)

    def drawn(self, longest: int) -> Image.Image:
        """As one picture whose longer side has at most `longest` pixels, with transparent parts.

        Raises NstError for a picture that cannot be read.
        """
        path, *others = self.paths
        if others:
            return strip(self.parts, longest)
        picture = seen(path, longest)
        size = shrunk_size(picture.size, longest)
        return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)


def originals(grid: Grid) -> dict[tuple[str, str], Original]:
    """All contents and styles of a grid, by kind and name, in the order of the config."""
    contents = {cell.content: cell.content_picture for cell in grid.cells}
    styles: dict[str, list[Cell]] = {}
    for cell in grid.cells:
        styles.setdefault(cell.style, []).append(cell)
    return {("content", name): Original(((contents[name], 1.0),)) for name in grid.config.content} | {
        ("style", name): Original(_parts(styles[name])) for name in grid.config.style
    }


def _parts(cells: Sequence[Cell]) -> tuple[Part, ...]:
    """The pictures of a style. They are alike if the images differ in the shares."""
    pictures = cells[0].style_pictures
    shares = {cell.style_shares for cell in cells}
    if len(shares) > 1:
        return tuple((picture, 1 / len(pictures)) for picture in pictures)
    return tuple(zip(pictures, shares.pop(), strict=True))
