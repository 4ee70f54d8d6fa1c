"""`page`: titles and texts of the page, and how mistakes in them are refused."""

import pytest
from conftest import draw_picture

from nst.config.grid import expand
from nst.config.page_texts import LONGEST_TITLE
from nst.errors import NstError

BASE = """\
content: {coffee: coffee.png, cat: cat.png}
style: {glass: glass.png}
grid: {style_weight: [1, 1e3], pooling: [max, avg]}
settings: {size: 64}
page:
"""


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """A function: the lines of `page` -> its texts."""
    monkeypatch.chdir(tmp_path)
    for name in ("coffee", "cat", "glass"):
        draw_picture(tmp_path / f"{name}.png", (64, 64))

    def read(*lines):
        (tmp_path / "config.yaml").write_text(BASE + "".join(f"  {line}\n" for line in lines))
        return expand(["config.yaml"]).texts

    return read


def test_a_config_without_texts_has_none(texts):
    assert texts().facts() == {"title": "", "text": "", "content": {}, "style": {}, "axes": {}}


def test_texts_are_read_and_values_may_be_written_in_any_way(texts):
    found = texts(
        "title: 2026",
        'text: "one\\n\\ntwo\\u0007"',
        "content: {cat: a cat}",
        "style: {glass: a window}",
        "axes: {style_weight: {title: strength, text: how much, values: {1000: most}},"
        " pooling: {values: {avg: the mean}}}",
    )
    assert (found.title, found.text) == ("2026", "one\n\ntwo")
    assert (found.content, found.style) == ({"cat": "a cat"}, {"glass": "a window"})
    assert found.axes["style_weight"].title == "strength"
    assert found.axes["style_weight"].values == {"1e3": "most"}
    assert found.axes["pooling"].values == {"avg": "the mean"}


FAULTS = {
    "titel: x": "config.yaml:6: page.titel: unknown key; did you mean 'title'?",
    "title: [x]": "config.yaml:6: page.title: ['x'] is not a text",
    "title: true": "config.yaml:6: page.title: True is not a text",
    "content: {cta: x}": "config.yaml:6: page.content.cta: is no content; did you mean 'cat'?",
    "style: x": "config.yaml:6: page.style: 'x' is not a mapping `name: text`",
    "axes: {size: {title: x}}": "is no axis of `grid` (axes: style_weight, pooling)",
    "axes: {style_weights: {title: x}}": "is no axis of `grid`; did you mean 'style_weight'?",
    "axes: {pooling: {value: {max: x}}}": "pooling.value: unknown key; did you mean 'values'?",
    "axes: {pooling: {values: {min: x}}}": "is no value of this axis (values: max, avg)",
    "axes: {style_weight: {values: {2: x}}}": "is no value of this axis (values: 1, 1e3)",
    "axes: {style_weight: {values: {1000: x, 1e3: y}}}": "is the same value as another key here",
    "axes: {style_weight: {values: {1: [x]}}}": "page.axes.style_weight.values.1: ['x'] is not a text",
    f"title: {'x' * (LONGEST_TITLE + 1)}": "has 101 characters; the most is 100",
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_mistake_is_refused_with_its_line(texts, line):
    with pytest.raises(NstError) as refused:
        texts(line)
    assert FAULTS[line] in str(refused.value) and str(refused.value).startswith("config.yaml:6: page")
    assert len(str(refused.value).splitlines()) == 1


def test_all_mistakes_are_told_at_once(texts):
    with pytest.raises(NstError) as refused:
        texts("titel: x", "content: {cta: x}", "axes: {size: {}}")
    assert [line.split(":")[1] for line in str(refused.value).splitlines()] == ["6", "7", "8"]
