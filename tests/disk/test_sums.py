"""Sums of files: right at any time, and read once."""

import hashlib
import json
import os
from pathlib import Path
from threading import Thread

import pytest

from nst.disk import run_inputs, sums
from nst.disk.run_inputs import Copy
from nst.disk.sums import KNOWN, Sums


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path(".snakemake").mkdir()
    Path("a").write_bytes(b"one")
    return Path("a")


@pytest.fixture
def hashed(monkeypatch):
    """How often a file is read."""
    calls = []
    digest = hashlib.file_digest

    def note(*arguments):
        calls.append(arguments)
        return digest(*arguments)

    monkeypatch.setattr(sums.hashlib, "file_digest", note)
    return calls


def sum_of(path):
    found = Sums()
    digest = found.of(path)
    found.save()
    return digest


def test_a_file_is_read_once_for_all_processes(file, hashed):
    assert sum_of(file) == sum_of(file) == hashlib.sha256(b"one").hexdigest()
    assert len(hashed) == 1


def test_a_file_of_the_same_size_and_date_in_its_place_is_seen(file):
    before = sum_of(file)
    date = file.stat().st_mtime_ns
    file.write_bytes(b"two")
    os.utime(file, ns=(date, date))
    assert sum_of(file) != before
    other = Path("b")
    other.write_bytes(b"six")
    os.utime(other, ns=(date, date))
    other.replace(file)
    assert sum_of(file) == hashlib.sha256(b"six").hexdigest()


def test_a_file_that_cannot_be_read_has_no_sum(file):
    file.unlink()
    assert sum_of(file) == ""


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 5}', '{"a": [1, 2, 3, 4, 5, 6]}'])
def test_a_damaged_list_costs_time_only(file, text):
    KNOWN.parent.mkdir(parents=True)
    KNOWN.write_text(text)
    assert sum_of(file) == hashlib.sha256(b"one").hexdigest()
    assert json.loads(KNOWN.read_text())["a"][4] == sum_of(file)


def test_within_a_run_the_sum_is_that_of_the_copy(file):
    run_inputs.use({file: Copy(Path("copy"), "f" * 64)}, {})
    assert sum_of(file) == "f" * 64
    run_inputs.use({}, {})
    assert sum_of(file) == hashlib.sha256(b"one").hexdigest()


def test_another_decoder_decodes_again(file, monkeypatch):
    """As in an environment without the library for HEIC."""
    found = Sums()
    found.note_decoded(file)
    found.save()
    assert Sums().is_decoded(file)
    monkeypatch.setattr(sums, "decoder", lambda: "another")
    assert not Sums().is_decoded(file)


def test_a_pipe_has_no_sum(tmp_path):
    """Nobody writes into it: to read it would never end."""
    os.mkfifo(tmp_path / "pipe")
    found = []
    reading = Thread(target=lambda: found.append(Sums().of(tmp_path / "pipe")), daemon=True)
    reading.start()
    reading.join(10)
    assert found == [""]
