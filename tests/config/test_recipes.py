"""Recipes: ours are complete; a bad file of the user is refused with every fault and its line."""

import os
import re
from pathlib import Path

import pytest
import yaml

from nst.config.recipes import REQUIRED, complete_settings, load, recipe_file, resolve
from nst.config.setting_sets import NEWER
from nst.config.settings import FIELDS, RECIPES
from nst.errors import NstError

# A whole recipe as text, of values that these tests rely on.
WHOLE = yaml.safe_dump(
    {
        "about": "a recipe for tests",
        "settings": load("gatys")["settings"]
        | {
            "backbone": "vgg19",
            "pooling": "max",
            "gram": "chw",
            "tv": "l2",
            "history": 20,
            "noise_std": 0.25,
        }
        | {"init": "content", "content_layers": ["conv4_2"], "style_layers": ["conv1_1"]},
        "backbones": {"alexnet": {"content_layers": ["conv4"], "style_layers": ["conv1"]}},
    },
    sort_keys=False,
    default_flow_style=None,
)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A function that writes mine.yaml: a whole recipe with some texts replaced, and more below it."""
    monkeypatch.chdir(tmp_path)

    def write(replaced=(), below=""):
        text = WHOLE
        for old, new in dict(replaced).items():
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / "mine.yaml").write_text(text + below)
        return "mine.yaml"

    return write


def test_the_recipes_are_those_of_the_folder():
    assert RECIPES == (
        "adam-blog",
        "crowson",
        "gatys",
        "gatys-2016",
        "gatys-equations",
        "neural-style",
        "painter",
        "pytorch-tutorial",
        "pytorch-tutorial-2017",
        "spst",
    )


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_complete_and_fits_its_own_backbone(recipe):
    loaded = load(recipe)
    assert set(REQUIRED) <= set(loaded["settings"]) <= {*REQUIRED, *NEWER}
    assert loaded["source"]
    assert loaded["about"]
    settings = resolve({"recipe": recipe})
    assert settings.backbone == loaded["settings"]["backbone"]
    assert settings.faults() == []


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("backbone", FIELDS["backbone"].metadata["kind"].names)
def test_every_recipe_fits_the_vggs_and_only_ours_fit_alexnet(recipe, backbone):
    faults = resolve({"recipe": recipe, "backbone": backbone}).faults()
    if backbone == "alexnet" and recipe not in ("gatys", "painter"):
        assert [key for key, _ in faults] == ["content_layers", "style_layers"]
        assert all(text.startswith("alexnet has no layer ") for _, text in faults)
    else:
        assert faults == []


def test_required_are_the_settings_without_a_default():
    assert REQUIRED[0] == "backbone"
    assert not {"recipe", "size", "style_scale", "seed", "precision", "device"} & set(REQUIRED)


def test_a_recipe_file_works_as_a_recipe_of_ours(own):
    path = own({"history: 20": "history: 7", "backbone: vgg19": "backbone: alexnet"})
    settings = resolve({"recipe": path, "size": 64})
    assert (settings.recipe, settings.history, settings.backbone, settings.size) == (
        path,
        7,
        "alexnet",
        64,
    )
    assert list(settings.content_layers) == ["conv4"]
    assert str(recipe_file(path)) == path
    assert recipe_file("gatys").is_file()


def test_a_recipe_file_may_leave_out_what_is_newer_or_set_it(own):
    assert resolve({"recipe": own()}).balance == "none"
    assert resolve({"recipe": own({"history: 20": "history: 20\n  balance: pair"})}).balance == "pair"


@pytest.mark.parametrize("recipe", ["gatys", "mine.yaml"])
def test_a_record_from_before_a_setting_has_its_default(recipe):
    values = {**resolve({}).as_json(), "recipe": recipe}
    del values["balance"]
    assert complete_settings(values)["balance"] == "none"


def test_settings_of_the_user_replace_those_of_the_recipe(own):
    assert resolve({"recipe": own(), "history": 3}).history == 3


def test_a_recipe_file_that_was_changed_is_read_again(own, tmp_path, monkeypatch):
    assert load(own({"history: 20": "history: 7"}))["settings"]["history"] == 7
    assert load(own({"history: 20": "history: 8"}))["settings"]["history"] == 8
    (tmp_path / "other").mkdir()
    text = (tmp_path / "mine.yaml").read_text().replace("history: 8", "history: 9")
    (tmp_path / "other" / "mine.yaml").write_text(text)
    stamp = (tmp_path / "mine.yaml").stat()
    os.utime(tmp_path / "other" / "mine.yaml", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    monkeypatch.chdir(tmp_path / "other")
    assert load("mine.yaml")["settings"]["history"] == 9


# What is replaced in a whole recipe, by what, and how the fault begins; its line is that of the key.
BAD = {
    "unknown key": ("settings:", "x: 1\nsettings:", "x: unknown key (known: source, about, "),
    "near key": ("about:", "abut:", "abut: unknown key; did you mean 'about'?"),
    "unknown setting": ("tv: l2", "stile: 1\n  tv: l2", "settings.stile: unknown key (known: backb"),
    "not a recipe's": ("tv: l2", "size: 64\n  tv: l2", "settings.size: unknown key (known: backbo"),
    "wrong value": (
        "pooling: max",
        "pooling: mx",
        "settings.pooling: 'mx' is not one of max, avg, avg-rescaled, l2-rescaled; did you mean 'max'?",
    ),
    "wrong type": ("history: 20", "history: [2]", "settings.history: [2] is not a whole number from"),
    "boolean": ("history: 20", "history: yes", "settings.history: True is not a whole number from 1"),
    "null": ("noise_std: 0.25", "noise_std:", "settings.noise_std: None is not a number from 0 to 10"),
    "unknown layer": ("[conv4_2]", "[conv4_9]", "settings.content_layers: 'conv4_9' is not a layer"),
    "missing": (
        "settings:",
        "settings: {}\nx:",
        "settings: a recipe states every setting; missing: ba",
    ),
    "key twice": (
        "tv: l2",
        "tv: l2\n  tv: l2",
        "settings.tv: is a duplicate; the first one is on line",
    ),
    "merge": ("tv: l2", "tv: l2\n  <<: {}", "settings.<<: merge keys are not read here"),
    "about": ("about: a", "about: [1]  # a", "about: [1] is not text"),
    "backbone": ("alexnet:", "alexnett:", "backbones.alexnett: unknown key; did you mean 'alexnet'?"),
    "its value": ("[conv4]", "[cnv4]", "backbones.alexnet.content_layers: 'cnv4' is not a layer of"),
    "another": (
        "content_layers: [conv4]",
        "backbone: vgg16",
        "backbones.alexnet.backbone: unknown key",
    ),
    "tag": (
        "tv: l2",
        "tv: !!python/name:a l2",
        "settings.tv: the tag 'python/name:a' is not read here",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_recipe_file_is_refused_at_its_line(own, name):
    old, new, message = BAD[name]
    with pytest.raises(NstError) as refusal:
        load(own({old: new}))
    faults = [re.fullmatch(r"mine\.yaml:(\d+): (.*)", line) for line in str(refusal.value).splitlines()]
    fault = next(fault for fault in faults if fault[2].startswith(message))
    key = message.split(":")[0].split(".")[-1]
    text = (Path("mine.yaml").read_text().splitlines())[int(fault[1]) - 1]
    assert text.strip(" {}").split("{")[-1].startswith(f"{key}:")
    assert len(faults) == (2 if name == "missing" else 1)


def test_all_faults_of_a_recipe_file_are_listed_at_once(own):
    replaced = {"pooling: max": "pooling: mx", "  gram: chw\n": "", "noise_std: 0.25": "noise_std: 20"}
    path = own(replaced, "author: me\n")
    with pytest.raises(NstError) as refusal:
        load(path)
    keys = [line.split(": ")[1] for line in str(refusal.value).splitlines()]
    assert keys == ["author", "settings.pooling", "settings.noise_std", "settings"]


@pytest.mark.parametrize(
    "text", ["", "settings: 3", "settings:", "backbones: [1]", "settings: {}\nbackbones: {vgg16: 1}"]
)
def test_a_recipe_file_of_another_shape_is_refused(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(NstError, match=r"settings|backbones"):
        load(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("text", ["- a", "a: [", "\0"])
def test_a_recipe_file_that_is_not_yaml_is_refused(tmp_path, text):
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(NstError, match=r"mine\.yaml"):
        load(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("path", ["none.yaml", "none/mine.yml", "."])
def test_a_missing_recipe_file_is_refused(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NstError, match=f"^cannot read {path}: "):
        load(path)
