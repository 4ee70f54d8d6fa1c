"""What the 8 bits of vgg19-caffe's weights change: per layer, in losses, and in pictures.

    python benchmarks/rounding.py [--size 256] [--evaluations 60] [--seeds 3]

A weight of this network is one of 256 values of its layer. The network before that rounding is not at
hand, so it is stood in for: every weight is moved at random to anywhere between the middles to the
neighbouring values, which is as far as rounding can have moved it. The last lines show by how much two
runs of one network differ that only round otherwise (`tile`), and by how much another network's do.
"""

import argparse
import tempfile
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file, save_file

import nst
from nst.config.layers import BACKBONES, cut
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.backbone import Backbone
from nst.engine.objective import Objective, Style
from nst.transfer.weights import default_folder, fetch

ROOT = Path(__file__).resolve().parent.parent
NAME = "vgg19-caffe"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="gatys")
    parser.add_argument("--content", type=Path, default=ROOT / "images/content/chelsea.jpg")
    parser.add_argument("--style", type=Path, default=ROOT / "images/style/strokes.jpg")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--evaluations", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    state = load_file(fetch(NAME, default_folder()))
    print_noise(state)
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{seed}.safetensors" for seed in range(options.seeds)]
        for seed, file in enumerate(files):
            save_file(moved(state, seed), file)
        compare(options, state, files)


def spread(values: torch.Tensor) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Of each weight: its place in the table, and the least and the largest that is rounded to it."""
    table, place = numpy.unique(values.double().numpy(), return_inverse=True)
    middles = (table[1:] + table[:-1]) / 2
    low = numpy.concatenate([[2 * table[0] - middles[0]], middles])
    high = numpy.concatenate([middles, [2 * table[-1] - middles[-1]]])
    return place.reshape(values.shape), low, high


def print_noise(state: dict[str, torch.Tensor]) -> None:
    print("rounding of weights, rms of the error over rms of the weights (uniform within a cluster)")
    for layer in BACKBONES[NAME]:
        if layer.kind == "conv":
            weight = state[f"features.{layer.index}.weight"]
            place, low, high = spread(weight)
            error = (((high - low) ** 2 / 12)[place].mean() / (weight.double() ** 2).mean()) ** 0.5
            print(f"  {layer.name}  {100 * float(error):.2f} %")


def moved(state: dict[str, torch.Tensor], seed: int) -> dict[str, torch.Tensor]:
    """The weights, each anywhere where rounding would bring it back."""
    random, result = numpy.random.default_rng(seed), dict(state)
    for key, weight in state.items():
        if key.endswith(".weight"):
            place, low, high = spread(weight)
            values = low[place] + random.random(place.shape) * (high - low)[place]
            result[key] = torch.from_numpy(values.astype(numpy.float32))
    return result


def compare(options, state: dict[str, torch.Tensor], files: list[Path]) -> None:
    """Print how far losses and pictures of the moved networks are from those of the network."""
    common = {
        "recipe": options.recipe, "size": options.size, "evaluations": options.evaluations,
        "precision": "fp32", "device": "cpu", "progress": False,
    }  # fmt: skip
    caffe = {**common, "backbone": NAME, "tile": "none"}
    made = nst.stylize(options.content, options.style, **caffe)
    pictures = [images.read(path)[0] for path in (options.content, options.style)]
    given = [images.to_tensor(images.resized(picture, options.size)) for picture in pictures]
    image = images.to_tensor(made.image)
    exact = evaluate(options, state, [*given, image])
    print(f"losses of the image that {NAME} makes, in the moved networks over those in {NAME}")
    for file in files:
        losses = evaluate(options, load_file(file), [*given, image])
        ratios = [100 * (loss / other - 1) for loss, other in zip(losses, exact, strict=True)]
        print("  content {:+.2f} %, style {:+.2f} %".format(*ratios), flush=True)
    print("images: difference in levels of 255 (mean, rms), and the total loss in the network itself")
    runs = {f"moved {n}": {**caffe, "weights": file} for n, file in enumerate(files)}
    runs["the same, in tiles"] = {**caffe, "tile": 128}
    runs["vgg16"] = {**common, "backbone": "vgg16"}
    print(f"  {NAME}: total loss {exact[0] + exact[1]:.5g}")
    for name, how in runs.items():
        other = images.to_tensor(nst.stylize(options.content, options.style, **how).image)
        away = 255 * (other - image)
        losses = evaluate(options, state, [*given, other])
        print(
            f"  {name}: {float(away.abs().mean()):.2f}, {float(away.square().mean()) ** 0.5:.2f};"
            f" {losses[0] + losses[1]:.5g}",
            flush=True,
        )


def evaluate(options, state: dict[str, torch.Tensor], pictures: list[torch.Tensor]) -> list[float]:
    """Content and style loss, with their weights, of the third picture."""
    settings = resolve({"recipe": options.recipe, "backbone": NAME, "size": options.size})
    plan = cut(NAME, settings.layers())
    keys = [key for key in state if int(key.split(".")[1]) < len(plan)]
    network = Backbone(settings, {k: state[k] for k in keys}, "fp32", torch.device("cpu"))
    with torch.no_grad():
        losses = Objective(network, settings, pictures[0], [Style(pictures[1])])(pictures[2])
    return [float(losses.content), float(losses.style)]


if __name__ == "__main__":
    main()
