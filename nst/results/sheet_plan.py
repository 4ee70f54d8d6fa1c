"""Which contact sheets a grid has, and what is on each.

One sheet for every variant shows contents x styles; one sheet for every content shows styles x the
values of one axis. Pictures that another program made have a sheet and a column as a variant has. Large
sheets are split into pages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from nst.config.cell import variant_name
from nst.config.external import External, made_by
from nst.config.grid import Cell, Grid, axes_text
from nst.results.originals import Original, originals

ROWS, COLUMNS = 10, 8  # images on one page
MADE_HERE = "made here"  # the head of a grid without axes, beside other programs


@dataclass(frozen=True)
class Header:
    """The head of a row or column: a label, with the original if there is one."""

    label: str
    original: Original | None = None
    plain: str = ""  # the label in letters that every font has


@dataclass(frozen=True)
class Sheet:
    """One page: `cells[row][column]` and the heads of rows and columns.

    `kind` names the rows and columns, `content` is the content of all cells, if it is one, `variant`
    are the values of axes that all cells share, and `page` the part of a large sheet that it is. A cell
    that the config leaves out is None.
    """

    name: str
    kind: str
    content: str
    variant: str
    corner: Header
    rows: tuple[Header, ...]
    columns: tuple[Header, ...]
    cells: tuple[tuple[Cell | External | None, ...], ...]
    page: str = ""

    @property
    def title(self) -> str:
        """The content and the values that all cells share, or the kind, and the page."""
        shared = " · ".join(filter(None, [self.content, self.variant])) or "contents and styles"
        return " · ".join(filter(None, [shared, self.page]))

    def images(self) -> list[Cell]:
        """The cells of the sheet, row by row, without external pictures."""
        return [cell for row in self.cells for cell in row if isinstance(cell, Cell)]

    def externals(self) -> list[External]:
        """The external pictures of the sheet, row by row."""
        return [cell for row in self.cells for cell in row if isinstance(cell, External)]

    def originals(self) -> list[Path]:
        """The pictures of contents and styles that the sheet shows, each once."""
        heads = (header.original for header in (self.corner, *self.rows, *self.columns))
        return list(dict.fromkeys(path for head in heads if head for path in head.paths))

    def pictures(self) -> list[Path]:
        """Every picture the sheet shows, originals included, each once."""
        return [*self.originals(), *(one.picture for one in (*self.images(), *self.externals()))]


Heads = dict[str, dict[str, Header]]


def plan(grid: Grid) -> dict[str, Sheet]:
    """All sheets of a grid by name, in the order in which a person would look at them."""
    heads = _heads(grid)
    sheets = (*_by_variant(grid, heads), *_by_content(grid, heads))
    pages = (page for sheet in sheets for page in _pages(sheet))
    return {page.name: page for page in pages if page.images() or page.externals()}


def main_axis(grid: Grid) -> str | None:
    """The axis that the page and the sheets go along: the style weight, or the first that varies."""
    varying = [name for name, values in grid.axes.items() if len(values) > 1] or list(grid.axes)
    return "style_weight" if "style_weight" in varying else next(iter(varying), None)


def _by_variant(grid: Grid, heads: Heads) -> Iterator[Sheet]:
    """Contents x styles, for every combination of the axes and every other program."""
    contents, styles = grid.config.content, grid.config.style
    texts = {cell.variant: axes_text(cell.axes) for cell in grid.cells}
    for variant in (*grid.variants, *grid.external_names):
        yield Sheet(
            name=f"all_{variant}",
            kind="contents x styles",
            content="",
            variant=texts.get(variant, made_by(variant)),
            corner=Header("content / style"),
            rows=tuple(heads["content"].values()),
            columns=tuple(heads["style"].values()),
            cells=tuple(
                tuple(grid.shown.get(f"{content}/{style}/{variant}") for style in styles)
                for content in contents
            ),
        )


def _heads(grid: Grid) -> Heads:
    """The heads of all contents and styles, by kind and name."""
    heads: Heads = {"content": {}, "style": {}}
    for (kind, name), original in originals(grid).items():
        heads[kind][name] = Header(grid.config.label(kind, name), original, name)
    return heads


def _by_content(grid: Grid, heads: Heads) -> Iterator[Sheet]:
    """Styles x one axis for every content: the style weight, or the first axis that varies.

    The pictures of other programs follow the values of the axis.
    """
    across = main_axis(grid)
    if across is None and not grid.externals:
        return
    others = {name: values for name, values in grid.axes.items() if name != across}
    for content, *values in product(grid.config.content, *others.values()):
        fixed = dict(zip(others, values, strict=True))
        columns = _columns(grid, across, fixed)
        parts = [content, "by", across or "maker", variant_name(fixed) if fixed else ""]
        yield Sheet(
            name="_".join(filter(None, parts)),
            kind="styles x values",
            content=grid.config.label("content", content),
            variant=axes_text(fixed),
            corner=heads["content"][content],
            rows=tuple(heads["style"].values()),
            columns=tuple(map(Header, columns.values())),
            cells=tuple(
                tuple(grid.shown.get(f"{content}/{style}/{variant}") for variant in columns)
                for style in grid.config.style
            ),
        )


def _columns(grid: Grid, across: str | None, fixed: Mapping[str, Any]) -> dict[str, str]:
    """The variants along one axis, then the other programs, with their heads."""
    columns = {}
    if across is None:
        columns[variant_name({})] = MADE_HERE
    else:
        for value in grid.axes[across]:
            axes = {name: value if name == across else fixed[name] for name in grid.axes}
            columns[variant_name(axes)] = axes_text({across: value})
    return columns | {name: made_by(name) for name in grid.external_names}


def _pages(sheet: Sheet) -> list[Sheet]:
    """The sheet, or its parts if it is too large; the heads are repeated on every page."""
    blocks = [
        (row, column)
        for row in range(0, len(sheet.rows), ROWS)
        for column in range(0, len(sheet.columns), COLUMNS)
    ]
    if len(blocks) == 1:
        return [sheet]
    return [
        replace(
            sheet,
            name=f"{sheet.name}_page-{number}",
            page=f"page {number} of {len(blocks)}",
            rows=sheet.rows[row : row + ROWS],
            columns=sheet.columns[column : column + COLUMNS],
            cells=tuple(cells[column : column + COLUMNS] for cells in sheet.cells[row : row + ROWS]),
        )
        for number, (row, column) in enumerate(blocks, start=1)
    ]
