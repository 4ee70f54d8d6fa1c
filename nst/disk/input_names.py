"""What the pictures of a transfer are called where they are listed: in jobs and in records.

`content`, `style`, `style_2` to `style_N`, `init` and `start`; and the masks of these: `mask` and
`region_NAME` of the content, `style_mask`, `style_2_mask` to `style_N_mask` of the style pictures.
"""

import re
from collections.abc import Collection, Iterable

MOST_STYLES = 64  # pictures that are blended
SINGLE = ("content", "style", "init", "start", "mask")
MOST_REGIONS = 32
REGION = re.compile(r"region_([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
STYLE = re.compile(r"style(?:_([1-9][0-9]?))?")


def style_name(number: int) -> str:
    """The name of a style picture; numbers begin at 1."""
    return "style" if number == 1 else f"style_{number}"


def mask_name(style: str) -> str:
    """The name of the mask of a style picture."""
    return f"{style}_mask"


STYLES = tuple(style_name(number) for number in range(1, MOST_STYLES + 1))
STYLE_MASKS = {mask_name(style): style for style in STYLES}  # each with the picture that it is of


def is_input(name: object) -> bool:
    """Whether a picture may have this name."""
    return name in SINGLE or name in STYLES or is_mask(name)


def region_name(region: str) -> str:
    """The name of the mask of a region."""
    return f"region_{region}"


def region_of(name: object) -> str:
    """The region whose mask has this name; "" if it is another picture."""
    found = REGION.fullmatch(name) if isinstance(name, str) else None
    return found[1] if found else ""


def is_style(name: str) -> bool:
    """Whether a name is that of a style picture."""
    return name in STYLES


def is_mask(name: object) -> bool:
    """Whether a name is that of a mask."""
    return bool(masked_by(name))


def masked_by(name: object) -> str:
    """The name of the picture that a mask of this name is of; "" if it is no mask."""
    if name == "mask" or region_of(name):
        return "content"
    return STYLE_MASKS.get(name, "") if isinstance(name, str) else ""


def styles_among(names: Collection[str]) -> tuple[str, ...]:
    """The names of style pictures among some names, in order, up to the first that is missing."""
    return STYLES[: next((n for n, name in enumerate(STYLES) if name not in names), MOST_STYLES)]


def noun_of(name: str) -> str:
    """A picture as a message says it: `content picture`, `style picture 2`, `mask`."""
    found = STYLE.fullmatch(name)
    if found and found[1]:
        return f"style picture {found[1]}"
    if region := region_of(name):
        return f"mask of the region {region}"
    return name.replace("_", " ") if is_mask(name) else f"{name} picture"


def faults_of(names: Iterable[str]) -> list[str]:
    """The names that no picture may have, or that a style picture may not have without the others."""
    names = list(names)
    counted = styles_among(names)
    return [name for name in names if not is_input(name) or (is_style(name) and name not in counted)]
