"""Loss terms as pure functions of tensors, named as in the papers.

Features are 1 x C x H x W of any floating type. Gram matrices and losses are in at least float32
(`wide_type`), because sums of squares over a feature map overflow half precision. Where a function
takes weights, 1 x 1 x H x W and none below 0, each position counts as often as its weight says.
"""

# pyright: reportIncompatibleMethodOverride=false
# (torch declares `backward` for any number of outputs; ours have one or two.)

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

GRAM_DIVISORS: dict[str, Callable[[int, int], float]] = {
    "chw": lambda channels, positions: channels * positions,
    "hw": lambda channels, positions: positions,
    "none": lambda channels, positions: 1.0,
}
CHUNK = 2**21  # features of half precision converted to float32 at a time: 8 MB, which caches hold
GPU_CHUNK = 2**26  # the same on a GPU, which has no use for small parts: 256 MB
COVARIANCE_RIDGE = 1e-4  # added to the diagonal
REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.mean, "sum": torch.sum}


def wide_type(dtype: torch.dtype) -> torch.dtype:
    """The type in which values of a type are summed: float64 for float64, else float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def wide(tensor: Tensor) -> Tensor:
    """A tensor in the type in which its values are summed."""
    return tensor.to(wide_type(tensor.dtype))


class _SquaredError(torch.autograd.Function):
    """Sum of w (F - P)^2; saves only F, P and w for backward, in their own precision."""

    @staticmethod
    def forward(ctx, features: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
        ctx.save_for_backward(features, target, weights)
        squares = (wide(features) - wide(target)).square_()
        return squares.sum() if weights is None else squares.mul_(weights).sum()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        features, target, weights = ctx.saved_tensors
        difference = (wide(features) - wide(target)).mul_(2 * gradient)
        if weights is not None:
            difference.mul_(weights)
        return difference.to(features.dtype), None, None


def _chunks(matrix: Tensor, weights: Tensor | None = None) -> Iterator[tuple[slice, Tensor]]:
    """The columns of a C x N matrix in chunks: where each chunk is, and its values in a wide type.

    A float32 copy of the whole matrix would be twice the size of a feature map in half precision, and a
    weighted copy as large as the matrix.
    """
    is_read_only = matrix.dtype == wide_type(matrix.dtype) and weights is None
    chunk = GPU_CHUNK if matrix.is_cuda else CHUNK
    columns = matrix.shape[1] if is_read_only else chunk // matrix.shape[0]
    columns = max(1, columns)  # N is 0 where a tile holds no position of a deep layer
    for start in range(0, matrix.shape[1], columns):
        yield slice(start, start + columns), wide(matrix[:, start : start + columns])


def _weighted(chunk: Tensor, weights: Tensor | None, columns: slice) -> Tensor:
    return chunk if weights is None else chunk * weights[columns]


def _root(weights: Tensor | None) -> Tensor | None:
    """What both factors of a product are multiplied by, so that the sum of products stays symmetric."""
    return None if weights is None else weights.sqrt()


def _gram(matrix: Tensor, weights: Tensor | None, total: Tensor | None = None) -> Tensor:
    """F diag(w) F^T of a C x N matrix, in a wide type; F w is added to `total`, if it is given."""
    kind = wide_type(matrix.dtype)
    # A CPU has no product of half precision with a wide result.
    at_once = weights is None and matrix.dtype != kind and matrix.device.type != "cpu"
    if at_once:
        gram = torch.mm(matrix, matrix.T, out_dtype=kind)
    else:
        gram = matrix.new_zeros((len(matrix),) * 2, dtype=kind)
    root = _root(weights)
    for columns, chunk in () if at_once and total is None else _chunks(matrix, weights):
        if not at_once:
            factor = _weighted(chunk, root, columns)
            gram.addmm_(factor, factor.T)
        if total is not None:
            total += _weighted(chunk, weights, columns).sum(dim=1)
    return gram


class _Gram(torch.autograd.Function):
    """F diag(w) F^T of a C x N matrix, for losses whose gradient by G is symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor, weights: Tensor | None) -> Tensor:
        ctx.save_for_backward(matrix, weights)
        return _gram(matrix, weights)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        # The gradient by F is (dG + dG^T) F, in general two products. A loss of a symmetric G against
        # a symmetric target has a symmetric dG, so one product is enough.
        # In the features' own precision, which is five times as fast; the rest of backward uses it too.
        matrix, weights = ctx.saved_tensors
        # Transposed so that the result is channels-last in memory, like the features.
        by_matrix = (matrix.T @ (2 * gradient).to(matrix.dtype)).T
        return by_matrix if weights is None else by_matrix.mul_(weights.to(matrix.dtype)), None


