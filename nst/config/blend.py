"""`blend`: the weights of the pictures that a style consists of, alike at all layers or layer by layer.

They are divided by their sum at each layer, so that only their ratio counts.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nst.config.values import Layers, Number, safe_spelling, spell_number
from nst.disk.input_names import MOST_STYLES
from nst.errors import NstError
from nst.text import counted, nearest, shown

EQUAL = "equal"
REST = "rest"  # the layers that a blend by layer does not name
WEIGHT = Number(0, 1e12)

Blend = str | list[float] | dict[str, list[float]]


@dataclass(frozen=True)
class BlendKind:
    """`equal`, a weight for each picture, or such weights by layer; see the text forms in `__str__`."""

    known: tuple[str, ...]  # layers

    def __str__(self) -> str:
        return (
            "equal, a weight for each style picture (3,1), or such weights by layer"
            " (conv1_1=1:0,rest=0:1)"
        )

    def parse(self, value: object) -> Blend:
        if value == EQUAL:
            return EQUAL
        if isinstance(value, str) and "=" in value:
            parts = [part.partition("=") for part in value.split(",")]
            return self._by_layer(value, [(name.strip(), weights) for name, _, weights in parts])
        if isinstance(value, Mapping):
            return self._by_layer(value, list(value.items()))
        if isinstance(value, str) and "," not in value and not value[:1].isdigit():
            raise NstError(f"{shown(value)} is not {self}{nearest(value, (EQUAL,))}")
        return self._weights(value, ",")

    def _by_layer(self, value: object, pairs: list[tuple[Any, object]]) -> dict[str, list[float]]:
        names = [name for name, _ in pairs]
        if not pairs:
            raise NstError(f"{shown(value)} is not {self}")
        Layers(self.known).refuse_unknown([name for name in names if name != REST])
        if twice := [name for n, name in enumerate(names) if name in names[:n]]:
            raise NstError(f"{shown(value)} names {twice[0]} twice")
        weights = {}
        for name, some in sorted(pairs, key=lambda pair: (pair[0] == REST, pair[0])):
            try:
                weights[name] = self._weights(some, ":")
            except NstError as error:
                raise NstError(f"{name}: {error}") from None
        if len(counts := sorted({len(some) for some in weights.values()})) > 1:
            text = f"weights for {counts[0]} pictures at one layer, for {counts[-1]} at another"
            raise NstError(f"{shown(value)} has {text}: give as many at each")
        return weights

    def _weights(self, value: object, separator: str) -> list[float]:
        if isinstance(value, str):
            value = value.split(separator)
        elif isinstance(value, int | float):
            value = [value]
        if not isinstance(value, list) or not value:
            raise NstError(f"{shown(value)} is not {self}")
        if len(value) > MOST_STYLES:
            raise NstError(f"{len(value)} weights: a style has at most {MOST_STYLES} pictures")
        weights = [float(WEIGHT.parse(one)) for one in value]
        if not any(weights):
            raise NstError(f"{shown(value)}: the weights sum to nothing: give one picture a weight")
        return weights

    def text(self, value: Blend) -> str:
        if isinstance(value, dict):
            return ",".join(f"{name}={_joined(weights, ':')}" for name, weights in value.items())
        return value if isinstance(value, str) else _joined(value, ",")

    def spell(self, value: Blend) -> str:
        return safe_spelling(self.text(value).replace(",", "+").replace(":", "-"))


def _joined(weights: Iterable[float], separator: str) -> str:
    return separator.join(map(spell_number, weights))


def count_fault(blend: Blend, layers: Sequence[str], pictures: int, style: str = "a style") -> str:
    """Why a blend does not suit a style of so many pictures, at these layers; "" if it does."""
    if isinstance(blend, dict):
        if fault := _layer_fault(blend, layers):
            return fault
        blend = next(iter(blend.values()))
    if isinstance(blend, str) or len(blend) == pictures:
        return ""
    return (
        f"has {counted(len(blend), 'weight')} for {style} of {counted(pictures, 'picture')}: give one"
        " weight for each picture"
    )


def _layer_fault(blend: Mapping[str, list[float]], layers: Sequence[str]) -> str:
    """Layers without weights, or a picture that has weights only at layers that are not used."""
    if REST not in blend and (missing := [name for name in layers if name not in blend]):
        return f"gives no weights for {', '.join(missing)} of style_layers: name them, or {REST}"
    used = [name for name in blend if name in layers]
    used += [REST] * (REST in blend and len(used) < len(layers))
    for number, weights in enumerate(zip(*blend.values(), strict=True)):
        if any(weights) and not any(blend[name][number] for name in used):
            names = ", ".join(name for name in blend if blend[name][number])
            return (
                f"gives picture {number + 1} weights only at {names}, and style_layers are"
                f" {', '.join(layers)}: name one of these"
            )
    return ""


def shares(blend: Blend, layers: Iterable[str], pictures: int) -> dict[str, tuple[float, ...]]:
    """The share of every style picture at each of these layers; those of a layer sum to 1."""
    return {name: _normalized(_at(blend, name, pictures)) for name in layers}


def overall_shares(blend: Blend, layers: Mapping[str, float], pictures: int) -> tuple[float, ...]:
    """The share of every style picture where there are no layers: the mean over these, as weighted."""
    if pictures == 1:  # of most styles; a grid asks for each of its cells
        return (1.0,)
    weighted = {name: weight for name, weight in layers.items() if weight} or dict.fromkeys(layers, 1.0)
    by_layer = shares(blend, weighted, pictures)
    sums = (
        sum(weight * by_layer[name][number] for name, weight in weighted.items())
        for number in range(pictures)
    )
    return _normalized(list(sums))


def same_shares(one: Blend, other: Blend, layers: Sequence[str], pictures: int) -> bool:
    """Whether two blends of so many pictures are the same at these layers: 3,1 and 6,2 are."""
    if count_fault(one, layers, pictures) or count_fault(other, layers, pictures):
        return False
    first, second = (shares(blend, layers, pictures) for blend in (one, other))
    return all(
        math.isclose(*pair) for name in layers for pair in zip(first[name], second[name], strict=True)
    )


def _at(blend: Blend, layer: str, pictures: int) -> list[float]:
    if isinstance(blend, dict):
        return blend[layer if layer in blend else REST]
    return [1.0] * pictures if isinstance(blend, str) else blend


def _normalized(weights: list[float]) -> tuple[float, ...]:
    total = sum(weights)
    return tuple(weight / total for weight in weights)
