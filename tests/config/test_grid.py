"""config.yaml -> cells: their order, names and settings, and the flags that make them again."""

import json
import random
import re
from itertools import product
from pathlib import Path

import pytest
import yaml
from conftest import draw_picture
from test_recipes import WHOLE

from nst.cli import parser
from nst.commands.transfer import requested_settings
from nst.config.grid import LONGEST_NAME, expand
from nst.config.recipes import resolve
from nst.config.settings import FIELDS
from nst.errors import NstError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with pictures, and recipe files of a user's own."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("c.png", "d.png", "s.png", "t.png", "start.png")):
        draw_picture(tmp_path / name, seed=seed)
    (tmp_path / "mine.yaml").write_text(
        WHOLE.replace("vgg19", "alexnet").replace("history: 20", "history: 9")
    )
    (tmp_path / "start.yaml").write_text(WHOLE.replace("init: content", "init: nowhere.png"))
    return tmp_path


BASE = {"content": {"c": "c.png", "d": "d.png"}, "style": {"s": "s.png", "t": "t.png"}}


def grid(*configs, overlay=None, **sections):
    """The grid of the base config with other sections, and of further configs above it."""
    files = []
    for number, config in enumerate([BASE | sections, *configs]):
        files.append(f"c{number}.yaml")
        Path(files[-1]).write_text(yaml.safe_dump(config, sort_keys=False))
    return expand(files, overlay)


def faults(*configs, overlay=None, **sections):
    with pytest.raises(NstError) as refusal:
        grid(*configs, overlay=overlay, **sections)
    return str(refusal.value).split("\n")


def test_cells_are_all_combinations_in_the_configs_order(here):
    expanded = grid(grid={"style_weight": ["1e5", 1000], "size": [64, 32], "tv": ["l2", "l1"]})
    axes = product(("1e5", "1e3"), ("64", "32"), ("l2", "l1"))
    variants = [f"style_weight-{weight}_size-{size}_tv-{tv}" for weight, size, tv in axes]
    assert expanded.variants == variants
    assert [cell.id for cell in expanded.cells] == [
        f"{content}/{style}/{variant}" for content, style, variant in product("cd", "st", variants)
    ]
    cell = expanded.by_id["d/s/style_weight-1e3_size-32_tv-l1"]
    assert cell.file(".png") == Path("results/cells/d/s/style_weight-1e3_size-32_tv-l1.png")
    assert (cell.content_picture, cell.style_picture) == (Path("d.png"), Path("s.png"))
    assert cell.axes == {"style_weight": 1000.0, "size": 32, "tv": "l1"}
    assert (cell.settings.style_weight, cell.settings.size, cell.settings.tv) == (1000, 32, "l1")


def test_a_config_without_axes_has_one_variant(here):
    assert list(grid().by_id) == ["c/s/only", "c/t/only", "d/s/only", "d/t/only"]


def test_a_single_value_of_an_axis_is_a_list_of_one(here):
    listed = grid(grid={"size": [64], "tv": ["l1"], "style_layers": [{"conv1_1": 2}]})
    assert grid(grid={"size": 64, "tv": "l1", "style_layers": {"conv1_1": 2}}).cells == listed.cells
    (fault,) = faults(grid={"tv": "l9"})
    assert fault.endswith("nine-point; several values are a list, for example [1, 2]")


@pytest.mark.parametrize("written", ["1e5", "100000", "'1e5'", "1.0e+5", "100_000", "100000.0", "+1e5"])
def test_every_way_to_write_a_number_is_the_same_cell(here, written):
    (here / "c.yaml").write_text(
        f"content: {{c: c.png}}\nstyle: {{s: s.png}}\ngrid: {{style_weight: [{written}]}}"
    )
    (cell,) = expand(["c.yaml"]).cells
    assert cell.id == "c/s/style_weight-1e5"


