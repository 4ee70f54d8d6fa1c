"""`nst.show`: a small grid of images in a notebook."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from nst.config.settings import KINDS
from nst.disk import images
from nst.errors import NstError
from nst.notebook.losses import column_of
from nst.notebook.stylize import Result
from nst.results.thumbnails import shrunk_size, webp
from nst.text import counted, nearest, shown

if TYPE_CHECKING:
    from pandas import DataFrame

MOST = 200  # images: each is in the notebook's file
WIDEST = 2000  # pixels
DENSE = 2  # pixels of a picture per pixel of the page, for dense screens
NAMES = ("content", "style")
CELL = "padding:4px;text-align:left;vertical-align:top"

Row = dict[str, Any]


class Grid:
    """Images in rows and columns; a notebook shows it."""

    def __init__(self, items: list[Row], rows: str | None, columns: str | None, width: int):
        self.items, self.rows, self.columns, self.width = items, rows, columns, int(width)

    def __repr__(self) -> str:
        by = " x ".join(name for name in (self.rows, self.columns) if name)
        return f"<nst.Grid of {counted(len(self.items), 'image')}{f' by {by}' if by else ''}>"

    def _repr_html_(self) -> str:
        return self._html

    @cached_property
    def _html(self) -> str:
        """A table. Names and values are escaped: they are text, whatever they hold."""
        captions = [name for name in _varying(self.items) if name not in (self.rows, self.columns)]
        heads = _values(self.items, self.columns)
        lines = ["<table>"]
        if self.columns:
            cells = "".join(_head(self.columns, head) for head in heads)
            lines.append(f"<tr>{'<th></th>' if self.rows else ''}{cells}</tr>")
        for value in _values(self.items, self.rows):
            line = _head(self.rows, value) if self.rows else ""
            for head in heads:
                found = [
                    i for i in self.items if _is(i, self.rows, value) and _is(i, self.columns, head)
                ]
                pictures = "".join(self._figure(item, captions) for item in found)
                line += f"<td style='{CELL}'>{pictures}</td>"
            lines.append(f"<tr>{line}</tr>")
        return "\n".join([*lines, "</table>"])

    def _figure(self, item: Row, captions: Sequence[str]) -> str:
        caption = ", ".join(f"{name} {_text(item.get(name))}" for name in captions)
        label = ", ".join(_text(item[name]) for name in (*NAMES, *captions) if name in item)
        try:
            data = base64.b64encode(webp(_small(item["image"], DENSE * self.width))).decode()
        except NstError as error:
            return f"<p>{escape(str(error))}</p>"
        return (
            f"<figure style='display:inline-block;margin:0 4px 4px 0'><img width='{self.width}'"
            f" alt='{label}' title='{label}' src='data:image/webp;base64,{data}'>"
            f"<figcaption>{caption}</figcaption></figure>"
        )


def show(
    pictures: "DataFrame | Result | Iterable[Result]",
    rows: str | None = None,
    columns: str | None = None,
    width: int = 240,
) -> Grid:
    """The images of `nst.load`, or results of `nst.stylize`, as a grid that a notebook shows.

    `rows` and `columns` name columns of the table, or settings; without them the first that differ are
    taken. What else differs stands below the images. Raises NstError for an unknown name and for more
    images than a notebook should hold: choose some, as in `nst.show(table[table.size == 256])`.
    """
    if not isinstance(width, int | float) or not 1 <= width <= WIDEST:
        raise NstError(f"width: {shown(width)} is no number of pixels from 1 to {WIDEST}")
    items = _items(pictures)
    if not items:
        raise NstError("no image to show")
    if len(items) > MOST:
        raise NstError(
            f"{len(items)} images are too many for a notebook (the most is {MOST}): choose some"
        )
    for name in filter(None, (rows, columns)):
        if name not in items[0]:
            raise NstError(f"{shown(name)} is no column{nearest(name, items[0])}")
    if rows is None and columns is None:
        rows, columns = [*_varying(items), None, None][:2]
        if columns is None:
            rows, columns = None, rows
    return Grid(items, rows, columns, width)


def _items(pictures: Any) -> list[Row]:
    if hasattr(pictures, "to_dict") and hasattr(pictures, "columns"):  # a DataFrame
        if "image" not in pictures:
            raise NstError("the table has no column 'image': give one of nst.load")
        return pictures.to_dict("records")
    if not isinstance(pictures, Iterable | Result) or isinstance(pictures, str):
        raise NstError(f"{shown(pictures)} cannot be shown: give a table of nst.load, or results")
    results = [pictures] if isinstance(pictures, Result) else list(pictures)
    if wrong := [one for one in results if not isinstance(one, Result)]:
        raise NstError(f"{shown(wrong[0])} is no result of nst.stylize")
    return [
        {name: Path(one.made.inputs[name]["path"]).stem for name in NAMES}
        | {column_of(name): value for name, value in one.settings.items()}
        | {"image": one.image}
        for one in results
    ]


def _varying(items: list[Row]) -> list[str]:
    """What differs between images: content, style, and settings."""
    known = {*NAMES, *map(column_of, KINDS)}
    names = [name for name in items[0] if name in known]
    return [name for name in names if len(_values(items, name)) > 1]


def _values(items: list[Row], name: str | None) -> list[Any]:
    """The distinct values of a column, in their order; one of no name for no column."""
    if name is None:
        return [None]
    return list({_text(item.get(name)): item.get(name) for item in items}.values())


def _is(item: Row, name: str | None, value: Any) -> bool:
    return name is None or _text(item.get(name)) == _text(value)


def _head(name: str, value: Any) -> str:
    """The head of a row or a column: a name, or a setting with its value."""
    text = _text(value) if name in NAMES else f"{_text(name)} {_text(value)}"
    return f"<th style='{CELL}'>{text}</th>"


def _text(value: Any) -> str:
    """A value as escaped text."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}={one}" for name, one in value.items())
    return escape(f"{value:g}" if isinstance(value, float) else str(value))


def _small(picture: str | Image.Image, longest: int) -> Image.Image:
    if not isinstance(picture, Image.Image):
        picture = images.read(Path(picture), shown=longest)[0]
    return picture.resize(shrunk_size(picture.size, longest), Image.Resampling.LANCZOS)
