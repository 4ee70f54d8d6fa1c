"""The help of every verb: what it does, its options with their defaults, an example."""

import argparse
import re
from importlib import import_module
from pathlib import Path

import pytest

from nst import __version__, cli
from nst.cli import main, parser
from nst.commands.transfer import GROUPS
from nst.config.recipes import default_text
from nst.config.settings import FIELDS, KINDS, RECIPES

VERBS = {name: import_module(f"nst.commands.{name}") for name in cli.VERBS}


def verb_parsers():
    """The parser of each verb."""
    verbs = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return verbs.choices


def help_of(capsys, *arguments):
    """What a call prints that ends the program with status 0."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 0
    return capsys.readouterr().out


def joined(text):
    """A text without blanks and line breaks, since argparse breaks lines at hyphens too."""
    return "".join(text.split())


def test_help_says_what_every_verb_does(capsys):
    text = joined(help_of(capsys, "--help"))
    for verb, module in VERBS.items():
        assert joined(f"{verb} {module.__doc__.splitlines()[0]}") in text


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_explains_every_option_and_ends_in_an_example(capsys, verb):
    text = help_of(capsys, verb, "--help-all" if verb == "transfer" else "--help")
    assert text.startswith(f"usage: nst {verb} ")
    assert text.endswith(f"{VERBS[verb].EXAMPLE}\n")
    for action in verb_parsers()[verb]._actions:
        assert len(action.help or "") > 5, action.dest
        assert joined(action.help.replace("%%", "%")) in joined(text)
        assert all(option in text for option in action.option_strings)
        if action.option_strings and action.default not in (None, False, argparse.SUPPRESS):
            assert "(default " in action.help, action.dest


@pytest.mark.parametrize("verb", VERBS)
def test_the_examples_are_calls_without_mistakes(verb):
    examples = re.findall(r"(?m)^(?:examples?:)? +nst (.*)", VERBS[verb].EXAMPLE)
    assert examples
    for example in examples:
        assert example.split()[0] == verb
        parser().parse_args(example.partition(" > ")[0].split())


@pytest.mark.parametrize("setting", FIELDS)
def test_every_setting_is_an_option_with_its_effect_values_and_default(capsys, setting):
    text = help_of(capsys, "transfer", "--help-all")
    kind, effect = KINDS[setting], FIELDS[setting].metadata["effect"]
    assert f"--{setting.replace('_', '-')} VALUE" in text
    assert joined(f"{effect}: {kind}") in joined(text)
    assert joined(f"({default_text(setting)})") in joined(text)


def test_the_default_is_that_of_the_setting_or_of_the_default_recipe():
    assert default_text("size") == "default 512" and default_text("device") == "default auto"
    assert default_text("style_weight") == "recipe painter: 1"
    layers = ",".join(f"relu{n}_1=0.2" for n in range(1, 6))
    assert default_text("style_layers") == f"recipe painter: {layers}"
    assert default_text("first_scale_share") == "recipe painter: 0.3333"


def test_every_setting_is_in_one_group_and_the_common_ones_come_first(capsys):
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(FIELDS)
    titles = re.findall(r"(?m)^([A-Z]\w+):$", help_of(capsys, "transfer", "--help-all"))
    assert titles == [
        "Common",
        "Controls",
        "Losses",
        "Optimizer",
        "Scales",
        "Execution",
        "Files",
        "Workflow",
    ]


def test_the_short_help_has_the_common_settings_and_the_files_on_one_screen(capsys):
    text = help_of(capsys, "transfer", "--help")
    assert re.findall(r"(?m)^([A-Z]\w+):$", text) == ["Common", "Files"]
    assert text.count("\n") < 80 and "--help-all" in text and "--beta1" not in text


def test_the_help_shows_how_layers_are_written(capsys):
    assert "conv1_1=200,conv2_1=10" in help_of(capsys, "transfer", "--help-all")
    assert KINDS["style_layers"].parse("conv1_1=200,conv2_1=10") == {"conv1_1": 200, "conv2_1": 10}


def test_the_recipes_are_listed_by_their_look_as_in_the_readme(capsys):
    assert main(["recipes"]) == 0
    lines = capsys.readouterr().out.replace(" (default)", "").splitlines()
    rows = [re.split(r"  +|(?<=[a-z0-9]) (?=[a-z])", line, maxsplit=1) for line in lines]
    readme = Path(__file__).parents[2].joinpath("README.md").read_text()
    assert len(rows) == len(RECIPES)
    assert all(f"| `{name}` | {look} |" in readme for name, look in rows)


def test_the_version_is_printed(capsys):
    assert help_of(capsys, "--version") == f"nst-grid {__version__}\n"