def test_variants_are_safe_bounded_and_distinct_as_file_names(here):
    names = sorted(name for name in FIELDS["style_layers"].metadata["kind"].known if "_" in name)
    layers = [names[:1], names[:2], names, names[1:], dict.fromkeys(names, 0.123456), {names[0]: 1e-7}]
    long = "x" * 90
    for name in ("ä.png", "ö.png", "with space.png", "Upper.png", f"{long}a.png", f"{long}b.png"):
        draw_picture(here / name)
    pictures = ["noise", *(path.name for path in here.glob("*.png"))]
    shared = {"backbone": "vgg19", "size": 512}
    expanded = grid(grid={"content_layers": layers, "init": pictures}, settings=shared)
    assert len(expanded.variants) == len(layers) * len(pictures)
    assert len({variant.casefold() for variant in expanded.variants}) == len(expanded.variants)
    for variant in expanded.variants:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+=-]*[A-Za-z0-9-]", variant)
        assert len(variant) <= LONGEST_NAME
    assert expanded.variants[0] == f"content_layers-{names[0]}_init-noise"
    recipes = grid(grid={"recipe": ["gatys", "mine.yaml"]}, settings={"size": 99})
    assert recipes.variants == ["recipe-gatys", "recipe-mine"]
    assert [cell.settings.history for cell in recipes.cells[:2]] == [20, 9]
    assert [cell.settings.backbone for cell in recipes.cells[:2]] == ["vgg19", "alexnet"]


def test_a_variant_that_is_too_long_for_a_file_name_is_refused_once(here):
    names = [n for n in FIELDS["style_layers"].metadata["kind"].known if n.startswith(("conv", "relu"))]
    axis = [[n for n in names if "_" in n and "_4" not in n], ["conv1_1"]]
    axes = {"style_layers": axis, "content_layers": axis, "seed": [2**62], "init": ["noise"]}
    (fault,) = faults(grid=axes)
    told = r"c0.yaml:\d+: grid: makes file names of \d+ characters; the most is 150: style_l"
    assert re.match(told, fault)


def test_two_combinations_of_one_name_are_refused(here):
    for name in ("x_recipe-y.png", "x.png"):
        draw_picture(here / name)
    for name in ("z.yaml", "y_recipe-z.yaml"):
        (here / name).write_text(WHOLE)
    axes = {"init": ["x.png", "x_recipe-y.png"], "recipe": ["z.yaml", "y_recipe-z.yaml"]}
    (fault,) = faults(grid=axes)
    assert fault.endswith("two combinations have the file name init-x_recipe-y_recipe-z: rename a file")


# What a backbone or a size does not allow -> the line of what was last set of it, and the message.
CLASHES = {
    "layers": ({"settings": {"seed": 1, "backbone": "alexnet", "style_layers": ["conv1_1", "conv1"]}},
        "settings.style_layers", "style_layers", "alexnet has no layer conv1_1; it has conv1, relu1"),
    "conv3_4": ({"settings": {"backbone": "vgg16", "content_layers": ["conv3_4"]}},
        "settings.content_layers", "content_layers", "vgg16 has no layer conv3_4; it has conv1_1"),
    "axis of layers": (
        {"settings": {"backbone": "vgg16"}, "grid": {"content_layers": [["conv3_1"], ["conv3_4"]]}},
        "grid.content_layers[1]", "- - conv3_4", "vgg16 has no layer conv3_4"),
    "axis of backbones": (
        {"settings": {"recipe": "vgg.yaml"}, "grid": {"backbone": ["vgg19", "alexnet"]}},
        "grid.backbone[1]", "- alexnet", "content_layers: alexnet has no layer conv4_2"),
    "override": (
        {"overrides": {"style": {"s": {"backbone": "vgg19"}, "t": {"content_layers": ["conv1"]}}}},
        "overrides.style.t.content_layers", "content_layers", "vgg16 has no layer conv1;"),
    "cell": ({"overrides": {"cell": {"c/s": {"content_layers": ["conv1"]}}}},
        "overrides.cell.c/s.content_layers", "content_layers", "vgg16 has no layer conv1;"),
    "size": ({"settings": {"style_layers": ["pool5"], "size": 31}},
        "settings.size", "size", "31 is too small for these layers of vgg16: the least is 32"),
    "axis of sizes": ({"settings": {"style_layers": ["pool5"]}, "grid": {"size": [64, 20]}},
        "grid.size[1]", "- 20", "20 is too small for these layers of vgg16: the least is 32"),
    "slender content": (
        {"settings": {"seed": 1, "size": 64}, "content": {"c": "c.png", "d": "thin.png"}},
        "settings.size", "size", "thin.png would be 64 x 8 pixels, too small for these layers of vgg16:"
        " the shorter side must have at least 16"),
    "slender style": ({"grid": {"style_scale": [2, 1], "size": [64]}, "style": {"s": "thin.png"}},
        "grid.style_scale[1]", "- 1", "thin.png would be 64 x 8 pixels, too small for these layers"),
    "small style": ({"settings": {"size": 256}, "overrides": {"style": {"t": {"style_scale": 0.05}}}},
        "overrides.style.t.style_scale", "style_scale", "t.png would be 13 x 9 pixels, too small for"),
    "style and size": ({"grid": {"size": [64, 24]}, "style": {"s": "wide.png"}},
        "grid.size[1]", "- 24", "style_scale: wide.png would be 24 x 12 pixels, too small for these"),
    "seeds": ({"grid": {"size": [64], "seed": [1, 2]}},
        "grid.seed", "seed", "acts only with init noise or uniform: all images of this axis would be"),
    "nothing": ({"settings": {"style_weight": 0, "content_weight": 0}},
        "settings.style_weight", "style_weight", "no loss has a weight"),
    "init of a recipe": ({"settings": {"recipe": "start.yaml"}},
        "settings.recipe", "recipe", "init: nowhere.png does not exist"),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASHES)
