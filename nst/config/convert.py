"""The same balance of style and content in another recipe's weights.

A style weight means nothing without its normalisation. Here the weights of every recipe are brought to
one unit: the mean squared difference of features, and of Gram matrices over C*H*W, of our networks.
"""

import math
from dataclasses import dataclass

from nst.config.layers import BACKBONES, IMAGENET_STD
from nst.config.recipes import resolve
from nst.config.settings import KINDS, Settings
from nst.config.values import spell_number
from nst.errors import NstError
from nst.text import nearest

DEVIATION = sum(IMAGENET_STD) / 3


@dataclass(frozen=True)
class Conversion:
    """Two sets of weights of one balance, and what has to be assumed for that."""

    given: Settings
    found: Settings
    assumptions: tuple[str, ...]

    def __str__(self) -> str:
        def words(settings: Settings) -> str:
            style, content = spell_number(settings.style_weight), spell_number(settings.content_weight)
            return f"{settings.recipe}: style_weight {style}, content_weight {content}"

        lines = [words(self.given), f"  = {words(self.found)}", "assuming:"]
        return "\n".join([*lines, *(f"  - {assumption}" for assumption in self.assumptions)])


def convert(source: str, target: str, size: int = 512) -> Conversion:
    """The style weight of recipe `target` with the balance of `source`, `RECIPE:SETTING=VALUE,...`.

    Raises NstError for what is no recipe or weight, and for losses that have no common unit.
    """
    given = _read(source)
    plain = resolve({"recipe": KINDS["recipe"].parse(target)})
    for settings in (given, plain):
        if settings.style_loss != "gram":
            raise NstError(
                f"{settings.recipe} has no Gram matrices: its {settings.style_loss} loss has no unit in"
                " common with them"
            )
        for name, fault in settings.faults():
            raise NstError(f"{settings.recipe}: {name}: {fault}")
        weights = settings.content_weight, settings.style_weight
        layers = _weighted(settings.content_layers), _weighted(settings.style_layers)
        if not all((*weights, *layers)):
            raise NstError(f"{settings.recipe} has a weight of 0 here: no balance can be carried over")
    try:
        weight = plain.style_weight * balance(given, size) / balance(plain, size)
    except (ArithmeticError, ValueError):  # layers of so little weight that their products are none
        weight = 0.0
    rounded = float(f"{weight:.4g}")
    if not 0 < rounded <= KINDS["style_weight"].high:
        raise NstError(
            f"{source} would be style_weight {rounded:.4g} in {target}, not {KINDS['style_weight']}:"
            " give weights that are less far apart"
        )
    found = resolve({"recipe": target, "style_weight": rounded})
    return Conversion(given, found, tuple(_assumptions(given, plain, size)))


def balance(settings: Settings, size: int) -> float:
    """Style over content in the common unit: geometric means over the layers of each.

    Sums and unnormalised Gram matrices depend on the size: a square image of `size` pixels.
    """
    # In [0, 1] without a deviation taken off, features are about as much smaller as that deviation.
    seen = 1.0 if settings.normalization == "imagenet" else DEVIATION
    scale = settings.feature_scale * seen
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
    given = {"recipe": KINDS["recipe"].parse(recipe)}
    for part in filter(None, weights.split(",")):
        name, _, value = part.partition("=")
        known = ("style_weight", "content_weight")
        if name not in known:
            raise NstError(
                f"{name!r} is not one of {', '.join(known)}{nearest(name, known)}; write"
                " RECIPE:style_weight=100"
            )
        try:
            given[name] = KINDS[name].parse(value)
        except NstError as error:
            raise NstError(f"{name}: {error}") from None
    return resolve(given)


def _assumptions(given: Settings, plain: Settings, size: int) -> list[str]:
    lines = ["one number for all layers: the geometric mean of their weights is carried over"]
    if list(given.style_layers) != list(plain.style_layers) or list(given.content_layers) != list(
        plain.content_layers
    ):
        lines.append("differences of features are as large at the other recipe's layers as at these")
    if given.feature_scale != plain.feature_scale:
        ratio = spell_number(float(f"{given.feature_scale / plain.feature_scale:.6g}"))
        lines.append(f"features of the one are {ratio} times those of the other (`feature_scale`)")
    if given.normalization != plain.normalization:
        lines.append(
            f"without ImageNet's deviation taken off, features are {DEVIATION:.4g} times as large"
        )
    if any(
        "sum" in (s.content_reduction, s.style_reduction) or s.gram == "none" for s in (given, plain)
    ):
        lines.append(f"a square image of {size} pixels: sums and plain Gram matrices grow with it")
    if given.tv_weight or plain.tv_weight:
        lines.append("total variation has a weight of its own, which is not carried over")
    if given.pooling != plain.pooling:
        lines.append("the poolings shrink features alike, which average pooling does not quite")
    return lines
