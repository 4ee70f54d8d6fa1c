"""The losses of one image by name, as an objective gives them and messages say them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from nst.config.settings import Settings

LOSSES = ("total", "content", "style", "tv")  # in the order of `Losses.summary`


@dataclass(frozen=True)
class Losses:
    """The losses of one image, scalars: weighted sums, and the unweighted term of every layer."""

    total: Tensor
    content: Tensor
    style: Tensor
    tv: Tensor
    terms: dict[str, dict[str, Tensor]]

    def summary(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Total, content, style and tv, weighted and detached."""
        return self.total.detach(), self.content.detach(), self.style.detach(), self.tv.detach()


def largest_term(weighted: Mapping[str, float], settings: Settings) -> str:
    """The name, value and weight of the largest term, NaN above all, as a message says them."""
    terms = {name: weighted[name] for name in LOSSES[1:]}
    name = max(terms, key=lambda term: math.inf if math.isnan(terms[term]) else abs(terms[term]))
    weight = f"{name}_weight"
    return f"the largest term is {name}, {terms[name]:.3g} with {weight} {getattr(settings, weight):g}"
