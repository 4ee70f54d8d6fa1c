"""Whether the targets of a run are prints, and which of them are refused."""

from pathlib import Path

import pytest
from grids import build_grid

from nst.config.grid import expand
from nst.errors import NstError
from nst.workflow.prints import makes_prints

ONE = "c/s/style_weight-10"
FILE = f"results/prints/{ONE}.png"


@pytest.fixture
def prints(place):
    """The only print of a config."""
    build_grid(place, axes={"style_weight": [1, 10]})
    return expand(["config.yaml"], {"prints": {"settings": {"size": 96}, "cells": [ONE]}}).of_prints


@pytest.mark.parametrize(
    "targets",
    [
        ["prints"],
        [FILE],
        [f"./{FILE}"],
        [f"results//prints/{ONE}.json"],
        [f"results/x/../prints/{ONE}.csv"],
    ],
)
def test_a_print_is_recognised_however_its_path_is_written(prints, targets):
    assert makes_prints(targets, "prints", prints)
    assert makes_prints([str(Path(one).absolute()) for one in targets], "prints", prints) == (
        targets != ["prints"]
    )


@pytest.mark.parametrize(
    "targets",
    [[], ["all"], ["results/losses.csv"], ["results/prints.txt"], ["../results/prints/x.png"]],
)
def test_other_targets_are_no_prints(prints, targets):
    assert not makes_prints(targets, "prints", prints)


@pytest.mark.parametrize("name", ["c/s/style_weight-1", "c/mouse/only", f"{ONE}.png/x"])
def test_a_print_that_is_not_listed_is_refused(prints, name):
    with pytest.raises(
        NstError, match=rf"^'results/prints/{name}.png' is not listed under prints.cells"
    ):
        makes_prints([FILE, f"results/prints/{name}.png"], "prints", prints)
