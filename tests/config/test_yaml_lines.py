"""YAML files: plain data with line numbers, or one refusal that names the line."""

from itertools import pairwise

import pytest

from nst.config.yaml_lines import (
    LARGEST_FILE,
    MOST_VALUES,
    dotted,
    fault_line,
    overlay,
    read,
    unknown,
)
from nst.errors import NstError


@pytest.fixture
def parse(tmp_path, monkeypatch):
    """A function that reads a document from a text or from bytes."""
    monkeypatch.chdir(tmp_path)

    def parse(text):
        (tmp_path / "c.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return read("c.yaml")

    return parse


def test_every_key_and_item_has_its_line(parse):
    document = parse("a:\n  b: 1\n\n  c:\n  - x\n  - {d: y}\n'e f': 2\n")
    assert document.data == {"a": {"b": 1, "c": ["x", {"d": "y"}]}, "e f": 2}
    assert document.lines == {
        ("a",): 1, ("a", "b"): 2, ("a", "c"): 4, ("a", "c", 0): 5, ("a", "c", 1): 6,
        ("a", "c", 1, "d"): 6, ("e f",): 7,
    }  # fmt: skip
    assert document.position(("a", "c", 1)) == "c.yaml:6"
    assert document.position(("z",)) == document.position(()) == "c.yaml"


SCALARS = {
    "1": 1,
    "-3": -3,
    "1.5": 1.5,
    "1.0e+5": 1e5,
    "1e5": "1e5",
    "0512": "0512",
    "0x10": "0x10",
    "1:30": "1:30",
    "1:30.5": "1:30.5",
    ".inf": ".inf",
    "2020-01-01": "2020-01-01",
    "2020-13-45": "2020-13-45",
    "yes": True,
    "off": False,
    "~": None,
    "": None,
    "null": None,
    "'null'": "null",
    "=": "=",
    "<<": "<<",
    "!!str 5": "5",
    "!!int x": "x",
    "!!float x": "x",
    "!!bool x": "x",
    "!!timestamp x": "x",
    "!!null x": None,
    "9" * 5000: "9" * 5000,
    "héé": "héé",
    '"\\0"': "\0",
}


@pytest.mark.parametrize("text", SCALARS, ids=lambda text: repr(text)[:20])
def test_a_scalar_is_what_it_looks_like(parse, text):
    value = parse(f"a: {text}\n").data["a"]
    assert (value, type(value)) == (SCALARS[text], type(SCALARS[text]))


@pytest.mark.parametrize("key", ["on", "null", "1", "1.50", "2020-01-01", "''", "!!int 5", "é"])
def test_a_key_is_taken_as_written(parse, key):
    assert list(parse(f"{key}: x\n").data) == [key.removeprefix("!!int ").strip("'")]


@pytest.mark.parametrize("text", ["", "# only comments\n", "\ufeff", "\n\n", "{}"])
def test_an_empty_file_is_an_empty_mapping(parse, text):
    assert parse(text).data == {}


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_byte_order_marks_and_line_ends_do_not_matter(parse, ending):
    document = parse("\ufeffa: 1\nb: 2\n".replace("\n", ending))
    assert (document.data, document.lines[("b",)]) == ({"a": 1, "b": 2}, 2)


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{below}'] * 10)}]\n" for below, name in pairwise("abcdefghi")
)
REFUSED = {
    "list": ("- a\n- b\n", "c.yaml holds ['a', 'b'], not keys with values"),
    "scalar": ("hello\n", "c.yaml holds 'hello', not keys"),
    "null": ("~\n", "c.yaml holds None, not keys"),
    "tab": ("a: 1\nb:\n\t- 2\n", "c.yaml:3: not valid YAML: found character '\\t'"),
    "unclosed": ("a: [1, 2\nb: 3\n", "c.yaml:2: not valid YAML"),
    "unclosed text": ('a: "x\n', "c.yaml:2: not valid YAML: found unexpected end of stream"),
    "no such anchor": ("a: 1\nb: *x\n", "c.yaml:2: not valid YAML: found undefined alias"),
    "two documents": ("a: 1\n---\nb: 2\n", "c.yaml:2: not valid YAML: but found another document"),
    "colon in a value": ("a: b: c\n", "c.yaml:1: not valid YAML: mapping values are not allowed here"),
    "NUL": ("a: 1\nb: x\0y\n", "c.yaml:2: '\\x00' is not text"),
    "Latin-1": ("a: ü\n".encode("latin-1"), "c.yaml is not text in UTF-8"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "c.yaml is not text in UTF-8"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "c.yaml is not text in UTF-8"),
    "list as key": ("a: 1\n? [x]\n: y\n", "c.yaml:2: a key is a name, not a list or mapping"),
    "object": ("a: 1\nb: !!python/object:os.x {c: d}\n", "c.yaml:2: b: the tag 'python/object:os.x'"),
    "call": ("a: !!python/object/apply:os.system [x]\n", "c.yaml:1: a: the tag 'python/object/apply"),
    "tagged scalar": ("a: [1, !!python/name:os.x '']\n", "c.yaml:1: a[1]: the tag"),
    "own tag": ("a:\n  b: !mine x\n", "c.yaml:2: a.b: the tag '!mine' is not read here"),
    "set": ("a: !!set {x, y}\n", "c.yaml:1: a: the tag 'set'"),
    "binary": ("a: !!binary aGk=\n", "c.yaml:1: a: the tag 'binary'"),
    "tagged top": ("!!omap\n- a: 1\n", "c.yaml:1: the tag 'omap'"),
    "billion laughs": (LAUGHS, f"c.yaml holds more than {MOST_VALUES} values"),
    "anchor in itself": ("a: &a [*a]\n", "c.yaml:1: nested too deeply"),
    "deep": ("a: " + "[" * 30 + "]" * 30, "c.yaml:1: nested too deeply"),
    "very deep": ("a: " + "[" * 20_000, "c.yaml is nested too deeply"),
    "very deep mappings": ("{a: " * 5000, "c.yaml is nested too deeply"),
    "large": ("#" * (LARGEST_FILE + 1), "c.yaml is larger than 2 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_plain_yaml_is_refused_in_one_line(parse, name):
    text, message = REFUSED[name]
    with pytest.raises(NstError) as refusal:
        parse(text)
    assert str(refusal.value).startswith(message)
    assert len(str(refusal.value).splitlines()) == 1
    assert len(str(refusal.value)) < 200


MISTAKES = {
    "top": (
        "a: 1\nb: 2\na: 3\n",
        "c.yaml:3: a: is a duplicate; the first one is on line 1",
    ),
    "inside": ("a:\n  b: 1\n  b: 2\n", "c.yaml:3: a.b: is a duplicate; the first one"),
    "in a list": ("a:\n- {b: 1, b: 2}\n", "c.yaml:2: a[0].b: is a duplicate; the first one"),
    "null twice": ("a:\na:\n", "c.yaml:2: a: is a duplicate; the first one is on line 1"),
    "merge": ("a: &a {x: 1}\nb:\n  <<: *a\n", "c.yaml:3: b.<<: merge keys are not read here"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_that_leave_the_rest_readable_are_gathered(parse, name):
    text, message = MISTAKES[name]
    faults = parse(text).faults
    assert len(faults) == 1
    assert faults[0].startswith(message)


def test_three_equal_keys_are_two_faults(parse):
    assert len(parse("a: 1\na: 2\na: 3\n").faults) == 2


@pytest.mark.parametrize(
    ("path", "reason"),
    [("none.yaml", "No such file"), (".", "Is a directory"), ("x" * 300, "File name too long")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, monkeypatch, path, reason):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NstError, match=f"^cannot read {path[:9]}.*: {reason}"):
        read(path)


def test_an_overlay_has_keys_but_no_lines():
    document = overlay({"a": {1: (2, {None: True})}}, "--config")
    assert document.data == {"a": {"1": [2, {"None": True}]}}
    assert document.position(("a", "1", 1, "None")) == "--config"
    assert ("a", "1", 0) in document.lines
    assert ("b",) not in document.lines


def test_an_overlay_that_is_no_mapping_or_too_deep_is_refused():
    deep = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(NstError, match="--config is nested too deeply"):
        overlay(deep, "--config")
    with pytest.raises(NstError, match=r"--config holds \[1\], not keys with values"):
        overlay([1], "--config")


def test_keys_and_faults_stay_on_one_line():
    assert dotted(("grid", "size", 2)) == "grid.size[2]"
    assert dotted(("content", "")) == "content.''"
    assert dotted(("a\nb", "x" * 500)).count("\n") == 0
    assert len(dotted(("x" * 500,))) < 100
    assert fault_line("c.yaml", (), "is\nbad") == "c.yaml: is bad"


def test_an_unknown_key_names_the_nearest_one_or_all_but_not_thousands():
    assert unknown("stile", ["style", "size"]) == "unknown key; did you mean 'style'?"
    assert unknown("weight", ["style", "size"]) == "unknown key (known: style, size)"
    assert len(unknown("x", map(str, range(10_000)))) < 300
