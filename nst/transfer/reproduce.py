"""`nst reproduce`: an image made again from its record, and compared with the one there is."""

import hashlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from nst.config.inputs import inputs_of, with_paths
from nst.config.misfits import count_faults
from nst.config.recipes import complete_settings
from nst.config.settings import FIELDS, KINDS, Settings, flag
from nst.config.yaml_lines import unknown
from nst.disk import images
from nst.disk.embedded import embedded_record
from nst.disk.encoded import ENDINGS, kind_of
from nst.disk.files import write_whole
from nst.disk.input_names import SINGLE, noun_of, style_name, styles_among
from nst.disk.log_end import WROTE
from nst.disk.record import Record, read_record
from nst.disk.without_record import without_record
from nst.errors import NstError
from nst.machine import gpu
from nst.machine.signals import STOPS
from nst.text import one_line, shown
from nst.transfer.difference import differences, ending_of
from nst.transfer.job import Job
from nst.transfer.weights import check, default_folder

WEIGHTS = Path("results/weights")  # where the workflow keeps the weights that it has fetched
MAX_THREADS_PER_CORE = 32  # at 32 an image takes about three times as long, at 500 it never ends
WAY_OUT = "use the record as it was written"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Replacements:
    """What the user names instead of what the record names; `execution` by setting, not parsed yet."""

    picture: Path | None = None
    out: Path | None = None
    weights: Path | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)
    execution: Mapping[str, str] = field(default_factory=dict)


def reproduce(path: Path, replacements: Replacements, say: Say) -> list[str]:
    """Make the image of a record again; no lines if the bytes are the same, else how they differ.

    Raises NstError for a damaged record, for pictures and weights that are missing or not those of the
    record unless the user names them, and for whatever a transfer refuses.
    """
    of_picture = bool(kind_of(path))
    record = embedded_record(path, WAY_OUT) if of_picture else read_record(path, WAY_OUT)
    record = replace(record, settings=complete_settings(record.settings))
    settings = _settings(path, record)
    picture = replacements.picture or (path if of_picture else path.with_suffix(".png"))
    before = _picture_bytes(picture, path, replacements.out)
    inputs = _inputs(record, settings, replacements.inputs, say)
    settings = with_paths(settings, inputs)
    weights = _weights(record, replacements.weights, say)
    settings = _available(settings, replacements.execution)
    from nst.transfer.run import run  # imports torch: only once nothing is left to refuse

    def say_all_but_temporary(text: str) -> None:
        if replacements.out or not text.startswith(WROTE):
            say(text)

    with _temporary_folder() as folder, _threads(record.threads, say):
        out = replacements.out or folder / f"image{ending_of(picture)}"
        job = Job(inputs, out, weights=weights)
        made = run(job, settings, say_all_but_temporary)
        after = images.file_bytes(out)
        if without_record(after) == without_record(before):
            return []
        exported = made.exported(out)
        if without_record(exported) == without_record(before):
            write_whole(out, exported)
            return []
        return differences(before, after, picture, out, record, made.record)


def _settings(path: Path, record: Record) -> Settings:
    """The settings of a record, parsed and checked like those of a config."""
    recorded = record.settings
    values, faults = {}, []
    for name in [*FIELDS, *(name for name in recorded if name not in FIELDS)]:
        try:
            values[name] = _setting(name, recorded)
        except NstError as error:
            faults.append(f"settings.{shown(name)[1:-1]}: {error}")
    if not faults:
        settings = Settings(**values)
        faults = [f"settings.{name}: {text}" for name, text in settings.faults()]
        faults = faults or list(_conflicts(record, settings))
        if not faults:
            return settings
    raise NstError("\n".join(f"the record {path}: {one_line(f)}; {WAY_OUT}" for f in faults))


def _setting(name: str, settings: Mapping[str, object]) -> object:
    if name not in FIELDS:
        raise NstError(unknown(name, FIELDS))
    if name not in settings:
        raise NstError("missing")
    return KINDS[name].parse(settings[name])


def _conflicts(record: Record, settings: Settings) -> Iterator[str]:
    """Inputs and weights that do not fit the settings."""
    for name in _input_names(record, settings):
        if name not in record.inputs:
            yield f"inputs: {name} is missing"
    if styles := styles_among(record.inputs):
        yield from (f"settings.{name}: {fault}" for name, fault in count_faults(settings, len(styles)))
    if record.weights["backbone"] != settings.backbone:
        yield f"weights.backbone: {shown(record.weights['backbone'])} is not {settings.backbone}"


def _input_names(record: Record, settings: Settings) -> tuple[str, ...]:
    """The names of the pictures that the transfer of a record reads."""
    styles = styles_among(record.inputs) or (style_name(1),)
    start = "start" if "start" in record.inputs else None
    inputs = inputs_of(settings, "content", styles, start)
    if start and "init" not in record.inputs:
        inputs.pop("init", None)  # which did not act
    return tuple(inputs)


