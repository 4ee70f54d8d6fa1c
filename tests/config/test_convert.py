"""The converter of weights, against the balance of gradients that the losses really have."""

import pytest
import torch

from nst.cli import main
from nst.config.convert import convert, style_over_content
from nst.config.layers import Layer
from nst.config.recipes import resolve
from nst.engine.objective import Objective, Style
from nst.errors import NstError

K = 255 * 0.225


@pytest.mark.parametrize(
    ("source", "target", "weight"),
    [
        # neural-style's 100 : 5 is 20 in Caffe's units, and K^2 as much in torchvision's.
        ("neural-style:style_weight=100", "gatys", 20 * K**2),
        ("neural-style:style_weight=50,content_weight=10", "gatys", 5 * K**2),
        # 1e3/C^2 on Gram matrices over H*W is 1e3 on those over C*H*W.
        ("gatys-2016", "gatys", 1e3 * K**2),
        ("gatys-2016", "neural-style", 5e3),
        ("pytorch-tutorial:style_weight=1e6", "gatys", 1e6),
        ("gatys:style_weight=3e4", "pytorch-tutorial", 3e4),
        # Features of a picture in [0, 1] without ImageNet's deviation are 0.225 times as large.
        ("pytorch-tutorial-2017", "gatys", 1e6 * 0.225**2),
        # By hand, for 512 pixels: (C HW)^2 / (C HW) at five layers after their ReLU.
        (
            "adam-blog",
            "gatys",
            1000 * (64 * 512**2 * 128 * 256**2 * 256 * 128**2 * 512 * 64**2 * 512 * 32**2) ** 0.2,
        ),
        # alpha 1, beta 1000; 1/20 C^2 a layer against 1/2 C HW at conv4_2.
        (
            "gatys-equations",
            "gatys",
            1000 * K**2 * 0.05 * (64 * 128 * 256 * 512 * 512) ** 0.4 / (0.5 * 512 * 64**2),
        ),
    ],
)
def test_known_balances(source, target, weight):
    assert convert(source, target).target.style_weight == pytest.approx(weight, rel=1e-3)


@pytest.mark.parametrize(
    "recipe", ["neural-style", "gatys-equations", "adam-blog", "pytorch-tutorial-2017"]
)
def test_a_conversion_there_and_back_gives_the_first_weight(recipe):
    start = resolve({"recipe": recipe})
    there = convert(recipe, "gatys").target
    back = convert(f"gatys:style_weight={there.style_weight}", recipe).target
    assert back.style_weight == pytest.approx(start.style_weight, rel=1e-3)


class Features:
    """A stand-in for a network: one layer, whose channels repeat those of the image."""

    def __init__(self, name, channels):
        self.name, self.channels = name, channels
        self.plan = (Layer(name, "relu", 0),)  # as many positions as pixels

    def __call__(self, image):
        mixed = image.repeat(1, self.channels // 3 + 1, 1, 1)[:, : self.channels]
        return {self.name: mixed}


@pytest.mark.parametrize("gram", ["chw", "hw", "none"])
@pytest.mark.parametrize("style_reduction", ["mean", "sum"])
@pytest.mark.parametrize("content_reduction", ["mean", "sum"])
@pytest.mark.parametrize("style_divisor", ["none", "chw"])
def test_the_balance_is_that_of_the_losses(gram, style_reduction, content_reduction, style_divisor):
    """Under every normalization, style over content of one pair is proportional to the balance."""
    torch.manual_seed(0)
    content, style, image = (torch.rand(1, 3, 8, 8) for _ in range(3))
    layer = {"content_layers": {"conv1_1": 1.0}, "style_layers": {"conv1_1": 1.0}}
    ratios = []
    for values in (
        {},
        {
            "gram": gram, "style_reduction": style_reduction, "content_reduction": content_reduction,
            "style_divisor": style_divisor, "feature_scale": 3.0, "style_weight": 7.0,
        },
    ):  # fmt: skip
        settings = resolve(
            {"recipe": "gatys", "backbone": "vgg16", **layer, "style_weight": 1.0, **values}
        )
        losses = Objective(Features("conv1_1", 64), settings, content, [Style(style)])(image)
        ratios.append(float(losses.style / losses.content) / style_over_content(settings, size=8))
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--convert", "crowson"], "crowson: style_loss wasserstein has another unit"),
        (["--convert", "gatys", "--to", "spst"], "spst: style_loss gram-moments has another unit"),
        (["--convert", "gatis:style_weight=1"], "did you mean 'gatys'"),
        (["--convert", "gatys:style_wieght=1"], "did you mean 'style_weight'"),
        (["--convert", "gatys:style_weight=lots"], "'lots' is not a number"),
        (["--convert", "gatys:style_weight=0"], "a weight of 0"),
        (["--convert", "gatys", "--size", "3"], "'3' is not a whole number from 16"),
    ],
)
def test_what_cannot_be_converted_is_refused(capsys, options, message):
    assert main(["recipes", *options]) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1 and printed.startswith("error: ") and message in printed


def test_the_answer_names_what_it_assumes(capsys):
    assert main(["recipes", "--convert", "neural-style:style_weight=100", "--to", "gatys"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(
        "neural-style: style_weight 100, content_weight 5\n  = gatys: style_weight 65840"
    )
    assert "57.375 times" in printed and "the weight of total variation is not converted" in printed


def test_a_layer_without_weight_does_not_count():
    some = resolve({"recipe": "gatys", "style_layers": {"conv1_1": 0.0, "conv2_1": 2.0}})
    alone = resolve({"recipe": "gatys", "style_layers": {"conv2_1": 2.0}})
    assert style_over_content(some, 64) == pytest.approx(style_over_content(alone, 64))


def test_a_blend_stays_what_it_is():
    text = str(
        convert("neural-style:style_weight=50,style_blend_weights=3,7,content_weight=5", "gatys")
    )
    assert "  with the same blend of style pictures: --blend 3,7\n" in text
    alone = str(convert("neural-style:style_weight=50,content_weight=5", "gatys"))
    assert text.splitlines()[:2] == alone.splitlines()[:2]
    assert "blend" not in alone
    with pytest.raises(NstError, match=r"style_blend_weights: .* the weights sum to nothing"):
        convert("neural-style:style_blend_weights=0,0", "gatys")
