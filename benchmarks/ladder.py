"""The experiments behind the default recipe: pairs of different pictures, made in many ways.

    python benchmarks/ladder.py make PICTURES OUT [--size 256] [--evaluations 60] [--only VARIANT ...]
    python benchmarks/ladder.py show OUT [--pairs 0 4 5 6]     a sheet per pair, and a table of means

PICTURES holds the pictures of PAIRS: those of `images/`, of scikit-image, and two paintings.
A second run goes on where a first one was stopped. VGG-16, one thread.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

from nst.config.recipes import requested
from nst.disk import images
from nst.transfer.run import make

PAIRS = (
    ("astronaut", "starry_night"),  # portrait, oil
    ("tubingen", "glass"),  # buildings, glass
    ("golden_gate", "shipwreck"),  # landscape, oil
    ("rocket", "strokes"),  # dark
    ("chelsea", "marble"),
    ("coffee", "strokes"),
    ("logo", "glass"),  # flat colours
    ("astronaut", "page"),  # ink, without a colour
)
TOUCH_TO_ALL = ("0.1", "1", "10")
SIDE, COLUMNS = 208, 5  # of a sheet, in pixels and images
# Name: settings, and the style weights.
VARIANTS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "painter": ({"recipe": "painter"}, TOUCH_TO_ALL),
    "gatys": ({"recipe": "gatys"}, ("1e4",)),
    "gatys recoloured": ({"recipe": "gatys", "init": "recoloured"}, ("1e4",)),
    "gatys fixed weights": (
        {
            "recipe": "gatys",
            "init": "recoloured",
            "style_layers": "conv1_1=200,conv2_1=10,conv3_1=3,conv4_1=1,conv5_1=1",
        },
        ("3e3",),
    ),
    "crowson": ({"recipe": "crowson", "evaluations": "150"}, ("1",)),
    "from the content": ({"recipe": "painter", "init": "content"}, ("3",)),
    "waves of RGB": ({"recipe": "painter", "parametrization": "fourier"}, ("3",)),
    "zero padding": ({"recipe": "painter", "padding": "zero"}, ("3",)),
    "before the ReLU": (
        {
            "recipe": "painter",
            "content_layers": "conv4_2",
            "style_layers": ",".join(f"conv{n}_1=0.2" for n in range(1, 6)),
        },
        ("3",),
    ),
    "shares that fall": (
        {
            "recipe": "painter",
            "style_layers": "relu1_1=0.38,relu2_1=0.29,relu3_1=0.19,relu4_1=0.1,relu5_1=0.04",
        },
        ("3",),
    ),
    "rescaled average": ({"recipe": "painter", "pooling": "avg-rescaled"}, ("3",)),
    "three scales": ({"recipe": "painter", "scales": "3"}, ("3",)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make")
    making.add_argument("pictures", type=Path)
    making.add_argument("out", type=Path)
    making.add_argument("--size", type=int, default=256)
    making.add_argument("--evaluations", type=int, default=60)
    making.add_argument("--only", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    making.add_argument("--weights", nargs="+")
    making.add_argument("--pairs", type=int, nargs="+", default=range(len(PAIRS)))
    making.set_defaults(run=make_all)
    showing = commands.add_parser("show")
    showing.add_argument("out", type=Path)
    showing.add_argument("--pairs", type=int, nargs="+", default=range(len(PAIRS)))
    showing.set_defaults(run=show)
    options = parser.parse_args()
    options.run(options)


def make_all(options) -> None:
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        settings, weights = VARIANTS[name]
        for weight in options.weights or weights:
            for number in options.pairs:
                make_one(options, PAIRS[number], name, settings, weight)


def make_one(options, pair: tuple[str, str], name: str, settings: dict[str, Any], weight: str) -> None:
    values = {"backbone": "vgg16", "size": options.size, "evaluations": options.evaluations}
    chosen = requested({**values, **settings, "style_weight": weight})
    stem = "_".join(
        [*pair, name.replace(" ", "-"), weight, str(options.size), str(options.evaluations)]
    )
    picture = options.out / f"{stem}.png"
    if picture.exists():
        return
    given = dict(zip(("content", "style"), (find(options.pictures, p) for p in pair), strict=True))
    made = make(given, None, chosen, lambda text: None)
    facts = {
        "pair": pair, "variant": name, "weight": weight, "size": options.size,
        "evaluations": options.evaluations, "seconds": made.record.seconds,
        **measures(made.picture, *(original(path, options.size) for path in given.values())),
    }  # fmt: skip
    with (options.out / "measures.jsonl").open("a") as file:
        file.write(json.dumps(facts) + "\n")
    made.picture.save(picture)
    print(stem, f"{made.record.seconds:.0f} s", flush=True)


def find(folder: Path, name: str) -> Path:
    return next(path for path in sorted(folder.glob(f"{name}.*")))


def original(path: Path, size: int) -> Tensor:
    return images.to_tensor(images.resized(images.read(path)[0], size))


def measures(picture: Image.Image, content: Tensor, style: Tensor) -> dict[str, float]:
    """What was seen to be wrong, as numbers: of colours in CIE Lab, and of pixels that changed."""
    image = images.to_tensor(picture)
    change = (image - content).abs().mean(1)[0]
    rim = torch.ones_like(change, dtype=torch.bool)
    rim[8:-8, 8:-8] = False
    return {
        "palette": palette_distance(lab(image), lab(style)),
        "grain": grain(lab(image)),
        "style grain": grain(lab(style)),
        "rim": float(change[rim].mean() / change[~rim].mean()),
        "clipped": float(((image < 2 / 255) | (image > 253 / 255)).float().mean()),
    }


def lab(image: Tensor) -> Tensor:
    """The colours of an image (1 x 3 x height x width) in CIE Lab, 3 x height x width."""
    low, high = image / 12.92, ((image + 0.055) / 1.055) ** 2.4
    linear = torch.where(image <= 0.04045, low, high)[0]
    matrix = torch.tensor(
        [[0.4339, 0.3763, 0.1899], [0.2126, 0.7152, 0.0722], [0.0178, 0.1094, 0.8730]]
    )  # to XYZ over that of white
    xyz = torch.einsum("dc,chw->dhw", matrix, linear)
    f = torch.where(xyz > 0.008856, xyz.clamp(min=1e-9) ** (1 / 3), 7.787 * xyz + 16 / 116)
    return torch.stack((116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])))


def palette_distance(one: Tensor, other: Tensor) -> float:
    """Sliced 1-Wasserstein distance of two sets of colours."""
    directions = F.normalize(torch.randn(64, 3, generator=torch.Generator().manual_seed(0)), dim=1)
    shares = torch.linspace(0.005, 0.995, 199)
    one, other = (
        torch.quantile(directions @ colours.flatten(1)[:, ::5], shares, dim=1)
        for colours in (one, other)
    )
    return float((one - other).abs().mean())


def grain(colours: Tensor) -> float:
    """Mean absolute difference of the two chroma channels from their 3 x 3 means."""
    chroma = colours[1:].unsqueeze(0)
    smooth = F.avg_pool2d(F.pad(chroma, (1,) * 4, "replicate"), 3, 1)
    return float((chroma - smooth).abs().mean())


def show(options) -> None:
    pairs = [PAIRS[number] for number in options.pairs]
    lines = (options.out / "measures.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines) if tuple(row["pair"]) in pairs]
    by_way: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        by_way[row["variant"], row["weight"], row["size"], row["evaluations"]].append(row)
    names = ("palette", "grain", "style grain", "rim", "clipped", "seconds")
    print("| variant | weight | px | evaluations | pairs |", " | ".join(names), "|")
    print("|---" * (5 + len(names)) + "|")
    for way, group in by_way.items():
        values = (f"{mean(row[name] for row in group):.2f}" for name in names)
        print("|", " | ".join([*map(str, way), str(len(group)), *values]), "|")
    for pair in pairs:
        sheet(options.out, pair, list(by_way))


def sheet(folder: Path, pair: tuple[str, str], ways: list[tuple]) -> None:
    """All images of a pair, small, each with its name."""
    tiles = list(_tiles(folder, pair, ways))
    if not tiles:
        return
    width, height = SIDE + 4, max(tile.height for _, tile in tiles) + 16
    whole = Image.new("RGB", (COLUMNS * width, -(-len(tiles) // COLUMNS) * height), "white")
    for number, (text, tile) in enumerate(tiles):
        place = number % COLUMNS * width, number // COLUMNS * height
        ImageDraw.Draw(whole).text((place[0] + 2, place[1] + 1), text, "black")
        whole.paste(tile, (place[0], place[1] + 14))
    whole.save(folder / f"sheet_{pair[0]}_{pair[1]}.jpg", quality=82)


def _tiles(folder: Path, pair: tuple[str, str], ways: list[tuple]) -> Iterator[tuple[str, Image.Image]]:
    for name, weight, size, evaluations in ways:
        path = folder / f"{'_'.join(pair)}_{name.replace(' ', '-')}_{weight}_{size}_{evaluations}.png"
        if path.exists():
            with Image.open(path) as picture:
                more = f", {size} px" * (size != 256) + f", {evaluations} evaluations" * (
                    evaluations != 60
                )
                yield f"{name}, {weight}{more}", images.resized(picture, SIDE)


if __name__ == "__main__":
    main()
