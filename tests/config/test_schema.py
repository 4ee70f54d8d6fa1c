"""The JSON schema of config.yaml: up to date, and of one mind with the parser about single values."""

import json

import pytest
import yaml
from conftest import ROOT
from jsonschema import Draft7Validator

from nst.cli import main
from nst.config.recipes import load
from nst.config.schema import config_schema, kind_schema
from nst.config.settings import FIELDS, KINDS, RECIPES
from nst.config.user_config import KEYS, OVERRIDES
from nst.config.yaml_lines import read
from nst.errors import NstError

FILE = ROOT / "nst/config/config.schema.json"
PICTURES = {"content": {"c": "c.png"}, "style": "photos"}


def accepts(config):
    """Whether the schema accepts a config, which is read as YAML first."""
    return Draft7Validator(config_schema()).is_valid(config)


def test_the_schema_in_the_package_is_up_to_date(capsys):
    assert main(["schema"]) == 0
    text = capsys.readouterr().out
    assert FILE.read_text() == text, "write it again: nst schema > nst/config/config.schema.json"


def test_the_schema_is_a_schema_that_knows_every_key():
    schema = config_schema()
    Draft7Validator.check_schema(schema)
    assert tuple(schema["properties"]) == KEYS
    assert tuple(schema["properties"]["overrides"]["properties"]) == OVERRIDES
    for table in (schema["properties"]["grid"], schema["definitions"]["settings"]):
        assert list(table["properties"]) == list(FIELDS)


def test_the_sample_config_names_the_schema_and_follows_it():
    first = (ROOT / "config.yaml").read_text().splitlines()[0]
    assert first == f"# yaml-language-server: $schema={FILE.relative_to(ROOT)}"
    assert json.loads(FILE.read_text()) == config_schema()
    for config in (read(ROOT / "config.yaml").data, yaml.safe_load((ROOT / "config.yaml").read_text())):
        assert accepts(config)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_settings_of_every_recipe_are_accepted(recipe):
    assert accepts(PICTURES | {"settings": load(recipe)["settings"]})


VALUES = {  # a setting -> values that are accepted, values that are not
    "size": ([16, 16384, "512", 512.0, "1e3"], [15, 16385, 99.5, "big", True, None, [], {}]),
    "style_weight": ([0, 1e5, "1e5", "1.5e+3", 1e15], [-1, 1e16, "1e5x", "", False]),
    "seed": ([0, 2**63 - 1, "3"], [-1, 2**64, 1.5]),
    "tile": (["auto", "none", 64, "128"], [63, "automatic", None]),
    "pooling": (["max", "avg-rescaled"], ["mac", 1, None, ["max"]]),
    "recipe": (["gatys", "mine.yaml", "a/b.YML"], ["gatis", "mine.txt", 3]),
    "init": (["content", "start.PNG", "a b.jpeg"], ["start.psd", "startpng", None]),
    "style_layers": (
        [["conv1_1"], {"conv1_1": 0.5, "relu2_1": "1e3"}, "conv1_1=200,conv2_1=1e1", "conv1_1"],
        [[], {}, ["conv9_9"], ["conv1_1", "conv1_1"], {"conv1_1": -1}, {"x": 1}, "conv1_1,", 5],
    ),
}


@pytest.mark.parametrize("setting", VALUES)
def test_the_schema_and_the_parser_agree_on_a_value(setting):
    good, bad = VALUES[setting]
    for value in good:
        KINDS[setting].parse(value)
        for section in ({"settings": {setting: value}}, {"grid": {setting: [value]}}):
            assert accepts(PICTURES | section), value
        assert accepts(PICTURES | {"overrides": {"style": {"s": {setting: value}}}}), value
    for value in bad:
        with pytest.raises(NstError):
            KINDS[setting].parse(value)
        for section in ({"settings": {setting: value}}, {"grid": {setting: [value]}}):
            assert not accepts(PICTURES | section), value


@pytest.mark.parametrize(
    "section",
    [
        {},
        {"settings": None, "overrides": None, "weights": None},
        {"overrides": {"cell": {"c/s": None}, "style": None}},
        {"weights": {"vgg19": "w.pth"}},
        {"grid": {"size": 64, "style_layers": [["conv1_1"], {"conv2_1": 2}]}},
        {"content": {"c": "c.png"}, "style": {"s-1": "s.png"}},
    ],
    ids=str,
)
def test_other_sections_are_accepted(section):
    assert accepts(PICTURES | section)


@pytest.mark.parametrize(
    "section",
    [
        {"contents": {}},
        {"settings": {"sise": 64}},
        {"settings": [1]},
        {"grid": {}},
        {"grid": None},
        {"grid": {"size": []}},
        {"overrides": {"stile": {}}},
        {"overrides": {"style": {"s": {"sise": 1}}}},
        {"weights": {"vgg": "w.pth"}},
        {"content": {}},
        {"content": {"a b": "c.png"}},
        {"content": ["c.png"]},
        {"style": None},
    ],
    ids=str,
)
def test_mistakes_in_sections_are_not_accepted(section):
    assert not accepts(PICTURES | section)


def test_a_kind_without_a_schema_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="no schema"):
        kind_schema("text")
