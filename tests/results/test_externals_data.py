"""What the page holds of pictures by other programs, without a browser."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from conftest import draw_picture
from grids import build_grid
from PIL import Image
from test_externals import EXTERNAL

from nst.config.grid import expand
from nst.results import externals_data
from nst.results.gallery import gallery_files, write_gallery
from nst.results.live import LivePage
from nst.results.shared_page import write_shared_page
from nst.results.states import State, survey


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A grid of 2 x 1 x 2 on the page, with a copy of an image and a damaged picture."""
    monkeypatch.chdir(tmp_path)
    more = {"external": EXTERNAL}
    axes = {"style_weight": [1, 10]}
    built = build_grid(tmp_path, ["a", "b"], ["s"], axes, size=(60, 40), more=more)
    for name in ("copies", "tool"):
        (tmp_path / name).mkdir()
    (tmp_path / "copies/a_s.png").write_bytes(built.cells[0].picture.read_bytes())
    draw_picture(tmp_path / "copies/b_s.png", (50, 90), seed=8)
    (tmp_path / "tool/b_s.png").write_text("<script>")
    write_gallery(built, tmp_path / "results/index.html")
    return built


def page(path="results/index.html"):
    """The data inside a page."""
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(text.split('id="data">')[1].split("</script>")[0])


def test_they_stand_beside_the_cells_and_are_none(grid):
    data = page()
    assert [cell["id"] for cell in (*data["cells"], *data["holes"])] == list(grid.by_id)
    assert data["makers"] == ["made by copies", "made by tool"]
    copy, absent, odd, damaged = data["externals"]
    assert (copy["id"], copy["maker"], copy["size"]) == ("a/s/copies", "made by copies", [60, 40])
    assert copy["outcome"] == "external" and copy["reason"] == "" and "state" not in copy
    assert odd["size"] == [50, 90] and "another shape than its content" in odd["reason"]
    assert (absent["state"], absent["reason"]) == ("absent", "tool/a_s.png does not exist")
    assert damaged["state"] == "unreadable" and "picture" not in damaged


def test_all_that_the_page_shows_of_them_is_beside_it(grid, tmp_path):
    files = [path for path in gallery_files(grid) if "sheets" not in path.parts]
    assert all(path.is_file() for path in files)
    assert len([path for path in files if "external" in path.parts]) == 2
    shown = Image.open(tmp_path / "results" / page()["externals"][0]["picture"])
    made = Image.open(grid.cells[0].picture)
    assert shown.mode == made.mode and shown.tobytes() == made.tobytes()
    folder = tmp_path / "results/gallery/cells/a/s"
    small = [folder / f"{name}.webp" for name in ("copies", "style_weight-1")]
    assert small[0].read_bytes() == small[1].read_bytes()
    assert '"a/s/copies"' in (tmp_path / "results/drawn/pairs/a/s.js").read_text()


def test_the_content_of_a_file_decides_and_not_its_date(grid, tmp_path):
    copy = tmp_path / "results/gallery/external/a/s/copies.png"
    before = copy.stat()
    os.utime(tmp_path / "copies/a_s.png", (time.time() + 9,) * 2)
    write_gallery(grid, tmp_path / "results/index.html")
    assert copy.stat().st_mtime_ns == before.st_mtime_ns
    draw_picture(tmp_path / "copies/a_s.png", (60, 40), seed=77)
    os.utime(tmp_path / "copies/a_s.png", (1e9, 1e9))
    token = page()["externals"][0]["token"]
    write_gallery(grid, tmp_path / "results/index.html")
    assert copy.read_bytes() != b"" and copy.stat().st_mtime_ns > before.st_mtime_ns
    assert page()["externals"][0]["token"] != token


def test_a_large_picture_is_shown_by_a_smaller_copy(grid, tmp_path, monkeypatch):
    monkeypatch.setattr(externals_data, "LARGEST", 30)
    write_gallery(grid, tmp_path / "results/index.html")
    entry = page()["externals"][0]
    assert entry["size"] == [30, 20]
    with Image.open(tmp_path / "results" / entry["picture"]) as shown:
        assert shown.size == (30, 20)


def test_the_home_folder_is_not_named(grid, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    config = (tmp_path / "config.yaml").read_text().replace("tool/{content}", "~/tool/{content}")
    (tmp_path / "config.yaml").write_text(config)
    write_gallery(expand(["config.yaml"]), tmp_path / "results/index.html")
    assert page()["externals"][1]["reason"] == "~/tool/a_s.png does not exist"


def test_they_are_on_the_page_of_a_run_that_has_just_begun(grid, tmp_path):
    shutil.rmtree(tmp_path / "results/gallery")
    states = {cell.id: State("missing", "not made yet") for cell in grid.cells}
    LivePage(grid, states, {"state": "running"})
    assert page()["externals"][0]["id"] == "a/s/copies"
    assert (tmp_path / "results/gallery/external/a/s/copies.png").is_file()
    assert (tmp_path / "results/gallery/cells/a/s/copies.webp").is_file()


def test_a_page_that_is_one_file_has_them_inside(grid, tmp_path):
    path = tmp_path / "share.html"
    write_shared_page(grid, path, survey(grid.cells), px=128)
    text = path.read_text()
    names = json.loads(text.split('id="files">')[1].split("</script>")[0])
    copy, odd, *others = page(path)["externals"]
    for one in (copy, odd):
        assert one["picture"] in names and f"gallery/cells/{one['id']}.webp" in names
    assert odd["size"] == [50, 90]
    assert [(one["state"], one["reason"]) for one in others] == [("absent", ""), ("unreadable", "")]
