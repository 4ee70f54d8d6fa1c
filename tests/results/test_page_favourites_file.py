"""favourites.yaml as the page writes and reads it, in a real browser and through real files."""

import itertools

import pytest
import yaml
from browser import find, text, wait
from grids import build_grid

from nst.config.grid import expand
from nst.results.favourites import read_favourites
from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

NOTES = [
    "plain", "two\nlines", "with: colon", "- dash", "# hash", "a #b", "'single' \"double\" \\",
    "é 猫 😀", "\n leading", "a\n\n\nb", "a\n  indented", "tab\there", "| pipe", "> more", "[x, y]",
    "{x: y}", "&a", "*b",
    "!c", "%d", "@e", "`f`", "? g", ": h", "~", "null", "yes", "1.5", "---", "...", "\x00\x1b\x7f\x85",
    "\u2028\ufeff\ufffe", "- cell: a/b/c\n  note: x", "end:", " ",
]  # fmt: skip
EDITED = """\
# mine
---
favourites:   # the best
  - cell: a/b/only # first
    note: good, 10 of 10

  # a comment
  - note: 'it''s'
    cell: "c/b/only"
  - e/b/only
  - cell: f/b/only
    note: |
      one

        two
      # three
project: p
"""
ITEM = "favourites:\n- cell: a/b/c\n"
UNCLOSED = "line 3: the quotes are not closed, or something follows them"
TOO_DEEP = "write longer text in quotes on one line, or as a block after |"
READ = "try { return parseFavourites(arguments[0]) } catch (error) { return error.message }"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folder of a grid with a page: c and d in the styles s and t."""
    folder = tmp_path_factory.mktemp("files") / "proj"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_gallery(build_grid(folder, ["c", "d"], ["s", "t"]), folder / "results/index.html")
    return folder


@pytest.fixture
def page(project, opened):
    """The favourites of the page."""
    return opened(project, "#view=favourites")


@pytest.fixture
def read(page, tmp_path):
    """A function (bytes or text, name) that lets the page read such a file; what it says of it."""

    def read_file(content, name="favourites.yaml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        page.execute_script("notice('')")
        page.find_element("css selector", "#favourites input[type=file]").send_keys(str(path))
        wait(page, "!liked.notice.hidden")
        return text(page, "#favourites [role=status]")

    return read_file


def hearts(browser):
    return browser.execute_script("return [...favourites.ids]")


def favourites_file(project="proj", **notes):
    entries = [{"cell": f"{'/'.join(name)}/only", "note": note} for name, note in notes.items()]
    return yaml.safe_dump({"project": project, "favourites": entries})


@pytest.mark.parametrize("project_name", ["proj", "yes", "1e3", "Café: #1", "- x", "null", "a\nb"])
def test_yaml_is_what_other_readers_read(page, tmp_path, project_name):
    notes = [*NOTES, *map("".join, itertools.product(NOTES[:12:3], ["\n"], NOTES[::5]))]
    entries = [
        {"id": f"a/b/style_layers-conv1_1=2+conv2_1_{n}", "note": note} for n, note in enumerate(notes)
    ]
    written = page.execute_script("return favouritesYaml(...arguments)", project_name, entries)
    plain = yaml.safe_load(written)
    assert plain["project"] == project_name
    assert [each.get("note", "") for each in plain["favourites"]] == notes
    assert [each["cell"] for each in plain["favourites"]] == [each["id"] for each in entries]
    stripped = [
        {**each, "note": page.execute_script("return arguments[0].trimEnd()", each["note"])}
        for each in entries
    ]
    assert page.execute_script(READ, written) == {"project": project_name, "entries": stripped}
    file = tmp_path / "favourites.yaml"
    file.write_text(written, encoding="utf-8")
    assert list(read_favourites(file).notes) == [each["id"] for each in entries]


def test_what_a_person_edits_is_read(page):
    read = page.execute_script(READ, EDITED.replace("\n", "\r\n"))
    assert read["project"] == "p"
    notes = ["good, 10 of 10", "it's", "", "one\n\n  two\n# three"]
    assert [each["note"] for each in read["entries"]] == notes
    assert [each["id"] for each in read["entries"]] == [f"{name}/b/only" for name in "acef"]
    items = [each if isinstance(each, dict) else {} for each in yaml.safe_load(EDITED)["favourites"]]
    assert [each.get("note", "").rstrip() for each in items] == notes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "it has no favourites: not a favourites file?"),
        ("content: a\n", 'line 1: "content" is neither project nor favourites: not a favourites file?'),
        ("favourites:\n- a/b\n", 'line 2: "a/b" names no image: write cell: content/style/variant'),
        (ITEM + "  note: x: y\n", "line 3: put this text in quotes"),
        (ITEM + "  note: &x y\n", "line 3: put this text in quotes"),
        (ITEM + "  note: \"x\n", UNCLOSED),
        (ITEM + "  note: 'x' y\n", UNCLOSED),
        (ITEM + "  note: x\n    y\n", f"line 4: {TOO_DEEP}"),
        (ITEM + "\tnote: x\n", "line 3: indent with spaces"),
        (ITEM + "  note: x\n  note: y\n", "line 4: note is there twice"),
        (ITEM + "  rating: 5\n", 'line 3: "rating" is neither cell nor note'),
        ("favourites: [a/b/c]\n", "line 1: write one favourite per line, each with a dash"),
        (ITEM + "   note: x\n", f"line 3: {TOO_DEEP}"),
        ("favourites:\n  - a/b/c\n - d/e/f\n", "line 3: dashes do not stand below each other"),
        (ITEM + "  note: >\n    x\n", "line 3: write |, or put this text in quotes"),
        (ITEM + "  note: \"\\q\"\n", "line 3: \\q is not read here"),
        (ITEM + "  note: a\x00b\n", "line 3 has a character that is not text"),
        ("favourites: []\nfavourites: []\n", "line 2: favourites is there twice"),
        ("<html>", 'line 1: "<html>" is not read here: write key: value'),
        (ITEM + f"  note:{' ' * 200_000}x\n", "line 3 is too long"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_its_line(page, content, message):
    assert page.execute_script(READ, content) == message


def test_a_file_is_saved_and_read_back(page, read, tmp_path):
    from selenium.webdriver.support.ui import WebDriverWait

    folder = tmp_path / "downloads"
    page.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    page.execute_script("for (const cell of [nst.cells[2], nst.cells[0]]) toggleFavourite(cell)")
    note = 'a "good" one: yes\n# 猫'
    page.execute_script("setNote(nst.cells[2].id, arguments[0])", note)
    find(page, "#favourites .buttons button:nth-of-type(3)").click()
    saved = folder / "favourites.yaml"
    WebDriverWait(page, 10).until(lambda _: saved.is_file() and saved.stat().st_size)
    kept = read_favourites(saved)
    assert (kept.project, kept.notes) == ("proj", {"d/s/only": note, "c/s/only": ""})
    page.execute_script("removeFavourites([...favourites.ids], 'all', true)")
    assert hearts(page) == []
    assert read(saved.read_bytes()) == "Read from favourites.yaml: 2 favourites added, 1 note added."
    assert hearts(page) == ["d/s/only", "c/s/only"]
    assert page.find_elements("css selector", "#favourites .note")[0].get_attribute("value") == note


def test_a_file_adds_and_loses_no_note(page, read):
    page.execute_script("setNote('c/s/only', 'mine')")
    assert read(favourites_file(cs="theirs", ct="new")) == (
        "Read from favourites.yaml: 1 favourite added, 2 notes added."
    )
    assert page.execute_script("return [...favourites.notes]") == [
        ["c/s/only", "mine\ntheirs"],
        ["c/t/only", "new"],
    ]
    assert read(favourites_file(cs="theirs", ct="")) == "Read from favourites.yaml: nothing new."


def test_a_file_of_another_project_is_named_and_taken_only_if_asked(page, read):
    said = read(favourites_file("other", cs="theirs", xy=""))
    assert said.startswith("favourites.yaml is of the project other, this page of proj.")
    assert "1 of its 2 images has the same name" in said
    assert hearts(page) == []
    find(page, "#favourites [role=status] button").click()
    assert hearts(page) == ["c/s/only"]
    assert "None of its 1 image is on this page" in read(favourites_file("other", xy=""))
    assert hearts(page) == ["c/s/only"]


def test_what_is_no_favourites_file_changes_nothing(page, read):
    page.execute_script("setNote('c/s/only', 'mine')")
    before = page.execute_script("return localStorage.getItem(KEPT_AS)")
    assert (
        read(b"\x89PNG\r\n\xff", "a.yaml")
        == "a.yaml: it is not text in UTF-8. Nothing was taken from it."
    )
    assert read("favourites:\n- x\n").startswith('favourites.yaml: line 2: "x" is not read here')
    assert read(b"#" * 2_000_001).startswith("favourites.yaml has 3 MB, a favourites file at most 2.")
    assert page.execute_script("return localStorage.getItem(KEPT_AS)") == before


def test_favourites_of_images_that_are_gone_are_named_and_kept_until_dropped(page, read):
    read(favourites_file(cs="", xy="gone", zw=""))
    gone = text(page, "#favourites .gone")
    assert "Not on this page: 2 favourites" in gone and "x/y/only" in gone and "gone" in gone
    assert "x/y/only" in page.execute_script(
        "return favouritesYaml('p', [...favourites.ids].map((id) => ({ id, note: noteOf(id) })))"
    )
    find(page, "#favourites .gone li button").click()
    assert hearts(page) == ["c/s/only", "z/w/only"]
    find(page, "#favourites .undo button").click()
    assert hearts(page) == ["c/s/only", "x/y/only", "z/w/only"]
    assert page.execute_script("return noteOf('x/y/only')") == "gone"


def test_the_file_of_the_project_is_taken_once(project, opened, monkeypatch):
    monkeypatch.chdir(project)
    file = project / "favourites.yaml"

    def write(content):
        file.write_text(content)
        write_gallery(expand(["config.yaml"]), project / "results/index.html")

    write(favourites_file(cs="a note", ct=""))
    browser = opened(project, "#view=favourites")
    assert hearts(browser) == ["c/s/only", "c/t/only"]
    browser.execute_script("toggleFavourite(byId.get('c/t/only')); setNote('c/s/only', 'my note')")
    browser.refresh()
    assert hearts(browser) == ["c/s/only"]  # what was removed stays away
    write(favourites_file(cs="a new note", ct="", ds=""))
    browser.refresh()
    assert hearts(browser) == ["c/s/only", "d/s/only"]
    assert browser.execute_script("return noteOf('c/s/only')") == "my note\na new note"
    write(favourites_file("other", dt=""))
    browser.refresh()
    assert "is of the project other" in text(browser, "#favourites [role=status]")
    write("favourites: {")
    browser.refresh()
    assert "favourites.yaml:1: not valid YAML" in text(browser, "#favourites [role=status]")
    assert len(hearts(browser)) == 2
    file.unlink()
