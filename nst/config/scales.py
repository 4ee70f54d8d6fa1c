"""The scales of a transfer: the sizes that it goes through, and the evaluations at each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from nst.config.settings import Settings

Size = tuple[int, int]  # width and height in pixels


@dataclass(frozen=True)
class Scale:
    """One size: the image's longer side in pixels, and the evaluations made there."""

    size: int
    evaluations: int


def scales_of(settings: Settings, content: Size, styles: Sequence[Size], begun: int = 0) -> list[Scale]:
    """The scales at which no picture, of these sizes, is too small for the network.

    Of a transfer that starts from an image whose longer side has `begun` pixels, the scales up to that
    size are left out with their evaluations: the image is their result. All evaluations are made at one
    scale if it is as large.
    """
    if begun >= settings.size:
        return [Scale(settings.size, settings.evaluations)]
    of_style = max(map(_slenderness, styles)) / settings.style_scale
    slender = max(_slenderness(content), of_style)
    scales = plan_scales(settings, math.ceil(settings.least_side * slender))
    return [scale for scale in scales if scale.size > begun]


def _slenderness(size: Size) -> float:
    return max(size) / min(size)


def plan_scales(settings: Settings, least: int) -> list[Scale]:
    """The scales of a transfer, from the coarsest to `settings.size`.

    Each size is `scale_ratio` times the one before, as many as `scales` allows and none below
    `scale_least` or `least`, the least that the network takes for these pictures. The first scale
    gets `first_scale_share` times the evaluations of every further one; all together are `evaluations`.
    """
    sizes = [settings.size]
    for number in range(1, settings.scales):
        size = round(settings.size / settings.scale_ratio**number)
        if size < max(settings.scale_least, least) or size == sizes[0]:
            break
        sizes.insert(0, size)
    shares = [settings.first_scale_share, *[1.0] * (len(sizes) - 1)]
    ends = [round(settings.evaluations * done / sum(shares)) for done in accumulate(shares, initial=0)]
    ends[:-1] = [min(end, settings.evaluations - 1) for end in ends[:-1]]  # the last is never left out
    scales = [
        Scale(size, end - start) for size, (start, end) in zip(sizes, pairwise(ends), strict=True)
    ]
    return [scale for scale in scales if scale.evaluations]
