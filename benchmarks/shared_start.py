"""What cells that share a start lose and save against cells that begin anew.

    python benchmarks/shared_start.py --content A.jpg ... --style B.jpg ... [--weights FILE]
        [--style-weight 0.1 0.3 1 3 10] [--fresh 200] [--start 126] [--cell 70] [--size 256]
        [--out FOLDER] [--SETTING VALUE ...]

Makes, for each content with each style, one image per style weight with --fresh evaluations; and with
the recipe's style weight a shared start of --start evaluations, from which the same images are made
with --cell. Prints the total loss of each image from the start divided by that of the fresh one; and at
the end of a pair the seconds of all images from the start, itself included, divided by those of the
fresh ones. The images stay in --out, if it is given. What each job says goes to standard error.
"""

import argparse
from dataclasses import replace
from itertools import product
from pathlib import Path

from PIL import Image

from nst.config.recipes import requested
from nst.config.settings import KINDS, Settings, flag
from nst.transfer.run import Made, make

GIVEN = ("style_weight", "size", "evaluations")  # settings that have an option of this program

Pictures = dict[str, Path | Image.Image]  # by their names in a record


def made(options: argparse.Namespace, pictures: Pictures, settings: Settings) -> Made:
    """One image."""
    return make(pictures, options.weights, settings, lambda text: None)


def compare(options: argparse.Namespace, pair: tuple[Path, Path], settings: Settings) -> None:
    """Make all images of a pair in both ways, and print what they lose and save."""
    pictures: Pictures = dict(zip(("content", "style"), pair, strict=True))
    name = "_".join(path.stem for path in pair)
    start = made(options, pictures, replace(settings, evaluations=options.start))
    fresh_seconds, shared_seconds = 0.0, start.record.seconds
    images = {f"{name}_start": start}
    for weight in options.style_weight:
        one = replace(settings, style_weight=weight)
        fresh = made(options, pictures, replace(one, evaluations=options.fresh))
        shared = made(
            options, {**pictures, "start": start.picture}, replace(one, evaluations=options.cell)
        )
        fresh_seconds += fresh.record.seconds
        shared_seconds += shared.record.seconds
        ratio = shared.record.losses["total"] / fresh.record.losses["total"]
        print(f"{name:30} style_weight {weight:<6g} total loss x {ratio:.3f}", flush=True)
        images |= {f"{name}_{weight:g}_fresh": fresh, f"{name}_{weight:g}_shared": shared}
    print(f"{name:30} seconds x {shared_seconds / fresh_seconds:.3f}", flush=True)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        for stem, image in images.items():
            image.picture.save(options.out / f"{stem}.png")


def main() -> None:
    """Compare both ways for all pairs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--content", type=Path, nargs="+", required=True)
    parser.add_argument("--style", type=Path, nargs="+", required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--style-weight", type=float, nargs="+", default=[0.1, 0.3, 1, 3, 10])
    parser.add_argument("--fresh", type=int, default=200, help="evaluations of a fresh image")
    parser.add_argument("--start", type=int, default=126, help="evaluations of the shared start")
    parser.add_argument("--cell", type=int, default=70, help="evaluations of an image from it")
    parser.add_argument("--size", default="256")
    parser.add_argument("--out", type=Path)
    others = parser.add_argument_group("settings")
    for name in KINDS:
        if name not in GIVEN:
            others.add_argument(flag(name), default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    named = {
        name: value for name, value in vars(options).items() if name in KINDS and name not in GIVEN
    }
    settings = requested({**named, "size": options.size}, flag)
    for pair in product(options.content, options.style):
        compare(options, pair, settings)


if __name__ == "__main__":
    main()
