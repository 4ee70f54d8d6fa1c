"""`nst transfer` with the real VGG-16: it must be as good as it says, and look right."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import ROOT
from networks import load_backbone

from nst.cli import main
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.objective import Objective, Style
from nst.engine.stages import Stage, optimize


def naive_pixels(network, settings, content, style, evaluations):
    """The well-known tutorial's loop: torch's L-BFGS on clamped pixels."""
    objective = Objective(network, settings, content, [Style(style)])
    x = content.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([x], max_iter=evaluations, max_eval=evaluations, tolerance_change=-1)

    def closure():
        with torch.no_grad():
            x.clamp_(0, 1)
        total = objective(x).total
        x.grad = torch.autograd.grad(total, x)[0].contiguous()
        return total.detach()

    optimizer.step(closure)
    with torch.no_grad():
        return float(objective(x.clamp(0, 1)).total)


@pytest.mark.parametrize(
    ("content", "style", "share"),
    [
        ("chelsea", "strokes", 0.9),
        pytest.param("coffee", "marble", 1.05, marks=pytest.mark.slow),  # half a minute each
    ],
)
def test_gatys_with_real_weights_is_no_worse_than_the_naive_loop_at_equal_evaluations(
    content, style, share, real_weights, tmp_path
):
    paths = [ROOT / f"images/content/{content}.jpg", ROOT / f"images/style/{style}.jpg"]
    options = ["--backbone", "vgg16", "--size", "96", "--evaluations", "60", "--device", "cpu"]
    losses = {}
    for precision in ("fp32", "bf16"):
        out = tmp_path / precision
        arguments = ["--out", f"{out}.png", "--record", f"{out}.json", "--weights", str(real_weights)]
        assert main(
            ["transfer", *map(str, paths), *arguments, *options, "--precision", precision]
        ) == 0  # fmt: skip
        losses[precision] = json.loads(Path(f"{out}.json").read_text())["losses"]["total"]
    settings = resolve({"recipe": "gatys", "backbone": "vgg16", "size": 96})
    network = load_backbone(settings, real_weights, "fp32", torch.device("cpu"))
    tensors = [images.to_tensor(images.resized(images.read(p)[0], 96)) for p in paths]
    naive = naive_pixels(network, settings, *tensors, 60)
    # L-BFGS amplifies rounding: even the number of threads moves a loss on its way by some percent,
    # and on the second pair the two loops lie no further apart than that.
    assert losses["fp32"] < share * naive
    assert losses["bf16"] == pytest.approx(losses["fp32"], rel=0.12)


def correlation(first, second):
    """How alike two pictures are, from -1 to 1, whatever their brightness and contrast."""
    both = torch.stack([first.flatten(), second.flatten()])
    return float(torch.corrcoef(both)[0, 1])


@pytest.mark.parametrize(
    ("weights", "content_like"), [(["--content-weight", "0"], False), (["--style-weight", "0"], True)]
)
def test_texture_and_reconstruction_from_noise(weights, content_like, real_weights, tmp_path):
    """Without content weight the style's texture, without style weight the content again."""
    paths = [ROOT / "images/content/chelsea.jpg", ROOT / "images/style/glass.jpg"]
    out = tmp_path / "x"
    arguments = ["--out", f"{out}.png", "--record", f"{out}.json", "--trace", f"{out}.csv"]
    options = ["--recipe", "gatys", "--backbone", "vgg16", "--size", "96"]
    options += ["--evaluations", "80", "--init", "noise", *weights]
    options += ["--tv-weight", "100"] if content_like else []
    assert (
        main(["transfer", *map(str, paths), *arguments, *options, "--weights", str(real_weights)]) == 0
    )
    with Path(f"{out}.csv").open() as file:
        totals = [float(row["total"]) for row in csv.DictReader(file)]
    # The coarse evaluations are at half the size; those at full size begin after a quarter.
    assert totals[-1] < 0.05 * totals[0]
    made = images.to_tensor(images.read(Path(f"{out}.png"))[0])
    content = images.to_tensor(images.resized(images.read(paths[0])[0], 96))
    assert (correlation(made, content) > 0.4) == content_like
    # Neither grey nor black and white: half of the levels are used.
    assert len((made * 255).round().unique()) > 128


def test_steps_between_two_styles_are_steps_towards_the_other(real_weights):
    """The style losses of the images to either end go one way, as the shares do."""
    given = {"recipe": "gatys", "backbone": "vgg16", "size": 64, "precision": "fp32"}
    pictures = [ROOT / f"images/{n}.jpg" for n in ("content/chelsea", "style/strokes", "style/glass")]
    content, *styles = (images.to_tensor(images.resized(images.read(p)[0], 64)) for p in pictures)
    settings = resolve(given | {"evaluations": 20})
    network = load_backbone(settings, real_weights, "fp32", torch.device("cpu"))
    ends = [Objective(network, settings, content, [Style(style)]) for style in styles]
    losses = []
    for share in (0, 25, 50, 75, 100):
        chosen = replace(settings, blend=[100.0 - share, float(share)])
        stage = Stage(content, tuple(map(Style, styles)), content, 20)
        made = optimize(network, chosen, [stage]).image
        with torch.no_grad():
            losses.append([float(end(made).style) for end in ends])
    to_first, to_last = zip(*losses, strict=True)
    assert list(to_first) == sorted(to_first)
    assert list(to_last) == sorted(to_last, reverse=True)
