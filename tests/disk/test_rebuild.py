"""Files made from others: made again only when those change, and nothing else in their folder."""

import json
import os
import time

import pytest

from nst.disk import rebuild as derived
from nst.disk.rebuild import NOTES, Derived, bring_up_to_date, code_digest
from nst.errors import NstError


@pytest.fixture
def folder(tmp_path):
    """Three sources and the folder of what is made from them."""
    for name in "abc":
        (tmp_path / name).write_text(name)
    return tmp_path / "made"


def copies(folder, names="abc", kind="copy"):
    """What is wanted: an upper-case copy of every source."""

    def copy(name):
        source = folder.parent / name
        return Derived(folder / name / "x.txt", (source,), kind, lambda: source.read_bytes().upper())

    return [copy(name) for name in names]


def test_only_what_changed_is_made_again(folder):
    assert bring_up_to_date(folder, copies(folder), 2) == 3
    assert (folder / "b/x.txt").read_text() == "B"
    assert bring_up_to_date(folder, copies(folder)) == 0
    (folder.parent / "b").write_text("other")
    assert bring_up_to_date(folder, copies(folder)) == 1
    assert (folder / "b/x.txt").read_text() == "OTHER"


def test_an_older_source_in_its_place_counts_as_changed(folder):
    bring_up_to_date(folder, copies(folder))
    os.utime(folder.parent / "c", (1, 1))
    assert bring_up_to_date(folder, copies(folder)) == 1


def test_a_file_that_is_gone_is_made_again(folder):
    bring_up_to_date(folder, copies(folder))
    (folder / "a/x.txt").unlink()
    assert bring_up_to_date(folder, copies(folder)) == 1


def test_a_file_that_a_power_cut_left_empty_is_made_again(folder):
    bring_up_to_date(folder, copies(folder))
    (folder / "a/x.txt").write_text("")
    assert bring_up_to_date(folder, copies(folder)) == 1
    assert (folder / "a/x.txt").read_text() == "A"


def test_notes_are_written_while_files_are_made(folder, monkeypatch):
    """A kill in the middle loses only what was made since."""
    monkeypatch.setattr(derived, "NOTED_EVERY", 0)
    found = []

    def look():
        found.extend(json.loads((folder / NOTES).read_text()))
        return b"d"

    def wait():  # one thread: whatever comes before has been made, but not yet looked at
        for _ in range(1000):
            if (folder / NOTES).exists():
                break
            time.sleep(0.01)
        return b"w"

    wanted = [
        *copies(folder, "ab"),
        Derived(folder / "w", (), "", wait),
        Derived(folder / "x", (), "", look),
    ]
    bring_up_to_date(folder, wanted)
    assert "a/x.txt" in found


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


def test_another_way_of_making_makes_all_again(folder):
    bring_up_to_date(folder, copies(folder))
    assert bring_up_to_date(folder, copies(folder, kind="copy 2")) == 3


def test_what_is_not_wanted_is_removed_with_its_folder(folder):
    bring_up_to_date(folder, copies(folder))
    (folder / "b/.x.txt.abc.partial").touch()  # left by a kill
    bring_up_to_date(folder, copies(folder, "bc"))
    assert sorted(p.relative_to(folder).as_posix() for p in folder.glob("**/*")) == [
        ".made.json", "b", "b/x.txt", "c", "c/x.txt",
    ]  # fmt: skip


@pytest.mark.parametrize("notes", ["", "[]", "{", '{"a/x.txt": 3}', "[" * 99999])
def test_notes_that_cannot_be_read_only_cost_time(folder, notes):
    bring_up_to_date(folder, copies(folder))
    (folder / NOTES).write_text(notes)
    assert bring_up_to_date(folder, copies(folder)) == 3


def test_a_fault_loses_nothing_that_was_made_before(folder):
    def fail():
        raise NstError("no")

    wanted = [*copies(folder, "ab"), Derived(folder / "d", (), "fails", fail)]
    with pytest.raises(NstError, match="no"):
        bring_up_to_date(folder, wanted)
    assert set(json.loads((folder / NOTES).read_text())) == {"a/x.txt", "b/x.txt"}
    assert not (folder / "d").exists()
    assert bring_up_to_date(folder, copies(folder, "ab")) == 0
