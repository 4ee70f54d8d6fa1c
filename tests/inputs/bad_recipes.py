"""Bad recipe files and conversions."""

from copy import deepcopy

import yaml
from bad_configs import config
from bad_inputs import bad, folder, link, pipe

from nst.config.recipes import load


def recipe(text, *words):
    """A config whose recipe is a file of this text."""
    return config("settings: {recipe: r.yaml}", *words, **{"r.yaml": text})


def own_recipe(path, **changes):
    """Writes a recipe file: gatys with some settings changed."""
    data = deepcopy(load("gatys"))  # `load` caches it
    data["backbones"] = changes.pop("backbones", data["backbones"])
    data["settings"].update(changes)
    path.write_text(yaml.safe_dump(data))


RECIPES = {
    "a recipe that is a picture": config(
        "settings: {recipe: r.yaml}",
        "config.yaml:3: settings.recipe: r.yaml is not text in UTF-8:",
        **{"r.yaml": b"\x89PNG\r\n\x1a\n\0"},
    ),
    "a recipe that is a folder": config(
        "settings: {recipe: r.yaml}",
        "config.yaml:3: settings.recipe: cannot read r.yaml: Is a",
        **{"r.yaml": folder},
    ),
    "a recipe that is a pipe": config(
        "settings: {recipe: r.yaml}",
        "config.yaml:3: settings.recipe: r.yaml is a pipe, which can",
        **{"r.yaml": pipe},
    ),
    "a recipe of zeros without end": config(
        "settings: {recipe: r.yaml}",
        "config.yaml:3: settings.recipe: r.yaml is larger than 2 MB:",
        **{"r.yaml": link("/dev/zero")},
    ),
    "a recipe of half a character": config(
        'settings: {recipe: "\\ud800.yaml"}',
        "config.yaml:3: settings.recipe: '\\ud800.yaml' is not one of",
    ),
    "a recipe with a name that is too long": config(
        f"settings: {{recipe: {'r' * 300}.yaml}}", "config.yaml:3: settings.recipe: cannot read rrr"
    ),
    "a recipe that is text": recipe(
        "gatys", "config.yaml:3: settings.recipe: r.yaml holds 'gatys', not"
    ),
    "a recipe without settings": recipe(
        "about: mine\n", "config.yaml:3: settings.recipe: r.yaml: settings: a recipe"
    ),
    "a recipe with a config's keys": recipe(
        "content: {}\nstyle: {}\n",
        "config.yaml:3: settings.recipe: r.yaml:1: content: unknown key",
        "config.yaml:3: settings.recipe: r.yaml:2: style: unknown key",
        "config.yaml:3: settings.recipe: r.yaml: settings: a recipe",
    ),
    "a recipe that would run code": recipe(
        "settings: !!python/object/apply:os.system [touch ran]",
        "config.yaml:3: settings.recipe: r.yaml:1: settings: the tag",
    ),
    "a recipe whose settings are a list": bad(
        "recipes r.yaml",
        "r.yaml:1: settings: [1] is not a mapping from setting to value",
        files={"r.yaml": "settings: [1]"},
    ),
    "a recipe in JSON": bad(
        "recipes r.json",
        "'r.json' is not one of adam-blog, crowson, gatys, gatys-2016,",
        files={"r.json": "{}"},
    ),
    "a recipe in capitals": bad(
        "recipes GATYS", "'GATYS' is not one of adam-blog, crowson, gatys, gatys-2016,"
    ),
    "a recipe in a folder that is none": bad(
        "recipes c.png/r.yaml", "cannot read c.png/r.yaml: Not a directory"
    ),
    "to convert what is no recipe": bad(
        "recipes --convert gats", "'gats' is not one of adam-blog, crowson, gatys, gatys-2016,"
    ),
    "to convert to what is no recipe": bad(
        "recipes --convert gatys --to crowsn",
        "'crowsn' is not one of adam-blog, crowson, gatys, gatys-2016,",
    ),
    "to convert another setting": bad(
        "recipes --convert gatys:tv_weight=1",
        "'tv_weight' is not one of style_weight, content_weight, blend,",
    ),
    "to convert a weight that is no number": bad(
        "recipes --convert gatys:style_weight=much",
        "style_weight: 'much' is not a number from 0 to 1e15",
    ),
    "to convert a weight that is nothing": bad(
        "recipes --convert gatys:style_weight", "style_weight: '' is not a number from 0 to 1e15"
    ),
    "to convert without style": bad(
        "recipes --convert gatys:style_weight=0",
        "gatys has a weight of 0 here: there is no balance to convert",
    ),
    "to convert without Gram matrices": bad(
        "recipes --convert gatys --to crowson",
        "crowson: style_loss wasserstein has another unit than the difference of Gram matrices alone",
    ),
    "to convert beyond all weights": bad(
        "recipes --convert gatys:style_weight=1e15,content_weight=1e-15",
        "gatys:style_weight=1e15,content_weight=1e-15 would be",
    ),
    "to convert at no size": bad(
        "recipes --convert gatys --size big",
        "argument --size: 'big' is not a whole number from 16 to 16384",
    ),
    "to convert a recipe whose layers weigh nothing": bad(
        "recipes --convert r.yaml",
        "r.yaml has a weight of 0 here: there is no balance to convert",
        files={"r.yaml": lambda path: own_recipe(path, style_layers={"conv1_1": 0})},
    ),
    "to convert a recipe whose layers weigh almost nothing": bad(
        "recipes --convert r.yaml",
        "r.yaml would be style_weight 0 in gatys, not a number from 0",
        files={
            "r.yaml": lambda path: own_recipe(
                path, style_layers={"conv1_1": 5e-324}, feature_scale=1e-3
            )
        },
    ),
    "to convert a recipe of another network's layers": bad(
        "recipes --convert r.yaml",
        "r.yaml: content_layers: alexnet has no layer conv4_2; it has",
        files={"r.yaml": lambda path: own_recipe(path, backbone="alexnet", backbones={})},
    ),
}
