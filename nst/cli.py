"""`nst`: the command line. Every verb imports what it needs when it is called."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from nst import __version__
from nst.commands.arguments import Parser, value_of
from nst.config.settings import FIELDS, KINDS, MEANS, Settings, flag
from nst.config.values import Number
from nst.errors import NstError
from nst.text import one_line, shown

INPUTS = ("content", "style", "init")  # the pictures that a record names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; its status, or 2 and one line on stderr for a mistake the user can mend."""
    try:
        options = parser().parse_args(arguments)
        return options.run(options) or 0
    except NstError as error:
        for line in str(error).splitlines():
            print(f"error: {line}", file=sys.stderr)
        return 2
    except MemoryError:
        print("error: not enough memory: free some, or ask for smaller pictures", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `nst recipes | head`
        sys.stderr.close()
        return 0


def parser() -> argparse.ArgumentParser:
    """The verbs and their options; every setting is an option of its own name."""
    about = "Neural style transfer for grids of pictures."
    whole = Parser(prog="nst", description=about, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=f"nst-grid {__version__}")
    verbs = whole.add_subparsers(metavar="VERB", required=True)

    def verb(name: str, run, about: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=about, description=about, allow_abbrev=False)
        added.set_defaults(run=run)
        return added

    transfer = verb("transfer", _transfer, "Make one image from a content and a style.")
    transfer.add_argument("content", type=Path, help="the picture whose shapes are kept")
    transfer.add_argument("style", type=Path, help="the picture whose colours and strokes are taken")
    transfer.add_argument("--out", type=Path, required=True, metavar="X.png", help="the image")
    transfer.add_argument("--record", type=Path, metavar="X.json", help="how it was made")
    transfer.add_argument("--trace", type=Path, metavar="X.csv", help="losses by evaluation")
    transfer.add_argument(
        "--film", type=Path, metavar="X.webp", help="how it came about, with --snapshots (beside --out)"
    )
    transfer.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="where a stopped transfer goes on",
    )
    transfer.add_argument(
        "--weights", type=Path, metavar="FILE", help="any state dict with torchvision's names"
    )
    for name, field in FIELDS.items():
        kind, effect = field.metadata["kind"], field.metadata["effect"]
        transfer.add_argument(
            flag(name),
            metavar="VALUE",
            help=f"{effect}: {kind}".replace("%", "%%"),
        )

    about = "Make an image again from its record; say whether its bytes are the same."
    reproduce = verb("reproduce", _reproduce, about)
    reproduce.epilog = "Exit status 0: the same bytes; 1: other ones; 2: a mistake."
    reproduce.add_argument("record", type=Path, metavar="RECORD", help="the X.json beside an image")
    for name, metavar, effect in (
        ("out", "X.png", "keep the new image here"),
        ("picture", "FILE", "compare with this image, not with the one beside the record"),
        *(
            (name, "FILE", f"the {name} picture, where it is not at its recorded path")
            for name in INPUTS
        ),
        ("weights", "FILE", "the weights, where they are not in results/weights or the user's cache"),
    ):
        reproduce.add_argument(f"--{name}", type=Path, metavar=metavar, help=effect)
    for name in MEANS:
        reproduce.add_argument(flag(name), metavar="VALUE", help="instead of the recorded one")

    weights = verb("weights", _weights, "Fetch and verify weights; print the path of the file.")
    known = KINDS["backbone"].names
    weights.add_argument("name", choices=known, metavar="NAME", help=f"one of {', '.join(known)}")
    weights.add_argument("--dir", type=Path, help="where the file is kept")
    weights.add_argument("--from", dest="source", type=Path, metavar="FILE", help="convert this file")

    recipes = verb("recipes", _recipes, "List the recipes, or print one whole.")
    recipes.add_argument("name", nargs="?", help="a recipe, or the path of a recipe file")
    recipes.add_argument(
        "--convert",
        metavar="RECIPE:style_weight=N",
        help="say this balance in another recipe's weights",
    )
    recipes.add_argument("--to", metavar="RECIPE", default="gatys", help="that other recipe (gatys)")
    recipes.add_argument(
        "--size",
        type=value_of(KINDS["size"]),
        metavar="PIXELS",
        default="512",
        help="image size, where sums depend on it (512)",
    )

    for name, run, about in (
        ("table", _table, "Gather the final losses of a grid's cells in one CSV file."),
        ("sheet", _sheet, "Draw one contact sheet of a grid."),
        ("gallery", _gallery, "Write the page that shows a grid."),
        ("curves", _curves, "Draw how the losses fell, for cells and pairs, below results/curves."),
        ("summary", _summary, "Write what stands out in a grid as Markdown."),
        ("prune", _prune, "Put aside the cells that the config no longer asks for."),
    ):
        grid = verb(name, run, about)
        if name == "sheet":
            grid.add_argument("name", help="which sheet, as its file is named")
        if name not in ("curves", "prune"):
            grid.add_argument("--out", type=Path, required=True, metavar="FILE")
        grid.add_argument(
            "--config", type=Path, nargs="+", default=[Path("config.yaml")], metavar="FILE"
        )
        grid.add_argument("--overlay", metavar="JSON", help="values that lie over the config files")
        if name == "prune":
            grid.add_argument("--dry-run", action="store_true", help="list what would be moved")
        if name == "gallery":
            grid.add_argument(
                "--threads",
                type=value_of(Number(1, 1024, whole=True)),
                metavar="N",
                default="1",
                help="thumbnails made at a time (1)",
            )

    verb("doctor", _doctor, "Say what this machine offers and what is missing.")
    return whole


