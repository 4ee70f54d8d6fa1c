"""Contact sheets -> PNG: labelled images, with the originals as header row and column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw

from nst.config.external import External
from nst.config.grid import Cell, Grid
from nst.disk import images
from nst.disk.derived import code_digest
from nst.disk.files import Stamp, stamp
from nst.errors import NstError
from nst.results import fonts
from nst.results.dated_back import date_back, is_dated_back, shows
from nst.results.externals import ABSENT, UNREADABLE, is_there
from nst.results.hatched import hatched
from nst.results.originals import Original
from nst.results.page_paths import sheet_file
from nst.results.sheet_plan import Header, Sheet, plan
from nst.results.states import MADE, States, refuse_holes, survey
from nst.results.strip import strip
from nst.text import nearest, shown

BOX = 256  # pixels; a thumbnail fits in a square of this side
MIN_BOX = 96  # pixels; of originals beside tiny images
MIN_WIDTH = 96  # pixels; leaves a label room beside tiny images
GAP, MARGIN = 12, 28
TITLE_SIZE, LABEL_SIZE, MIN_SIZE = 24, 17, 11
LABEL = LABEL_SIZE + GAP  # pixels for a line of labels
INK, FAINT, PAPER, RULE = "#1b1b1f", "#77777f", "#ffffff", "#d8d8de"
EFFORT = 1  # zlib's level for the PNG: half the time of the usual 6, a tenth more bytes
MAX_NAMES = 40  # of sheets that one message lists
CODE = (
    "results/sheet", "results/strip", "results/hatched", "results/fonts", "disk/images", "disk/colours",
)  # fmt: skip

Picture = Image.Image | None


def write_sheet(grid: Grid, name: str, path: Path, whole: bool = False) -> None:
    """Draw one sheet as PNG; a cell that is not made is a hatched box.

    Raises NstError if there is no sheet of this name, or for such a cell if the sheet must be whole.
    """
    sheets = plan(grid)
    if name not in sheets:
        more = ", ..." if len(sheets) > MAX_NAMES else ""
        known = ", ".join(list(sheets)[:MAX_NAMES])
        raise NstError(f"no sheet {shown(name)}{nearest(name, sheets)}; there are {known}{more}")
    states = survey(sheets[name].images())
    if whole:
        refuse_holes(states)
    save_sheet(sheets[name], states, path)


def save_sheet(sheet: Sheet, states: States, path: Path) -> None:
    """Draw a sheet as PNG."""
    images.write_png(draw(sheet, states), path, EFFORT)
    if facts := hole_facts(sheet, states):
        date_back(path, facts)


def is_current(sheet: Sheet, states: States) -> bool:
    """Whether the file of a sheet shows what is there now."""
    path = sheet_file(sheet.name)
    if facts := hole_facts(sheet, states):
        return shows(path, facts)
    if not path.is_file() or is_dated_back(path):
        return False
    pictures = (one.picture for one in (*sheet.images(), *sheet.externals()))
    dates = [picture.stat().st_mtime for picture in pictures if picture.is_file()]
    return path.stat().st_mtime >= max(dates, default=0)


def hole_facts(sheet: Sheet, states: States) -> str:
    """All that decides what a sheet with holes shows; none for a whole sheet."""
    cells = sheet.images()
    if all(states[cell.id].kind == MADE for cell in cells):
        return ""
    labels = [sheet.title, *(header.label for header in (sheet.corner, *sheet.rows, *sheet.columns))]
    kinds = [(cell.id, states[cell.id].kind) for cell in cells]
    return repr([code_digest(*CODE), labels, kinds, [stamp(path) for path in sheet.pictures()]])


@dataclass(frozen=True)
class Layout:
    """Pixels of a sheet: its header column and row, and the columns and rows of images."""

    side: int
    head: int
    widths: Sequence[int]
    heights: Sequence[int]

    @property
    def left(self) -> int:
        """Where the images begin."""
        return MARGIN + self.side + 2 * GAP

    @property
    def base(self) -> int:
        """The lower edge of the pictures in the header row."""
        return MARGIN + TITLE_SIZE + 2 * GAP + self.head

    @property
    def top(self) -> int:
        """Where the images begin."""
        return self.base + LABEL + GAP

    @property
    def lefts(self) -> list[int]:
        """The left edges of the columns."""
        return [self.left + sum(self.widths[:n]) + GAP * n for n in range(len(self.widths))]

    @property
    def tops(self) -> list[int]:
        """The upper edges of the rows."""
        return [self.top + sum(self.heights[:n]) + (LABEL + GAP) * n for n in range(len(self.heights))]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the sheet."""
        width = self.lefts[-1] + self.widths[-1] + MARGIN
        return width, self.tops[-1] + self.heights[-1] + LABEL + MARGIN


