"""Levels of any kind -> upright sRGB of 16 bits, as nst.disk.colours makes it of 8."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import ImageCms

from nst.disk import vips
from nst.disk.colours import Facts, black_and_white, gamma_table
from nst.disk.deep import WHITE, Deep

if TYPE_CHECKING:
    from numpy import ndarray

SPACES_OF_ICC = {"grey": "GRAY", "rgb": "RGB", "cmyk": "CMYK"}


@dataclass(frozen=True)
class Levels:
    """The levels of a file as it has them: height x width x channels; the last may be the alpha."""

    array: "ndarray"
    space: str  # grey, rgb, cmyk or lab
    has_alpha: bool


def as_deep(levels: Levels, facts: Facts, notes: list[str]) -> tuple[Deep, "ndarray | None"]:
    """The colours as sRGB, and the alpha from 0 to WHITE unless it is opaque; both upright."""
    array = levels.array
    colours, alpha = (array[..., :-1], array[..., -1]) if levels.has_alpha else (array, None)
    if levels.space == "lab":
        rgb = vips.from_lab(colours)
    else:
        rgb = _as_rgb(_of_16_bits(colours, notes), levels.space, facts, notes)
    if alpha is not None:
        alpha = _of_16_bits(alpha, [])
    return _upright(rgb, alpha, facts)


def over_white(picture: Deep, alpha: "ndarray | None", notes: list[str]) -> Deep:
    """The picture laid over white; one that would be invisible is opaque."""
    if alpha is None or alpha.min() == WHITE:
        return picture
    if alpha.max() == 0 and any(len(set(one.getextrema())) > 1 for one in picture.channels):
        notes.append("its alpha channel is empty and was left out")
        return picture
    notes.append("transparent parts were laid over white")
    share = (alpha / WHITE)[..., None]
    return Deep.of((picture.levels * share + WHITE * (1 - share)).round())


def _upright(rgb: "ndarray", alpha: "ndarray | None", facts: Facts) -> tuple[Deep, "ndarray | None"]:
    import numpy
    from PIL import Image

    picture = Deep.of(rgb.round())
    if facts.turn is None:
        return picture, alpha
    turned = None
    if alpha is not None:
        turned = numpy.asarray(Image.fromarray(alpha).transpose(facts.turn))
    return picture.transpose(facts.turn), turned


def _of_16_bits(levels: "ndarray", notes: list[str]) -> "ndarray":
    """Levels of any kind, from 0 to WHITE."""
    import numpy

    if levels.dtype == numpy.uint16:
        return levels
    if levels.dtype == numpy.uint8:
        return levels.astype(numpy.uint16) * 257
    finite = levels[numpy.isfinite(levels)]
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    levels = numpy.nan_to_num(levels.astype(numpy.float64), nan=low, neginf=low, posinf=high)
    white = 1 if finite.dtype.kind == "f" else WHITE
    low, high = black_and_white(float(low), float(high), white, notes)
    scale = WHITE / (high - low) if high > low else 0
    return ((levels - low) * scale).round().astype(numpy.uint16)


def _as_rgb(levels: "ndarray", space: str, facts: Facts, notes: list[str]) -> "ndarray":
    """Levels of 16 bits as sRGB, by the profile or gamma of their file if it has one."""
    import numpy

    if facts.profile and (rgb := _from_profile(levels, space, facts.profile)) is not None:
        return rgb
    if facts.profile:
        notes.append("its colour profile cannot be used and was left out")
    if space == "cmyk":
        light = (WHITE - levels.astype(numpy.float64)) / WHITE
        return light[..., :3] * light[..., 3:] * WHITE
    if facts.gamma:
        levels = numpy.array(gamma_table(facts.gamma, WHITE), dtype=numpy.uint16)[levels]
    return numpy.repeat(levels, 3, axis=2) if space == "grey" else levels


def _from_profile(levels: "ndarray", space: str, profile: bytes) -> "ndarray | None":
    """Levels converted to sRGB; None if the profile is damaged or of other channels."""
    import numpy

    try:
        # Of a profile that it cannot use, libvips takes another one without a word.
        described = ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space  # pyright: ignore[reportAttributeAccessIssue]: Pillow's hint is wrong
        if space == "grey" and described.strip() == "RGB":  # grey pictures often carry one of colour
            levels, space = numpy.repeat(levels, 3, axis=2), "rgb"
        if described.strip() != SPACES_OF_ICC[space]:
            return None
        return vips.from_profile(levels, space, profile)
    except (OSError, ImageCms.PyCMSError):
        return None
