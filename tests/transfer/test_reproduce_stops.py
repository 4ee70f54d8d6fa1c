"""`nst reproduce` that is stopped leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from light import arguments
from processes import soon

from nst.cli import main

LONG = 100_000  # evaluations


@pytest.fixture
def record(place, seeded_weights, monkeypatch):
    """The record of a long transfer, beside the image of a short one."""
    weights = seeded_weights("alexnet", {"conv1"})
    assert main(arguments(weights)) == 0
    record = json.loads(Path("x.json").read_text())
    record["settings"]["evaluations"] = LONG
    Path("x.json").write_text(json.dumps(record))
    return ["x.json", "--weights", str(weights)]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_no_folder_is_left_by_a_stop(place, record, name):
    temporary = place / "tmp"
    temporary.mkdir()
    number = signal.Signals[name]
    with subprocess.Popen(
        [sys.executable, "-m", "nst", "reproduce", *record],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # tests may run under nohup
    ) as process:
        try:
            assert soon(lambda: process.stdout.readline().startswith("evaluation "), 60)
            assert [path.name[:4] for path in temporary.iterdir()] == ["nst-"]
            process.send_signal(number)
            assert process.wait(60) == 128 + number
        finally:
            process.kill()
    assert list(temporary.iterdir()) == []
