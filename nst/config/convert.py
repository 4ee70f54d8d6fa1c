"""Converts a balance of style and content from one recipe's weights to another's.

A style weight means nothing without its normalization. Here the weights of every recipe get one unit:
the mean squared difference of features, and of Gram matrices over C*H*W, of torchvision's networks.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

from nst.config.blend import EQUAL
from nst.config.layers import BACKBONES, FEATURE_SIZES
from nst.config.recipes import resolve
from nst.config.settings import KINDS, Settings, flag
from nst.config.values import spell_number
from nst.errors import NstError
from nst.text import nearest

# What may be named of a recipe, and the setting that it is; the last as neural-style calls it.
SETTINGS = {
    "style_weight": "style_weight",
    "content_weight": "content_weight",
    "blend": "blend",
    "style_blend_weights": "blend",
}


@dataclass(frozen=True)
class Conversion:
    """Two sets of weights with the same balance, and the assumptions behind that."""

    source: Settings
    target: Settings
    assumptions: tuple[str, ...]

    def __str__(self) -> str:
        def weights(settings: Settings) -> str:
            style, content = spell_number(settings.style_weight), spell_number(settings.content_weight)
            return f"{settings.recipe}: style_weight {style}, content_weight {content}"

        lines = [weights(self.source), f"  = {weights(self.target)}"]
        if self.source.blend != EQUAL:
            blend = KINDS["blend"].text(self.source.blend)
            lines.append(f"  with the same blend of style pictures: {flag('blend')} {blend}")
        lines.append("assuming:")
        return "\n".join([*lines, *(f"  - {assumption}" for assumption in self.assumptions)])


def convert(source: str, target: str, size: int = 512) -> Conversion:
    """The style weight of recipe `target` with the balance of `source`, `RECIPE:SETTING=VALUE,...`.

    Raises NstError for unknown recipes, bad weights, and losses without a common unit.
    """
    original = _read(source)
    default = resolve({"recipe": KINDS["recipe"].parse(target)})
    for settings in (original, default):
        if settings.style_loss != "gram":
            raise NstError(
                f"{settings.recipe}: style_loss {settings.style_loss} has another unit than the"
                " difference of Gram matrices alone, so there is no weight to convert"
            )
        if settings.balance != "none":
            raise NstError(f"the weights of {settings.recipe} are relative to each pair of pictures")
        for name, fault in settings.faults():
            raise NstError(f"{settings.recipe}: {name}: {fault}")
        weights = settings.content_weight, settings.style_weight
        layers = _weighted(settings.content_layers), _weighted(settings.style_layers)
        if not all((*weights, *layers)):
            raise NstError(f"{settings.recipe} has a weight of 0 here: there is no balance to convert")
    try:
        ratio = style_over_content(original, size) / style_over_content(default, size)
        weight = default.style_weight * ratio
    except (ArithmeticError, ValueError):  # the weights of layers are so small that a product is 0
        weight = 0.0
    rounded = float(f"{weight:.4g}")
    if not 0 < rounded <= KINDS["style_weight"].high:
        raise NstError(
            f"{source} would be style_weight {rounded:.4g} in {target}, not {KINDS['style_weight']}:"
            " choose weights that are less far apart"
        )
    result = resolve({"recipe": target, "style_weight": rounded, "blend": original.blend})
    return Conversion(original, result, tuple(_assumptions(original, default, size)))


def style_over_content(settings: Settings, size: int) -> float:
    """Style over content in the common unit: the ratio of geometric means over the layers.

    Sums and plain Gram matrices depend on the size: a square image of `size` pixels is assumed.
    """
    scale = settings.feature_scale * FEATURE_SIZES[settings.normalization]
    content, style = [], []
    for name, weight in _weighted(settings.content_layers):
        count = math.prod(_shape(settings.backbone, name, size))
        content.append(weight * scale**2 * (count if settings.content_reduction == "sum" else 1))
    for name, weight in _weighted(settings.style_layers):
        channels, positions = _shape(settings.backbone, name, size)
        gram = {"chw": 1, "hw": channels, "none": channels * positions}[settings.gram]
        reduced = channels**2 if settings.style_reduction == "sum" else 1
        divided = channels * positions if settings.style_divisor == "chw" else 1
        style.append(weight * scale**4 * gram**2 * reduced / divided)
    weights = settings.style_weight / settings.content_weight
    return weights * _geometric_mean(style) / _geometric_mean(content)


def _weighted(layers: dict[str, float]) -> list[tuple[str, float]]:
    return [(name, weight) for name, weight in layers.items() if weight]


def _shape(backbone: str, name: str, size: int) -> tuple[int, int]:
    """Channels and positions of a layer for a square image."""
    channels, side = 3, size
    for layer in BACKBONES[backbone]:
        side, channels = layer.side_after(side), layer.channels or channels
        if layer.name == name:
            break
    return channels, side * side


def _geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def _read(source: str) -> Settings:
    """`RECIPE` or `RECIPE:style_weight=100,content_weight=5` as settings."""
    recipe, _, weights = source.partition(":")
    values: dict[str, Any] = {"recipe": KINDS["recipe"].parse(recipe)}
    # A value may hold commas: style_blend_weights=3,7.
    for part in filter(None, re.split(r",(?=[^,=]*=)", weights)):
        name, _, value = part.partition("=")
        if name not in SETTINGS:
            raise NstError(
                f"{name!r} is not one of {', '.join(SETTINGS)}{nearest(name, SETTINGS)}; write"
                " RECIPE:style_weight=100"
            )
        try:
            values[SETTINGS[name]] = KINDS[SETTINGS[name]].parse(value)
        except NstError as error:
            raise NstError(f"{name}: {error}") from None
    return resolve(values)


def _assumptions(source: Settings, target: Settings, size: int) -> list[str]:
    def differ(*names: str) -> bool:
        return any(getattr(source, name) != getattr(target, name) for name in names)

    both = (source, target)
    lines = ["one factor for all layers: the geometric mean of their weights is converted"]
    if any(
        list(getattr(source, n)) != list(getattr(target, n)) for n in ("style_layers", "content_layers")
    ):
        lines.append("differences of features are as large at the layers of one recipe as of the other")
    if differ("feature_scale", "normalization"):
        first, second = (s.feature_scale * FEATURE_SIZES[s.normalization] for s in both)
        ratio = spell_number(float(f"{first / second:.6g}"))
        lines.append(
            f"features of the first are {ratio} times those of the second (`feature_scale` and"
            " `normalization`)"
        )
    if any("sum" in (s.content_reduction, s.style_reduction) or s.gram == "none" for s in both):
        lines.append(f"a square image of {size} pixels: sums and plain Gram matrices grow with it")
    if source.tv_weight or target.tv_weight:
        lines.append("the weight of total variation is not converted")
    if differ("pooling"):
        lines.append("all poolings scale features alike, which is only roughly true of average pooling")
    return lines
