"""Say how each recipe looks, print one whole, or convert a style weight from one to another."""

import argparse

from nst.commands.arguments import value_of
from nst.config.convert import convert
from nst.config.recipes import load, recipe_file
from nst.config.settings import KINDS, RECIPES, Settings

EXAMPLE = """\
examples: nst recipes painter
          nst recipes --convert neural-style:style_weight=100 --to gatys"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst recipes`."""
    parser.add_argument("name", nargs="?", help="a recipe, or the path of a recipe file")
    parser.add_argument(
        "--convert",
        metavar="RECIPE:style_weight=N",
        help="express this recipe's balance of style and content in the weights of another",
    )
    parser.add_argument(
        "--to", metavar="RECIPE", default="gatys", help="the other recipe (default gatys)"
    )
    parser.add_argument(
        "--size",
        type=value_of(KINDS["size"]),
        metavar="PIXELS",
        default="512",
        help="image size, for recipes whose losses grow with it (default 512)",
    )


def run(options: argparse.Namespace) -> None:
    """Print the list, the recipe's file or the conversion."""
    if options.convert is not None:
        print(convert(options.convert, options.to, options.size))
    elif options.name is None:
        for name in RECIPES:
            default = " (default)" if name == Settings.recipe else ""
            print(f"{name:<24} {load(name)['about']}{default}")
    else:
        KINDS["recipe"].parse(options.name)
        load(options.name)  # refuses a file with faults
        print(recipe_file(options.name).read_text(encoding="utf-8"), end="")
