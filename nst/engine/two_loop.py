"""The direction of L-BFGS, -H g, by the two-loop recursion: vector by vector, or all at once on a GPU.

Vectors are flat and of one length. Both ways first measure numbers on the device. The caller transfers
them together with the losses, so that a GPU is waited for once per step, and gives them back.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

Pair = tuple[Tensor, Tensor, float]  # a step s, its change of gradient y, and y^T s
Candidate = tuple[Tensor, Tensor]  # s and y of a pair that may not be kept


class TwoLoop:
    """Nocedal & Wright, Numerical Optimization, algorithm 7.4."""

    def __init__(self, pairs: Sequence[Pair], candidate: Candidate | None, gradient: Tensor):
        self.candidate, self.gradient = candidate, gradient
        self.numbers = gradient.new_zeros(2)
        if candidate:
            # Of the rounded pair: only y^T s > 0 of what is kept makes every direction descend.
            s, y = (vector.to(gradient.dtype) for vector in candidate)
            self.numbers = torch.stack((y.dot(s), y.norm() * s.norm()))

    def curvature(self, numbers: Sequence[float]) -> tuple[float, float]:
        """y^T s and |y| |s| of the candidate; 0 if there is none."""
        return numbers[0], numbers[1]

    def direction(self, pairs: Sequence[Pair]) -> Tensor:
        """-H g of the pairs that are kept, the newest last."""
        q = -self.gradient
        alphas = []
        for s, y, curvature in reversed(pairs):
            alphas.append(1 / curvature * s.to(q.dtype).dot(q))
            q.addcmul_(y.to(q.dtype), alphas[-1], value=-1)
        if pairs:
            y, curvature = pairs[-1][1].to(q.dtype), pairs[-1][2]
            q.div_(1 / curvature * y.dot(y))
        for (s, y, curvature), alpha in zip(pairs, reversed(alphas), strict=True):
            q.addcmul_(s.to(q.dtype), alpha - 1 / curvature * y.to(q.dtype).dot(q))
        return q


class Products:
    """The same from the products of all vectors (Chen et al. 2014, "Large-scale L-BFGS").

    It takes a few kernels for any number of pairs, instead of 6 for each. A CPU is not faster this way.
    """

    def __init__(self, pairs: Sequence[Pair], candidate: Candidate | None, gradient: Tensor):
        self.candidate = candidate
        both = [(s, y) for s, y, _ in pairs] + ([candidate] if candidate else [])
        self.count = len(both)
        self.vectors = torch.stack([*(s for s, _ in both), *(y for _, y in both), gradient])
        self.numbers = (self.vectors @ self.vectors.T).flatten()

    def curvature(self, numbers: Sequence[float]) -> tuple[float, float]:
        """y^T s and |y| |s| of the candidate; 0 if there is none."""
        n = self.count
        side = 2 * n + 1
        self.products = torch.tensor(numbers[: side**2], dtype=torch.float64).view(side, side)
        if not self.candidate:
            return 0.0, 0.0
        s, y = n - 1, 2 * n - 1
        squares = float(self.products[s, s] * self.products[y, y])
        return float(self.products[s, y]), squares**0.5

    def direction(self, pairs: Sequence[Pair]) -> Tensor:
        """-H g of the pairs that are kept, the newest last."""
        is_kept = bool(pairs) and self.candidate is not None and pairs[-1][0] is self.candidate[0]
        end = self.count if is_kept or self.candidate is None else self.count - 1
        shares = self._shares(range(end - len(pairs), end)).to(self.vectors)
        return shares @ self.vectors

    def _shares(self, kept: range) -> Tensor:
        """The share of every vector in the direction."""
        products, n = self.products, self.count
        q = torch.zeros(len(products), dtype=torch.float64)
        q[-1] = -1
        alphas = {}
        for s in reversed(kept):
            alphas[s] = products[s].dot(q) / products[s, n + s]
            q[n + s] -= alphas[s]
        if kept:
            s, y = kept[-1], n + kept[-1]
            q *= products[s, y] / products[y, y]
        for s in kept:
            q[s] += alphas[s] - products[n + s].dot(q) / products[s, n + s]
        return q
