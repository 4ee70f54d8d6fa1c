"""`prints`: images of the grid that are listed to be made again; mistakes are refused by line."""

import json
from pathlib import Path

import pytest
from conftest import draw_picture

from nst.config.grid import expand
from nst.errors import NstError

ONE, OTHER = "c/s/style_weight-1", "c/s/style_weight-100"
LARGE = {"settings": {"size": 128}}


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: what stands under `prints`, other keys -> the grid of two images with it."""
    monkeypatch.chdir(tmp_path)
    for name in "cst":
        draw_picture(tmp_path / f"{name}.png", (64, 64))

    def build(prints, **others):
        config = {
            "content": {"c": "c.png"},
            "style": {"s": "s.png"},
            "grid": {"style_weight": [1, 100]},
            "settings": {"size": 64, "snapshot_every": 5},
            "prints": prints,
            **others,
        }
        Path("config.yaml").write_text(json.dumps(config, indent=1))
        return expand(["config.yaml"])

    return build


def test_a_print_has_the_settings_of_its_image_but_those_that_are_given(grid):
    made = grid({"settings": {"size": 128, "evaluations": "4e2"}, "cells": [OTHER]})
    (one,) = made.prints
    cell = made.by_id[OTHER]
    assert one.file(".png") == Path(f"results/prints/{OTHER}.png")
    assert (one.settings.size, one.settings.evaluations, one.settings.style_weight) == (128, 400, 100)
    assert one.start == cell
    assert (one.settings.snapshot_every, cell.settings.snapshot_every) == (0, 5)
    assert made.of_prints.cells == (one,)
    assert (made.noun, made.of_prints.noun) == ("image", "print")


@pytest.mark.parametrize(
    ("prints", "edge"),
    [
        ({}, 12),
        ({"start": "afresh"}, 6),
        ({"settings": {"size": 128, "mask_edge": 5}}, 5),
        ({"settings": {"size": 16000}}, 1000),
        ({"settings": {"size": 100}}, 9.375),
        ({"settings": {"size": 128, "mask": "alpha"}}, 6),
    ],
)
def test_the_edge_of_a_mask_looks_as_in_the_image_that_a_print_starts_from(grid, prints, edge):
    masked = {"settings": {"size": 64, "mask": "t.png", "mask_edge": 6}}
    (one,) = grid({**LARGE, "cells": [ONE], **prints}, **masked).prints
    assert one.settings.mask_edge == edge
    assert one.start is None or one.start.settings.mask_edge == 6


def test_the_cells_are_the_same_with_and_without_prints(grid):
    assert grid({"settings": {"size": 128}, "cells": [ONE]}).cells == grid(None).cells


def test_an_axis_may_be_set_and_a_print_may_start_afresh_at_any_size(grid):
    prints = {"settings": {"style_weight": 5, "size": 32, "init": "noise"}, "start": "afresh"}
    (one,) = grid({**prints, "cells": [ONE]}).prints
    assert (one.settings.style_weight, one.settings.size, one.start) == (5, 32, None)
    assert one.id == ONE


def test_all_that_stands_under_prints_may_be_commented_out(grid):
    assert grid({"settings": None, "start": None, "cells": None}).prints == ()
    (one,) = grid({**LARGE, "start": None, "cells": [ONE]}).prints
    assert one.start.id == ONE


def test_a_second_file_changes_one_setting_of_the_prints(grid):
    grid({"settings": {"size": 128, "evaluations": 9}, "cells": [ONE]})
    (one,) = expand(["config.yaml"], {"prints": {"settings": {"size": 256}}}).prints
    assert (one.settings.size, one.settings.evaluations) == (256, 9)


REFUSED = [
    ([ONE], "prints: ['c/s/style_weight-1'] is not a mapping"),
    ({"cell": [ONE]}, "prints.cell: unknown key; did you mean 'cells'?"),
    ({"start": "cells"}, "prints.start: 'cells' is not one of cell, afresh"),
    ({"settings": {"sise": 9}}, "prints.settings.sise: unknown key; did you mean 'size'?"),
    ({"settings": {"size": 9}}, "prints.settings.size: 9 is not a whole number from 16 to 16384"),
    (
        {"settings": {"snapshot_every": 2}},
        "prints.settings.snapshot_every: prints have no films: remove",
    ),
    (
        {"settings": {"size": "big"}, "cells": [ONE]},
        "prints.settings.size: 'big' is not a whole number from 16 to 16384",
    ),
    ({"settings": {"seed": 2}}, "prints.settings.seed: acts only with `start: afresh`"),
    ({"cells": ONE}, f"prints.cells: '{ONE}' is not a list of content/style/variant"),
    ({"cells": ["c/s"]}, "prints.cells[0]: 'c/s' is not content/style/variant"),
    ({"cells": [{"cell": ONE}]}, "is not content/style/variant"),
    ({**LARGE, "cells": [ONE, ONE]}, f"prints.cells[1]: '{ONE}' is listed twice: remove one"),
    (
        {"cells": ["c/s/style_weight-10"]},
        "no variant 'style_weight-10'; did you mean 'style_weight-100'?",
    ),
    (
        {"cells": ["mouse/s/x"]},
        "is no image of this grid: no content 'mouse': remove it here, or put back",
    ),
    (
        {"cells": ["c/t/style_weight-1"]},
        "'c/t/style_weight-1' is left out by `exclude`: remove it here or",
    ),
    ({"cells": [ONE]}, "prints.cells[0]: a print of 64 pixels is not larger than its image of 64"),
    (
        {"settings": {"size": 64}, "cells": [ONE]},
        f"prints.settings.size: a print of 64 pixels is not larger than its image of 64 ({ONE}): choose"
        " a larger size, or `start: afresh`",
    ),
]


@pytest.mark.parametrize(("prints", "message"), REFUSED)
def test_mistakes_are_refused_with_their_line_and_the_way_out(grid, prints, message):
    with pytest.raises(NstError) as error:
        grid(prints, style={"s": "s.png", "t": "t.png"}, exclude=["c/t"])
    (line,) = str(error.value).splitlines()
    assert message in line
    assert line.startswith("config.yaml:")


def test_images_are_not_called_unknown_where_the_grid_itself_is_wrong(grid):
    with pytest.raises(NstError) as error:
        grid({**LARGE, "cells": [ONE]}, grid={"style_weight": ["x"]})
    assert "prints" not in str(error.value)
