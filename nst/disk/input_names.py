"""What the pictures of a transfer are called where they are listed: in jobs and in records.

`content`, `style`, `style_2` to `style_N`, `init`, `start`, `mask` and `style_mask`.
"""

import re
from collections.abc import Collection, Iterable

MOST_STYLES = 64  # pictures that are blended
SINGLE = ("content", "style", "init", "start", "mask")
MASKS = ("mask", "style_mask")
STYLE = re.compile(r"style(?:_([1-9][0-9]?))?")


def style_name(number: int) -> str:
    """The name of a style picture; numbers begin at 1."""
    return "style" if number == 1 else f"style_{number}"


STYLES = tuple(style_name(number) for number in range(1, MOST_STYLES + 1))


def is_input(name: object) -> bool:
    """Whether a picture may have this name."""
    return name in SINGLE or name in STYLES or name in MASKS


def is_style(name: str) -> bool:
    """Whether a name is that of a style picture."""
    return name in STYLES


def is_mask(name: str) -> bool:
    """Whether a name is that of a mask."""
    return name in MASKS


def styles_among(names: Collection[str]) -> tuple[str, ...]:
    """The names of style pictures among some names, in order, up to the first that is missing."""
    return STYLES[: next((n for n, name in enumerate(STYLES) if name not in names), MOST_STYLES)]


def noun_of(name: str) -> str:
    """A picture as a message says it: `content picture`, `style picture 2`, `mask`."""
    found = STYLE.fullmatch(name)
    if found and found[1]:
        return f"style picture {found[1]}"
    return name.replace("_", " ") if name.endswith("mask") else f"{name} picture"


def faults_of(names: Iterable[str]) -> list[str]:
    """The names that no picture may have, or that a style picture may not have without the others."""
    names = list(names)
    counted = styles_among(names)
    return [name for name in names if not is_input(name) or (is_style(name) and name not in counted)]
