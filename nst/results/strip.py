"""A style of several pictures as one picture: side by side, each as wide as its share in the style."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageOps

from nst.results import fonts
from nst.results.thumbnails import seen

MOST = 6  # pictures that are shown; of more, those with the largest shares
LEAST = 0.09  # of the width; what a picture with a small share has, to be seen at all
OTHERS = 0.15  # of the width; for the number of the others
SHAPE = 1.5  # width by height
GAP = 1 / 200  # of the width; between two pictures
GROUND, INK, LINE = "#55555e", "#ffffff", "#ffffff"

Part = tuple[Path, float]  # a picture and its share


def strip(parts: Sequence[Part], width: int) -> Image.Image:
    """The picture of a style, of this width in pixels: at most `MOST` pictures, then `+N`.

    A picture without a share is left out. Raises NstError for one that cannot be read.
    """
    shown, others = shown_parts(parts)
    height = round(width / SHAPE)
    box = Image.new("RGBA", (width, height), LINE)
    for (path, _), (left, right) in zip(shown, places(shown, others, width), strict=False):
        picture = ImageOps.fit(seen(path, max(width, height)), (right - left, height))
        box.paste(picture, (left, 0))
    if others:
        _write_others(box, places(shown, others, width)[-1], f"+{others}")
    return box.convert("RGB") if box.getchannel("A").getextrema() == (255, 255) else box


def shown_parts(parts: Sequence[Part]) -> tuple[list[Part], int]:
    """The parts that are shown, in their order, and how many others have a share."""
    parts = [part for part in parts if part[1] > 0]
    largest = sorted(range(len(parts)), key=lambda number: -parts[number][1])[:MOST]
    return [parts[number] for number in sorted(largest)], max(0, len(parts) - MOST)


def places(shown: Sequence[Part], others: int, width: int) -> list[tuple[int, int]]:
    """Where each picture begins and ends, and last, if there are others, their number; in pixels."""
    gap = max(1, round(width * GAP))
    rest = 1 - (OTHERS if others else 0)
    widths = [rest * share for share in _legible([share for _, share in shown])]
    widths += [OTHERS] if others else []
    ends, end = [], 0.0
    for one in widths:
        ends.append((end, end + one))
        end += one
    last = len(ends) - 1
    return [
        (round(a * width), round(b * width) - (gap if number < last else 0))
        for number, (a, b) in enumerate(ends)
    ]


def _legible(shares: Sequence[float]) -> list[float]:
    """The shares, which sum to 1 then, none of them below `LEAST`; the others give for it alike."""
    small: set[int] = set()
    while True:
        free = sum(share for number, share in enumerate(shares) if number not in small)
        scale = (1 - LEAST * len(small)) / free if free else 0
        more = {n for n, share in enumerate(shares) if n not in small and share * scale < LEAST}
        if not more:
            return [LEAST if n in small else share * scale for n, share in enumerate(shares)]
        small |= more


def _write_others(box: Image.Image, place: tuple[int, int], text: str) -> None:
    left, right = place
    pen = ImageDraw.Draw(box)
    pen.rectangle([left, 0, right, box.height], fill=GROUND)
    size = max(8, round((right - left) * 1.5 / len(text)))
    pen.text(((left + right) / 2, box.height / 2), text, INK, fonts.font("", size), anchor="mm")
