"""Soft proofs: a picture with the colours that a printer, or another device, has for it."""

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms

from nst.disk.colours import SRGB
from nst.disk.images import file_bytes
from nst.errors import NstError

MAX_BYTES = 64_000_000  # of a profile; those of printers have one to ten million
MODES = {"CMYK": "CMYK", "RGB": "RGB", "GRAY": "L"}  # of Pillow, by the profile's colours
CLASSES = ("prtr", "mntr", "spac")  # of profiles of printers, displays and colour spaces
SIZE, CLASS = slice(0, 4), slice(12, 16)  # of a profile's header
HOW: dict[str, Any] = {
    "renderingIntent": ImageCms.Intent.RELATIVE_COLORIMETRIC,
    "flags": ImageCms.Flags.BLACKPOINTCOMPENSATION,
}
SEEN = 6  # levels: a change that is seen side by side


def proof(image: Image.Image, profile: Path) -> tuple[Image.Image, float]:
    """An sRGB picture of 8 bits as a device shows it, and the share of its pixels that visibly change.

    Its colours go to the profile and back, relative to white and with black matched, so that those
    which the device has stay. Raises NstError for what is no profile, or one of other colours.
    """
    device, mode = _profile(profile)
    try:
        inks = ImageCms.profileToProfile(image, SRGB, device, outputMode=mode, **HOW)
        back = ImageCms.profileToProfile(inks, device, SRGB, outputMode="RGB", **HOW) if inks else None
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        raise NstError(f"{profile} cannot be printed with: {error}: name an output profile") from None
    if back is None:
        raise NstError(f"{profile} converts nothing: name an output profile")
    return back, _changed(image, back)


def _profile(path: Path) -> tuple[ImageCms.ImageCmsProfile, str]:
    data = file_bytes(path)
    if len(data) > MAX_BYTES:
        raise NstError(f"{path} has {len(data)} bytes, the most of a profile is {MAX_BYTES}")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        colours = profile.profile.xcolor_space.strip()  # pyright: ignore[reportAttributeAccessIssue]: Pillow's hint is wrong
    except Exception:  # a parser of hostile data
        raise NstError(f"{path} is not an ICC profile: name that of the printer (.icc)") from None
    if len(data) < (size := int.from_bytes(data[SIZE])):
        raise NstError(f"{path} is cut short: it has {len(data)} of {size} bytes: copy it again")
    if colours not in MODES:
        raise NstError(f"{path} is a profile of {colours[:20]!r}, not of {', '.join(MODES)}")
    if (kind := data[CLASS].decode("latin-1")) not in CLASSES:
        raise NstError(
            f"{path} is a profile of class {kind!r}, not {', '.join(CLASSES)}: name an output profile"
        )
    return profile, MODES[colours]


def _changed(before: Image.Image, after: Image.Image) -> float:
    import numpy

    levels = [numpy.asarray(image, dtype=numpy.int16) for image in (before, after)]
    return float((abs(levels[0] - levels[1]).max(axis=2) > SEEN).mean())
