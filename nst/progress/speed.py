"""The speed of this machine where no earlier run has measured it: tried once, and remembered."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from nst.config.settings import Settings
from nst.disk.files import write_whole
from nst.errors import NstError

SPEED = Path(".snakemake/nst/speed.json")
PATIENCE = 20  # seconds that the trial may take
MOST_AT_ONCE = 8  # trials: jobs that run together are slower than one alone

Rows = list[list[float]]  # evaluations, evaluations times pixels, seconds


def try_speed(settings: Settings, at_once: int) -> Rows:
    """Measurements of these settings with as many jobs at once; none if it takes too long or fails."""
    name = f"{socket.gethostname()} {os.environ.get('NST_GPUS', '')} {at_once} {_kind(settings)}"
    known, today = _read(), time.strftime("%Y-%m-%d")
    if isinstance(known.get(name), list):
        return known[name]
    rows: Rows = []
    if known.get(name) != today:
        print(f"measuring the speed of this machine, for at most {PATIENCE} s", file=sys.stderr)
        rows = _measure(settings, min(at_once, MOST_AT_ONCE))
    known[name] = rows or today  # what failed is not tried again before tomorrow
    with suppress(NstError):
        write_whole(SPEED, json.dumps(known).encode(), durable=False)
    return rows


def _kind(settings: Settings) -> str:
    """What decides on the speed of an evaluation of a pixel."""
    names = "backbone", "optimizer", "history", "precision", "device"
    values = [getattr(settings, name) for name in names]
    return json.dumps([*values, sorted(settings.layers())])


def _read() -> dict[str, Any]:
    try:
        known = json.loads(SPEED.read_text(encoding="utf-8"))
        return known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        return {}


def _measure(settings: Settings, at_once: int) -> Rows:
    with tempfile.TemporaryFile("w+") as said:
        trials = [_start(settings, said) for _ in range(at_once)]
        try:
            deadline = time.monotonic() + PATIENCE
            for trial in trials:
                trial.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:  # what was said until now is enough
            pass
        finally:
            for trial in trials:
                trial.kill()
                trial.wait()
        said.seek(0)
        with suppress(ValueError):
            return [json.loads(line) for line in said]
    return []


def _start(settings: Settings, said: IO[str]) -> subprocess.Popen[str]:
    """A process that measures as a job would: with one thread."""
    with tempfile.TemporaryFile("w+") as request:
        json.dump(settings.as_json(), request)
        request.seek(0)
        return subprocess.Popen(
            [sys.executable, "-m", "nst.transfer.speed_probe"],
            stdin=request,
            stdout=said,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
