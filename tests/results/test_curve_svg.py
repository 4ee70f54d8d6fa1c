"""Figures: valid, self-contained SVG, with labels and gaps where they belong."""

import math
import re
import xml.etree.ElementTree as ElementTree
from itertools import pairwise

import pytest

from nst.results.curve_svg import (
    CATEGORIES,
    INK,
    LABEL_STEP,
    PAPER,
    PLOT_HEIGHT,
    Figure,
    Line,
    Panel,
    draw,
    ramp,
    size_of,
)

SVG = "{http://www.w3.org/2000/svg}"


def figure(*lines, **options):
    return Figure("a title", "what it shows", ((Panel("a panel", lines, "heading"),),), **options)


def drawn(*lines, **options):
    """The figure's elements, read by an XML parser."""
    return ElementTree.fromstring(draw(figure(*lines, **options)))


def data_of(root):
    """The path data of lines (not of rules, legend or leaders)."""
    return [
        path.get("d")
        for path in root.iter(f"{SVG}path")
        if "rule" not in path.get("class") and not re.match(r"M\d+ [\d.]+(h14|L)", path.get("d"))
        if "h5" not in path.get("d")
    ]


def texts(root):
    return [text.text for text in root.iter(f"{SVG}text")]


def test_a_figure_is_self_contained_and_describes_itself():
    root = drawn(Line("one", [1, 2], [10, 1]))
    assert root.get("role") == "img"
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    assert root.find(f"{SVG}title").text == "a title"
    assert root.find(f"{SVG}desc").text == "what it shows"
    text = draw(figure(Line("one", [1, 2], [10, 1]))).decode()
    assert text.count("http") == 1  # the namespace; nothing is fetched
    assert "url(" not in text and "@import" not in text
    light, dark = text.split("@media(prefers-color-scheme:dark)")
    assert PAPER[0] in light and PAPER[1] in dark and INK[0] in light and INK[1] in dark


def test_a_figure_of_one_panel_has_one_size(tmp_path):
    for note in ("", "a note"):
        (tmp_path / "x.svg").write_bytes(draw(figure(Line("one", [1, 2], [10, 1]), note=note)))
        assert size_of(tmp_path / "x.svg") == (548, 367)


@pytest.mark.parametrize("text", ["", "<svg>", "no figure"])
def test_other_files_have_no_figure_size(tmp_path, text):
    (tmp_path / "x.svg").write_text(text)
    assert size_of(tmp_path / "x.svg") is None
    assert size_of(tmp_path / "y.svg") is None


def test_a_name_is_only_text():
    evil = "<script>&\"'\x01\ud800]]>"
    panel = Panel(evil, (Line(evil, [1], [1]),))
    root = ElementTree.fromstring(draw(Figure(evil, evil, ((panel,),))))
    assert root.find(f"{SVG}title").text == "<script>&\"'??]]>"
    assert not list(root.iter(f"{SVG}script"))


def test_a_value_that_is_not_a_finite_number_above_0_leaves_a_gap():
    values = [9, 8, math.nan, 7, 0, -1, math.inf, 6, 5, 4]
    (path,) = data_of(drawn(Line("", list(range(1, 11)), values)))
    parts = path.split("M")[1:]
    assert [part.count(" ") for part in parts] == [3, 1, 5]  # two points, one, three
    assert [part.endswith("h0") for part in parts] == [False, True, False]  # a dot


def test_a_line_falls_as_its_values_do():
    (path,) = data_of(drawn(Line("", [1, 2, 3], [100, 10, 1])))
    numbers = [float(n) for n in re.findall(r"[\d.]+", path)]
    x, y = numbers[::2], numbers[1::2]
    assert x == sorted(x) and y == sorted(y)
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.11)  # decades are equally high
    assert all(0 <= value <= PLOT_HEIGHT for value in y)


def test_a_panel_without_values_says_so():
    assert "nothing to show" in texts(drawn(Line("one", [1, 2], [math.nan, 0])))


@pytest.mark.parametrize("value", [1e-300, 3.3, 1e300])
def test_a_single_value_is_drawn(value):
    root = drawn(Line("one", [1], [value]))
    assert data_of(root)[0].endswith("h0") and "one" in texts(root)


def test_labels_do_not_overlap_and_stay_within_the_plot():
    lines = [Line(f"line {n}", [1, 2], [5, 5 + n / 1000]) for n in range(12)]
    root = drawn(*lines)
    heights = [float(t.get("y")) for t in root.iter(f"{SVG}text") if "line " in t.text]
    assert len(heights) == 12
    gaps = [b - a for a, b in pairwise(heights)]
    assert min(gaps) >= LABEL_STEP - 0.11
    assert min(heights) >= 0 and max(heights) <= PLOT_HEIGHT + 5
    assert [t for t in texts(root) if "line " in t] == [f"line {n}" for n in reversed(range(12))]


def test_a_long_label_is_cut_and_a_legend_named():
    legend = ("weight", ((CATEGORIES[0], "low"), (CATEGORIES[1], "high")))
    found = texts(drawn(Line("x" * 99, [1], [1]), legend=legend, note="a note"))
    assert any(re.fullmatch("x{5,30}…", text) for text in found)
    assert {"weight", "low", "high", "a note"} <= set(found)


def test_a_strong_line_is_drawn_over_the_others():
    paths = list(drawn(Line("", [1], [1], strong=True), Line("", [1], [2])).iter(f"{SVG}path"))
    assert "strong" in paths[-1].get("class") and "strong" not in paths[-2].get("class")


def test_the_ramp_goes_from_dark_to_bright_in_both_schemes():
    def brightness(colour):
        return sum(w * v for w, v in zip((0.3, 0.6, 0.1), bytes.fromhex(colour[1:]), strict=True))

    for which in (0, 1):
        steps = [brightness(ramp(n / 10)[which]) for n in range(11)]
        assert steps == sorted(steps)
    assert brightness(ramp(1)[0]) < 190 and brightness(ramp(0)[1]) > 90  # seen on white, on black
