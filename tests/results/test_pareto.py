"""Which cells are worth choosing: against a naive second writing of the front."""

import random

import pytest
from conftest import draw_picture
from grids import build_grid, write_record

from nst.cli import main
from nst.config.grid import expand
from nst.disk.record import read_record
from nst.errors import NstError
from nst.results.pareto import groups, knee, pareto, unweighted
from nst.results.states import finished_cells, survey


@pytest.fixture
def grid_groups(tmp_path, monkeypatch):
    """A function (axes, ...) -> the groups of a grid in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def build(axes, **options):
        grid = build_grid(tmp_path, axes=axes, **options)
        return groups(finished_cells(grid, survey(grid.cells)))

    return build


def test_the_losses_without_their_weights_are_those_of_a_transfer(tmp_path, seeded_weights):
    """Of real terms at unequal layers: times their weights they are the weighted losses."""
    pictures = [str(draw_picture(tmp_path / f"{n}.png", seed=n)) for n in (1, 2)]
    weights, record = seeded_weights("alexnet", {"conv1", "conv2"}), tmp_path / "x.json"
    call = ["transfer", *pictures, "--out", str(tmp_path / "x.png"), "--record", str(record)]
    call += ["--weights", str(weights), "--backbone", "alexnet", "--size", "40", "--device", "cpu"]
    call += ["--content-layers", "conv1=0.5,conv2=2", "--style-layers", "conv1=3,conv2=0.25"]
    call += ["--content-weight", "7", "--style-weight", "1e3", "--tv-weight", "5", "--evaluations", "2"]
    assert main(call) == 0
    found = read_record(record)
    content, style, tv = unweighted(found)
    assert 7 * content == pytest.approx(found.losses["content"], rel=1e-5)
    assert 5 * tv == pytest.approx(found.losses["tv"], rel=1e-5)
    assert 1e3 * style == pytest.approx(found.losses["style"], rel=1e-5)


def test_a_loss_of_weight_0_is_not_measured(grid_groups):
    by_weight = {"style_weight": [0, 10, 100]}
    (group,) = grid_groups(
        by_weight, losses=lambda c: (c.settings.style_weight, 1000 - c.settings.style_weight)
    )
    assert [cell.axes["style_weight"] for cell in group.front] == [10, 100]
    assert unweighted(read_record(group.cells[0].file(".json"))) == (0.0, None, None)


def test_terms_of_other_layers_are_refused(grid_groups):
    (group,) = grid_groups({})
    write_record(group.cells[0], (1, 1), terms={"content": {"conv9_9": 1.0}, "style": {}})
    with pytest.raises(
        NstError,
        match=r"only\.json: terms\.content: 'conv9_9' not in settings\.content_layers; delete it",
    ):
        read_record(group.cells[0].file(".json"))


@pytest.mark.parametrize("terms", [3, {"content": {}}, {"content": {"a": "x"}, "style": {}}])
def test_a_record_with_damaged_terms_is_refused(grid_groups, terms):
    (group,) = grid_groups({})
    write_record(group.cells[0], (1, 1), terms=terms)
    with pytest.raises(NstError, match=r"only\.json: terms.*is not a table"):
        read_record(group.cells[0].file(".json"))


def naive_front(losses):
    """Every point against every other; of equal points the first."""
    kept = []
    for n, (name, (a, b)) in enumerate(losses):
        others = [pair for m, (_, pair) in enumerate(losses) if m != n]
        dominated = any(x <= a and y <= b and (x < a or y < b) for x, y in others)
        if not dominated and (a, b) not in [pair for _, pair in losses[:n]]:
            kept.append((name, (a, b)))
    return sorted(kept, key=lambda one: one[1][0])


@pytest.mark.parametrize("seed", range(20))
def test_the_front_is_the_naive_one(seed):
    """Half of the cases on a coarse lattice, where points are equal or on a line."""
    draw = random.Random(seed)
    steps = 6 if seed % 2 else 10**6
    losses = [
        (n, (draw.randrange(steps) / 3, draw.randrange(steps) / 7)) for n in range(draw.randrange(60))
    ]
    assert pareto(losses) == naive_front(losses)


FRONTS = {  # losses in order -> the index of the knee
    "two": ([(0, 1), (1, 0)], None),
    "one": ([(1, 1)], None),
    "none": ([], None),
    "on the chord": ([(0, 2), (1, 1), (2, 0)], None),
    "above the chord": ([(0, 2), (1.5, 1.5), (2, 0)], None),
    "corner": ([(0, 100), (1, 10), (5, 9), (100, 0)], 1),
    "scaled": ([(0, 1e-6), (1e5, 1e-7), (1e6, 0)], 1),
    "below zero": ([(-1, 5), (0, 0), (5, -1)], 1),
    "huge": ([(0, 1e308), (1e300, 1e300), (1e308, 0)], 1),
    "tiny": ([(0, 5e-324), (1, 0), (1, 0)], None),
    "first of equally deep": ([(0, 4), (1, 2), (2, 1), (4, 0)], 1),
}


@pytest.mark.parametrize("case", FRONTS)
def test_the_knee_is_the_deepest_point_below_the_chord(case):
    front, place = FRONTS[case]
    assert knee(front) == place


def test_weights_and_seeds_are_one_group_and_the_knee_is_on_its_front(grid_groups):
    losses = {1: (1, 100), 10: (2, 10), 100: (9, 8), 300: (20, 4), 1000: (100, 1)}
    (group,) = grid_groups(
        {"style_weight": list(losses), "seed": [1, 2], "evaluations": [5, 6]},
        losses=lambda c: tuple(x * c.axes["seed"] for x in losses[c.axes["style_weight"]]),
    )
    assert (group.content, group.style, group.label, len(group.cells)) == ("c", "s", "", 20)
    assert [c.variant for c in group.front] == [
        f"style_weight-{w}_seed-1_evaluations-5" for w in ("1", "10", "100", "300", "1e3")
    ]
    assert group.knee.axes == {"style_weight": 10, "seed": 1, "evaluations": 5}


def test_cells_with_other_losses_are_another_group(grid_groups):
    found = grid_groups({"size": [64, 96], "pooling": ["max", "avg"], "style_weight": [1, 2]})
    assert [group.label for group in found] == [
        f"size {size} · pooling {pooling}" for size in (64, 96) for pooling in ("max", "avg")
    ]
    assert [len(group.cells) for group in found] == [2, 2, 2, 2]


def test_every_recipe_is_a_group(grid_groups):
    found = grid_groups({"recipe": ["pytorch-tutorial", "gatys", "crowson"], "seed": [1, 2]})
    assert [g.label for g in found] == [f"recipe {r}" for r in ("pytorch-tutorial", "gatys", "crowson")]
    assert [len(group.cells) for group in found] == [2, 2, 2]


def test_pairs_are_separate_in_the_configs_order(grid_groups):
    found = grid_groups({"seed": [0]}, contents=("b", "a"), styles=("z", "y"))
    assert [(g.content, g.style) for g in found] == [("b", "z"), ("b", "y"), ("a", "z"), ("a", "y")]


def test_a_group_that_no_axis_distinguishes_is_named_by_its_settings(grid_groups):
    odd = {"style_scale": 0.5}
    found = grid_groups(
        {"seed": [1, 2], "evaluations": [5, 6]},
        overrides={"cell": {"c/s/seed-1_evaluations-6": odd, "c/s/seed-2_evaluations-5": odd}},
    )
    assert [group.label for group in found] == ["style scale 1", "style scale 0.5"]


def test_a_cell_that_diverged_is_never_suggested(grid_groups):
    losses = {1: (1, 100), 10: (2, 2), 100: (100, 1), 5: (3, 30), 20: (40, 1.9), 50: (60, 1.5)}
    axes = {"style_weight": list(losses)}
    (group,) = grid_groups(axes, losses=lambda c: losses[c.axes["style_weight"]])
    assert group.knee.axes["style_weight"] == 10
    write_record(group.knee, losses[10], outcome="diverged")
    grid = expand(["config.yaml"])
    (again,) = groups(finished_cells(grid, survey(grid.cells)))
    assert [c.axes["style_weight"] for c in again.front] == [1, 5, 20, 50, 100]
    assert again.knee.axes["style_weight"] == 5
    assert len(again.cells) == 6


def test_fewer_than_five_images_to_choose_from_have_no_suggestion(grid_groups):
    losses = {1: (1, 100), 3: (1.5, 40), 10: (2, 2), 30: (40, 1.5), 100: (100, 1)}
    axes = {"style_weight": list(losses)}
    (group,) = grid_groups(axes, losses=lambda c: losses[c.axes["style_weight"]])
    assert group.knee.axes == {"style_weight": 10}
    axes = {"style_weight": [1, 3, 10, 100]}
    (group,) = grid_groups(axes, losses=lambda c: losses[c.axes["style_weight"]])
    assert len(group.front) == 4 and group.knee is None


def test_equal_cells_are_one_point_of_the_front(grid_groups):
    (group,) = grid_groups({"seed": [3, 1, 2]})
    assert [c.axes["seed"] for c in group.front] == [3]
    assert group.knee is None
