"""record.json and trace.csv of a cell: their fields, how they are written, read and checked."""

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from nst.disk.home import abbreviate_home, expand_home
from nst.disk.input_names import faults_of, is_input
from nst.disk.renamed_settings import with_new_names
from nst.errors import NstError
from nst.text import CONTROL, shown

# Raised whenever the same settings may give other pixels; the workflow then makes cells again.
ENGINE = 2

TRACE_COLUMNS = ("evaluation", "total", "content", "style", "tv", "seconds")
LOSSES = ("total", "content", "style", "tv")
TERMS = ("content", "style")
MAX_NUMBER = 1e300  # sums of such numbers are still finite
MAX_COUNT = 4096  # engines, threads
MAX_TEXT = 200  # characters
SHA256 = re.compile(r"[0-9a-f]{64}")
VERSION = re.compile(r"[A-Za-z0-9.+!_-]{1,60}")
COUNT = f"a whole number from 1 to {MAX_COUNT}"
BITS = "8 or 16"
WAY_OUT = "delete it and run the workflow again"
# How a run may end, and what that means.
OUTCOMES = {
    "completed": "all evaluations were computed",
    "stalled": "the gradient vanished, so the image could not change any more",
    "diverged": "the losses grew without bound; the image is the best one before that",
}


@dataclass(frozen=True)
class Record:
    """What one transfer did. `losses` are weighted, `terms` are not; both are of the saved picture.

    `terms` are by kind and layer, `inputs` hold path and sha256 by name, and the `bits` that were
    read of each channel (absent: 8), `weights` backbone and sha256.
    """

    outcome: str
    evaluations: int
    seconds: float
    losses: dict[str, float]
    terms: dict[str, dict[str, float]]
    settings: dict[str, Any]
    engine: int
    inputs: dict[str, dict[str, Any]]
    weights: dict[str, str]
    versions: dict[str, str]
    device: str
    peak_memory_mb: float
    threads: int


def differences(record: Record, pixels: Mapping[str, Any]) -> list[str]:
    """How a record differs from that of a cell with these settings: `size 128 -> 96`."""
    texts = [] if record.engine == ENGINE else [f"engine {record.engine} -> {ENGINE}"]
    for name, wanted in pixels.items():
        recorded = record.settings.get(name)
        if recorded != wanted and not (name == "precision" and wanted == "auto"):
            texts.append(f"{name} {recorded} -> {wanted}")
    return texts


def token(record: Record) -> str:
    """A short name of one making of an image: another making has another token."""
    made = [record.seconds, record.evaluations, record.losses, record.terms, record.settings]
    digest = hashlib.sha256(json.dumps(made).encode()).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest[:10])  # never like a value in a name


def record_bytes(record: Record) -> bytes:
    """The bytes of a record.json; paths in the home folder begin with `~/`."""
    return (json.dumps(abbreviate_home(vars(record)), indent=2, allow_nan=False) + "\n").encode()


