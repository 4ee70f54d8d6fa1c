"""`nst.load` and `nst.show`: a project as a table, and images in a notebook."""

import json
import shutil

import pandas
import pytest
from conftest import draw_picture
from test_stylize import made  # noqa: F401 - a fixture

import nst


def test_a_project_is_a_table(finished):
    table = nst.load(finished.folder)
    assert len(table) == 8 and list(table.content.unique()) == ["c1", "c2"]
    assert list(table.columns) == [
        "content", "style", "variant", "backbone", "style_weight", "recipe", "size", "seed",
        "content_loss", "style_loss", "tv_loss", "weighted_content", "weighted_style", "weighted_tv",
        "total_loss", "made_evaluations", "outcome", "seconds", "made_on", "image", "print",
    ]  # fmt: skip
    losses = pandas.read_csv(finished.folder / "results/losses.csv")
    both = table.merge(losses, on=["content", "style", "style_weight"], suffixes=("", "_there"))
    assert len(both) == 8
    for name in ("content_loss", "style_loss", "total_loss"):
        assert both[name].to_numpy() == pytest.approx(both[f"{name}_there"].to_numpy(), rel=1e-5)
    assert table.print.isna().all()
    assert table.tv_loss.dtype == float and table.tv_loss.isna().all()  # it had no weight


def test_images_are_in_the_order_of_their_settings(finished):
    cells = finished.folder / "results/cells"
    for number, weight in (("c2", "100"), ("c10", "1e4"), ("c10", "200")):
        folder = cells / number / "s1"
        folder.mkdir(parents=True, exist_ok=True)
        record = json.loads((cells / "c1/s1/style_weight-1e4.json").read_text())
        record["settings"]["style_weight"] = float(weight)
        (folder / f"style_weight-{weight}.json").write_text(json.dumps(record))
        shutil.copy(cells / "c1/s1/style_weight-1e4.png", folder / f"style_weight-{weight}.png")
    table = nst.load(finished.folder)
    assert list(table.content.unique()) == ["c1", "c2", "c10"]
    assert list(table[table.content == "c10"].style_weight) == [200, 1e4]
    assert list(table.index) == list(range(11))


def test_prints_are_named_and_damaged_records_left_out(finished):
    results = finished.folder / "results"
    (results / "prints/c1/s1").mkdir(parents=True)
    cell = "c1/s1/style_weight-1e4"
    shutil.copy(results / f"cells/{cell}.png", results / f"prints/{cell}.png")
    (results / "cells/c2/s2/style_weight-1e5.json").write_text("no JSON")
    (results / "cells/c2/s1/style_weight-1e5.png").unlink()
    with pytest.warns(UserWarning, match="style_weight-1e5.json is damaged"):
        table = nst.load(results)
    assert len(table) == 6
    assert table.print.dropna().to_list() == [str(results / f"prints/{cell}.png")]


@pytest.mark.parametrize("folder", ["nowhere", "."])
def test_a_folder_without_images_is_refused(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(nst.NstError, match="holds neither results/cells nor cells"):
        nst.load(folder)


def test_a_table_is_shown_by_what_differs(finished):
    table = nst.load(finished.folder)
    grid = nst.show(table, width=50)
    assert repr(grid) == "<nst.Grid of 8 images by content x style>"
    html = grid._repr_html_()
    assert html.count("<img ") == 8 and html.count("<tr>") == 3
    assert "<figcaption>style_weight 10000</figcaption>" in html
    one = nst.show(table[table.content == "c1"], rows="style_weight", columns="style")._repr_html_()
    assert one.count("<img ") == 4 and "<figcaption></figcaption>" in one
    assert one.index(">style_weight 10000</th>") < one.index(">style_weight 100000</th>")


def test_names_become_text_and_never_markup(tmp_path):
    path = str(draw_picture(tmp_path / "x.png"))
    evil = "<img src=x onerror='alert(1)'>"
    table = pandas.DataFrame({"content": [evil, "b"], "style": ["'\"><b>", "s"], "image": [path, evil]})
    html = nst.show(table, rows="content", columns="style")._repr_html_()
    assert evil not in html and "<b>" not in html and html.count("<img ") == 1
    assert "&lt;img src=x onerror=&#x27;alert(1)&#x27;&gt;" in html
    assert "does not exist" in html


def test_results_are_shown(made):  # noqa: F811
    html = nst.show([made, made])._repr_html_()
    assert html.count("<img ") == 2 and "&lt;b&gt;c, s" in html and "<b>" not in html
    assert nst.show(made)._repr_html_().count("<img ") == 1


def test_what_cannot_be_shown_is_refused(finished, made):  # noqa: F811
    table = nst.load(finished.folder)
    for call, words in (
        (lambda: nst.show(table, rows="contents"), "'contents' is no column; did you mean 'content'"),
        (lambda: nst.show(table[table.content == "x"]), "no image to show"),
        (lambda: nst.show(table.drop(columns="image")), "no column 'image'"),
        (lambda: nst.show([made] * 201), "201 images are too many for a notebook"),
        (lambda: nst.show(3), "3 cannot be shown: give a table of nst.load, or results"),
        (lambda: nst.show(table.iloc[0]), "is no result of nst.stylize"),
        (lambda: nst.show(made, width=0), "width: 0 is no number of pixels from 1 to 2000"),
        (lambda: nst.show(made, width="a"), "width: 'a' is no number of pixels"),
        (lambda: nst.show(["x.png"]), r"'x.png' is no result of nst.stylize"),
    ):
        with pytest.raises(nst.NstError, match=words):
            call()


def test_old_records_are_read(finished):
    path = finished.folder / "results/cells/c1/s1/style_weight-1e4.json"
    data = json.loads(path.read_text())
    del data["settings"]["feature_scale"]
    path.write_text(json.dumps(data))
    assert len(nst.load(finished.folder)) == 8
