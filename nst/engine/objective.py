"""The objective: targets are computed once, then it turns an image into named, weighted losses.

Every loss of a layer is a function of sums over positions, so that images can be evaluated by tiles.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any

import torch
from torch import Tensor

from nst.config.blend import shares
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.engine.blending import normalized
from nst.engine.guides import region_weights
from nst.engine.image_losses import Losses
from nst.engine.losses import squared_error, wide
from nst.engine.masks import LayerWeights, layer_weights, weighted
from nst.engine.pixel_losses import TV, Edges
from nst.engine.style_terms import STYLE_TERMS
from nst.engine.tiling import Tile, plan_tiles, positions, sum_over_tiles

LEAST_DISTANCE = 1e-6  # of a content from a style, as a share of the loss of features that are zero
LEAST_SPREAD = 0.1  # of a content's features, as a share of their mean square; a flat picture has none


@dataclass(frozen=True)
class Style:
    """A style picture, 1 x 3 x height x width in [0, 1], and its mask (1 x 1 x ...) if it has one."""

    picture: Tensor
    mask: Tensor | None = None


@dataclass(frozen=True)
class Part:
    """A part of the image with a style of its own: all of it, or a region.

    By layer: the target, the weights of the image's positions, the factor and the divisor of the loss.
    """

    targets: dict[str, Any]
    weights: LayerWeights
    factors: dict[str, float]
    divisors: dict[str, Tensor] = field(default_factory=dict)


class Objective:
    """Content, style and total variation of an image against a content and the pictures of a style.

    Total = content_weight * sum of w_l content_l + style_weight * sum of w_l style_l + tv_weight * TV
    (Gatys et al. 2015, equation 7, with the settings' normalization); edges count in the content's sum.
    The pictures are 1 x 3 x height x width in [0, 1]; images must have the size of the content. With a
    mask (1 x 1 x height x width) each position counts as the mask says; a layer at which it is empty is
    left out.
    """

    def __init__(
        self,
        backbone: Backbone,
        settings: Settings,
        content: Tensor,
        styles: Sequence[Style],
        mask: Tensor | None = None,
        regions: Sequence[Tensor] = (),
    ):
        self.backbone, self.settings = backbone, settings
        self.content_weights = _weights(settings.content_layers, settings.content_weight)
        self.style_weights = _weights(settings.style_layers, settings.style_weight)
        self.style_term = STYLE_TERMS[settings.style_loss](settings)
        self.wraps = settings.padding == "circular"
        self.tiles = self._tiles(content)
        self.positions = positions(backbone.plan, *content.shape[-2:])
        self.counted = self._counted(mask, self.tiles)
        # Where the image is not free its pixels have no gradient: the others count as a whole image.
        self.free_share = 1.0 if mask is None else float(mask.mean())
        for name in self.counted.empty:
            self.content_weights.pop(name, None)
            self.style_weights.pop(name, None)
        with torch.no_grad():
            self.content_targets = [self._content_target(content, tile) for tile in self.tiles]
            self.parts = self._parts(styles, mask, regions)
            self.content_divisors: dict[str, Tensor] = {}
            self.edges = Edges(settings, content) if settings.edges_weight else None
            if settings.balance == "pair":
                self.content_divisors = {name: self._variance(name) for name in self.content_weights}
                self._divide_parts(content)

    def __call__(self, image: Tensor) -> Losses:
        """The losses of an image, 1 x 3 x height x width in [0, 1], all in the image's type."""
        sums = iter(sum_over_tiles(self._sums, image, self.tiles))
        content, style = self._content_terms(sums), self._style_terms(sums)
        # A mask may be empty at all layers of a coarse size, and a loss must depend on the image.
        zero = image.new_zeros(()) if content or style else 0 * image.sum()
        content_sum = sum((self.content_weights[k] * v for k, v in content.items()), zero)
        style_sum = sum((self.style_weights[k] * v for k, v in style.items()), zero)
        terms = {"content": content, "style": style}
        if self.edges:
            edges = self.edges(image)
            # In the content's sum: it is what keeps an image like its content.
            content_sum = content_sum + self._free(self.settings.edges_weight) * edges
            terms["edges"] = {"laplacian": edges}
        tv_counts = self.settings.tv_weight > 0
        tv = TV[self.settings.tv](image if tv_counts else image.detach(), self.wraps)
        tv_sum = self._free(self.settings.tv_weight) * tv if tv_counts else zero
        return Losses(
            total=content_sum + style_sum + tv_sum,
            content=content_sum,
            style=style_sum,
            tv=tv_sum,
            terms={**terms, "tv": {self.settings.tv: tv}},
        )

    def _content_terms(self, sums: Iterator[Tensor]) -> dict[str, Tensor]:
        """The content term of every layer, from the next sums."""
        # Instead of scaling features: a content term is of order F^2, a style term of order G^2 = F^4.
        squared = self.settings.feature_scale**2
        terms = {name: squared * next(sums) / self._content_size(name) for name in self.content_weights}
        if self.content_divisors:
            return {name: term / self.content_divisors[name] for name, term in terms.items()}
        return terms

    def _style_terms(self, sums: Iterator[Tensor]) -> dict[str, Tensor]:
        """The style term of every layer that a part has, from the next sums."""
        found: dict[str, list[Tensor]] = {name: [] for name in self.style_weights}
        for part, by_layer in zip(self.parts, self._part_terms(sums), strict=True):
            for name, term in by_layer.items():
                if part.divisors:
                    term = term / part.divisors[name]
                factor = part.factors[name]
                found[name].append(term if factor == 1 else factor * term)
        return {name: sum(terms[1:], terms[0]) for name, terms in found.items() if terms}

    def _free(self, weight: float) -> float:
        """The weight of a mean over all pixels of which those that are free count."""
        return weight / self.free_share

    def _counted(self, mask: Tensor | None, tiles: Sequence[Tile]) -> LayerWeights:
        names = {**self.content_weights, **self.style_weights}
        return layer_weights(mask, self.backbone.plan, tiles, names)

    def _tiles(self, picture: Tensor) -> list[Tile]:
        # The caller replaces `auto` by a size, since it knows the free memory; here it means no tiles.
        core = self.settings.tile if isinstance(self.settings.tile, int) else None
        return plan_tiles(self.backbone.plan, picture.shape[2], picture.shape[3], core)

    def _features(self, part: Tensor, tile: Tile) -> dict[str, Tensor]:
        """The features (1 x C x height x width) of what a tile reads of a picture, without its halo."""
        features = self.backbone(part)
        return {name: tile.counted(name, features[name]) for name in features}

    def _content_target(self, content: Tensor, tile: Tile) -> dict[str, Tensor]:
        features = self._features(tile.read(content), tile)
        # Copied, because a view would hold the halo in memory, too.
        layout = torch.channels_last
        return {name: features[name].contiguous(memory_format=layout) for name in self.content_weights}

    def _parts(
        self, styles: Sequence[Style], mask: Tensor | None, regions: Sequence[Tensor]
    ) -> list[Part]:
        """The whole image with the blend of the styles, or each region with its own style."""
        plan, names = self.backbone.plan, list(self.style_weights)
        if not regions:
            return [Part(self._blended(styles), self.counted, dict.fromkeys(names, 1.0))]
        parts = []
        guide = zip(self.settings.guide, regions, styles, strict=True)
        for (_, weight), region, style in guide:
            found = region_weights(region, mask, plan, self.tiles, names, self.settings)
            statistics = self._statistics(style, list(found.shares) if weight else [])
            targets = {k: self.style_term.target([(1.0, some)]) for k, some in statistics.items()}
            factors = {name: weight * share for name, share in found.shares.items()}
            parts.append(Part(targets, found.weights, factors))
        return parts

    def _blended(self, styles: Sequence[Style]) -> dict[str, Any]:
        """The target of each layer; a picture without a share in a layer has no part in it."""
        by_layer = shares(self.settings.blend, self.style_weights, len(styles))
        parts: dict[str, list[tuple[float, Any]]] = {name: [] for name in self.style_weights}
        for number, style in enumerate(styles):
            names = [name for name in self.style_weights if by_layer[name][number]]
            for name, statistics in self._statistics(style, names).items():
                parts[name].append((by_layer[name][number], statistics))
        self.style_weights = {name: w for name, w in self.style_weights.items() if parts[name]}
        if any(style.mask is not None for style in styles):  # one may be empty at a layer
            parts = {name: normalized(some) for name, some in parts.items()}
        return {name: self.style_term.target(parts[name]) for name in self.style_weights}

    def _statistics(self, style: Style, names: Sequence[str]) -> dict[str, Any]:
        """What the target of each of these layers is made of, of one style picture."""
        if not names:
            return {}
        tiles = self._tiles(style.picture)
        if style.mask is not None and self.settings.guide:  # it is a region of the style
            plan = self.backbone.plan
            counted = region_weights(style.mask, None, plan, tiles, names, self.settings).weights
        else:
            counted = self._counted(style.mask, tiles)
        names = [name for name in names if name not in counted.empty]
        counts = positions(self.backbone.plan, *style.picture.shape[-2:])
        statistics: dict[str, Any] = dict.fromkeys(names)

        def tile_sums(pixels: Tensor, number: int) -> tuple[Tensor, ...]:
            features = self._features(pixels, tiles[number])
            return self._style_sums(features, statistics, counted.by_tile[number])

        for _ in range(self.style_term.passes):
            sums = iter(sum_over_tiles(tile_sums, style.picture, tiles))
            statistics = {
                name: self.style_term.statistics(layer_sums, counts[name], statistics[name])
                for name, layer_sums in self._by_layer(sums, statistics).items()
            }
        return statistics

    def _divide_parts(self, content: Tensor) -> None:
        """Make the style loss of the content 1, at every layer of every part.

        A divisor is not less than a share of the loss of features that are zero, so that no rounding
        counts where content and style are alike. None is 0.
        """
        sums = iter(sum_over_tiles(self._sums, content, self.tiles))
        for _ in self.content_weights:
            next(sums)
        for part, terms in zip(self.parts, self._part_terms(sums), strict=True):
            for name, distance in terms.items():
                size = self.style_term.size(self.positions[name], part.targets[name])
                part.divisors[name] = distance.clamp(min=_above_zero(LEAST_DISTANCE * size))

    def _variance(self, name: str) -> Tensor:
        """The content term of a layer for an image whose features there are the content's mean.

        Not less than a share of the features' mean square, so that no rounding counts where the content
        is flat. Not 0.
        """
        weights = [weights.get(name) for weights in self.counted.by_tile]
        parts = [wide(target[name]) for target in self.content_targets]
        pairs = list(zip(parts, weights, strict=True))
        sums = torch.stack([weighted(part, w).sum((2, 3), keepdim=True) for part, w in pairs]).sum(0)
        mean = sums / self.positions[name]
        spread = torch.stack([weighted((part - mean).square(), w).sum() for part, w in pairs]).sum()
        size = torch.stack([weighted(part.square(), w).sum() for part, w in pairs]).sum()
        scale = self.settings.feature_scale**2 / self._content_size(name)
        return _above_zero(scale * torch.maximum(spread, LEAST_SPREAD * size))

    def _sums(self, pixels: Tensor, number: int) -> tuple[Tensor, ...]:
        """The sums over positions of one tile from which all losses are computed."""
        features = self._features(pixels, self.tiles[number])
        weights, targets = self.counted.by_tile[number], self.content_targets[number]
        content = [squared_error(features[k], p, weights.get(k)) for k, p in targets.items()]
        style = (
            self._style_sums(features, part.targets, part.weights.by_tile[number])
            for part in self.parts
        )
        return (*content, *chain.from_iterable(style))

    def _style_sums(
        self, features: dict[str, Tensor], targets: dict[str, Any], weights: dict[str, Tensor]
    ) -> tuple[Tensor, ...]:
        sums = (
            self.style_term.sums(features[name], target, weights.get(name))
            for name, target in targets.items()
        )
        return tuple(chain.from_iterable(sums))

    def _part_terms(self, sums: Iterator[Tensor]) -> list[dict[str, Tensor]]:
        """The style term of every layer of every part, from its sums."""
        return [
            {
                name: self.style_term(layer_sums, self.positions[name], part.targets[name])
                for name, layer_sums in self._by_layer(sums, part.targets).items()
            }
            for part in self.parts
        ]

    def _by_layer(self, sums: Iterator[Tensor], names: Iterable[str]) -> dict[str, tuple[Tensor, ...]]:
        """The next sums, grouped by these style layers."""
        return {name: tuple(islice(sums, self.style_term.sums_each)) for name in names}

    def _content_size(self, name: str) -> int:
        """The divisor of a sum of squared differences: the layer's C*H*W, or 1."""
        channels = self.content_targets[0][name].shape[1]
        return 1 if self.settings.content_reduction == "sum" else channels * self.positions[name]


def _above_zero(divisor: Tensor) -> Tensor:
    return divisor.clamp(min=torch.finfo(divisor.dtype).tiny)


def _weights(layers: dict[str, float], weight: float) -> dict[str, float]:
    """The weights of the layers that are not weighted zero."""
    return {name: weight * share for name, share in layers.items() if weight * share}