def test_settings_that_clash_are_refused_at_the_line_of_one_of_them(here, name):
    sections, key, text, message = CLASHES[name]
    (here / "vgg.yaml").write_text(WHOLE.split("backbones:")[0])
    draw_picture(here / "thin.png", (64, 8))
    draw_picture(here / "wide.png", (64, 32))
    lines = faults(**sections)
    config = (here / "c0.yaml").read_text().splitlines()
    number = lines[0].split(":")[1]
    assert config[int(number) - 1].strip(" ").startswith(text)
    assert lines[0].startswith(f"c0.yaml:{number}: {key}: {message}")
    assert all(f": {key}: " in line for line in lines)


def test_an_axis_of_seeds_needs_a_start_that_a_seed_changes(here):
    assert len(grid(grid={"seed": [1, 2], "init": ["noise", "uniform"]}).variants) == 4
    assert len(grid(grid={"seed": [1], "init": ["noise", "content"]}).variants) == 2
    override = {"overrides": {"style": {"t": {"init": "content"}}}, "settings": {"init": "noise"}}
    for starts in (["noise", "grey"], ["start.png"], None):
        axes, rest = ({"init": starts}, {}) if starts else ({}, override)
        (fault,) = faults(grid={"seed": [1, 2], **axes}, **rest)
        assert fault.split(": ")[1:3] == ["grid.seed", "acts only with init noise or uniform"]


def test_a_refused_scale_does_not_make_a_picture_too_small(here):
    draw_picture(here / "s.png", (48, 14))
    (fault,) = faults(settings={"size": 48, "style_scale": 9}, style={"s": "s.png"})
    assert fault.startswith("c0.yaml:8: settings.style_scale: 9 is not a number from 0.05 to 8")


def test_a_more_specific_setting_wins(here):
    sections = {
        "settings": {"seed": 1, "evaluations": 1, "noise_std": 0, "history": 1, "tv_weight": 1},
        "overrides": {
            "content": {"c": {"seed": 2, "evaluations": 2, "noise_std": 0.4, "history": 2}},
            "style": {"s": {"seed": 3, "evaluations": 3, "noise_std": 0.3}},
            "cell": {"c/s": {"seed": 4, "evaluations": 4}, "c/s/size-64": {"seed": 5}},
        },
        "grid": {"size": [64, 80]},
    }
    cells = grid(**sections).by_id
    names = ("seed", "evaluations", "noise_std", "history", "tv_weight", "learning_rate")

    def values(cell):
        return [getattr(cells[cell].settings, name) for name in names]

    assert values("c/s/size-64") == [5, 4, 0.3, 2, 1, 1]  # the last one is the recipe's
    assert values("c/s/size-80") == [4, 4, 0.3, 2, 1, 1]
    assert values("d/s/size-64") == [3, 3, 0.3, 1, 1, 1]
    assert values("c/t/size-64") == [2, 2, 0.4, 2, 1, 1]
    assert values("d/t/size-64") == [1, 1, 0, 1, 1, 1]


def test_a_recipes_layers_for_a_backbone_are_used_where_the_user_names_none(here):
    (cell, *_) = grid(settings={"backbone": "alexnet"}).cells
    assert list(cell.settings.content_layers) == ["relu4"]
    (cell, *_) = grid(settings={"backbone": "alexnet", "content_layers": ["relu2"]}).cells
    assert list(cell.settings.content_layers) == ["relu2"]
    assert list(cell.settings.style_layers) == ["relu1", "relu2", "relu3", "relu4", "relu5"]


