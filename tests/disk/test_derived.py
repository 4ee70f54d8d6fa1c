"""Derived files: rebuilt only when a source changes, and alone in their folder."""

import json
import os
import time

import pytest

from nst.disk import derived
from nst.disk.derived import STAMPS, Derived, code_digest, rebuild_outdated
from nst.errors import NstError


@pytest.fixture
def folder(tmp_path):
    """Three sources, and the folder of the files derived from them."""
    for name in "abc":
        (tmp_path / name).write_text(name)
    return tmp_path / "derived"


def copies(folder, names="abc", method="copy"):
    """An upper-case copy of every source."""

    def copy(name):
        source = folder.parent / name
        return Derived(folder / name / "x.txt", (source,), method, lambda: source.read_bytes().upper())

    return [copy(name) for name in names]


def test_only_what_changed_is_rebuilt(folder):
    assert rebuild_outdated(folder, copies(folder), 2) == 3
    assert (folder / "b/x.txt").read_text() == "B"
    assert rebuild_outdated(folder, copies(folder)) == 0
    (folder.parent / "b").write_text("other")
    assert rebuild_outdated(folder, copies(folder)) == 1
    assert (folder / "b/x.txt").read_text() == "OTHER"


def test_a_source_that_is_older_than_before_counts_as_changed(folder):
    rebuild_outdated(folder, copies(folder))
    os.utime(folder.parent / "c", (1, 1))
    assert rebuild_outdated(folder, copies(folder)) == 1


def test_a_missing_file_is_rebuilt(folder):
    rebuild_outdated(folder, copies(folder))
    (folder / "a/x.txt").unlink()
    assert rebuild_outdated(folder, copies(folder)) == 1


def test_a_file_that_a_power_cut_left_empty_is_rebuilt(folder):
    rebuild_outdated(folder, copies(folder))
    (folder / "a/x.txt").write_text("")
    assert rebuild_outdated(folder, copies(folder)) == 1
    assert (folder / "a/x.txt").read_text() == "A"


def test_stamps_are_saved_while_files_are_built(folder, monkeypatch):
    """A kill loses only what was built since."""
    monkeypatch.setattr(derived, "SAVE_INTERVAL", 0)
    saved = []

    def look():
        saved.extend(json.loads((folder / STAMPS).read_text()))
        return b"d"

    def wait():  # in the only thread: the files before it are built, but may not be saved yet
        for _ in range(1000):
            if (folder / STAMPS).exists():
                break
            time.sleep(0.01)
        return b"w"

    wanted = [
        *copies(folder, "ab"),
        Derived(folder / "w", (), "", wait),
        Derived(folder / "x", (), "", look),
    ]
    rebuild_outdated(folder, wanted)
    assert "a/x.txt" in saved


def test_the_digest_is_that_of_the_modules_it_names(tmp_path, monkeypatch):
    monkeypatch.setattr(derived, "PACKAGE", tmp_path)

    def digests():
        code_digest.cache_clear()
        return code_digest("a"), code_digest("a", "b"), code_digest()

    (tmp_path / "templates").mkdir()
    for name in ("a.py", "b.py", "templates/x.js", "notes.txt"):
        (tmp_path / name).write_text(name)
    before = digests()
    assert len(set(before)) == 3
    (tmp_path / "notes.txt").write_text("other")
    assert digests() == before
    (tmp_path / "templates/x.js").write_text("other")
    assert [a == b for a, b in zip(before, digests(), strict=True)] == [True, True, False]
    (tmp_path / "b.py").write_text("other")
    assert [a == b for a, b in zip(before, digests(), strict=True)] == [True, False, False]
    code_digest.cache_clear()


def test_another_method_rebuilds_all(folder):
    rebuild_outdated(folder, copies(folder))
    assert rebuild_outdated(folder, copies(folder, method="copy 2")) == 3


def test_other_files_are_removed_with_their_folder(folder):
    rebuild_outdated(folder, copies(folder))
    (folder / "b/.x.txt.abc.partial").touch()  # left by a kill
    rebuild_outdated(folder, copies(folder, "bc"))
    assert sorted(p.relative_to(folder).as_posix() for p in folder.glob("**/*")) == [
        ".made.json", "b", "b/x.txt", "c", "c/x.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("stamps", ["", "[]", "{", '{"a/x.txt": 3}', "[" * 99999])
def test_damaged_stamps_only_cost_time(folder, stamps):
    rebuild_outdated(folder, copies(folder))
    (folder / STAMPS).write_text(stamps)
    assert rebuild_outdated(folder, copies(folder)) == 3


def test_a_failure_loses_nothing_that_was_built_before(folder):
    def fail():
        raise NstError("no")

    wanted = [*copies(folder, "ab"), Derived(folder / "d", (), "fails", fail)]
    with pytest.raises(NstError, match="no"):
        rebuild_outdated(folder, wanted)
    assert set(json.loads((folder / STAMPS).read_text())) == {"a/x.txt", "b/x.txt"}
    assert not (folder / "d").exists()
    assert rebuild_outdated(folder, copies(folder, "ab")) == 0
