"""`nst gallery --single`: one file with the page and everything that it shows."""

import base64
import io
import json
import os
import re

import pytest
import yaml
from grids import balanced, build_grid
from measuring import store_metrics
from PIL import Image

from nst.cli import main
from nst.results.curves import write_curves

METRICS = {"lpips": 0.5, "ssim": 0.25, "style_distance": 2.0, "colour_distance": 1.0}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The current folder, with 8 images of 600 x 400 pixels, and their curves."""
    folder = tmp_path / "proj"
    folder.mkdir()
    monkeypatch.chdir(folder)
    grid = build_grid(
        folder, ["c", "d"], ["s", "t"], {"style_weight": ["1", "10"]}, balanced, size=(600, 400)
    )
    write_curves(grid)
    store_metrics(grid, lambda cell: METRICS)
    return folder


def parts(page):
    """The data and the files of a page that is one file."""
    texts = [
        re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)[1]
        for name in ("data", "files")
    ]
    return map(json.loads, texts)


def picture(url):
    kind, _, content = url.partition(";base64,")
    assert kind == "data:image/webp"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def save_favourites(folder, ids, project="proj"):
    entries = [{"cell": name, "note": f"on {name}"} for name in ids]
    (folder / "favourites.yaml").write_text(yaml.safe_dump({"project": project, "favourites": entries}))


def test_all_that_the_page_shows_is_in_it_and_no_note(project, capsys):
    save_favourites(project, ["c/s/style_weight-1"])
    assert main(["gallery", "--single", "share.html", "--px", "300"]) == 0
    page = (project / "share.html").read_text()
    assert capsys.readouterr().out == f"share.html: {len(page) / 1e6:.1f} MB, 8 images\n"
    data, files = parts(page)
    assert len(data["cells"]) == 8 and data["favourites"] is None
    for cell in data["cells"]:
        assert picture(files[f"cells/{cell['id']}.png"]).size == (300, 200) == tuple(cell["size"])
        assert cell["made_size"] == [600, 400] and cell["metrics"] == METRICS
        assert max(picture(files[f"gallery/cells/{cell['id']}.webp"]).size) == 256
    for original in data["contents"] + data["styles"]:
        assert list(picture(files[original["picture"]]).size) == original["size"]
    assert sum(name.endswith("/all.svg") for name in files) == 4
    kept = {name: set(each) for pair in data["pairs"] for name, each in pair["cells"].items()}
    assert kept == {cell["id"]: {"token", "config", "made", "curve"} for cell in data["cells"]}
    assert "summary.md" not in page and "http://" not in page.replace("http://www.w3.org", "")
    assert not (project / "results/gallery").exists() and not list(project.glob(".*"))


def test_only_the_favourites_are_in_it_if_asked_for(project, capsys):
    ids = ["d/t/style_weight-10", "c/t/style_weight-1"]
    save_favourites(project, [*ids, "gone/t/style_weight-1"])
    assert main(["gallery", "--single", "fav.html", "--favourites"]) == 0
    said = capsys.readouterr()
    assert said.out.endswith("2 images\n") and "not in the grid: gone/t/style_weight-1" in said.err
    data, files = parts((project / "fav.html").read_text())
    assert [cell["id"] for cell in data["cells"]] == sorted(ids)
    assert data["favourites"]["entries"] == [{"id": name, "note": f"on {name}"} for name in ids]
    assert [style["name"] for style in data["styles"]] == ["t"]
    assert {cell["style"] for cell in data["cells"]} == {0}
    assert data["axes"][0]["values"] == ["1", "10"]
    assert [cell["axes"] for cell in data["cells"]] == [[0], [1]]
    assert not any("/s/" in name or name.endswith("s.webp") for name in files)
    save_favourites(project, ids[:1])
    assert main(["gallery", "--single", "fav.html", "--favourites", "favourites.yaml"]) == 0
    data, _ = parts((project / "fav.html").read_text())
    assert (data["cells"][0]["content"], data["cells"][0]["axes"]) == (0, [0])
    assert data["axes"][0]["values"] == ["10"]


def test_holes_are_shown_without_their_reasons(project):
    (project / "results/cells/c/s/style_weight-1.json").unlink()
    assert main(["gallery", "--single", "share.html"]) == 0
    data, files = parts((project / "share.html").read_text())
    assert [(hole["id"], hole["state"], hole["reason"]) for hole in data["holes"]] == [
        ("c/s/style_weight-1", "missing", "")
    ]
    assert "cells/c/s/style_weight-1.png" not in files


def test_an_original_that_is_cut_short_is_hatched(project):
    (project / "s.png").write_bytes((project / "s.png").read_bytes()[:60])
    assert main(["gallery", "--single", "share.html"]) == 0
    _, files = parts((project / "share.html").read_text())
    assert picture(files["gallery/originals/style/s.webp"]).size == (256, 256)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--single", "share.txt"], "share.txt does not end in .html"),
        (
            ["--single", "results/share.html"],
            "is in results/, which holds only what the workflow makes",
        ),
        (["--single", "mine.html"], "mine.html is not a page that --single wrote"),
        (["--single", "folder.html"], "folder.html is not a page that --single wrote"),
        (["--single", "pipe.html"], "pipe.html is not a page that --single wrote"),
        (
            ["--single", "x.html", "--favourites"],
            "favourites.yaml does not exist: save it from the page",
        ),
        (["--single", "x.html", "--px", "0"], "'0' is not a whole number from 64 to 8192"),
        (["--out", "x.html", "--px", "100"], "--px is for a page that is one file"),
        (["--out", "x.html", "--favourites"], "--favourites is for a page that is one file"),
        (["--single", "x.html", "--out", "y.html"], "not allowed with argument"),
        ([], "one of the arguments --out --single is required"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(project, capsys, arguments, message):
    (project / "mine.html").write_text("<html>mine")
    (project / "folder.html").mkdir()
    os.mkfifo(project / "pipe.html")
    before = sorted(project.rglob("*"))
    assert main(["gallery", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert sorted(project.rglob("*")) == before
    assert (project / "mine.html").read_text() == "<html>mine"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"project": "other", "favourites": ["c/s/style_weight-1"]},
            "is of the project other, not proj",
        ),
        ({"favourites": ["x/y/z"]}, "has no favourite that is in the grid"),
        ({"favourites": []}, "has no favourite that is in the grid"),
        ({"favourites": "x"}, "favourites.yaml:1: favourites: 'x' is not a list of favourites"),
    ],
)
def test_a_file_with_no_favourites_of_this_grid_is_refused(project, capsys, content, message):
    (project / "favourites.yaml").write_text(yaml.safe_dump(content))
    assert main(["gallery", "--single", "x.html", "--favourites"]) == 2
    assert message in capsys.readouterr().err
    assert not (project / "x.html").exists()


def test_favourites_that_are_not_made_are_no_page(project, capsys):
    save_favourites(project, ["c/s/style_weight-1"])
    (project / "results/cells/c/s/style_weight-1.json").unlink()
    assert main(["gallery", "--single", "x.html", "--favourites"]) == 2
    assert "no image is there for x.html" in capsys.readouterr().err


def test_an_image_that_cannot_be_read_leaves_the_old_page(project, capsys):
    assert main(["gallery", "--single", "x.html"]) == 0
    before = (project / "x.html").read_bytes()
    (project / "results/cells/c/s/style_weight-1.png").write_bytes(b"\x89PNG")
    assert main(["gallery", "--single", "x.html"]) == 2
    assert (project / "x.html").read_bytes() == before
