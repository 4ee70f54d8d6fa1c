"""Files appear whole or not at all, and nothing else is touched."""

import errno
import fcntl
import os

import pytest

from nst.disk.files import sweep, sweep_beside, write_together, write_whole
from nst.errors import NstError

AS_USER = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
PATHS = {  # the path, the reason after it in the message
    "a folder": ("folder", "it is a folder, name a file in it"),
    "the folder itself": (".", "it is a folder, name a file in it"),
    "below a file": ("file/p.png", "File exists: choose another path"),
    "deep below a file": ("file/a/b/p.png", "Not a directory: choose another path"),
    "a pipe": ("pipe", "it is a device or a pipe, name a file"),
    "a name too long": ("x" * 256, "File name too long: choose a shorter name"),
    "a locked folder": pytest.param(
        "locked/p.png", "Permission denied: choose another path", marks=AS_USER
    ),
}


@pytest.mark.parametrize(("name", "reason"), PATHS.values(), ids=PATHS)
def test_nothing_is_left_where_nothing_can_be_written(tmp_path, name, reason):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("as it was")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "locked").mkdir(mode=0o500)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(NstError) as refusal:
        write_whole(tmp_path / name, b"new")
    assert str(refusal.value) == f"cannot write {tmp_path / name}: {reason}"
    assert sorted(tmp_path.rglob("*")) == before and (tmp_path / "file").read_text() == "as it was"


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (errno.EROFS, "Read-only file system: choose another path"),
        (errno.EDQUOT, "Disk quota exceeded: free some space, or ask for more"),
        (errno.EFBIG, "File too large: choose another path, or raise `ulimit -f`"),
    ],
)
def test_a_refusal_of_the_system_has_a_way_out(tmp_path, monkeypatch, number, way):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(NstError) as refusal:
        write_whole(tmp_path / "p.png", b"new")
    assert str(refusal.value) == f"cannot write {tmp_path / 'p.png'}: {way}"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("fails", ["os.fsync", "pathlib.Path.replace"])
def test_a_file_stays_as_it_was_when_writing_fails(tmp_path, monkeypatch, fails, error):
    def fail(*_):
        raise error

    path = tmp_path / "p.png"
    path.write_text("as it was")
    monkeypatch.setattr(fails, fail)
    with pytest.raises(NstError if isinstance(error, OSError) else KeyboardInterrupt) as refusal:
        write_whole(path, b"new")
    if isinstance(error, OSError):
        assert str(refusal.value) == f"cannot write {path}: No space left on device: free some space"
    assert list(tmp_path.iterdir()) == [path] and path.read_text() == "as it was"


def test_the_longest_name_is_written(tmp_path):
    write_whole(tmp_path / ("é" * 120 + ".png"), b"new")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("locks", ["flock", "lockf"])  # NFS makes the second out of the first
@pytest.mark.parametrize("call", [sweep, lambda folder: sweep_beside(folder / "p.png")])
def test_partial_files_of_killed_processes_are_swept(tmp_path, monkeypatch, locks, call):
    monkeypatch.setattr("nst.disk.files.fcntl.flock", getattr(fcntl, locks))
    (tmp_path / f".p.png.{'0' * 12}.partial").write_bytes(b"half")
    (tmp_path / ".p.png.partial").write_bytes(b"another's")
    call(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".p.png.partial"]


def test_the_last_file_is_there_only_if_all_others_are(tmp_path, monkeypatch):
    first, second, last = (tmp_path / name for name in ("first", "second", "last"))
    real = type(first).replace
    renamed = []

    def fail(path, target):
        if target == second:
            raise OSError(errno.EIO, "Input/output error")
        renamed.append(target)
        return real(path, target)

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(NstError, match="second: Input/output error"):
        write_together({first: b"1", second: b"2", last: b"3"})
    assert renamed == [first] and list(tmp_path.iterdir()) == [first]


def test_nothing_is_renamed_before_all_data_is_written(tmp_path, monkeypatch):
    first, last = tmp_path / "first", tmp_path / "last"
    first.write_bytes(b"as it was")
    real = type(first).write_bytes

    def fail(path, data):
        if data == b"2":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, data)

    monkeypatch.setattr("pathlib.Path.write_bytes", fail)
    with pytest.raises(NstError, match="last: No space left on device"):
        write_together({first: b"1", last: b"2"})
    assert first.read_bytes() == b"as it was" and list(tmp_path.iterdir()) == [first]