def trace_bytes(rows: Iterable[tuple[float, ...]], digits: int = 6) -> bytes:
    """The bytes of a trace.csv: weighted losses as optimized, one row per evaluation."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRACE_COLUMNS)
    for number, *losses, seconds in rows:
        writer.writerow([number, *(f"{loss:.{digits}g}" for loss in losses), f"{seconds:.3f}"])
    return text.getvalue().encode()


def read_record(path: Path, way_out: str = WAY_OUT) -> Record:
    """Read and check a record.json; paths in it are whole.

    Every value that others rely on is checked, as a record may come from anywhere. Raises NstError,
    ending in `way_out`, for a record that is missing or damaged.
    """
    try:
        data = expand_home(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise NstError(f"cannot read the record {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise NstError(f"the record {path} is damaged (not JSON); {way_out}") from None
    return checked_record(data, f"the record {path}", way_out)


def checked_record(data: Any, name: str, way_out: str) -> Record:
    """A record from data of any kind. Raises NstError for what is wrong with it, by this name."""
    names = [field.name for field in fields(Record)]
    if missing := [key for key in names if not isinstance(data, dict) or key not in data]:
        raise NstError(f"{name} lacks {', '.join(missing)}; {way_out}")
    record = Record(**{key: data[key] for key in names})
    if faults := list(_faults(record)):
        raise NstError("\n".join(f"{name}: {fault}; {way_out}" for fault in faults))
    return replace(record, settings=with_new_names(record.settings))


def _faults(record: Record) -> Iterator[str]:
    """What is wrong with a record."""
    sound = True
    for name, value, kind in _checked_values(record):
        if not CHECKS[kind](value):
            sound = False
            yield f"{name}: {shown(value)} is not {kind}"
    if sound and (odd := faults_of(record.inputs)):
        yield f"inputs: {', '.join(odd)} without the style pictures before it"
    for term in TERMS if sound else ():
        layers = record.settings[f"{term}_layers"]
        if others := [layer for layer in record.terms[term] if layer not in layers]:
            yield f"terms.{term}: {shown(', '.join(others))} not in settings.{term}_layers"


def _checked_values(record: Record) -> Iterator[tuple[str, Any, str]]:
    """Name, value and expected kind (of CHECKS) of all that the code relies on."""
    yield "outcome", record.outcome, "a text"
    yield "device", record.device, "a text"
    yield "evaluations", record.evaluations, "a number"
    yield "seconds", record.seconds, "a number"
    yield "engine", record.engine, COUNT
    yield "threads", record.threads, COUNT
    yield "versions", record.versions, "a table of versions"
    yield from _items("losses", record.losses, dict.fromkeys(LOSSES, "a number"))
    yield from _items("terms", record.terms, dict.fromkeys(TERMS, "a table of numbers"))
    layers = dict.fromkeys([f"{name}_layers" for name in TERMS], "a table of numbers")
    settings = {"precision": "a text", "device": "a text"}
    yield from _items("settings", record.settings, layers | settings)
    yield from _items("weights", record.weights, {"backbone": "a text", "sha256": "a SHA-256"})
    inputs = record.inputs
    yield from _items("inputs", inputs, {})
    names = list(inputs) if isinstance(inputs, Mapping) else []
    yield from (("inputs", name, "the name of a picture") for name in names)
    for name in filter(is_input, names):
        yield from _items(f"inputs.{name}", inputs[name], {"path": "a path", "sha256": "a SHA-256"})
        if isinstance(inputs[name], Mapping) and "bits" in inputs[name]:
            yield f"inputs.{name}.bits", inputs[name]["bits"], BITS


def _items(name: str, table: object, kinds: Mapping[str, str]) -> Iterator[tuple[str, Any, str]]:
    if not isinstance(table, Mapping):
        yield name, table, "a table"
        return
    for key, kind in kinds.items():
        yield f"{name}.{key}", table.get(key), kind


def read_trace(path: Path) -> dict[str, list[float]]:
    """A trace.csv by column; values that are not finite are NaN.

    Raises NstError for a trace that is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file)) or [[]]
    except OSError as error:
        raise NstError(f"cannot read the trace {path}: {error.strerror or error}") from None
    except (ValueError, csv.Error):
        raise NstError(f"the trace {path} is damaged (not CSV); {WAY_OUT}") from None
    if tuple(head) != TRACE_COLUMNS or not rows:
        content = "no evaluation" if tuple(head) == TRACE_COLUMNS else "other columns"
        raise NstError(f"the trace {path} holds {content}; {WAY_OUT}")
    values = [_trace_row(path, line, row) for line, row in enumerate(rows, start=2)]
    for line, (before, row) in enumerate(pairwise([[0.0], *values]), start=2):
        if not before[0] < row[0] < math.inf:
            raise _bad_row(path, line, rows[line - 2])
    columns = map(list, zip(*values, strict=True))
    return dict(zip(TRACE_COLUMNS, columns, strict=True))


def _trace_row(path: Path, line: int, row: list[str]) -> list[float]:
    if len(row) != len(TRACE_COLUMNS):
        raise _bad_row(path, line, row)
    try:
        evaluation, *values = map(float, row)
    except ValueError:
        raise _bad_row(path, line, row) from None
    return [evaluation, *(value if math.isfinite(value) else math.nan for value in values)]


def _bad_row(path: Path, line: int, row: list[str]) -> NstError:
    text = shown(",".join(row))
    return NstError(f"the trace {path}, line {line}: {text} is no evaluation; {WAY_OUT}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_COUNT  # True is an int, too


def _is_table_of(is_kind: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, Mapping) and all(map(is_kind, value.values()))


def _is_path(value: object) -> bool:
    # As config.yaml: `isprintable` would refuse the spaces that macOS puts into screenshots' names.
    return isinstance(value, str) and bool(value) and not CONTROL.search(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= MAX_TEXT


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


CHECKS: dict[str, Callable[[object], bool]] = {
    "a text": _is_text,
    "a path": _is_path,
    "the name of a picture": is_input,
    "a number": _is_number,
    COUNT: _is_count,
    BITS: lambda value: value in (8, 16) and type(value) is int,
    "a table": lambda value: isinstance(value, Mapping),
    "a table of numbers": _is_table_of(_is_number),
    "a table of versions": _is_table_of(_matches(VERSION)),
    "a SHA-256": _matches(SHA256),
}
