"""When a transfer's state is saved, and that a failure to save it stops nothing."""

from pathlib import Path

import pytest
import torch

from nst.errors import NstError
from nst.transfer import saving
from nst.transfer.checkpoint import write_checkpoint
from nst.transfer.saving import Saver

CPU = torch.device("cpu")


@pytest.fixture
def lines():
    return []


@pytest.fixture
def path(tmp_path):
    return tmp_path / "x.checkpoint"


@pytest.fixture
def saver(path, lines):
    """The saver of a checkpoint in a folder of its own, due at once."""
    saver = Saver(path, "key", lines.append)
    saver.due = 0
    return saver


def tree():
    return {"rows": [1.5], "x": torch.arange(200.0)}


def test_of_nothing_nothing_is_written(saver, path):
    assert saver.save_last() == ""
    assert saver.load(CPU) is None
    assert not path.exists()


def test_a_checkpoint_of_other_settings_is_ignored_with_a_note(path, lines):
    write_checkpoint(path, "other", tree())
    assert Saver(path, "key", lines.append).load(CPU) is None
    assert lines == [
        f"note: {path} is of other settings, pictures, weights or versions: it is ignored, starting at"
        " the beginning"
    ]


@pytest.mark.parametrize("position", [0, 9, 40, 600, -1])
def test_a_damaged_checkpoint_is_ignored_with_a_note(saver, path, lines, position):
    write_checkpoint(path, "key", tree())
    data = bytearray(path.read_bytes())
    data[position if position < len(data) else len(data) // 2] ^= 0x41
    path.write_bytes(data)
    assert saver.load(CPU) is None
    assert "ignored" in lines[0]


@pytest.fixture
def clock(monkeypatch):
    """The seconds that the saver's clock shows, in a list of one."""
    seconds = [0.0]
    monkeypatch.setattr(saving.time, "monotonic", lambda: seconds[0])
    return seconds


def test_a_checkpoint_is_written_when_one_is_due_and_no_sooner(path, lines, clock):
    saver = Saver(path, "key", lines.append)
    saver.offer(1, tree)
    assert not path.exists()
    clock[0] = saver.interval + 1
    saver.offer(2, tree)
    assert path.exists()
    assert saver.due == clock[0] + saver.interval


def test_the_user_sets_the_interval(monkeypatch):
    monkeypatch.setenv(saving.VARIABLE, "600")
    assert Saver(Path("x"), "", print).interval == 600
    monkeypatch.setenv(saving.VARIABLE, "often")
    with pytest.raises(NstError, match="NST_CHECKPOINT_SECONDS: 'often'"):
        Saver(Path("x"), "", print)


def test_writing_takes_a_small_share_of_the_time(saver, clock):
    def slow_state():
        clock[0] += 3
        return tree()

    saver.offer(1, slow_state)
    assert saver.due - clock[0] == pytest.approx(3 / saving.TIME_SHARE)


def test_a_checkpoint_that_cannot_be_written_stops_nothing(saver, path, lines):
    path.mkdir()
    saver.offer(1, tree)
    assert "no checkpoint" in lines[0]


@pytest.mark.parametrize("error", [MemoryError("none left"), RuntimeError("CUDA error: it is gone")])
def test_a_state_that_cannot_be_made_stops_nothing(saver, path, lines, error):
    def fail():
        raise error

    saver.offer(1, fail)
    assert lines == [f"note: no checkpoint: {error}"]
    assert saver.save_last() == f"nothing was saved: {error}"
    path.touch()
    kept = f"the checkpoint of before is kept ({error}): the same command resumes there"
    assert saver.save_last() == kept
