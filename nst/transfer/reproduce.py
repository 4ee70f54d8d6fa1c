"""`nst reproduce`: a picture made again from its record, and held against the one beside it.

A record may come from anywhere, so nothing in it is used before it has been checked.
"""

import hashlib
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nst.config.recipes import published_settings
from nst.config.settings import EXECUTION, FIELDS, KINDS, Settings, flag
from nst.config.values import Number
from nst.config.yaml_lines import unknown
from nst.disk import images
from nst.disk.record import ENGINE, Record, read_record
from nst.errors import NstError
from nst.machine import gpu
from nst.machine.signals import STOPS
from nst.text import one_line, shown
from nst.transfer.weights import check, default_folder

INPUTS = ("content", "style", "init")
WEIGHTS = Path("results/weights")  # where the workflow keeps what it has fetched
SUM = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[A-Za-z0-9.+!_-]{1,60}")
PER_CORE = 32  # threads at most; with so many an image takes about three times as long, with 500 no end
COUNT = Number(1, 4096, whole=True)  # engines, threads
UNKNOWN = (
    "nothing that a record names has changed; it does not name the kind of processor, the varying sums"
    " of a GPU, and edits of the record or of the picture"
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Given:
    """What the user names instead of what the record does; `means` by setting, not parsed yet."""

    picture: Path | None = None
    out: Path | None = None
    weights: Path | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)


def reproduce(path: Path, given: Given, say: Say) -> list[str]:
    """Make the picture of a record again; no lines if its bytes are the same, else how it differs.

    Raises NstError for a record that cannot be trusted, for pictures and weights that are not there or
    not those of the record, unless the user names them, and for whatever a transfer refuses.
    """
    record, settings = _checked(path)
    picture = given.picture or path.with_suffix(".png")
    before = _picture_of(picture, path, given.out)
    inputs = _inputs(record, settings, given.inputs, say)
    if "init" in inputs:
        settings = replace(settings, init=str(inputs["init"]))
    weights = _weights(record, given.weights, say)
    settings = _at_hand(settings, given.means)
    from nst.transfer.job import Job
    from nst.transfer.run import run  # torch: only once nothing is left to refuse

    with _folder() as folder, _threads(record.threads, say):
        out = given.out or folder / "made.png"
        job = Job(inputs["content"], inputs["style"], out, folder / "made.json", weights=weights)
        # A temporary file is none to look for.
        run(
            job,
            settings,
            lambda text: say(text) if given.out or not text.startswith("wrote ") else None,
        )
        made, after = read_record(job.record), images.file_bytes(out)
        return [] if after == before else _differences(before, after, picture, out, record, made)


def _checked(path: Path) -> tuple[Record, Settings]:
    """A record of which all that is used here is what it should be, and its settings."""
    if path.suffix.lower() == ".png":
        raise NstError(f"{path} is a picture: name its record, {path.with_suffix('.json')}")
    record = read_record(path)
    settings, faults = _settings(record.settings)
    if settings:
        faults = [f"{name}: {text}" for name, text in settings.faults()] or _faults(record, settings)
    if faults:
        raise NstError("\n".join(f"the record {path}: {one_line(fault)}" for fault in faults))
    return record, settings


def _settings(given: Mapping[str, Any]) -> tuple[Settings | None, list[str]]:
    parsed = {}
    faults = [
        f"settings: {shown(name)}: {unknown(name, FIELDS)}" for name in given if name not in FIELDS
    ]
    given = {**published_settings(given), **given}
    faults += [f"settings: {name} is missing" for name in FIELDS if name not in given]
    for name in filter(given.__contains__, FIELDS):
        try:
            parsed[name] = KINDS[name].parse(given[name])
        except NstError as error:
            faults.append(f"settings: {name}: {error}")
    # The settings are complete; where they came from may be a path that nothing should look at.
    return (None, faults) if faults else (Settings(**{**parsed, "recipe": "gatys"}), [])