def _picture_bytes(picture: Path, record: Path, out: Path | None) -> bytes:
    """The bytes of the picture to compare with; checked to be a picture before the work begins."""
    if out and os.path.realpath(out) in map(os.path.realpath, (picture, record)):
        raise NstError(f"--out {out} would be overwritten: name another path")
    if out and kind_of(picture) and kind_of(out) != kind_of(picture):
        raise NstError(f"--out {out} does not end in {ending_of(picture)}, as {picture} does")
    try:
        data = images.file_bytes(picture)
    except NstError as error:
        raise NstError(f"{error}: name the picture to compare with by --picture FILE") from None
    images.read(picture, data)
    if not kind_of(picture):
        raise NstError(f"--picture {picture} ends in none of {', '.join(ENDINGS)}")
    return data


def _inputs(record: Record, settings: Settings, named: Mapping[str, Path], say: Say) -> dict[str, Path]:
    """The paths of the recorded pictures, or of those named instead, with their checksums compared."""
    if "init" in named and not (settings.picture("init") and KINDS["init"].is_file(str(named["init"]))):
        KINDS["init"].parse(str(named["init"]))
        raise NstError(f"--init {named['init']}: the record's image starts from {settings.init}")
    if "start" in named and "start" not in record.inputs:
        raise NstError(f"--start {named['start']}: the record's image starts from {settings.init}")
    names = _input_names(record, settings)
    if others := [name for name in named if name not in names]:
        raise NstError(f"--input {others[0]}: the record's pictures are {', '.join(names)}")
    paths, faults = {}, []
    for name in names:
        path = paths[name] = named.get(name) or Path(record.inputs[name]["path"])
        noun, way_out = noun_of(name), f"name the {noun_of(name)} with {_option(name)}FILE"
        try:
            sha256 = hashlib.sha256(images.file_bytes(path)).hexdigest()
        except NstError as error:
            faults.append(f"{error}: run this in the project's folder, or {way_out}")
            continue
        if sha256 != record.inputs[name]["sha256"]:
            again = ": it was made again" if name == "start" and name not in named else ""
            text = f"{path} is not the {noun} of the record (its SHA-256 differs{again})"
            say(f"note: {text}") if name in named else faults.append(f"{text}: {way_out}")
    if faults:
        raise NstError("\n".join(faults))
    return paths


def _option(name: str) -> str:
    """The option of `nst reproduce` that names another file for a picture, up to the file."""
    return f"--{name} " if name in SINGLE else f"--input {name}="


def _weights(record: Record, named: Path | None, say: Say) -> Path:
    """The file of the recorded weights, or the one named instead."""
    backbone, sha256 = record.weights["backbone"], record.weights["sha256"]
    if named:
        if check(named, "") != sha256:
            say(f"note: {named} holds other weights than the record's (its SHA-256 differs)")
        return named
    paths = [folder / f"{backbone}.safetensors" for folder in (WEIGHTS, default_folder())]
    for path in paths:
        if path.is_file() and check(path, "") == sha256:
            return path
    raise NstError(
        f"the record's weights of {backbone} (SHA-256 {sha256[:16]}...) are neither"
        f" {' nor '.join(map(str, paths))}: name their file with --weights FILE, or fetch the"
        f" published ones with `nst weights {backbone}`"
    )


def _available(settings: Settings, execution: Mapping[str, str]) -> Settings:
    """The settings with a device that is available, and a precision that it has."""
    for name, text in execution.items():
        try:
            settings = replace(settings, **{name: KINDS[name].parse(text)})
        except NstError as error:
            raise NstError(f"{flag(name)}: {error}") from None
    if settings.device == "cuda" and "device" not in execution:
        settings = replace(settings, device="auto")  # the CPU where there is no GPU
    on_cpu = settings.device == "cpu" or not gpu.pool().devices
    if settings.precision == ("tf32" if on_cpu else "fp32-winograd"):
        return replace(settings, precision="fp32")
    return settings


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    """A temporary folder that is removed on stop signals, too; only for the main thread."""
    try:
        folder = TemporaryDirectory(prefix="nst-")
    except OSError as error:
        reason = error.strerror or error
        raise NstError(f"cannot create a temporary folder: {reason}; set TMPDIR to another") from None
    numbers = [n for n in (*STOPS, signal.SIGHUP) if signal.getsignal(n) == signal.SIG_DFL]
    with folder as name:
        for number in numbers:
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
        try:
            yield Path(name)
        finally:
            for number in numbers:
                signal.signal(number, signal.SIG_DFL)


@contextmanager
def _threads(recorded: int, say: Say) -> Iterator[None]:
    """Let torch use as many threads as the record says: rounding depends on their number."""
    import torch

    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = recorded if recorded <= MAX_THREADS_PER_CORE * cores else cores
    if recorded > cores:
        say(f"note: the record's {recorded} threads exceed the cores here, {cores}: using {threads}")
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
