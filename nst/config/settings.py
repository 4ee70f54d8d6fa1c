"""`Settings`: all that one transfer needs. Every default is written once, here or in the recipe.

Fields without a default belong to the recipe (`nst.recipes`), which must give every one of them.
The command line, config.yaml and the recipes all read names, help and bounds from these fields.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from nst.config.layers import BACKBONES, cut, layer_names, least_side
from nst.config.values import Choice, Layers, NameOrFile, Number, NumberOr
from nst.config.yaml_lines import unknown
from nst.disk.home import expand_home
from nst.disk.renamed import RENAMED_SETTINGS, renamed_value
from nst.errors import NstError

PICTURE_ENDINGS = (
    ".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif",
)  # fmt: skip
RECIPES = tuple(sorted(file.stem for file in Path(__file__).with_name("recipes").glob("*.yaml")))
ALL_LAYERS = tuple(dict.fromkeys(name for b in BACKBONES for name in layer_names(b)))

# How an image is computed: these change the pixels by rounding at most, so a change makes none again.
EXECUTION = ("device", "tile")

CARRYING = {("adam", kind) for kind in ("pixels", "clamped", "normalized", "levels")}

# A setting that acts only while another one has one of these values.
ACTS_WITH: dict[str, tuple[str, tuple[object, ...]]] = {
    "seed": ("init", ("noise", "uniform")),
    **dict.fromkeys(("noise_mean", "noise_std"), ("init", ("noise",))),
    **dict.fromkeys(("gram", "style_reduction", "style_divisor"), ("style_loss", ("gram",))),
    **dict.fromkeys(("beta1", "beta2", "carry"), ("optimizer", ("adam",))),
    **dict.fromkeys(("history", "line_search"), ("optimizer", ("lbfgs",))),
    "average_decay": ("result", ("average",)),
}


def _setting(kind: Any, effect: str, **default: Any) -> Any:
    return field(metadata={"kind": kind, "effect": effect}, **default)


@dataclass(frozen=True)
class Settings:
    """One transfer's settings, complete and checked."""

    # What is compared: the objective.
    backbone: str = _setting(Choice(tuple(BACKBONES)), "network whose features are compared")
    normalization: str = _setting(
        Choice(("imagenet", "none")), "whether the network sees ImageNet's mean and deviation taken off"
    )
    feature_scale: float = _setting(
        Number(1e-3, 1e4), "what features are multiplied by, to carry over weights of other networks"
    )
    padding: str = _setting(
        Choice(("zero", "replicate")), "what the first convolution sees beyond the edge"
    )
    pooling: str = _setting(
        Choice(("max", "avg", "avg-rescaled", "l2-rescaled")),
        "how the network shrinks its feature maps",
    )
    content_layers: dict[str, float] = _setting(
        Layers(ALL_LAYERS), "layers (and weights) at which the content is kept"
    )
    content_reduction: str = _setting(
        Choice(("mean", "sum")), "how squared differences of features become one number"
    )
    style_layers: dict[str, float] = _setting(
        Layers(ALL_LAYERS), "layers (and weights) at which the style is matched"
    )
    style_loss: str = _setting(
        Choice(("gram", "wasserstein")), "distance of the styles' statistics in a layer"
    )
    gram: str = _setting(
        Choice(("chw", "hw", "none")), "what divides a Gram matrix: C*H*W, H*W or nothing"
    )
    style_reduction: str = _setting(
        Choice(("mean", "sum")), "how squared differences of Gram matrices become one number"
    )
    style_divisor: str = _setting(
        Choice(("none", "chw")), "what divides a style term besides: nothing, or the layer's C*H*W"
    )
    content_weight: float = _setting(Number(0, 1e15), "how much the content counts")
    style_weight: float = _setting(Number(0, 1e15), "how much the style counts")
    tv_weight: float = _setting(Number(0, 1e15), "how much smoothness counts (total variation)")
    tv: str = _setting(
        Choice(("l1", "l2", "l1-sum", "nine-point")), "total variation: which differences, how reduced"
    )

    # How it is minimised: the engine.
    init: str = _setting(
        NameOrFile(("content", "style", "noise", "uniform", "grey"), PICTURE_ENDINGS, "a picture"),
        "where the image starts",
    )
    noise_mean: str = _setting(Choice(("grey", "black", "imagenet")), "what `init: noise` lies around")
    noise_std: float = _setting(Number(0, 10), "deviation of `init: noise`, in the range [0, 1]")
    parametrization: str = _setting(
        Choice(("fourier", "pixels", "clamped", "normalized", "levels")),
        "what is optimised: a sigmoid of 1/sqrt(f)-scaled waves, or pixels in one form or another",
    )
    optimizer: str = _setting(Choice(("lbfgs", "adam")), "how the image is changed")
    learning_rate: float = _setting(Number(1e-6, 1e4), "length of the optimiser's steps")
    beta1: float = _setting(Number(0, 0.9999), "Adam's memory of the gradient")
    beta2: float = _setting(Number(0, 0.99999), "Adam's memory of the squared gradient")
    history: int = _setting(Number(1, 1000, whole=True), "pairs of steps that L-BFGS remembers")
    line_search: str = _setting(
        Choice(("backtracking", "none")), "whether L-BFGS takes a step back that doubles the loss"
    )
    evaluations: int = _setting(
        Number(1, 100_000, whole=True), "losses and gradients computed, those of all scales together"
    )
    scales: int = _setting(Number(1, 20, whole=True), "sizes at most, the last is `size`")
    scale_ratio: float = _setting(Number(1.1, 8), "from one size to the next")
    scale_least: int = _setting(Number(1, 16384, whole=True), "least size, in pixels, to begin with")
    first_scale_share: float = _setting(
        Number(0.01, 100), "evaluations at the first size, in those at every further one"
    )
    scale_start: str = _setting(
        Choice(("residual", "upsampled")),
        "what each larger size starts from: its own start image plus the upsampled change made so far"
        " (residual), or the upsampled image",
    )
    carry: str = _setting(
        Choice(("none", "moments")), "whether Adam's moments are enlarged to the next size"
    )
    result: str = _setting(
        Choice(("best", "last_evaluated", "final_iterate", "average")),
        "which image is kept: of least loss, last evaluated, after the last step, or averaged",
    )
    average_decay: float = _setting(Number(0, 0.99999), "memory of the average of the images")

    # One run.
    recipe: str = _setting(
        NameOrFile(RECIPES, (".yaml", ".yml"), "a recipe file"),
        "named set of the settings above",
        default="gatys",
    )
    size: int = _setting(
        Number(16, 16384, whole=True), "longer side of the image, in pixels", default=512
    )
    style_scale: float = _setting(
        Number(0.05, 8), "size of the style picture, in sizes of the image", default=1.0
    )
    seed: int = _setting(Number(0, 2**63 - 1, whole=True), "seed of the noise", default=0)
    precision: str = _setting(
        Choice(("auto", "fp32", "tf32", "bf16")), "arithmetic of the network", default="auto"
    )
    device: str = _setting(
        Choice(("auto", "cpu", "cuda")),
        "where it is computed; auto takes a free GPU",
        default="auto",
    )
    snapshot_every: int = _setting(
        Number(0, 100_000, whole=True),
        "evaluations from frame to frame of a film; 0: no film",
        default=0,
    )
    tile: int | str = _setting(
        NumberOr(("auto", "none"), Number(64, 16384, whole=True)),
        "side of the tiles, in pixels, by which a picture is gone through; auto: where memory is short",
        default="auto",
    )

    def as_json(self) -> dict[str, Any]:
        """The settings as plain data, in the order of the fields."""
        # Not `asdict`, which copies each value by force: a plan asks ten thousand times.
        values = {name: getattr(self, name) for name in FIELDS}
        return {name: dict(v) if isinstance(v, dict) else v for name, v in values.items()}

    def pixels(self) -> dict[str, Any]:
        """The settings that the pixels depend on: no execution, recipe name or film."""
        return {
            k: v for k, v in self.as_json().items() if k not in (*EXECUTION, "recipe", "snapshot_every")
        }

    def layers(self) -> set[str]:
        """The layers that a loss of non-zero weight reads."""
        weighted = (
            (self.content_layers, self.content_weight),
            (self.style_layers, self.style_weight),
        )
        return {name for table, weight in weighted for name in table if table[name] * weight}

    @cached_property
    def least_side(self) -> int:
        """The least side, in pixels, of a picture that these layers of the backbone can see."""
        return least_side(cut(self.backbone, self.layers()))

    def init_picture(self) -> Path | None:
        """The picture that the image starts from, if it is one of its own."""
        return Path(self.init) if KINDS["init"].is_file(self.init) else None

    def faults(self) -> list[tuple[str, str]]:
        """What no single value shows to be wrong: pairs of the setting and what to do about it."""
        found = []
        for key in ("content_layers", "style_layers"):
            lacking = [name for name in getattr(self, key) if name not in layer_names(self.backbone)]
            if lacking:
                found.append(
                    (
                        key,
                        f"{self.backbone} has no layer {', '.join(lacking)};"
                        f" it has {', '.join(layer_names(self.backbone))}",
                    )
                )
        if found:
            return found
        if not self.layers():
            key = "style_weight" if not self.style_weight else "style_layers"
            return [(key, "nothing is left to compare: give the content or the style some weight")]
        if self.carry == "moments" and (self.optimizer, self.parametrization) not in CARRYING:
            found.append(
                (
                    "carry",
                    "only Adam's moments of pixels can be enlarged: choose carry none, or"
                    " optimizer adam with a parametrization of pixels",
                )
            )
        backtracking = self.optimizer == "lbfgs" and self.line_search == "backtracking"
        if backtracking and self.result in ("last_evaluated", "final_iterate"):
            text = (
                f"with line_search backtracking, {self.result} may be a step that is undone:"
                " choose best, or line_search none"
            )
            found.append(("result", text))
        least = self.least_side
        if self.size < least:
            found.append(
                (
                    "size",
                    f"{self.size} is too small for these layers of {self.backbone}:"
                    f" the least is {least}; or choose layers nearer to the picture",
                )
            )
        return found


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


def flags(values: Mapping[str, Any]) -> list[str]:
    """The command-line options that give settings these values, with paths in full."""
    pairs = ((flag(name), expand_home(KINDS[name].text(value))) for name, value in values.items())
    return [word for pair in pairs for word in pair]


FIELDS = {f.name: f for f in fields(Settings)}
KINDS = {name: f.metadata["kind"] for name, f in FIELDS.items()}  # how each value is read and spelled
