"""`interpolate`: steps between two styles, their names, their weights, and what is refused."""

import pytest
from test_styles import LAYERS, grid  # noqa: F401 - a fixture

from nst.config.interpolate import Style, between
from nst.errors import NstError


def way(first, last, steps):
    return {"interpolate": [{"from": first, "to": last, "steps": steps}]}


def test_steps_stand_after_the_first_style_and_count_both_ends(grid):  # noqa: F811
    built = grid({}, **way("s", "t", 5))
    assert [cell.style for cell in built.cells] == ["s", "s_t_25", "s_t_50", "s_t_75", "t"]
    assert built.by_id["c/s_t_25/only"].settings.blend == [75.0, 25.0]
    assert built.by_id["c/s_t_25/only"].style_label == "s 75 % + t 25 %"
    assert [path.stem for path in built.by_id["c/s_t_25/only"].style_pictures] == ["s", "t"]


def test_steps_can_be_overridden_and_excluded(grid):  # noqa: F811
    built = grid(
        {}, **way("s", "t", 4), exclude=["*/s_t_67"], overrides={"style": {"s_t_33": {"seed": 3}}}
    )
    assert [cell.style for cell in built.cells] == ["s", "s_t_33", "t"]
    assert built.by_id["c/s_t_33/only"].settings.seed == 3


def test_a_picture_of_both_ends_is_in_a_step_once():
    first, last = Style(("a", "b"), [3.0, 1.0]), Style(("b", "c"), "equal")
    assert between(first, last, 50) == Style(("a", "b", "c"), [37.5, 37.5, 25.0])


def test_steps_of_blends_by_layer_are_by_layer():
    first = Style(("a", "b"), {"relu1": [1.0, 0.0], "rest": [0.0, 1.0]})
    step = between(first, Style(("b",), "equal"), 25)
    assert step == Style(("a", "b"), {"relu1": [75.0, 25.0], "rest": [0.0, 100.0]})
    other = between(first, Style(("b",), {"relu1": [1.0], "relu2": [1.0]}), 25)
    assert other.blend == {"relu1": [75.0, 25.0], "relu2": [0.0, 100.0]}


PAIRS = {"a": ["s.png", "works/a.png"], "b": ["t.png", "works/b.png"]}
ENDS = {  # sections that give the ends their blends -> the blend of the step in the middle
    "settings": ({"settings": {"blend": [3, 1]}}, [37.5, 12.5, 37.5, 12.5]),
    "an override": ({"overrides": {"style": {"a": {"blend": [3, 1]}}}}, [37.5, 12.5, 25.0, 25.0]),
    "an override above settings": (
        {"settings": {"blend": [1, 0]}, "overrides": {"style": {"b": {"blend": [1, 4]}}}},
        [50.0, 0.0, 10.0, 40.0],
    ),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_ends_have_the_blend_of_their_images(grid, name):  # noqa: F811
    sections, blend = ENDS[name]
    built = grid(PAIRS, **way("a", "b", 3), **sections, exclude=["c/s", "c/t"])
    assert built.by_id["c/a_b_50/only"].settings.blend == blend


REFUSED = {
    "equal ends": (way("s", "s", 5), "interpolate[0]: s and s are the same: name two styles"),
    "an unknown end": (way("s", "glas", 5), "interpolate[0].to: 'glas' is no style (styles: s, t)"),
    "two steps": (way("s", "t", 2), "interpolate[0].steps: 2 is not a whole number from 3 to 101"),
    "too many steps": (way("s", "t", 102), "interpolate[0].steps: 102 is not a whole number from 3"),
    "no list": ({"interpolate": {"from": "s"}}, "interpolate: {'from': 's'} is not a list such"),
    "no steps": ({"interpolate": [{"from": "s", "to": "t"}]}, "interpolate[0]: steps is missing"),
    "a number": ({"interpolate": [3]}, "interpolate[0]: 3 is not a list such as"),
    "an unknown key": (
        {"interpolate": [{"from": "s", "to": "t", "steps": 3, "step": 1}]},
        "interpolate[0].step: unknown key",
    ),
    "one step twice": (
        {"interpolate": [*way("s", "t", 3)["interpolate"], *way("s", "t", 5)["interpolate"]]},
        "interpolate[1]: makes s_t_50, which interpolate[0] makes already: remove one",
    ),
    "a step that has the name of a style": (
        {**way("s", "t", 3), "style": {"s_t_50": "s.png"}},
        "interpolate[0]: makes s_t_50, and a style has this name: rename it",
    ),
    "an end with settings of its own": (
        {**way("s", "t", 3), "overrides": {"style": {"t": {"seed": 3}}}},
        "interpolate[0]: t has seed of its own: only pictures and their weights are interpolated",
    ),
    "a blend of an end with one content": (
        {**way("s", "t", 3), "overrides": {"cell": {"c/s": {"blend": [1]}}}},
        "interpolate[0]: overrides.cell.c/s sets blend, which may differ by style only: put it under",
    ),
    "a blend of one content": (
        {**way("s", "t", 3), "overrides": {"content": {"c": {"blend": "equal"}}}},
        "interpolate[0]: overrides.content.c sets blend, which may differ by style only: put it under",
    ),
    "an axis of blends": (
        {**way("s", "t", 3), "grid": {"blend": ["equal"]}},
        "interpolate[0]: sets blend, an axis of",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_ways_are_refused_in_a_line(grid, name):  # noqa: F811
    sections, words = REFUSED[name]
    with pytest.raises(NstError) as refusal:
        grid(sections.pop("style", {}), settings=LAYERS, **sections)
    (line,) = str(refusal.value).splitlines()
    assert words in line


def test_an_end_with_too_few_weights_is_refused(grid):  # noqa: F811
    with pytest.raises(NstError) as refusal:
        grid({"x": {"picture": "works", "blend": [1, 2]}}, **way("s", "x", 3))
    assert "interpolate[0]: x has 2 weights for a style of 3 pictures" in str(refusal.value)


def test_ends_without_a_layer_in_common_are_refused(grid):  # noqa: F811
    ends = {
        name: {"picture": "works", "blend": {layer: [1, 1, 1]}}
        for name, layer in (("x", "relu1"), ("y", "relu2"))
    }
    with pytest.raises(NstError, match=r"interpolate\[0\]: x and y have weights at no layer in common"):
        grid(ends, **way("x", "y", 3))


def test_one_picture_under_two_names_has_no_way_between(grid):  # noqa: F811
    with pytest.raises(NstError, match="s and x are the same: name two styles"):
        grid({"x": "s.png"}, **way("s", "x", 3))
