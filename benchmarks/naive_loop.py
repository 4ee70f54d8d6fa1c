"""The well-known tutorial's loop, written as it stands there, to measure ours against.

Nothing of nst is used. A network of modules with losses in it, weights with gradients as
torchvision's model has them, float32, `torch.optim.LBFGS` at its defaults, the image clamped in the
closure. Its losses are those of our recipe `gatys`, behind the paper's layers or the tutorial's.

    python benchmarks/naive_loop.py CONTENT STYLE WEIGHTS --size 512 --evaluations 6
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

CONVOLUTIONS = "1_1 1_2 p 2_1 2_2 p 3_1 3_2 3_3 p 4_1 4_2 4_3 p 5_1"


class Layers(NamedTuple):
    """The convolutions behind which losses sit."""

    content: tuple[str, ...]
    style: tuple[str, ...]


TUTORIAL = Layers(("2_2",), ("1_1", "1_2", "2_1", "2_2", "3_1"))
PAPER = Layers(("4_2",), ("1_1", "2_1", "3_1", "4_1", "5_1"))
LAYERS = {"tutorial": TUTORIAL, "paper": PAPER}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class ContentLoss(nn.Module):
    """Hands its input on, and remembers how far it is from the target."""

    def __init__(self, target):
        super().__init__()
        self.target = target.detach()

    def forward(self, x):
        self.loss = functional.mse_loss(x, self.target)
        return x


def gram_matrix(x):
    a, b, c, d = x.size()
    features = x.view(a * b, c * d)
    return torch.mm(features, features.t()).div(a * b * c * d)


class StyleLoss(nn.Module):
    """Hands its input on, and remembers how far its Gram matrix is from the target's."""

    def __init__(self, target):
        super().__init__()
        self.target = gram_matrix(target).detach()

    def forward(self, x):
        self.loss = functional.mse_loss(gram_matrix(x), self.target)
        return x


class Normalization(nn.Module):
    """ImageNet's mean and deviation taken off."""

    def __init__(self):
        super().__init__()
        for name, values in {"mean": MEAN, "std": STD}.items():
            self.register_buffer(name, torch.tensor(values).view(-1, 1, 1))

    def forward(self, x):
        return (x - self.mean) / self.std


def model_and_losses(weights: Path, content, style, layers: Layers):
    """The tutorial's model: a sequence of modules in which losses sit behind their layers."""
    state = load_file(weights, device=str(content.device))
    model, content_losses, style_losses, channels = (
        nn.Sequential(Normalization().to(content.device)),
        [],
        [],
        3,
    )
    for index, name in enumerate(_modules()):
        if name == "p":
            model.append(nn.MaxPool2d(2))
        elif name == "relu":
            model.append(nn.ReLU(inplace=False))
        else:
            weight, bias = (state[f"features.{index}.{kind}"] for kind in ("weight", "bias"))
            model.append(nn.Conv2d(channels, len(weight), 3, padding=1, device=content.device))
            channels = len(weight)
            with torch.no_grad():
                model[-1].weight.copy_(weight)
                model[-1].bias.copy_(bias)
            if name in layers.content:
                content_losses.append(ContentLoss(model(content).detach()))
                model.append(content_losses[-1])
            if name in layers.style:
                style_losses.append(StyleLoss(model(style).detach()))
                model.append(style_losses[-1])
        if len(content_losses) == len(layers.content) and len(style_losses) == len(layers.style):
            break  # what lies behind the last loss is cut off
    return model, content_losses, style_losses


def _modules() -> list[str]:
    """The modules in the order of torchvision's numbers; the last convolution ends the network."""
    found = []
    for name in CONVOLUTIONS.split():
        found += ["p"] if name == "p" else [name, "relu"]
    return found[:-1]


def run(
    weights: Path,
    content,
    style,
    evaluations: int,
    style_weight: float = 1e6,
    layers: Layers = PAPER,
    callback: Callable[[int, float, float], None] = lambda number, total, seconds: None,
):
    """The tutorial's loop over 1 x 3 x height x width pictures in [0, 1]; the image it ends with."""
    image = content.clone().requires_grad_(True)
    model, content_losses, style_losses = model_and_losses(weights, content, style, layers)
    optimizer = torch.optim.LBFGS([image])
    count, started = 0, time.monotonic()

    def closure():
        nonlocal count
        with torch.no_grad():
            image.clamp_(0, 1)
        optimizer.zero_grad()
        model(image)
        total = style_weight * sum(s.loss for s in style_losses) + sum(c.loss for c in content_losses)
        total.backward()
        count += 1
        callback(count, total.item(), time.monotonic() - started)
        return total

    while count < evaluations:
        left = evaluations - count
        optimizer.param_groups[0].update(max_iter=min(20, left), max_eval=min(25, left))
        optimizer.step(closure)
    with torch.no_grad():
        return image.clamp_(0, 1).detach()


def pictures(content: Path, style: Path, size: int):
    """Both pictures, 1 x 3 x height x width in [0, 1], the content's longer side of `size` pixels.

    The style takes the content's sides whatever its own are: the tutorial wants both the same.
    """
    with Image.open(content) as image:
        sides = [max(1, round(side * size / max(image.size))) for side in image.size]
    for path in (content, style):
        with Image.open(path) as image:
            array = numpy.array(image.convert("RGB").resize(sides, Image.Resampling.LANCZOS))
        yield torch.from_numpy(array).permute(2, 0, 1)[None].float().div(255).contiguous()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("content", "style", "weights"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--evaluations", type=int, default=6)
    parser.add_argument("--style-weight", type=float, default=1e6)
    parser.add_argument("--layers", choices=LAYERS, default="paper")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--out", type=Path, help="the image as PNG")
    options = parser.parse_args()
    given = (p.to(options.device) for p in pictures(options.content, options.style, options.size))
    seconds = []
    image = run(
        options.weights,
        *given,
        options.evaluations,
        options.style_weight,
        LAYERS[options.layers],
        callback=lambda *row: seconds.append(row[2]),
    )
    if options.out:
        array = (image[0].cpu() * 255).round().byte().permute(1, 2, 0).numpy()
        Image.fromarray(array).save(options.out)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    json.dump(
        {
            "peak_memory_mb": peak / (2**20 if sys.platform == "darwin" else 2**10),
            "seconds_per_evaluation": (seconds[-1] - seconds[0]) / max(1, len(seconds) - 1),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