class _GramAndSum(torch.autograd.Function):
    """F diag(w) F^T of a C x N matrix and F w, for losses whose gradient by G is symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(matrix, weights)
        total = matrix.new_zeros(len(matrix), dtype=wide_type(matrix.dtype))
        return _gram(matrix, weights, total), total

    @staticmethod
    def backward(ctx, by_gram: Tensor, by_total: Tensor) -> tuple[Tensor, None]:
        matrix, weights = ctx.saved_tensors
        doubled, added = (2 * by_gram).to(matrix.dtype), by_total.to(matrix.dtype)
        by_matrix = torch.addmm(added, matrix.T, doubled).T  # as in _Gram
        return by_matrix if weights is None else by_matrix.mul_(weights.to(matrix.dtype)), None


class _Moments(torch.autograd.Function):
    """The sums of w (F - c) (C) and of w (F - c) (F - c)^T (C x C) of a C x N matrix F.

    The gradient by the second sum must be symmetric.
    """

    @staticmethod
    def forward(ctx, matrix: Tensor, centre: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(matrix, centre, weights)
        kind, root = wide_type(matrix.dtype), _root(weights)
        first = matrix.new_zeros(len(matrix), dtype=kind)
        second = matrix.new_zeros((len(matrix),) * 2, dtype=kind)
        for columns, chunk in _chunks(matrix, weights):
            centred = chunk - centre.unsqueeze(-1)
            first += _weighted(centred, weights, columns).sum(dim=1)
            factor = _weighted(centred, root, columns)
            second.addmm_(factor, factor.T)
        return first, second

    @staticmethod
    def backward(ctx, first: Tensor, second: Tensor) -> tuple[Tensor, None, None]:
        matrix, centre, weights = ctx.saved_tensors
        by_matrix, doubled = torch.empty_like(matrix), 2 * second
        for columns, chunk in _chunks(matrix, weights):
            by_chunk = (doubled @ (chunk - centre.unsqueeze(-1))).add_(first.unsqueeze(-1))
            by_matrix[:, columns] = _weighted(by_chunk, weights, columns)
        return by_matrix, None, None


def _matrix(features: Tensor) -> Tensor:
    """1 x C x H x W features as a C x HW matrix."""
    channels, height, width = features.shape[1:]
    # Channels-last features are an HW x C matrix in memory, so this copies nothing.
    return features.permute(0, 2, 3, 1).reshape(height * width, channels).T


def _row(weights: Tensor | None) -> Tensor | None:
    """1 x 1 x H x W weights as HW numbers, in the order of the columns of `_matrix`."""
    return None if weights is None else weights.flatten()


def gram_matrix(features: Tensor, weights: Tensor | None = None) -> Tensor:
    """Correlations of feature maps, C x C, a sum over positions (Gatys et al. 2015, equation 3)."""
    return _Gram.apply(_matrix(features), _row(weights))


def gram_and_sum(features: Tensor, weights: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """The Gram matrix (C x C), and the sum of the features over positions (C)."""
    return _GramAndSum.apply(_matrix(features), _row(weights))


def means_and_deviations(gram: Tensor, total: Tensor, positions: int) -> Tensor:
    """Mean and standard deviation of every channel (2 x C), from the sums of `gram_and_sum`.

    A variance that may be rounding counts as none and has no gradient: that of its root has no bound.
    """
    mean, squares = total / positions, gram.diagonal() / positions
    kind = torch.finfo(gram.dtype)
    rounding = kind.tiny + kind.eps * squares.detach()
    return torch.stack((mean, (squares - mean**2).clamp(min=rounding).sqrt()))


def moments_loss(moments: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of the means, plus that of the deviations; both arguments are 2 x C."""
    return ((moments - target) ** 2).sum() / moments.shape[1]


def normalized_gram(gram: Tensor, positions: int, divisor: str) -> Tensor:
    """A Gram matrix (C x C) divided as the setting `gram` says."""
    return gram / GRAM_DIVISORS[divisor](len(gram), positions)


def squared_error(features: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
    """Sum of squared differences of features (Gatys et al. 2015, equation 1, without its 1/2)."""
    return _SquaredError.apply(features, target, weights)


def style_loss(gram: Tensor, target: Tensor, reduction: str) -> Tensor:
    """Squared difference of Gram matrices (Gatys et al. 2015, equation 4, without its factor)."""
    return REDUCTIONS[reduction]((gram - target) ** 2)


def centred_sums(
    features: Tensor, centre: Tensor, weights: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Sums over positions of F - c (C) and of (F - c) (F - c)^T (C x C), for a centre c (C)."""
    return _Moments.apply(_matrix(features), centre, _row(weights))


def moments(sums: tuple[Tensor, Tensor], positions: int, centre: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (C) and covariance (C x C) of feature vectors over positions, from their centred sums.

    The nearer the centre is to the mean, the smaller the rounding error. Without one (E[xx'] - mm') it
    would exceed the ridge.
    """
    shift = sums[0] / positions
    covariance = sums[1] / positions - torch.outer(shift, shift)
    # With fewer positions than channels a covariance is singular, and its root has no gradient.
    ridge = COVARIANCE_RIDGE * torch.eye(len(shift), dtype=shift.dtype, device=shift.device)
    return centre + shift, covariance + ridge