def transfer_settings(options: argparse.Namespace) -> Settings:
    """The settings that the options of `nst transfer` ask for. Raises NstError with all faults."""
    from nst.config.recipes import resolve

    given, faults = {}, []
    for name, kind in KINDS.items():
        value = getattr(options, name)
        if value is not None:
            try:
                given[name] = kind.parse(value)
            except NstError as error:
                faults.append(f"{flag(name)}: {error}")
    if not faults:
        settings = resolve(given)
        faults = [f"{flag(name)}: {text}" for name, text in settings.faults()]
    if faults:
        raise NstError("\n".join(map(one_line, faults)))
    return settings


def _transfer(options: argparse.Namespace) -> None:
    settings = transfer_settings(options)
    from nst.transfer.job import Job
    from nst.transfer.progress import say
    from nst.transfer.run import run  # torch: only once nothing is left to refuse

    film = options.film
    if settings.snapshots and not film:
        film = options.out.parent / f"{options.out.stem}.webp"
    job = Job(
        options.content,
        options.style,
        options.out,
        options.record,
        options.trace,
        options.weights,
        film,
        options.checkpoint,
    )
    run(job, settings, say)


def _reproduce(options: argparse.Namespace) -> int:
    from nst.transfer.progress import say
    from nst.transfer.reproduce import Given, reproduce

    named = {name: value for name, value in vars(options).items() if value is not None}
    inputs, means = (
        {name: named[name] for name in names if name in named} for names in (INPUTS, MEANS)
    )
    given = Given(options.picture, options.out, options.weights, inputs, means)
    differences = reproduce(options.record, given, say)
    print("\n  ".join(differences or ["the same bytes"]))
    return int(bool(differences))


def _weights(options: argparse.Namespace) -> None:
    from nst.transfer.weights import default_folder, fetch

    print(fetch(options.name, options.dir or default_folder(), options.source))


def _recipes(options: argparse.Namespace) -> None:
    from nst.config.recipes import load, recipe_file
    from nst.config.settings import RECIPES

    if options.convert is not None:
        from nst.config.convert import convert

        print(convert(options.convert, options.to, options.size))
        return
    if options.name is None:
        for name in RECIPES:
            print(f"{name:<24} {load(name)['about']}")
        return
    KINDS["recipe"].parse(options.name)
    load(options.name)  # refuses a file with faults
    print(recipe_file(options.name).read_text(encoding="utf-8"), end="")


def _expand(options: argparse.Namespace):
    from nst.config.grid import expand

    try:
        overlay = None if options.overlay is None else json.loads(options.overlay)
    except (ValueError, RecursionError):
        raise NstError(f"--overlay {shown(options.overlay)} is not JSON") from None
    grid = expand(options.config, overlay)
    given = [*options.config, *grid.config.content.values(), *grid.config.style.values()]
    out = getattr(options, "out", None)
    if out and os.path.realpath(out) in map(os.path.realpath, given):
        raise NstError(f"{out} would be written over: name another place")
    return grid


def _table(options: argparse.Namespace) -> None:
    from nst.results.table import write_table

    write_table(_expand(options), options.out)


def _sheet(options: argparse.Namespace) -> None:
    from nst.results.sheet import write_sheet

    write_sheet(_expand(options), options.name, options.out)


def _gallery(options: argparse.Namespace) -> None:
    from nst.results.gallery import write_gallery

    write_gallery(_expand(options), options.out, options.threads)


def _curves(options: argparse.Namespace) -> None:
    from nst.results.curves import write_curves

    write_curves(_expand(options))


def _summary(options: argparse.Namespace) -> None:
    from nst.results.summary import write_summary

    write_summary(_expand(options), options.out)


def _prune(options: argparse.Namespace) -> None:
    from nst.workflow.stale import prune

    print(prune(_expand(options), options.dry_run))


def _doctor(options: argparse.Namespace) -> None:
    from nst.commands.doctor import report

    print(report())
