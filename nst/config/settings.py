"""`Settings`: all settings of one transfer. Every default is written once, here or in the recipe.

Fields without a default belong to the recipe (`nst.config.recipes`), which must set every one of them.
The command line, config.yaml and the recipes read names, help texts and bounds from these fields.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from nst.config.blend import EQUAL, Blend, BlendKind, count_fault, overall_shares
from nst.config.combinations import faults
from nst.config.layers import BACKBONES, cut, layer_names, least_side
from nst.config.setting_sets import EXECUTION, OF_FILES, PICTURE_ENDINGS
from nst.config.values import Choice, Layers, NameOrFile, Number, NumberOr
from nst.config.yaml_lines import unknown
from nst.disk.encoded import BESIDE
from nst.disk.renamed_settings import RENAMED_SETTINGS, renamed_value
from nst.errors import NstError

RECIPES = tuple(sorted(file.stem for file in Path(__file__).with_name("recipes").glob("*.yaml")))
ALL_LAYERS = tuple(dict.fromkeys(name for b in BACKBONES for name in layer_names(b)))


def _setting(kind: Any, effect: str, **default: Any) -> Any:
    return field(metadata={"kind": kind, "effect": effect}, **default)


@dataclass(frozen=True)
class Settings:
    """The settings of one transfer, complete and checked."""

    # The objective: what is compared.
    backbone: str = _setting(Choice(tuple(BACKBONES)), "network whose features are compared")
    normalization: str = _setting(
        Choice(("imagenet", "none", "caffe")),
        "what the network sees: RGB normalized by ImageNet's mean and deviation, RGB as it is, or"
        " BGR levels minus their mean (vgg19-caffe)",
    )
    feature_scale: float = _setting(
        Number(1e-3, 1e4), "factor on all features, which makes weights tuned for another network fit"
    )
    padding: str = _setting(
        Choice(("zero", "replicate", "replicate-all", "circular")),
        "what convolutions see beyond the edge of the image; replicate: the first one only; circular:"
        " the opposite edge, for textures that repeat without a seam",
    )
    pooling: str = _setting(
        Choice(("max", "avg", "avg-rescaled", "l2-rescaled")), "how the network halves its feature maps"
    )
    content_layers: dict[str, float] = _setting(
        Layers(ALL_LAYERS), "layers at which the image should match the content, with weights"
    )
    content_reduction: str = _setting(
        Choice(("mean", "sum")), "how squared differences of features are reduced"
    )
    style_layers: dict[str, float] = _setting(
        Layers(ALL_LAYERS), "layers at which the image should match the style, with weights"
    )
    style_loss: str = _setting(
        Choice(("gram", "gram-moments", "covariance", "wasserstein")),
        "what is compared: Gram matrices, these and means and deviations, covariances, or means and"
        " covariances",
    )
    gram: str = _setting(
        Choice(("chw", "hw", "none")), "divisor of Gram matrices (c, h, w: channels, height, width)"
    )
    style_reduction: str = _setting(
        Choice(("mean", "sum")), "how squared differences of Gram matrices are reduced"
    )
    style_divisor: str = _setting(
        Choice(("none", "chw")), "further divisor of the style loss of a layer"
    )
    content_weight: float = _setting(Number(0, 1e15), "weight of the content loss")
    style_weight: float = _setting(Number(0, 1e15), "weight of the style loss")
    tv_weight: float = _setting(Number(0, 1e15), "weight of total variation, to smooth")
    tv: str = _setting(
        Choice(("l1", "l2", "l1-sum", "nine-point")),
        "differences of neighbouring pixels in total variation",
    )

    # The engine: how the objective is minimized.
    init: str = _setting(
        NameOrFile(
            ("content", "recoloured", "style", "noise", "uniform", "grey"), PICTURE_ENDINGS, "a picture"
        ),
        "image to start from; recoloured: the content in the colours of the style",
    )
    noise_mean: str = _setting(Choice(("grey", "black", "imagenet")), "mean colour of `init: noise`")
    noise_std: float = _setting(
        Number(0, 10), "standard deviation of `init: noise`, of pixels in [0, 1]"
    )
    parametrization: str = _setting(
        Choice(("fourier", "fourier-decorrelated", "pixels", "clamped", "normalized", "levels")),
        "what the optimizer changes: waves of RGB or of decorrelated colours, or pixels: free, clamped,"
        " normalized, or from 0 to 255",
    )
    optimizer: str = _setting(Choice(("lbfgs", "adam")), "optimizer")
    learning_rate: float = _setting(Number(1e-6, 1e4), "learning rate of the optimizer")
    beta1: float = _setting(Number(0, 0.9999), "Adam's decay rate of the mean gradient")
    beta2: float = _setting(Number(0, 0.99999), "Adam's decay rate of the mean squared gradient")
    history: int = _setting(Number(1, 1000, whole=True), "past steps that L-BFGS keeps")
    line_search: str = _setting(
        Choice(("backtracking", "none")),
        "whether L-BFGS undoes and halves a step that more than doubles the loss",
    )
    evaluations: int = _setting(
        Number(1, 100_000, whole=True), "losses and gradients to compute, all scales together"
    )
    scales: int = _setting(Number(1, 20, whole=True), "most sizes, coarse to fine; 1: only `size`")
    scale_ratio: float = _setting(Number(1.1, 8), "ratio of one size to the size before")
    scale_least: int = _setting(Number(1, 16384, whole=True), "smallest size to begin with, in pixels")
    first_scale_share: float = _setting(
        Number(0.01, 100), "evaluations at the first size, as a multiple of those at each further size"
    )
    scale_start: str = _setting(
        Choice(("residual", "upsampled")),
        "what a larger size starts from: its own `init` plus the upsampled change made so far, or the"
        " upsampled image",
    )
    carry: str = _setting(Choice(("none", "moments")), "what Adam takes over from the size before")
    result: str = _setting(
        Choice(("best", "last_evaluated", "final_iterate", "average")),
        "image to keep: of the least loss, last evaluated, after the last step, or an average",
    )
    average_decay: float = _setting(Number(0, 0.99999), "decay rate of `result: average`")

    # Of the recipe, too (`NEWER`): one that is left out, in a recipe or a record, has this default.
    balance: str = _setting(
        Choice(("none", "pair")),
        "pair: a style loss of 1 is as far from the style as the content is, a content loss of 1 as"
        " far from the content as a flat picture; none: losses as they are",
        default="none",
    )
    moments_weight: float = _setting(
        Number(0, 1e15),
        "weight of means and deviations in `style_loss: gram-moments`; Gram matrices have weight 1",
        default=10.0,
    )
    blend: Blend = _setting(
        BlendKind(ALL_LAYERS), "weights of the pictures of a style of several", default=EQUAL
    )
    init_mix: float = _setting(
        Number(0, 1), "share of `init` in the start; the rest is the content", default=1.0
    )
    edges_weight: float = _setting(
        Number(0, 1e15), "weight of edges (the Laplacian) that differ from the content's", default=0.0
    )
    edges_pool: int = _setting(
        Number(1, 64, whole=True),
        "side of the squares between which edges are seen, in pixels",
        default=4,
    )
    colour: str = _setting(
        Choice(("style", "keep", "match", "match-style", "luminance", "palette")),
        "colours of the image: the style's; keep: the content's, pasted into the finished image; match:"
        " the content's, given to the style before; match-style: the style's, given to the content"
        " before; luminance: the content's, pasted into an image made of light and dark alone; palette:"
        " the style's, spread over the finished image as the content's are",
        default="style",
    )
    colour_map: str = _setting(
        Choice(("symmetric", "cholesky", "transport")),
        "how colour match and match-style give a picture the mean and the covariance of other colours",
        default="symmetric",
    )
    mask: str = _setting(
        NameOrFile(("none", "alpha"), PICTURE_ENDINGS, "a grey picture"),
        "where the content is stylised: a grey picture of its shape, white there; alpha: its own alpha",
        default="none",
    )
    mask_edge: float = _setting(
        Number(0, 1000), "pixels at `size` over which a mask fades inside its white part", default=8.0
    )
    protect: float = _setting(
        Number(0, 1), "how much of the content is left where a mask is black", default=1.0
    )
    alpha: str = _setting(
        Choice(("white", "keep")), "transparency of the content: over white, or kept", default="white"
    )
    style_mask: str = _setting(
        NameOrFile(("none", "alpha"), PICTURE_ENDINGS, "a grey picture"),
        "what of the style counts: a grey picture of its shape, white there; alpha: its own alpha",
        default="none",
    )

    # One run.
    recipe: str = _setting(
        NameOrFile(RECIPES, (".yaml", ".yml"), "a recipe file"),
        "named set of all settings that have no default of their own, or a recipe file",
        default="painter",
    )
    size: int = _setting(
        Number(16, 16384, whole=True), "longer side of the image, in pixels", default=512
    )
    style_scale: float = _setting(
        Number(0.05, 8), "longer side of the style picture, as a multiple of the image's", default=1.0
    )
    seed: int = _setting(Number(0, 2**63 - 1, whole=True), "seed of noise", default=0)
    precision: str = _setting(
        Choice(("auto", "fp32", "tf32", "bf16", "fp64")),
        "number format; auto: bf16 if the hardware multiplies it; fp64: everything in float64, to check"
        " an image against another program, four times as slow as fp32",
        default="auto",
    )
    device: str = _setting(
        Choice(("auto", "cpu", "cuda")),
        "device to compute on; auto: a free GPU if there is one, else the CPU",
        default="auto",
    )
    snapshot_every: int = _setting(
        Number(0, 100_000, whole=True),
        "evaluations between two frames of the film; 0: no film",
        default=0,
    )
    format: str = _setting(
        Choice(("png", *BESIDE)),
        "a further file, beside the PNG",
        default="png",
    )
    dpi: float = _setting(
        Number(1, 100_000), "pixels per inch, noted in all files but the PNG", default=300.0
    )
    tile: int | str = _setting(
        NumberOr(("auto", "none"), Number(64, 16384, whole=True)),
        "side of the tiles that are evaluated in turn, in pixels; auto: tiles if memory is short",
        default="auto",
    )

    def as_json(self) -> dict[str, Any]:
        """The settings as plain data, in the order of the fields."""
        # Not `asdict`, which copies every value: a plan of ten thousand cells would take seconds.
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: dict(v) if isinstance(v, dict) else v for name, v in values.items()}

    def pixels(self) -> dict[str, Any]:
        """The settings on which pixels depend: not execution, the recipe's name or further files."""
        left_out = (*EXECUTION, *OF_FILES, "recipe")
        return {k: v for k, v in self.as_json().items() if k not in left_out}

    def layers(self) -> set[str]:
        """The layers that a loss with a non-zero weight reads."""
        weighted = (
            (self.content_layers, self.content_weight),
            (self.style_layers, self.style_weight),
        )
        return {name for table, weight in weighted for name in table if table[name] * weight}

    def style_shares(self, pictures: int) -> tuple[float, ...]:
        """The share that each of so many style pictures has in the style; a share may be 0."""
        return overall_shares(self.blend, self.style_layers, pictures)

    def blend_fault(self, pictures: int, style: str = "a style") -> str:
        """Why the blend does not suit a style of so many pictures, "" if it does."""
        weighted = [name for name, weight in self.style_layers.items() if weight]
        return count_fault(self.blend, weighted, pictures, style)

    @cached_property
    def least_side(self) -> int:
        """The least side, in pixels, of a picture that is large enough for these layers."""
        return least_side(cut(self.backbone, self.layers()))

    def picture(self, name: str) -> Path | None:
        """The picture file that the setting `name` names, if it names one."""
        value = getattr(self, name)
        return Path(value) if KINDS[name].is_file(value) else None

    def faults(self) -> list[tuple[str, str]]:
        """What is wrong with combinations of values: pairs of a setting and a message."""
        return faults(self)


def parse(setting: str, value: object) -> Any:
    """The value of one setting. Raises NstError for a value that it cannot have or no longer has."""
    if new := renamed_value(setting, value):
        raise NstError(f"{value!r} is now called {new}")
    return KINDS[setting].parse(value)


def unknown_setting(name: str, known: Iterable[str]) -> str:
    """Why a name is not one of the settings `known`; the new name of one that was renamed."""
    if name in RENAMED_SETTINGS:
        return f"is now called {RENAMED_SETTINGS[name]}"
    return unknown(name, known)


def flag(setting: str) -> str:
    """The command-line option of a setting."""
    return "--" + setting.replace("_", "-")


FIELDS = {f.name: f for f in fields(Settings)}
KINDS = {name: f.metadata["kind"] for name, f in FIELDS.items()}  # the kind of each setting's values