def _faults(record: Record, settings: Settings) -> list[str]:
    """What is wrong with the rest of a record."""
    faults = []
    inputs = record.inputs if isinstance(record.inputs, Mapping) else {}
    for name in _names(settings):
        noted = inputs.get(name)
        if not isinstance(noted, Mapping) or not _is_path(noted.get("path")) or not _is_sum(noted):
            faults.append(f"inputs: {shown(noted)} is not the path and the sha256 of the {name}")
    weights = record.weights
    if not isinstance(weights, Mapping) or not _is_sum(weights):
        faults.append(f"weights: {shown(weights)} holds no sha256")
    elif weights.get("backbone") != settings.backbone:
        faults.append(f"weights: {shown(weights.get('backbone'))} is not {settings.backbone}")
    versions = record.versions.values() if isinstance(record.versions, Mapping) else [record.versions]
    for version in versions:
        if not isinstance(version, str) or not VERSION.fullmatch(version):
            faults.append(f"versions: {shown(version)} is not a version")
    for name, value in {"engine": record.engine, "threads": record.threads}.items():
        if type(value) is not int or not 1 <= value <= COUNT.high:  # True is an int
            faults.append(f"{name}: {shown(value)} is not {COUNT}")
    return faults


def _is_sum(noted: Mapping[str, Any]) -> bool:
    return isinstance(noted.get("sha256"), str) and bool(SUM.fullmatch(noted["sha256"]))


