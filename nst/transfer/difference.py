"""How an image that was made again differs from the one there is, and why."""

import re
from pathlib import Path

from nst.config.setting_sets import EXECUTION
from nst.disk import images
from nst.disk.colours import alpha_of
from nst.disk.deep import WHITE, Deep
from nst.disk.encoded import BESIDE, kind_of
from nst.disk.input_names import noun_of
from nst.disk.record import ENGINE, Record

UNKNOWN = (
    "the record shows no reason; it may be another kind of processor, the varying sums of a GPU, or an"
    " edited record or picture"
)
EDITED = "the losses equal the record's: the picture was edited, saved again, or is not the record's"


def differences(
    before: bytes, after: bytes, picture: Path, out: Path, record: Record, new: Record
) -> list[str]:
    """By how much a picture differs from the one before, and the known reasons, one a line."""
    gap = _gap(images.read_deep(picture, before)[0], images.read_deep(out, after)[0])
    if not gap and _alpha(picture, before) != _alpha(out, after):
        gap = "the same over white, but another transparency"
    reasons = reasons_of(record, new)
    if not gap:
        kind = kind_of(picture)
        by = "the PNG was compressed differently"
        if kind != "png":
            by = "compression, resolution or other metadata differ"
        return [f"the same pixels in other bytes: {by}", *reasons]
    total, recorded = new.losses["total"], record.losses["total"]
    change = f" ({(total - recorded) / recorded:+.1%})".replace("%", " %") if recorded else ""
    if new.losses == record.losses and not reasons:
        reasons = [EDITED]
    text = f"differs: {gap}; total loss {total:.5g} against {recorded:.5g}{change}"
    return [text, *(reasons or [UNKNOWN])]


def _alpha(path: Path, data: bytes) -> bytes:
    """The alpha channel of a picture, 8 bits per pixel; nothing if it is opaque."""
    alpha = alpha_of(images.decoded(path, data)[0])
    return alpha.tobytes() if alpha else b""


def _gap(old: images.Picture, new: images.Picture) -> str:
    """How far apart the levels of two pictures are; nothing if they are equal."""
    import numpy

    if old.size != new.size:
        sizes = ["{} x {}".format(*image.size) for image in (new, old)]
        return f"{sizes[0]} pixels against {sizes[1]}"
    if type(old) is not type(new):
        return "the one has 8 bits per channel, the other 16"
    levels = [one.levels if isinstance(one, Deep) else numpy.asarray(one) for one in (new, old)]
    gaps = abs(levels[0].astype(numpy.int32) - levels[1])
    white = WHITE if isinstance(new, Deep) else 255
    return f"largest difference {gaps.max()} of {white}, mean {gaps.mean():.2g}" if gaps.any() else ""


def ending_of(picture: Path) -> str:
    """The ending that says as what an image is written."""
    return BESIDE.get(kind_of(picture), ".png")


def reasons_of(record: Record, new: Record) -> list[str]:
    """What changed since the record was written: `torch 2.15.0 -> 2.16.0`."""
    pairs = {"engine": (record.engine, ENGINE), "device": (_device_name(record), _device_name(new))}
    for name in ("precision", *EXECUTION[1:]):
        pairs[name] = record.settings[name], new.settings[name]
    if "cpu" in (record.settings["device"], new.settings["device"]):
        pairs["threads"] = record.threads, new.threads
    for name, version in new.versions.items():
        pairs[name] = record.versions.get(name, "unknown"), version
    for name, entry in new.inputs.items():
        before = record.inputs[name]
        pairs[noun_of(name)] = before["sha256"][:16], entry["sha256"][:16]
        pairs[f"bits read of the {noun_of(name)}"] = before.get("bits", 8), entry.get("bits", 8)
    pairs["weights"] = record.weights["sha256"][:16], new.weights["sha256"][:16]
    return [f"{name} {before} -> {now}" for name, (before, now) in pairs.items() if before != now]


def _device_name(record: Record) -> str:
    """The device without its number: two GPUs of one name compute alike."""
    return re.sub(r"^cuda \S+ ", "cuda ", record.device)
