"""Files made from others: made again only when those change, and nothing else in their folder."""

import json
import os

import pytest

from nst.derived import Derived, bring_up_to_date
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


def test_another_way_of_making_makes_all_again(folder):
    bring_up_to_date(folder, copies(folder))
    assert bring_up_to_date(folder, copies(folder, kind="copy 2")) == 3


def test_what_is_not_wanted_is_removed_with_its_folder(folder):
    bring_up_to_date(folder, copies(folder))
    (folder / "b/.x.txt.abc.partial").touch()  # left by a kill
    bring_up_to_date(folder, copies(folder, "bc"))
    assert sorted(p.relative_to(folder).as_posix() for p in folder.glob("**/*")) == [
        "b", "b/x.txt", "c", "c/x.txt", "made.json",
    ]  # fmt: skip


@pytest.mark.parametrize("notes", ["", "[]", "{", '{"a/x.txt": 3}', "[" * 99999])
def test_notes_that_cannot_be_read_only_cost_time(folder, notes):
    bring_up_to_date(folder, copies(folder))
    (folder / "made.json").write_text(notes)
    assert bring_up_to_date(folder, copies(folder)) == 3


def test_a_fault_loses_nothing_that_was_made_before(folder):
    def fail():
        raise NstError("no")

    wanted = [*copies(folder, "ab"), Derived(folder / "d", (), "fails", fail)]
    with pytest.raises(NstError, match="no"):
        bring_up_to_date(folder, wanted)
    assert set(json.loads((folder / "made.json").read_text())) == {"a/x.txt", "b/x.txt"}
    assert not (folder / "d").exists()
    assert bring_up_to_date(folder, copies(folder, "ab")) == 0
