"""record.json and trace.csv of a cell: the one place that knows what stands in them."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst.errors import NstError

# Raised whenever the same settings may give other pixels; the workflow then makes cells again.
ENGINE = 1

TRACE_COLUMNS = ("evaluation", "total", "content", "style", "tv", "seconds")
LOSSES = ("total", "content", "style", "tv")
TERMS = ("content", "style")


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
    """A record.json."""
    return (json.dumps(vars(record), indent=2, allow_nan=False) + "\n").encode()


def trace_bytes(rows: Iterable[tuple[float, ...]]) -> bytes:
    """A trace.csv: weighted losses as optimised, one row per evaluation."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(TRACE_COLUMNS)
    for number, *losses, seconds in rows:
        writer.writerow([number, *(f"{loss:.6g}" for loss in losses), f"{seconds:.3f}"])
    return text.getvalue().encode()


def read_record(path: Path) -> Record:
    """Read a record.json and check what the aggregates rely on.

    Raises NstError for a record that is missing, damaged or of another kind.
    """
    again = "delete it and run the workflow again"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NstError(f"cannot read the record {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise NstError(f"the record {path} is damaged (not JSON); {again}") from None
    fields = Record.__dataclass_fields__
    if not isinstance(data, dict) or set(fields) - set(data):
        missing = sorted(set(fields) - set(data)) if isinstance(data, dict) else list(fields)
        raise NstError(f"the record {path} lacks {', '.join(missing)}; {again}")
    record = Record(**{name: data[name] for name in fields})
    if not isinstance(record.losses, Mapping) or not isinstance(record.settings, Mapping):
        raise NstError(f"the record {path} is damaged (losses or settings); {again}")
    numbers = [record.losses.get(name) for name in LOSSES] + [record.evaluations, record.seconds]
    if not all(_is_number(number) for number in numbers):
        raise NstError(f"the record {path} holds losses that are not numbers; {again}")
    if not isinstance(record.outcome, str) or not isinstance(record.device, str):
        raise NstError(f"the record {path} holds no outcome or device; {again}")
    return record


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