def read_back(cell):
    options = parser().parse_args(["transfer", "c", "s", "--out", "x.png", *cell.flags()])
    return requested_settings(options)


def test_the_command_line_reads_a_cells_flags_back(here):
    chance = random.Random(4)
    choices = {
        "style_weight": [0, 1, 1e5, 123456.789, 1e-7], "seed": [0, 2**63 - 1, 2**53 + 1],
        "content_layers": [["conv4", "relu2"], {"conv1": 0.1, "conv5": 3}], "style_scale": [1, 1 / 3],
        "style_layers": [["conv1"], {"conv2": 1e-9}], "pooling": ["l2-rescaled", "avg"], "size": [299],
        "init": ["start.png", "noise"], "recipe": ["gatys", "mine.yaml"], "scale_ratio": [2**0.5, 2],
        "optimizer": ["adam", "lbfgs"], "history": [9, 20], "precision": ["auto", "fp32"],
    }  # fmt: skip
    for _ in range(60):
        names = chance.sample(sorted(choices), chance.randrange(len(choices)))
        settings = {name: chance.choice(choices[name]) for name in names}
        for cell in grid(settings={**settings, "backbone": "alexnet"}).cells[:1]:
            assert read_back(cell) == cell.settings
    for backbone in ("vgg19", "alexnet"):  # the second one is the recipe's
        (cell, *_) = grid(settings={"recipe": "mine.yaml", "backbone": backbone}).cells
        assert read_back(cell) == cell.settings
        assert cell.settings.backbone == backbone


def test_a_default_that_is_written_out_changes_nothing(here):
    (bare, *_) = grid().cells
    (written, *_) = grid(settings=json.loads(json.dumps(resolve({}).as_json()))).cells
    assert bare.flags() == written.flags() == []
    assert bare.settings.pixels() == written.settings.pixels()


@pytest.mark.parametrize("execution", [{"device": "cpu"}, {"tile": 512}])
def test_the_execution_is_in_neither_flags_nor_pixels(here, execution):
    (auto, *_), (named, *_) = grid().cells, grid(settings=execution).cells
    assert (auto.flags(), auto.settings.pixels()) == (named.flags(), named.settings.pixels())


def test_later_config_files_replace_values_and_the_overlay_replaces_theirs(here):
    below = {
        "grid": {"seed": [1, 2], "tv": ["l1"]},
        "settings": {"style_layers": {"conv1_1": 1}, "size": 64, "init": "noise"},
        "overrides": {"style": {"s": {"history": 3}}},
    }
    above = {
        "content": {"e": "start.png"}, "grid": {"seed": [5]},
        "settings": {"style_layers": {"conv2_1": 1}},
        "overrides": {"style": {"s": {"evaluations": 7}}},
    }  # fmt: skip
    expanded = grid(above, overlay={"settings": {"size": "99"}, "grid": {"seed": [6, 7]}}, **below)
    assert list(expanded.config.content) == ["c", "d", "e"]
    assert expanded.variants == ["seed-6_tv-l1", "seed-7_tv-l1"]
    settings = expanded.by_id["e/s/seed-6_tv-l1"].settings
    assert settings.style_layers == {"conv2_1": 1}  # layers are not merged
    assert (settings.size, settings.evaluations, settings.history) == (99, 7, 3)


def test_a_fault_names_the_file_of_its_value_among_several_files(here):
    above = {"settings": {"seed": -1}, "grid": {"size": [64, 1]}}
    overlay = {"settings": {"tv": "l3"}, "styl": 1, "overrides": {"style": {"s": {"pooling": None}}}}
    lines = faults(above, overlay=overlay, settings={"evaluations": 0, "seed": 1, "tv": "l1"})
    assert [": ".join(fault.split(": ")[:2]) for fault in lines] == [
        "c0.yaml:8: settings.evaluations", "c1.yaml:2: settings.seed", "c1.yaml:6: grid.size[1]",
        "--config: styl", "--config: settings.tv", "--config: overrides.style.s.pooling",
    ]  # fmt: skip


def test_a_large_grid_is_refused_by_its_pictures_too(here):
    many = {f"n{number}": "c.png" for number in range(400)}
    (fault,) = faults({"content": many, "style": many})
    assert fault == "c0.yaml: grid: makes 161604 cells; the most is 100000"
