"""favourites.yaml as the tool reads it."""

import json

import pytest
import yaml
from grids import build_grid

from nst.errors import NstError
from nst.results.favourites import Favourites, page_favourites, read_favourites
from nst.results.gallery import write_gallery
from nst.results.page_data import page_data
from nst.results.states import survey

ITEM = "favourites:\n- cell: a/b/c\n"


@pytest.fixture
def read(tmp_path):
    """A function (text) -> the favourites of a file that holds it."""

    def read_text(text):
        path = tmp_path / "favourites.yaml"
        path.write_text(text, encoding="utf-8")
        return read_favourites(path)

    return read_text


def test_cells_and_notes_are_read(read):
    items = '- cell: a/b/only\n  note: "x: #1"\n- c/d/only\n- {cell: e/f/only, note: 7}\n'
    assert read(f"project: p\nfavourites:\n{items}") == Favourites(
        "p", {"a/b/only": "x: #1", "c/d/only": "", "e/f/only": "7"}
    )
    assert read("favourites: []\n") == read("favourites:\n") == Favourites(None, {})


def test_two_notes_on_one_image_are_both_kept(read):
    entries = [{"cell": "a/b/only", "note": note} for note in ("one", "two", "one")]
    assert read(yaml.safe_dump({"favourites": entries})).notes == {"a/b/only": "one\ntwo"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("project: p\n", "has no favourites: not a favourites file?"),
        ("- a\n", "not keys with values"),
        ("favourites: 5\n", ":1: favourites: 5 is not a list of favourites"),
        ("favourites:\n- cell: a/b\n", ":2: favourites[0]: {'cell': 'a/b'} is not an image"),
        (ITEM + "  nots: x\n", ":3: favourites[0].nots: unknown key; did you mean 'note'?"),
        (ITEM + "  note: [x]\n", ":3: favourites[0].note: ['x'] is not text: put it in quotes"),
        (ITEM + "  note: a: b\n", ":3: not valid YAML"),
        ("favourites: []\ncontent: {}\n", ":2: content: unknown key"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_its_line(read, text, message):
    with pytest.raises(NstError) as refusal:
        read(text)
    assert message in str(refusal.value)


def test_the_page_holds_the_file_of_its_project_or_what_is_wrong_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path)
    write_gallery(grid, tmp_path / "results/index.html")
    assert page_favourites() is None
    file = tmp_path / "favourites.yaml"
    file.write_text(yaml.safe_dump({"project": "p", "favourites": [{"cell": "c/s/only", "note": "n"}]}))
    data = json.loads(json.dumps(page_data(grid, survey(grid.cells), [], ())))
    assert data["project"] == tmp_path.name
    assert data["favourites"] == {"project": "p", "entries": [{"id": "c/s/only", "note": "n"}]}
    file.write_text("favourites: 1\n")
    assert page_favourites() == {
        "fault": "favourites.yaml:1: favourites: 1 is not a list of favourites"
    }
