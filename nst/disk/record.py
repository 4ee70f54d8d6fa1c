"""record.json and trace.csv of a cell: the one place that knows what stands in them."""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nst.disk.home import abbreviate_home, expand_home
from nst.disk.renamed import with_new_names
from nst.errors import NstError
from nst.text import shown

# Raised whenever the same settings may give other pixels; the workflow then makes cells again.
ENGINE = 1

TRACE_COLUMNS = ("evaluation", "total", "content", "style", "tv", "seconds")
GREATEST = 1e300  # of the numbers in a record; sums of them are numbers too
LONGEST = 200  # of the texts in a record
LOSSES = ("total", "content", "style", "tv")
TERMS = ("content", "style")
# How a run may end, and what that means.
OUTCOMES = {
    "completed": "every evaluation was made",
    "stalled": "the gradient vanished: nothing was left to change",
    "diverged": "the losses ran away; the picture is the best before that",
}


@dataclass(frozen=True)
class Record:
    """What became of one cell. `losses` are weighted, `terms` are not; both of the saved picture."""

    outcome: str
    evaluations: int
    seconds: float
    losses: dict[str, float]
    terms: dict[str, dict[str, float]]
    settings: dict[str, Any]
    engine: int
    inputs: dict[str, dict[str, str]]
    weights: dict[str, str]
    versions: dict[str, str]
    device: str
    peak_memory_mb: float
    threads: int


def differences(record: Record, pixels: Mapping[str, Any]) -> list[str]:
    """In what a record is not that of a cell with these settings (`Settings.pixels`)."""
    found = [] if record.engine == ENGINE else [f"engine {record.engine}, not {ENGINE}"]
    for name, wanted in pixels.items():
        made = record.settings.get(name)
        if made != wanted and not (name == "precision" and wanted == "auto"):
            found.append(f"{name} {made}, not {wanted}")
    return found


def record_bytes(record: Record) -> bytes:
    """A record.json, in which a path in the home folder begins with `~/`."""
    return (json.dumps(abbreviate_home(vars(record)), indent=2, allow_nan=False) + "\n").encode()


def trace_bytes(rows: Iterable[tuple[float, ...]]) -> bytes:
    """A trace.csv: weighted losses as optimised, one row per evaluation."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRACE_COLUMNS)
    for number, *losses, seconds in rows:
        writer.writerow([number, *(f"{loss:.6g}" for loss in losses), f"{seconds:.3f}"])
    return text.getvalue().encode()


def read_record(path: Path) -> Record:
    """Read a record.json, its paths in full, and check what the aggregates rely on.

    Raises NstError for a record that is missing, damaged or of another kind.
    """
    again = "delete it and run the workflow again"
    try:
        data = expand_home(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise NstError(f"cannot read the record {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise NstError(f"the record {path} is damaged (not JSON); {again}") from None
    fields = Record.__dataclass_fields__
    if not isinstance(data, dict) or set(fields) - set(data):
        missing = sorted(set(fields) - set(data)) if isinstance(data, dict) else list(fields)
        raise NstError(f"the record {path} lacks {', '.join(missing)}; {again}")
    record = Record(**{name: data[name] for name in fields})
    for fault in _faults(record):
        raise NstError(f"the record {path} {fault}; {again}")
    return replace(record, settings=with_new_names(record.settings))


def _faults(record: Record) -> Iterator[str]:
    """What is not as the aggregates need it; they rely on no more than this."""
    if not isinstance(record.losses, Mapping) or not isinstance(record.settings, Mapping):
        yield "is damaged (losses or settings)"
        return
    if not isinstance(record.terms, Mapping) or not all(map(_is_table, map(record.terms.get, TERMS))):
        yield "holds terms that are not numbers"
        return
    for kind in TERMS:
        shares = record.settings.get(f"{kind}_layers")
        if not _is_table(shares) or set(record.terms[kind]) - set(shares):
            layers = shown(", ".join(record.terms[kind]))
            yield f"holds {kind} terms of other layers than its settings: {layers}"
    numbers = {name: record.losses.get(name) for name in LOSSES}
    numbers |= {"evaluations": record.evaluations, "seconds": record.seconds}
    if wrong := [f"{name} {shown(n)}" for name, n in numbers.items() if not _is_number(n)]:
        yield f"holds losses that are not numbers: {', '.join(wrong)}"
    texts = {"outcome": record.outcome, "device": record.device}
    texts |= {f"settings.{name}": record.settings.get(name) for name in ("precision", "device")}
    if wrong := [f"{name} {shown(text)}" for name, text in texts.items() if not _is_text(text)]:
        yield f"holds no outcome or device: {', '.join(wrong)}"


def read_trace(path: Path) -> dict[str, list[float]]:
    """A trace.csv by column; a loss that was no number, or infinite, is NaN.

    Raises NstError for a trace that is missing, damaged or of another kind.
    """
    again = "delete it and run the workflow again"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file)) or [[]]
    except OSError as error:
        raise NstError(f"cannot read the trace {path}: {error.strerror or error}") from None
    except (ValueError, csv.Error):
        raise NstError(f"the trace {path} is damaged (not CSV); {again}") from None
    if tuple(head) != TRACE_COLUMNS or not rows:
        found = "no evaluation" if tuple(head) == TRACE_COLUMNS else "other columns"
        raise NstError(f"the trace {path} holds {found}; {again}")
    number = 0.0
    for line, row in enumerate(rows, start=2):
        try:
            values = list(map(float, row))
            if len(values) != len(TRACE_COLUMNS) or not number < values[0] < math.inf:
                raise ValueError
        except ValueError:
            text = shown(",".join(row))
            raise NstError(f"the trace {path}, line {line}: {text} is no evaluation; {again}") from None
        number = values[0]
        if not math.isfinite(sum(values)):
            values = [value if math.isfinite(value) else math.nan for value in values]
        rows[line - 2] = values
    return dict(zip(TRACE_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_number, value.values()))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < GREATEST


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= LONGEST
