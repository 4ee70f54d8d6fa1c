"""Measure an image, or all images of a grid: LPIPS, SSIM, style distance and colour distance.

Without a picture, measures what is made of the grid and not measured yet.
"""

import argparse
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from nst.commands.arguments import with_example
from nst.commands.config_options import add_config_options, read_grid
from nst.config.grid import Grid
from nst.config.recipes import requested
from nst.config.settings import flag
from nst.disk.log_end import stopped
from nst.disk.sums import Sums
from nst.errors import NstError, WeightsOutOfReach
from nst.results.currency import WEIGHTS
from nst.results.metrics import Pair, missing_networks, store, to_measure
from nst.text import counted, nearest, shown

EXAMPLE = """examples:
  nst measure x.png --content cat.jpg --style strokes.jpg
  nst measure"""
MEANINGS = {
    "lpips": "to the content: 0 looks the same",
    "ssim": "to the content: 1 has the same structure",
    "style_distance": "to the style: 0 has the same textures",
    "colour_distance": "to the style: 0 has the same colours (in Delta E)",
}
NO_NETWORKS = "note: not measured, as the networks that measure are not here (`nst measure` says why)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `nst measure`."""
    parser.add_argument("picture", type=Path, nargs="?", help="any image, with --content and --style")
    parser.add_argument("--content", type=Path, metavar="FILE", help="the content of the picture")
    parser.add_argument(
        "--style", type=Path, nargs="+", metavar="FILE", help="its style; several are a blend"
    )
    parser.add_argument(
        "--blend",
        metavar="WEIGHT [WEIGHT ...]",
        help="weights of the style pictures (default equal)",
    )
    of_grid = parser.add_argument_group("of the grid")
    of_grid.add_argument("--pair", metavar="CONTENT/STYLE", help="only the images of one pair")
    of_grid.add_argument(
        "--fetch", type=Path, metavar="FILE", help="only fetch what measures; the workflow asks for it"
    )
    of_grid.add_argument(
        "--of-run", action="store_true", help="fetch nothing; the workflow asks for it"
    )
    add_config_options(parser)


def run(options: argparse.Namespace) -> int | None:
    """Measure, and say what was measured."""
    if options.picture:
        return _measure_picture(options)
    if options.content or options.style:
        raise NstError(
            "--content and --style are of a picture: nst measure PICTURE --content C --style S"
        )
    if options.fetch:
        return _fetch(options.fetch)
    if options.of_run:
        print("measuring", flush=True)  # a job whose log is empty is taken for one that never began
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C
    try:
        _measure_grid(options)
    except KeyboardInterrupt:
        print(stopped("; what was measured is kept"), file=sys.stderr)
        return 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _measure_picture(options: argparse.Namespace) -> None:
    picture, content, styles = options.picture, options.content, options.style
    if not content or not styles:
        raise NstError(f"{picture} is measured against its originals: add --content C and --style S")
    from nst.metrics.networks import Networks
    from nst.metrics.ruler import Ruler
    from nst.transfer.weights import default_folder

    given = {} if options.blend is None else {"blend": options.blend}
    settings = requested(given, flag)
    if fault := settings.blend_fault(len(styles)):
        raise NstError(f"--blend: {with_example(fault, settings.blend, len(styles))}")
    ruler = Ruler.of(Networks.load(default_folder()), content, styles)
    numbers = ruler.measure(picture, shares=settings.style_shares(len(styles)))
    for name, meaning in MEANINGS.items():
        value = f"{numbers[name]:<9.6g}" if name in numbers else "too small"
        print(f"{name:<15} {value}  {meaning}")


def _fetch(note: Path) -> None:
    """Fetch what measures, if it can be had; the workflow goes on without."""
    from nst.disk.files import write_whole
    from nst.metrics.networks import fetch_networks

    text = "here\n"
    try:
        fetch_networks(WEIGHTS)
    except WeightsOutOfReach as reason:
        text = f"{reason}\n"
        print(f"note: {reason}", file=sys.stderr)
    write_whole(note, text.encode())


def _measure_grid(options: argparse.Namespace) -> None:
    grid = read_grid(options)
    if not grid.config.metrics:
        raise NstError("the config turns metrics off (`metrics: none`): remove that line")
    pairs, sums = _only(options.pair, grid) if options.pair else grid.measured, Sums()
    todo = [cells for cells in pairs.values() if to_measure(cells, sums)]
    if options.of_run and todo and missing_networks():
        print(NO_NETWORKS, file=sys.stderr)
        todo = []
    if options.pair and not todo:  # Snakemake wants a file with a new date
        for cells in pairs.values():
            store(cells, sums, {})
    count = _measure_pairs(todo, sums) if todo else 0
    sums.save()
    print(f"{counted(count, 'image')} measured")


def _measure_pairs(pairs: list[Pair], sums: Sums) -> int:
    from nst.metrics.networks import Networks
    from nst.metrics.pairs import measure_pair

    networks = Networks.load(WEIGHTS)
    return sum(measure_pair(cells, networks, sums, _say) for cells in pairs)


def _only(name: str, grid: Grid) -> Mapping[tuple[str, str], Pair]:
    """The pair of a name. Raises NstError if there is none."""
    content, _, style = name.partition("/")
    if (content, style) not in grid.measured:
        names = [f"{content}/{style}" for content, style in grid.pairs]
        raise NstError(f"--pair {shown(name)} is no content/style of the grid{nearest(name, names)}")
    return {(content, style): grid.measured[content, style]}


def _say(text: str) -> None:
    print(f"note: {text}", file=sys.stderr)
