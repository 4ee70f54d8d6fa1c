"""Files appear whole or not at all, and nothing else is touched."""

import errno
import fcntl
import os

import pytest

from nst.disk.files import sweep, sweep_beside, write_together, write_whole
from nst.errors import NstError

AS_USER = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
PLACES = {  # where it is written, what the message says after the place
    "a folder": ("folder", "it is a folder, name a file in it"),
    "the folder itself": (".", "it is a folder, name a file in it"),
    "below a file": ("file/p.png", "File exists: choose another place"),
    "deep below a file": ("file/a/b/p.png", "Not a directory: choose another place"),
    "a pipe": ("pipe", "it is a device or a pipe, name a file"),
    "a name too long": ("x" * 256, "File name too long: choose a shorter name"),
    "a locked folder": pytest.param(
        "locked/p.png", "Permission denied: choose another place", marks=AS_USER
    ),
}


@pytest.mark.parametrize(("place", "reason"), PLACES.values(), ids=PLACES)
def test_nothing_is_left_where_nothing_can_be_written(tmp_path, place, reason):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("as it was")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "locked").mkdir(mode=0o500)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(NstError) as refusal:
        write_whole(tmp_path / place, b"new")
    assert str(refusal.value) == f"cannot write {tmp_path / place}: {reason}"
    assert sorted(tmp_path.rglob("*")) == before and (tmp_path / "file").read_text() == "as it was"


@pytest.mark.parametrize(
    ("number", "way"),
    [
        (errno.EROFS, "Read-only file system: choose another place"),
        (errno.EDQUOT, "Disk quota exceeded: free some space, or ask for more"),
        (errno.EFBIG, "File too large: choose another place, or raise `ulimit -f`"),
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
def test_what_a_killed_process_left_is_swept_by_either_kind_of_lock(tmp_path, monkeypatch, locks, call):
    monkeypatch.setattr("nst.disk.files.fcntl.flock", getattr(fcntl, locks))
    (tmp_path / f".p.png.{'0' * 12}.partial").write_bytes(b"half")
    (tmp_path / ".p.png.partial").write_bytes(b"another's")
    call(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".p.png.partial"]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_old_files_are_not_mixed_with_new_ones(tmp_path, monkeypatch, links):
    old, fresh, last = (tmp_path / name for name in ("old", "fresh", "last"))
    old.symlink_to("where it points")
    real = type(old).replace

    def fail(path, target):
        if target == last:
            raise OSError(errno.EIO, "Input/output error")
        return real(path, target)

    def refuse(*_, **__):
        raise OSError(errno.EPERM, "Operation not permitted")

    last.write_bytes(b"as it was")
    monkeypatch.setattr("pathlib.Path.replace", fail)
    if not links:
        monkeypatch.setattr("os.link", refuse)
    with pytest.raises(NstError, match="last: Input/output error"):
        write_together({old: b"1", fresh: b"2", last: b"3"})
    assert last.read_bytes() == b"as it was"
    assert sorted(tmp_path.iterdir()) == ([last, old] if links else [last])
    assert not links or str(old.readlink()) == "where it points"