def _is_path(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and bool(value)


def _names(settings: Settings) -> tuple[str, ...]:
    """The pictures that a transfer with these settings reads."""
    return INPUTS if settings.init_picture() else INPUTS[:2]


def _picture_of(picture: Path, record: Path, out: Path | None) -> bytes:
    """The bytes of the picture to compare with, known to be one before there is any work."""
    if out and os.path.realpath(out) in map(os.path.realpath, (picture, record)):
        raise NstError(f"--out {out} would be written over: name another place")
    try:
        data = images.file_bytes(picture)
    except NstError as error:
        raise NstError(f"{error}: name the picture to compare with by --picture FILE") from None
    images.read(picture, data)
    return data


def _inputs(record: Record, settings: Settings, named: Mapping[str, Path], say: Say) -> dict[str, Path]:
    """The pictures of a record, or those named instead: there, and with their checksums."""
    if "init" in named and not (settings.init_picture() and KINDS["init"].is_file(str(named["init"]))):
        KINDS["init"].parse(str(named["init"]))
        raise NstError(f"--init {named['init']}: the record's image starts from {settings.init}")
    found, faults = {}, []
    for name in _names(settings):
        path = found[name] = named.get(name) or Path(record.inputs[name]["path"])
        other = f"name the {name} with --{name} FILE"
        try:
            sha256 = hashlib.sha256(images.file_bytes(path)).hexdigest()
        except NstError as error:
            faults.append(f"{error}: run this in the project's folder, or {other}")
            continue
        if sha256 != record.inputs[name]["sha256"]:
            what = f"{path} is not the {name} that the record names (its SHA-256 is another)"
            say(f"note: {what}") if name in named else faults.append(f"{what}: {other}")
    if faults:
        raise NstError("\n".join(faults))
    return found


def _weights(record: Record, named: Path | None, say: Say) -> Path:
    """The file of the recorded weights, or the one named instead."""
    backbone, wanted = record.weights["backbone"], record.weights["sha256"]
    if named:
        if check(named, "") != wanted:
            say(f"note: {named} is not the weights that the record names (its SHA-256 is another)")
        return named
    places = [folder / f"{backbone}.safetensors" for folder in (WEIGHTS, default_folder())]
    for place in places:
        if place.is_file() and check(place, "") == wanted:
            return place
    raise NstError(
        f"the weights of {backbone} that the record names (SHA-256 {wanted[:16]}...) are neither"
        f" {' nor '.join(map(str, places))}: name their file with --weights FILE, or fetch the"
        f" published ones with `nst weights {backbone}`"
    )


def _at_hand(settings: Settings, means: Mapping[str, str]) -> Settings:
    """The settings with a device that is here, and a precision that it has."""
    for name, text in means.items():
        try:
            settings = replace(settings, **{name: KINDS[name].parse(text)})
        except NstError as error:
            raise NstError(f"{flag(name)}: {error}") from None
    if settings.device == "cuda" and "device" not in means:
        settings = replace(settings, device="auto")  # where there is no GPU, the CPU
    on_cpu = settings.device == "cpu" or not gpu.pool().devices
    if settings.precision == "tf32" and on_cpu:
        return replace(settings, precision="fp32")
    return settings


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder that a stop signal leaves no trace of, either; for the main thread."""
    try:
        folder = TemporaryDirectory(prefix="nst-")
    except OSError as error:
        reason = error.strerror or error
        raise NstError(f"cannot make a temporary folder: {reason}; set TMPDIR to another") from None
    ending = [n for n in (*STOPS, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    with folder as name:
        for number in ending:
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
        try:
            yield Path(name)
        finally:
            for number in ending:
                signal.signal(number, signal.SIG_DFL)


@contextmanager
def _threads(wanted: int, say: Say) -> Iterator[None]:
    """As many threads as the record's: sums depend on their number, not on that of the cores."""
    import torch

    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    taken = wanted if wanted <= PER_CORE * cores else cores
    if wanted > cores:
        say(
            f"note: the record's {wanted} threads are more than the cores here, {cores}: taking {taken}"
        )
    torch.set_num_threads(taken)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _differences(
    before: bytes, after: bytes, picture: Path, out: Path, record: Record, made: Record
) -> list[str]:
    """By how much a picture differs from the one before, and the known reasons, one a line."""
    gap = _gap(images.read(picture, before)[0], images.read(out, after)[0])
    found = _reasons(record, made)
    if not gap:
        return ["the same pixels in other bytes: the file was compressed in another way", *found]
    new, old = made.losses["total"], record.losses["total"]
    change = f" ({(new - old) / old:+.1%})".replace("%", " %") if old else ""
    if made.losses == record.losses and not found:
        found = ["the losses are the recorded ones: the picture was edited, or is not the record's"]
    return [f"differs: {gap}; total loss {new:.5g} against {old:.5g}{change}", *(found or [UNKNOWN])]


def _gap(old: images.Image.Image, new: images.Image.Image) -> str:
    """How far apart the levels of two pictures are; nothing if they are the same."""
    import numpy

    if old.size != new.size:
        sides = [f"{image.width} x {image.height}" for image in (new, old)]
        return f"{sides[0]} pixels against {sides[1]}"
    apart = abs(numpy.asarray(new, dtype=numpy.int16) - numpy.asarray(old, dtype=numpy.int16))
    return f"largest difference {apart.max()} of 255, mean {apart.mean():.2g}" if apart.any() else ""


def _reasons(record: Record, made: Record) -> list[str]:
    """What is another than when the record was made: `torch 2.15.0 -> 2.16.0`."""
    pairs = {"engine": (record.engine, ENGINE), "device": (_kind(record), _kind(made))}
    for name in ("precision", *EXECUTION[1:]):
        pairs[name] = record.settings[name], made.settings[name]
    if "cpu" in (record.settings["device"], made.settings["device"]):
        pairs["threads"] = record.threads, made.threads
    for name, version in made.versions.items():
        pairs[name] = record.versions.get(name, "unknown"), version
    for name, noted in made.inputs.items():
        pairs[name] = record.inputs[name]["sha256"][:16], noted["sha256"][:16]
    pairs["weights"] = record.weights["sha256"][:16], made.weights["sha256"][:16]
    return [f"{name} {old} -> {new}" for name, (old, new) in pairs.items() if old != new]


def _kind(record: Record) -> str:
    """The device without its number: two GPUs of one name compute alike."""
    return re.sub(r"^cuda \S+ ", "cuda ", record.device)