def draw(sheet: Sheet, states: States | None = None) -> Image.Image:
    """The sheet as a picture."""
    states = survey(sheet.images()) if states is None else states
    made = {
        cell.id: _thumbnail(cell.file(".png"), BOX)
        for cell in sheet.images()
        if states[cell.id].kind == MADE
    }
    largest = max((max(image.size) for image in made.values()), default=BOX)
    box = max(MIN_BOX, largest)  # originals no larger than the images beside them
    shown = made | {one.id: _external(one, largest) for one in sheet.externals()}
    body = [
        [
            (shown.get(cell.id) or _hole(cell, states[cell.id].kind, largest)) if cell else None
            for cell in row
        ]
        for row in sheet.cells
    ]
    whole = len(made) == len(sheet.images())
    heads, sides, (corner,) = (
        [_original(header, box, whole) for header in headers]
        for headers in (sheet.columns, sheet.rows, [sheet.corner])
    )
    layout = Layout(
        side=max([MIN_WIDTH, *_sizes([corner, *sides], 0)]),
        head=max(_sizes([corner, *heads], 1), default=0),
        widths=[max([MIN_WIDTH, *_sizes(column, 0)]) for column in zip(heads, *body, strict=True)],
        heights=[max(_sizes([side, *row], 1)) for side, row in zip(sides, body, strict=True)],
    )
    page = Image.new("RGB", layout.size, PAPER)
    pen = ImageDraw.Draw(page)
    _write(pen, (MARGIN, MARGIN), sheet.title, page.width - 2 * MARGIN, TITLE_SIZE, centred=False)
    _draw_head(page, pen, layout, sheet, [corner, *heads])
    _draw_rows(page, pen, layout, sheet, sides, body)
    rule = MARGIN + layout.side + GAP
    pen.line([(rule, layout.base - layout.head), (rule, page.height - MARGIN)], fill=RULE)
    below_head = layout.top - GAP // 2
    pen.line([(MARGIN, below_head), (page.width - MARGIN, below_head)], fill=RULE)
    return page


def _sizes(pictures: Iterable[Picture], side: int) -> list[int]:
    """The widths (side 0) or heights (side 1) of those pictures that are there."""
    return [picture.size[side] for picture in pictures if picture]


def _draw_head(
    page: Image.Image, pen: ImageDraw.ImageDraw, layout: Layout, sheet: Sheet, pictures: list[Picture]
) -> None:
    """The corner and the header row: pictures on a common base, with their labels."""
    headers = [sheet.corner, *sheet.columns]
    lefts, widths = [MARGIN, *layout.lefts], [layout.side, *layout.widths]
    for header, picture, x, width in zip(headers, pictures, lefts, widths, strict=True):
        if picture:
            page.paste(picture, (x + (width - picture.width) // 2, layout.base - picture.height))
        ink = FAINT if header is sheet.corner and not picture else INK
        _write(
            pen, (x, layout.base + GAP // 2), header.label, width, LABEL_SIZE, ink, plain=header.plain
        )


def _draw_rows(
    page: Image.Image,
    pen: ImageDraw.ImageDraw,
    layout: Layout,
    sheet: Sheet,
    sides: list[Picture],
    body: list[list[Picture]],
) -> None:
    """The header column with its labels, and the images."""
    rows = zip(sheet.rows, sides, body, layout.tops, layout.heights, strict=True)
    for header, side, row, y, height in rows:
        if side:
            page.paste(side, (MARGIN + (layout.side - side.width) // 2, y))
        _write(
            pen,
            (MARGIN, y + height + GAP // 2),
            header.label,
            layout.side,
            LABEL_SIZE,
            plain=header.plain,
        )
        for picture, x, width in zip(row, layout.lefts, layout.widths, strict=True):
            if picture:
                page.paste(picture, (x + (width - picture.width) // 2, y))
            else:
                _draw_left_out(pen, x, y, width, height)


def _draw_left_out(pen: ImageDraw.ImageDraw, x: int, y: int, width: int, height: int) -> None:
    """An empty box for a cell that the config leaves out."""
    pen.rectangle([x, y, x + width - 1, y + max(height, MIN_SIZE) - 1], outline=RULE)
    middle = y + (height - LABEL_SIZE) // 2
    _write(pen, (x, middle), "left out", width, LABEL_SIZE, FAINT)


def _external(one: External, box: int) -> Image.Image:
    """A picture that another program made, or a hatched box: no sheet fails for one."""
    try:
        return _thumbnail(one.picture, box)
    except NstError:
        return _hole(one, UNREADABLE if is_there(one) else ABSENT, box)


def _hole(cell: Cell | External, word: str, box: int) -> Image.Image:
    """A hatched box in the shape of the image that is not there."""
    shape = _shape(cell.content_picture, stamp(cell.content_picture))
    return hatched(images.size_at(shape, box), word)


@cache
def _shape(path: Path, state: Stamp) -> tuple[int, int]:
    """Width and height of a picture in this state; a square if it cannot be read."""
    try:
        return _thumbnail(path, BOX).size
    except NstError:
        return BOX, BOX


def _original(header: Header, box: int, whole: bool) -> Picture:
    """A content or style. One that cannot be read, as failed cells may have, is a hatched box.

    Raises NstError for it if the sheet is whole.
    """
    try:
        return _of_original(header.original, box) if header.original else None
    except NstError:
        if whole:
            raise
        return hatched((box, box), "unreadable")


def _of_original(original: Original, box: int) -> Image.Image:
    path, *others = original.paths
    return images.over_white(strip(original.parts, box)) if others else _thumbnail(path, box)


def _thumbnail(path: Path, box: int) -> Image.Image:
    picture, _ = images.read(path, shown=box)
    return images.resized(picture, box) if max(picture.size) > box else picture


def _write(
    pen: ImageDraw.ImageDraw,
    corner: tuple[int, int],
    text: str,
    width: int,
    size: int,
    ink: str = INK,
    centred: bool = True,
    plain: str = "",
) -> None:
    """One line of text within `width` pixels: smaller if it is long, cut in the middle if longer."""
    text, name = fonts.fitting(text, plain)
    while size > MIN_SIZE and fonts.font(name, size).getlength(text) > width:
        size -= 1
    font, length = fonts.font(name, size), len(text)
    line = text
    while font.getlength(line) > width and length > 2:
        length -= 1
        line = f"{text[: length - length // 2]}…{text[len(text) - length // 2 :]}"
    x = corner[0] + ((width - font.getlength(line)) / 2 if centred else 0)
    pen.text((x, corner[1]), line, font=font, fill=ink)
