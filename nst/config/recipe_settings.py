"""The settings that every recipe must set, in the order of records and of the help."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nst.config.layers import BACKBONES, layer_names
from nst.config.setting_sets import PICTURE_ENDINGS
from nst.config.values import Choice, Layers, NameOrFile, Number

RECIPES = tuple(sorted(file.stem for file in Path(__file__).with_name("recipes").glob("*.yaml")))
ALL_LAYERS = tuple(dict.fromkeys(name for b in BACKBONES for name in layer_names(b)))


def setting(kind: Any, effect: str, **default: Any) -> Any:
    """A field of settings: the kind of its values, and what it does, for people."""
    return field(metadata={"kind": kind, "effect": effect}, **default)


@dataclass(frozen=True)
class RecipeSettings:
    """What a recipe says of the objective and of the engine."""

    # The objective: what is compared.
    backbone: str = setting(Choice(tuple(BACKBONES)), "network whose features are compared")
    normalization: str = setting(
        Choice(("imagenet", "none", "caffe")),
        "what the network sees: RGB normalized by ImageNet's mean and deviation, RGB as it is, or"
        " BGR levels minus their mean (vgg19-caffe)",
    )
    feature_scale: float = setting(
        Number(1e-3, 1e4), "factor on all features, which makes weights tuned for another network fit"
    )
    padding: str = setting(
        Choice(("zero", "replicate", "replicate-all", "circular")),
        "what convolutions see beyond the edge of the image; replicate: the first one only; circular:"
        " the opposite edge, for textures that repeat without a seam",
    )
    pooling: str = setting(
        Choice(("max", "avg", "avg-rescaled", "l2-rescaled")), "how the network halves its feature maps"
    )
    content_layers: dict[str, float] = setting(
        Layers(ALL_LAYERS), "layers at which the image should match the content, with weights"
    )
    content_reduction: str = setting(
        Choice(("mean", "sum")), "how squared differences of features are reduced"
    )
    style_layers: dict[str, float] = setting(
        Layers(ALL_LAYERS), "layers at which the image should match the style, with weights"
    )
    style_loss: str = setting(
        Choice(("gram", "gram-moments", "covariance", "wasserstein")),
        "what is compared: Gram matrices, these and means and deviations, covariances, or means and"
        " covariances",
    )
    gram: str = setting(
        Choice(("chw", "hw", "none")), "divisor of Gram matrices (c, h, w: channels, height, width)"
    )
    style_reduction: str = setting(
        Choice(("mean", "sum")), "how squared differences of Gram matrices are reduced"
    )
    style_divisor: str = setting(
        Choice(("none", "chw")), "further divisor of the style loss of a layer"
    )
    content_weight: float = setting(Number(0, 1e15), "weight of the content loss")
    style_weight: float = setting(Number(0, 1e15), "weight of the style loss")
    tv_weight: float = setting(Number(0, 1e15), "weight of total variation, to smooth")
    tv: str = setting(
        Choice(("l1", "l2", "l1-sum", "nine-point")),
        "differences of neighbouring pixels in total variation",
    )

    # The engine: how the objective is minimized.
    init: str = setting(
        NameOrFile(
            ("content", "recoloured", "style", "noise", "uniform", "grey"), PICTURE_ENDINGS, "a picture"
        ),
        "image to start from; recoloured: the content in the colours of the style",
    )
    noise_mean: str = setting(Choice(("grey", "black", "imagenet")), "mean colour of `init: noise`")
    noise_std: float = setting(
        Number(0, 10), "standard deviation of `init: noise`, of pixels in [0, 1]"
    )
    parametrization: str = setting(
        Choice(("fourier", "fourier-decorrelated", "pixels", "clamped", "normalized", "levels")),
        "what the optimizer changes: waves of RGB or of decorrelated colours, or pixels: free, clamped,"
        " normalized, or from 0 to 255",
    )
    optimizer: str = setting(Choice(("lbfgs", "adam")), "optimizer")
    learning_rate: float = setting(Number(1e-6, 1e4), "learning rate of the optimizer")
    beta1: float = setting(Number(0, 0.9999), "Adam's decay rate of the mean gradient")
    beta2: float = setting(Number(0, 0.99999), "Adam's decay rate of the mean squared gradient")
    history: int = setting(Number(1, 1000, whole=True), "past steps that L-BFGS keeps")
    line_search: str = setting(
        Choice(("backtracking", "none")),
        "whether L-BFGS undoes and halves a step that more than doubles the loss",
    )
    evaluations: int = setting(
        Number(1, 100_000, whole=True), "losses and gradients to compute, all scales together"
    )
    scales: int = setting(Number(1, 20, whole=True), "most sizes, coarse to fine; 1: only `size`")
    scale_ratio: float = setting(Number(1.1, 8), "ratio of one size to the size before")
    scale_least: int = setting(Number(1, 16384, whole=True), "smallest size to begin with, in pixels")
    first_scale_share: float = setting(
        Number(0.01, 100), "evaluations at the first size, as a multiple of those at each further size"
    )
    scale_start: str = setting(
        Choice(("residual", "upsampled")),
        "what a larger size starts from: its own `init` plus the upsampled change made so far, or the"
        " upsampled image",
    )
    carry: str = setting(Choice(("none", "moments")), "what Adam takes over from the size before")
    result: str = setting(
        Choice(("best", "last_evaluated", "final_iterate", "average")),
        "image to keep: of the least loss, last evaluated, after the last step, or an average",
    )
    average_decay: float = setting(Number(0, 0.99999), "decay rate of `result: average`")
