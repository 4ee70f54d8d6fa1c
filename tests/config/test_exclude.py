"""`exclude` leaves cells out of the product, and is refused where it leaves out nothing or all."""

import pytest
from conftest import draw_picture

from nst.config.grid import expand
from nst.errors import NstError

ALL = [
    f"{content}/{style}/style_weight-{weight}"
    for content in ("coffee", "cat")
    for style in ("glass", "marble")
    for weight in ("1", "100")
]


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: parts of a config -> its grid of 2 x 2 x 2 cells less those left out."""
    monkeypatch.chdir(tmp_path)
    for name in ("coffee", "cat", "glass", "marble"):
        draw_picture(tmp_path / f"{name}.png", (64, 64))

    def build(**parts):
        config = {
            "content": {name: f"{name}.png" for name in ("coffee", "cat")},
            "style": {name: f"{name}.png" for name in ("glass", "marble")},
            "grid": {"style_weight": [1, 100]},
            "settings": {"size": 64},
        }
        return expand([], {**config, **parts})

    return build


LEFT_OUT = {  # patterns, ids that match
    "coffee/glass": ["coffee/glass/style_weight-1", "coffee/glass/style_weight-100"],
    "*/marble/style_weight-100": [
        "coffee/marble/style_weight-100",
        "cat/marble/style_weight-100",
    ],
    "c*t/gl?ss/*-1": ["cat/glass/style_weight-1"],
    "c[ao]*/glass": [cell for cell in ALL if "/glass/" in cell],
}


@pytest.mark.parametrize("pattern", LEFT_OUT)
def test_a_pattern_leaves_cells_out(grid, pattern):
    for exclude in ([pattern], pattern, [pattern, pattern]):
        built = grid(exclude=exclude)
        assert [cell.id for cell in built.cells] == [
            cell for cell in ALL if cell not in LEFT_OUT[pattern]
        ]
        assert built.excluded == len(LEFT_OUT[pattern])


def test_several_patterns_leave_out_what_any_of_them_matches(grid):
    built = grid(exclude=list(LEFT_OUT)[:2])
    assert [cell.id for cell in built.cells] == [
        "coffee/marble/style_weight-1",
        "cat/glass/style_weight-1",
        "cat/glass/style_weight-100",
        "cat/marble/style_weight-1",
    ]
    assert list(built.pairs) == [("coffee", "marble"), ("cat", "glass"), ("cat", "marble")]
    assert built.variants == ["style_weight-1", "style_weight-100"]


@pytest.mark.parametrize("exclude", [None, []])
def test_an_empty_list_leaves_out_nothing(grid, exclude):
    assert [cell.id for cell in grid(exclude=exclude).cells] == ALL


def test_a_variant_that_is_left_out_everywhere_is_none(grid):
    built = grid(exclude=["*/*/style_weight-1"])
    assert built.variants == ["style_weight-100"]


def test_variants_keep_their_order_though_the_first_cells_lack_one(grid):
    built = grid(exclude=["coffee/*/style_weight-1"])
    assert built.variants == ["style_weight-1", "style_weight-100"]


FORM = "is not content/style or content/style/variant"
REFUSED = {  # a pattern -> the fault
    "cofee/glass": "[0]: 'cofee/glass' matches no image: no content 'cofee'; did you mean 'coffee'?",
    "cat/marple": "[0]: 'cat/marple' matches no image: no style 'marple'; did you mean 'marble'?",
    "*/zzz": "exclude[0]: '*/zzz' matches no image: no style 'zzz' (there is 'glass', for example)",
    "*/*/style_weight-10": "no variant 'style_weight-10'; did you mean 'style_weight-1",
    "Coffee/glass": "no content 'Coffee'; did you mean 'coffee'?",
    "coffee": FORM,
    "a/b/c/d": FORM,
    "": FORM,
    7: FORM,
}


@pytest.mark.parametrize("pattern", REFUSED)
def test_a_pattern_that_matches_nothing_is_refused(grid, pattern):
    with pytest.raises(NstError) as refusal:
        grid(exclude=[pattern])
    (line,) = str(refusal.value).splitlines()
    assert REFUSED[pattern] in line


@pytest.mark.parametrize("exclude", [["*/*"], ["*/glass", "*/marble"]])
def test_leaving_out_all_images_is_refused(grid, exclude):
    with pytest.raises(NstError, match=r"^config of the module: exclude: leaves out all images$"):
        grid(exclude=exclude)


@pytest.mark.parametrize("exclude", [{"coffee": "glass"}, 5, True])
def test_what_is_no_list_is_refused(grid, exclude):
    with pytest.raises(NstError, match="is not a list of patterns"):
        grid(exclude=exclude)


def test_faults_of_cells_that_are_left_out_do_not_count(grid, tmp_path):
    draw_picture(tmp_path / "thin.png", (200, 2))
    styles = {"glass": "glass.png", "thin": "thin.png"}
    with pytest.raises(NstError, match="too small for these layers"):
        grid(style=styles)
    assert len(grid(style=styles, exclude=["*/thin"]).cells) == 4


def test_an_override_of_a_cell_that_is_left_out_is_no_mistake(grid):
    overrides = {"cell": {"cat/glass": {"style_scale": 2}}}
    assert len(grid(exclude=["cat/glass"], overrides=overrides).cells) == 6
