"""Traces, the figures of pairs and the curves of cells."""

import json
import math
import os
import re
import xml.etree.ElementTree as ElementTree

import pytest
from grids import build_grid, write_record, write_trace

from nst.disk.record import read_record, read_trace, trace_bytes
from nst.errors import NstError
from nst.results.curves import CELL_POINTS, MAX_POINTS, cell_curve, thinned, write_curves
from nst.results.page_paths import CURVES, pair_figure

HEAD = "evaluation,total,content,style,tv,seconds\n"


@pytest.fixture
def make(tmp_path, monkeypatch):
    """A function (axes, ...) -> a grid in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda axes, **options: build_grid(tmp_path, axes=axes, **options)


def texts(path):
    return [t.text for t in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")]


def test_a_trace_is_read_as_it_was_written(tmp_path):
    rows = [(1, 5.0, 2.0, 3.0, 0.0, 0.5), (2, math.nan, math.nan, math.inf, 0.0, 0.75)]
    (tmp_path / "x.csv").write_bytes(trace_bytes(rows))
    trace = read_trace(tmp_path / "x.csv")
    assert list(trace) == ["evaluation", "total", "content", "style", "tv", "seconds"]
    assert trace["evaluation"] == [1, 2] and trace["seconds"] == [0.5, 0.75]
    assert trace["total"][0] == 5 and math.isnan(trace["total"][1]) and math.isnan(trace["style"][1])


DAMAGED = {
    "": "holds other columns",
    "a,b\n1,2\n": "holds other columns",
    HEAD: "holds no evaluation",
    HEAD + "1,2,3,4\n": "line 2: '1,2,3,4' is no evaluation",
    HEAD + "1,1,1,1,0,0\n2,much,1,1,0,0\n": "line 3: '2,much,1,1,0,0' is no evaluation",
    HEAD + "2,1,1,1,0,0\n1,1,1,1,0,0\n": "line 3: '1,1,1,1,0,0' is no evaluation",
    HEAD + "nan,1,1,1,0,0\n": "line 2: 'nan,1,1,1,0,0' is no evaluation",
    HEAD + "inf,1,1,1,0,0\n": "line 2: 'inf,1,1,1,0,0' is no evaluation",
    HEAD + "-1,1,1,1,0,0\n": "line 2: '-1,1,1,1,0,0' is no evaluation",
    HEAD + "\n": "line 2: '' is no evaluation",
    HEAD + "1," + "x" * 200_000: "is damaged (not CSV)",
}


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: DAMAGED[text][:30])
def test_a_damaged_trace_is_refused_by_name(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(NstError) as refusal:
        read_trace(path)
    assert str(refusal.value).startswith(f"the trace {path}")
    assert DAMAGED[text] in str(refusal.value)
    assert str(refusal.value).endswith("; delete it and run the workflow again")


def test_a_trace_that_is_not_text_or_missing_is_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(HEAD.encode() + b"1,\xff\xfe,1,1,0,0\n")
    with pytest.raises(NstError, match=r"x\.csv is damaged"):
        read_trace(tmp_path / "x.csv")
    with pytest.raises(NstError, match=r"cannot read the trace .*y\.csv: No such file"):
        read_trace(tmp_path / "y.csv")


def test_every_pair_has_a_figure(make):
    write_curves(make({"style_weight": [1, 10]}, contents=("a", "b"), styles=("s", "t")))
    figures = {path.as_posix() for path in CURVES.glob("**/*.svg")}
    assert figures == {f"results/curves/{c}/{s}/all.svg" for c in "ab" for s in "st"}


def curve_of(cell):
    return cell_curve(read_trace(cell.file(".csv")), read_record(cell.file(".json")))


def test_the_curve_of_a_cell_holds_its_weighted_losses(make):
    (cell,) = make({"style_weight": [10]}).cells
    write_trace(cell, [(4, 50), (3, 20), (3.14159265, 20)])
    curve = curve_of(cell)
    lines = {line["name"]: line for line in curve["lines"]}
    assert list(lines) == ["total", "content", "style"]  # tv is zero throughout
    assert lines["style"]["x"] == [1, 2, 3] and lines["style"]["y"] == [500, 200, 200]
    assert lines["content"]["y"] == [4, 3, 3.142]
    assert curve["x_ticks"][0] == [0, "0"] and [100, "100"] in curve["y_ticks"]
    assert curve["low"] < math.log10(3) and curve["high"] > math.log10(504)


def test_the_curve_of_a_long_run_is_thinned(make):
    (cell,) = make({}).cells
    write_trace(cell, [(1 + n % 7, 2 + n % 5) for n in range(5000)])
    assert all(len(line["x"]) <= CELL_POINTS for line in curve_of(cell)["lines"])


def test_losses_that_are_not_numbers_are_gaps_of_a_curve(make):
    (cell,) = make({}).cells
    write_trace(cell, [(1, 1), (math.nan, math.nan), (math.inf, 1), (2, 2), (1, 1)])
    curve = curve_of(cell)
    assert curve["lines"][1]["y"] == [1, None, None, 2, 1]
    json.dumps(curve, allow_nan=False)
    write_trace(cell, [(math.nan, math.nan)])
    assert curve_of(cell)["lines"] == []


def test_a_cell_with_several_sizes_explains_its_jumps(make):
    several, one = make({"scales": [3, 1]}).cells
    assert curve_of(several)["note"] == "A jump is where a larger size begins."
    assert curve_of(one)["note"] == ""


def test_a_pairs_lines_are_unweighted_and_named_by_their_axes(make):
    """Equal unweighted losses at unequal weights are at one height."""
    grid = make({"style_weight": [1, 1e4], "content_weight": [1, 50]}, losses=lambda cell: (40.0, 2.0))
    write_curves(grid)
    svg = pair_figure("c", "s").read_text()
    lines = re.findall(r' d="M([\d.]+ [\d.]+ [\d.]+ [\d.]+ [\d.]+ [\d.]+)"', svg)
    assert len(lines) == 8 and len(set(lines)) == 1  # two panels, each of one value
    labels = set(texts(pair_figure("c", "s")))
    assert {"1 · 1", "1 · 50", "1e4 · 1", "1e4 · 50", "style weight · content weight"} <= labels


def test_the_suggested_cell_is_bold(make):
    losses = {1: (1, 100), 3: (1.5, 40), 10: (2, 2), 30: (40, 1.5), 100: (100, 1)}
    write_curves(make({"style_weight": list(losses)}, losses=lambda c: losses[c.axes["style_weight"]]))
    root = ElementTree.parse(pair_figure("c", "s"))
    bold = {t.text for t in root.iter("{http://www.w3.org/2000/svg}text") if t.get("class") == "strong"}
    assert bold == {"content loss, unweighted", "style loss, unweighted", "10"}


def test_many_lines_have_a_legend_instead_of_labels(make):
    write_curves(make({"seed": list(range(40))}, losses=lambda cell: (7e5, 7e6)))
    labels = texts(pair_figure("c", "s"))
    shown = labels[labels.index("seed") + 1 :][:12]
    assert shown[0] == "0" and shown[-1] == "39" and len(set(shown)) == 12
    assert labels.count("39") == 1


def test_groups_have_panels_of_their_own(make):
    write_curves(make({"pooling": ["max", "avg"], "style_weight": [1, 2]}))
    labels = texts(pair_figure("c", "s"))
    for pooling in ("max", "avg"):
        for kind in ("content", "style"):
            assert f"pooling {pooling} · {kind} loss, unweighted" in labels


def test_a_loss_of_weight_0_has_no_line(make):
    write_curves(make({}, overrides={"style": {"s": {"content_weight": 0}}}))
    assert "not measured: content weight 0" in texts(pair_figure("c", "s"))


def test_a_pairs_figure_is_drawn_again_only_with_a_trace(make):
    grid = make({"style_weight": [1, 10]}, styles=("s", "t"))
    write_curves(grid)
    first, second = pair_figure("c", "s"), pair_figure("c", "t")
    for path in (first, second):
        stamp = path.stat().st_mtime_ns
        path.write_text("marked")
        os.utime(path, ns=(stamp, stamp))
    write_trace(grid.cells[-1], [(9, 9), (8, 8)])
    os.utime(grid.cells[-1].file(".csv"), (1, 1))  # older than the figure, as if restored
    write_curves(grid)
    assert first.read_text() == "marked" and second.read_text() != "marked"


def test_figures_of_what_left_the_grid_are_removed(make):
    write_curves(make({"style_weight": [1, 10]}, styles=("s", "t")))
    write_curves(make({"style_weight": [10]}, styles=("s",)))
    left = sorted(path.relative_to(CURVES).as_posix() for path in CURVES.glob("**/*"))
    assert left == [".made.json", "c", "c/s", "c/s/all.svg"]


def test_a_damaged_trace_leaves_no_figure_of_its_pair(make):
    grid = make({"style_weight": [1, 10]})
    grid.cells[1].file(".csv").write_text("nonsense")
    with pytest.raises(NstError, match=r"results/cells/c/s/style_weight-10\.csv holds other columns"):
        write_curves(grid)
    assert not pair_figure("c", "s").exists()


def test_a_run_that_diverged_is_drawn_with_its_gaps(make):
    grid = make({})
    write_record(grid.cells[0], (1, 1), outcome="diverged")
    write_trace(grid.cells[0], [(1, 1), (math.nan, math.nan), (math.inf, 1), (2, 2), (1, 1)])
    write_curves(grid)
    svg = pair_figure("c", "s").read_text()
    assert "nan" not in svg and "inf" not in svg


@pytest.mark.parametrize("count", [1, 299, 300, 301, 5000, 100_000])
def test_a_long_line_keeps_its_ends_and_its_extremes(count):
    values = [100.0 + (n * 7919 % 1000) / 1000 for n in range(count)]
    if count > 300:
        values[200], values[233], values[150] = 1.0, 1e9, math.nan
    indices = thinned(values)
    assert len(indices) <= MAX_POINTS and indices == sorted(set(indices))
    assert indices[0] == 0 and indices[-1] == count - 1
    if count > 300:
        assert {200, 233, 150} <= set(indices)
    else:
        assert indices == list(range(count))
