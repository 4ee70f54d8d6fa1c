"""Loss terms as pure functions of tensors, named as in the papers.

Features are 1 x C x H x W of any floating type. Gram matrices and losses are in at least float32
(`wide_type`), because sums of squares over a feature map overflow half precision.
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
CHUNK = 2**21  # features of half precision converted to float32 at a time: 8 MB
COVARIANCE_RIDGE = 1e-4  # added to the diagonal
MIN_EIGENVALUE = 1e-12
REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.mean, "sum": torch.sum}


def wide_type(dtype: torch.dtype) -> torch.dtype:
    """The type in which values of a type are summed: float64 for float64, else float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def wide(tensor: Tensor) -> Tensor:
    """A tensor in the type in which its values are summed."""
    return tensor.to(wide_type(tensor.dtype))


class _SquaredError(torch.autograd.Function):
    """Sum of (F - P)^2; saves only F and P for backward, in their own precision."""

    @staticmethod
    def forward(ctx, features: Tensor, target: Tensor) -> Tensor:
        ctx.save_for_backward(features, target)
        return (wide(features) - wide(target)).square_().sum()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        features, target = ctx.saved_tensors
        difference = wide(features) - wide(target)
        return difference.mul_(2 * gradient).to(features.dtype), None


def _chunks(matrix: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """The columns of a C x N matrix in chunks: where each chunk is, and its values in a wide type.

    A float32 copy of the whole matrix would be twice the size of a feature map in half precision.
    """
    is_wide = matrix.dtype == wide_type(matrix.dtype)
    columns = matrix.shape[1] if is_wide else CHUNK // matrix.shape[0]
    columns = max(1, columns)  # N is 0 where a tile holds no position of a deep layer
    for start in range(0, matrix.shape[1], columns):
        yield slice(start, start + columns), wide(matrix[:, start : start + columns])


class _Gram(torch.autograd.Function):
    """F F^T of a C x N matrix, for losses whose gradient by G is symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor) -> Tensor:
        ctx.save_for_backward(matrix)
        gram = matrix.new_zeros((len(matrix),) * 2, dtype=wide_type(matrix.dtype))
        for _, chunk in _chunks(matrix):
            gram.addmm_(chunk, chunk.T)
        return gram

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        # The gradient by F is (dG + dG^T) F, in general two products. A loss of a symmetric G against
        # a symmetric target has a symmetric dG, so one product is enough.
        # In the features' own precision, which is five times as fast; the rest of backward uses it too.
        (matrix,) = ctx.saved_tensors
        # Transposed so that the result is channels-last in memory, like the features.
        return (matrix.T @ (2 * gradient).to(matrix.dtype)).T


class _GramAndSum(torch.autograd.Function):
    """F F^T of a C x N matrix and the sums of its rows, for losses whose gradient by G is symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(matrix)
        kind = wide_type(matrix.dtype)
        gram = matrix.new_zeros((len(matrix),) * 2, dtype=kind)
        total = matrix.new_zeros(len(matrix), dtype=kind)
        for _, chunk in _chunks(matrix):
            gram.addmm_(chunk, chunk.T)
            total += chunk.sum(dim=1)
        return gram, total

    @staticmethod
    def backward(ctx, by_gram: Tensor, by_total: Tensor) -> Tensor:
        (matrix,) = ctx.saved_tensors
        doubled, added = (2 * by_gram).to(matrix.dtype), by_total.to(matrix.dtype)
        return torch.addmm(added, matrix.T, doubled).T  # as in _Gram


class _Moments(torch.autograd.Function):
    """The sums of F - c (C) and of (F - c) (F - c)^T (C x C) of a C x N matrix F.

    The gradient by the second sum must be symmetric.
    """

    @staticmethod
    def forward(ctx, matrix: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(matrix, centre)
        kind = wide_type(matrix.dtype)
        first = matrix.new_zeros(len(matrix), dtype=kind)
        second = matrix.new_zeros((len(matrix),) * 2, dtype=kind)
        for _, chunk in _chunks(matrix):
            centred = chunk - centre.unsqueeze(-1)
            first += centred.sum(dim=1)
            second.addmm_(centred, centred.T)
        return first, second

    @staticmethod
    def backward(ctx, first: Tensor, second: Tensor) -> tuple[Tensor, None]:
        matrix, centre = ctx.saved_tensors
        by_matrix, doubled = torch.empty_like(matrix), 2 * second
        for columns, chunk in _chunks(matrix):
            by_matrix[:, columns] = (doubled @ (chunk - centre.unsqueeze(-1))).add_(first.unsqueeze(-1))
        return by_matrix, None


def _matrix(features: Tensor) -> Tensor:
    """1 x C x H x W features as a C x HW matrix."""
    channels, height, width = features.shape[1:]
    # Channels-last features are an HW x C matrix in memory, so this copies nothing.
    return features.permute(0, 2, 3, 1).reshape(height * width, channels).T


def gram_matrix(features: Tensor) -> Tensor:
    """Correlations of feature maps, C x C, a sum over positions (Gatys et al. 2015, equation 3)."""
    return _Gram.apply(_matrix(features))


def gram_and_sum(features: Tensor) -> tuple[Tensor, Tensor]:
    """The Gram matrix (C x C), and the sum of the features over positions (C)."""
    return _GramAndSum.apply(_matrix(features))


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


def squared_error(features: Tensor, target: Tensor) -> Tensor:
    """Sum of squared differences of features (Gatys et al. 2015, equation 1, without its 1/2)."""
    return _SquaredError.apply(features, target)


def style_loss(gram: Tensor, target: Tensor, reduction: str) -> Tensor:
    """Squared difference of Gram matrices (Gatys et al. 2015, equation 4, without its factor)."""
    return REDUCTIONS[reduction]((gram - target) ** 2)


def centred_sums(features: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
    """Sums over positions of F - c (C) and of (F - c) (F - c)^T (C x C), for a centre c (C)."""
    return _Moments.apply(_matrix(features), centre)


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


def root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a positive definite matrix, C x C."""
    values, vectors = _eigen(covariance.double())
    return ((vectors * values.sqrt()) @ vectors.T).to(covariance.dtype)


def _eigen(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues (C), at least MIN_EIGENVALUE, and eigenvectors (C x C); NaN unless all are finite.

    torch.linalg.eigh would raise for such a matrix, but a NaN loss lets the run restart.
    """
    finite = torch.isfinite(matrix).all()
    values, vectors = torch.linalg.eigh(torch.where(finite, (matrix + matrix.T) / 2, 0))
    values = torch.where(finite, values.clamp(min=MIN_EIGENVALUE), torch.nan)
    return values, torch.where(finite, vectors, torch.nan)


class _RootTrace(torch.autograd.Function):
    """tr (R S R)^1/2 of a covariance S and the root R of another, both C x C, in float64.

    The gradient by S is 1/2 R (R S R)^-1/2 R, so no eigendecomposition is differentiated.
    """

    @staticmethod
    def forward(ctx, covariance: Tensor, target_root: Tensor) -> Tensor:
        target_root = target_root.double()
        values, vectors = _eigen(target_root @ covariance.double() @ target_root)
        roots = values.sqrt()
        # An eigenvalue that was raised to the minimum does not change the trace.
        inverse = torch.where(values > MIN_EIGENVALUE, 1 / (2 * roots), 0)
        ctx.save_for_backward(target_root @ vectors, inverse)
        ctx.dtype = covariance.dtype
        return roots.sum()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        vectors, inverse = ctx.saved_tensors
        return (gradient * ((vectors * inverse) @ vectors.T)).to(ctx.dtype), None


def wasserstein_loss(mean: Tensor, covariance: Tensor, target: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Squared 2-Wasserstein distance of two normal distributions (Olkin & Pukelsheim 1982).

    `mean` is C, `covariance` C x C; `target` is mean, covariance and root. Both parts of the distance
    are means over channels.
    """
    target_mean, target_covariance, target_root = target
    # In float64, because the difference of large traces is small.
    traces = target_covariance.double().trace() + covariance.double().trace()
    spread = (traces - 2 * _RootTrace.apply(covariance, target_root)) / mean.shape[0]
    return ((mean - target_mean) ** 2).mean() + spread.to(mean.dtype)


def tv_l1(image: Tensor) -> Tensor:
    """Mean absolute difference of neighbours, down and right (anisotropic total variation)."""
    return _mean(image.diff(dim=2).abs()) + _mean(image.diff(dim=3).abs())


def tv_l2(image: Tensor) -> Tensor:
    """Mean squared difference of neighbours, down and right."""
    return _mean(image.diff(dim=2) ** 2) + _mean(image.diff(dim=3) ** 2)


def _mean(values: Tensor) -> Tensor:
    return values.sum() / max(1, values.numel())  # an image one pixel wide has no neighbours


def tv_l1_sum(image: Tensor) -> Tensor:
    """Sum of absolute differences of neighbours, which grows with the number of pixels."""
    return image.diff(dim=2).abs().sum() + image.diff(dim=3).abs().sum()


def tv_nine_point(image: Tensor) -> Tensor:
    """Mean squared difference of a pixel and its eight neighbours, the edge repeated outwards.

    The weights are 2/3 for sides and 1/6 for corners, as in the nine-point stencil of the Laplacian.
    """
    sides = (image.diff(dim=2) ** 2).sum() + (image.diff(dim=3) ** 2).sum()
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1), "replicate")
    falling = padded[..., 1:, 1:] - padded[..., :-1, :-1]
    rising = padded[..., 1:, :-1] - padded[..., :-1, 1:]
    # The repeated edge adds differences of zero to the sides, which count in the mean.
    return 2 / 3 * sides / image.numel() + ((falling**2).mean() + (rising**2).mean()) / 6


TV: dict[str, Callable[[Tensor], Tensor]] = {
    "l1": tv_l1,  # a mean over pixels: the same weight suits every size
    "l2": tv_l2,
    "l1-sum": tv_l1_sum,
    "nine-point": tv_nine_point,
}
