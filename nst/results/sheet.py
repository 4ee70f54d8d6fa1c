"""Pictures -> contact sheets: labelled, with the originals as header row and column, in pages.

Two kinds: one sheet for every variant shows contents x styles; one sheet for every content shows
styles x the values of one axis. `plan` says which sheets a grid has; `write_sheet` draws one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from nst.config.grid import Cell, Grid, described, variant_name
from nst.disk import images
from nst.errors import NstError
from nst.text import nearest, shown

ROWS, COLUMNS = 10, 8  # images on one page
BOX = 256  # pixels; a thumbnail fits in a square of this side
EFFORT = 1  # of the PNG's compression: half the time of the usual 6, a tenth more bytes
GAP, MARGIN = 12, 28
MOST_NAMES = 40  # of sheets that one message lists
SMALLEST_BOX = 96  # pixels; of originals beside tiny images
NARROWEST = 96  # pixels; leaves a label room beside tiny images
INK, FAINT, PAPER = "#1b1b1f", "#77777f", "#ffffff"
TITLE_SIZE, LABEL_SIZE, SMALLEST_SIZE = 24, 17, 11


@dataclass(frozen=True)
class Header:
    """The head of a row or column: a label, with the original picture if there is one."""

    label: str
    picture: Path | None = None


@dataclass(frozen=True)
class Sheet:
    """One page: `cells[row][column]`, and what stands at the heads.

    `kind` names the rows and columns, `content` is the only one on it, if so, `variant` says which
    values of the axes all its cells share, and `page` which part of a large sheet it is.
    """

    name: str
    kind: str
    content: str
    variant: str
    corner: Header
    rows: tuple[Header, ...]
    columns: tuple[Header, ...]
    cells: tuple[tuple[Cell, ...], ...]
    page: str = ""

    @property
    def title(self) -> str:
        """What it shows, in one line."""
        shown = " · ".join(filter(None, [self.content, self.variant])) or "contents and styles"
        return " · ".join(filter(None, [shown, self.page]))

    def pictures(self) -> list[Path]:
        """Every picture the sheet shows, originals included, each once."""
        heads = [header.picture for header in (self.corner, *self.rows, *self.columns)]
        shown = [cell.file(".png") for row in self.cells for cell in row]
        return list(dict.fromkeys(path for path in [*heads, *shown] if path))


def plan(grid: Grid) -> dict[str, Sheet]:
    """All sheets of a grid by name, in the order in which a person would look at them."""
    sheets = [*_by_variant(grid), *_by_content(grid)]
    return {page.name: page for sheet in sheets for page in _pages(sheet)}


def main_axis(grid: Grid) -> str | None:
    """The axis that people look along: the style weight, or the first that varies; None without."""
    varying = [name for name, values in grid.axes.items() if len(values) > 1] or list(grid.axes)
    return "style_weight" if "style_weight" in varying else next(iter(varying), None)


def write_sheet(grid: Grid, name: str, path: Path) -> None:
    """Draw one sheet as PNG. Raises NstError for a name that the grid has no sheet of."""
    sheets = plan(grid)
    if name not in sheets:
        more = ", ..." if len(sheets) > MOST_NAMES else ""
        known = ", ".join(list(sheets)[:MOST_NAMES])
        raise NstError(f"no sheet {shown(name)}{nearest(name, sheets)}; there are {known}{more}")
    images.write_png(draw(sheets[name]), path, EFFORT)


def draw(sheet: Sheet) -> Image.Image:
    """The page as a picture."""
    body = [[_thumbnail(cell.file(".png"), BOX) for cell in row] for row in sheet.cells]
    # Originals no larger than the images beside them.
    box = max(SMALLEST_BOX, *(max(image.size) for row in body for image in row))
    heads = [_thumbnail(header.picture, box) for header in sheet.columns]
    sides = [_thumbnail(header.picture, box) for header in sheet.rows]
    corner = _thumbnail(sheet.corner.picture, box)
    label = LABEL_SIZE + GAP

    widths = [
        max(NARROWEST, *(image.width for image in column if image))
        for column in zip(heads, *body, strict=True)
    ]
    side_width = max(NARROWEST, *(image.width for image in [corner, *sides] if image), 0)
    heights = [
        max(image.height for image in (side, *row) if image)
        for side, row in zip(sides, body, strict=True)
    ]
    head_height = max((image.height for image in [corner, *heads] if image), default=0)

    left = MARGIN + side_width + 2 * GAP
    top = MARGIN + TITLE_SIZE + 2 * GAP + head_height + label + GAP
    lefts = [left + sum(widths[:n]) + GAP * n for n in range(len(widths))]
    tops = [top + sum(heights[:n]) + (label + GAP) * n for n in range(len(heights))]
    width = lefts[-1] + widths[-1] + MARGIN
    page = Image.new("RGB", (width, tops[-1] + heights[-1] + label + MARGIN), PAPER)
    pen = ImageDraw.Draw(page)

    _write(pen, (MARGIN, MARGIN), sheet.title, width - 2 * MARGIN, TITLE_SIZE, INK, centred=False)
    base = top - GAP - label
    for image, header, x, w in [
        (corner, sheet.corner, MARGIN, side_width),
        *zip(heads, sheet.columns, lefts, widths, strict=True),
    ]:
        if image:
            page.paste(image, (x + (w - image.width) // 2, base - image.height))
        ink = FAINT if header is sheet.corner and not image else INK
        _write(pen, (x, base + GAP // 2), header.label, w, LABEL_SIZE, ink)
    for row, y, h, image, header in zip(body, tops, heights, sides, sheet.rows, strict=True):
        if image:
            page.paste(image, (MARGIN + (side_width - image.width) // 2, y))
        _write(pen, (MARGIN, y + h + GAP // 2), header.label, side_width, LABEL_SIZE, INK)
        for picture, x, w in zip(row, lefts, widths, strict=True):
            page.paste(picture, (x + (w - picture.width) // 2, y))
    rule = MARGIN + side_width + GAP
    pen.line([(rule, base - head_height), (rule, page.height - MARGIN)], fill="#d8d8de")
    pen.line([(MARGIN, top - GAP // 2), (width - MARGIN, top - GAP // 2)], fill="#d8d8de")
    return page


def _by_variant(grid: Grid) -> Iterator[Sheet]:
    """Contents x styles, for every combination of the axes."""
    contents, styles = grid.config.content, grid.config.style
    for variant in grid.variants:
        first = grid.by_id[f"{next(iter(contents))}/{next(iter(styles))}/{variant}"]
        yield Sheet(
            name=f"all_{variant}",
            kind="contents x styles",
            content="",
            variant=described(first.axes),
            corner=Header("content / style"),
            rows=tuple(Header(name, path) for name, path in contents.items()),
            columns=tuple(Header(name, path) for name, path in styles.items()),
            cells=tuple(
                tuple(grid.by_id[f"{content}/{style}/{variant}"] for style in styles)
                for content in contents
            ),
        )


def _by_content(grid: Grid) -> Iterator[Sheet]:
    """Styles x one axis for every content: the style weight, or the first axis that varies."""
    across = main_axis(grid)
    if across is None:
        return
    others = {name: values for name, values in grid.axes.items() if name != across}
    for content, *values in product(grid.config.content, *others.values()):
        fixed = dict(zip(others, values, strict=True))
        variants = [
            variant_name({name: value if name == across else fixed[name] for name in grid.axes})
            for value in grid.axes[across]
        ]
        yield Sheet(
            name="_".join(filter(None, [content, "by", across, variant_name(fixed) if fixed else ""])),
            kind="styles x values",
            content=content,
            variant=described(fixed),
            corner=Header(content, grid.config.content[content]),
            rows=tuple(Header(name, path) for name, path in grid.config.style.items()),
            columns=tuple(Header(described({across: value})) for value in grid.axes[across]),
            cells=tuple(
                tuple(grid.by_id[f"{content}/{style}/{variant}"] for variant in variants)
                for style in grid.config.style
            ),
        )


def _pages(sheet: Sheet) -> list[Sheet]:
    """The sheet, or its parts if it is too large to be read; heads are repeated on every page."""
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


def _thumbnail(path: Path | None, box: int) -> Image.Image | None:
    if path is None:
        return None
    picture, _ = images.read(path, shown=box)
    return images.resized(picture, box) if max(picture.size) > box else picture


def _write(pen, corner, text, width, size, ink, centred=True) -> None:
    """One line of text in `width` pixels: smaller if it is long, cut in the middle if longer."""
    while size > SMALLEST_SIZE and _font(size).getlength(text) > width:
        size -= 1
    font, keep = _font(size), len(text)
    cut = text
    while font.getlength(cut) > width and keep > 2:
        keep -= 1
        cut = f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"
    x = corner[0] + ((width - font.getlength(cut)) / 2 if centred else 0)
    pen.text((x, corner[1]), cut, font=font, fill=ink)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)
