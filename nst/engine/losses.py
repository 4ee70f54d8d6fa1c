"""Loss terms as pure functions of tensors, named as in the papers.

Features are 1 x C x H x W in any floating type; Gram matrices and losses are always float32, since
sums of squares over a feature map overflow half precision.
"""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

GRAM_DIVISORS: dict[str, Callable[[int, int], float]] = {
    "chw": lambda channels, positions: channels * positions,
    "hw": lambda channels, positions: positions,
    "none": lambda channels, positions: 1.0,
}
PART = 2**21  # features made float32 at a time: 8 MB
COVARIANCE_RIDGE = 1e-4
LEAST_EIGENVALUE = 1e-12
REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.mean, "sum": torch.sum}


class _SquaredError(torch.autograd.Function):
    """Sum of (F - P)^2, of which no more than F and P is kept, in their own precision."""

    @staticmethod
    def forward(ctx, features: Tensor, target: Tensor) -> Tensor:
        ctx.save_for_backward(features, target)
        return (features.float() - target.float()).square_().sum()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        features, target = ctx.saved_tensors
        difference = features.float() - target.float()
        return difference.mul_(2 * gradient).to(features.dtype), None


def _in_parts(matrix: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """A C x N matrix in float32, a part of its columns at a time, each with where it came from.

    A whole copy would take twice the memory of a feature map in half precision.
    """
    columns = matrix.shape[1] if matrix.dtype == torch.float32 else PART // matrix.shape[0]
    columns = max(1, columns)  # a tile may hold no position of a deep layer
    for start in range(0, matrix.shape[1], columns):
        yield slice(start, start + columns), matrix[:, start : start + columns].float()


class _Gram(torch.autograd.Function):
    """F F^T of a C x N matrix, for losses whose gradient by G is symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor) -> Tensor:
        ctx.save_for_backward(matrix)
        gram = matrix.new_zeros((len(matrix),) * 2, dtype=torch.float32)
        for _, part in _in_parts(matrix):
            gram.addmm_(part, part.T)
        return gram

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        # d(F F^T) gives (dG + dG^T) F: two products in general. Every loss of a symmetric G against
        # a symmetric target has a symmetric dG, and one product is enough.
        # It is made in the features' own precision, in which the gradient goes on: five times as fast.
        (matrix,) = ctx.saved_tensors
        # Turned, so that it lies in memory as the features do: channels last.
        return (matrix.T @ (2 * gradient).to(matrix.dtype)).T


class _Moments(torch.autograd.Function):
    """The sums of F - c and of (F - c) (F - c)^T; the gradient by the second must be symmetric."""

    @staticmethod
    def forward(ctx, matrix: Tensor, centre: Tensor) -> tuple[Tensor, Tensor]:
        ctx.save_for_backward(matrix, centre)
        first = matrix.new_zeros(len(matrix), dtype=torch.float32)
        second = matrix.new_zeros((len(matrix),) * 2, dtype=torch.float32)
        for _, part in _in_parts(matrix):
            centred = part - centre.unsqueeze(-1)
            first += centred.sum(dim=1)
            second.addmm_(centred, centred.T)
        return first, second

    @staticmethod
    def backward(ctx, first: Tensor, second: Tensor) -> tuple[Tensor, None]:
        matrix, centre = ctx.saved_tensors
        by_matrix, doubled = torch.empty_like(matrix), 2 * second
        for columns, part in _in_parts(matrix):
            by_matrix[:, columns] = (doubled @ (part - centre.unsqueeze(-1))).add_(first.unsqueeze(-1))
        return by_matrix, None


def _matrix(features: Tensor) -> Tensor:
    """1 x C x H x W features as C x HW."""
    channels, height, width = features.shape[1:]
    # Channels-last features are a height*width x C matrix already; its transpose is free.
    return features.permute(0, 2, 3, 1).reshape(height * width, channels).T


def gram_matrix(features: Tensor) -> Tensor:
    """Correlations of feature maps, C x C, a sum over positions (Gatys et al. 2015, equation 3)."""
    return _Gram.apply(_matrix(features))


def normalized_gram(gram: Tensor, positions: int, divisor: str) -> Tensor:
    """A Gram matrix over what is named to divide it."""
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

    The nearer the centre to the mean, the less is lost: E[xx'] - mm' would lose the ridge to rounding.
    """
    shift = sums[0] / positions
    covariance = sums[1] / positions - torch.outer(shift, shift)
    # A covariance of fewer positions than channels is singular, and its root has no gradient.
    return centre + shift, covariance + COVARIANCE_RIDGE * torch.eye(len(shift), device=shift.device)


def root(covariance: Tensor) -> Tensor:
    """The symmetric square root of a positive matrix, C x C."""
    values, vectors = _eigen(covariance.double())
    return ((vectors * values.sqrt()) @ vectors.T).float()


def _eigen(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues, none below a tiny bound, and eigenvectors; no numbers for what holds none."""
    if not torch.isfinite(matrix).all():  # torch would raise, where a loss that is no number helps
        return torch.full_like(matrix[0], torch.nan), torch.full_like(matrix, torch.nan)
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    return values.clamp(min=LEAST_EIGENVALUE), vectors


class _RootTrace(torch.autograd.Function):
    """tr (R S R)^1/2 of a covariance S and the root R of another, in double.

    Its gradient by S is 1/2 R (R S R)^-1/2 R, without differentiating an eigendecomposition.
    """

    @staticmethod
    def forward(ctx, covariance: Tensor, target_root: Tensor) -> Tensor:
        target_root = target_root.double()
        values, vectors = _eigen(target_root @ covariance.double() @ target_root)
        roots = values.sqrt()
        # A value at its bound does not move the trace.
        inverse = torch.where(values > LEAST_EIGENVALUE, 1 / (2 * roots), 0)
        ctx.save_for_backward(target_root @ vectors, inverse)
        return roots.sum()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        turned, inverse = ctx.saved_tensors
        return (gradient * ((turned * inverse) @ turned.T)).float(), None


def wasserstein_loss(mean: Tensor, covariance: Tensor, target: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Squared 2-Wasserstein distance of two normal distributions over the channels (Olkin & Pukelsheim
    1982), each of its two parts a mean over channels; `target` is mean, covariance and its root."""
    target_mean, target_covariance, target_root = target
    # In double: two large traces, less twice a third.
    traces = target_covariance.double().trace() + covariance.double().trace()
    spread = (traces - 2 * _RootTrace.apply(covariance, target_root)) / mean.shape[0]
    return ((mean - target_mean) ** 2).mean() + spread.float()


def tv_l1(image: Tensor) -> Tensor:
    """Mean absolute difference of neighbours, down and right (anisotropic total variation)."""
    return sum(_mean(image.diff(dim=dim).abs()) for dim in (2, 3))


def tv_l2(image: Tensor) -> Tensor:
    """Mean squared difference of neighbours, down and right."""
    return sum(_mean(image.diff(dim=dim) ** 2) for dim in (2, 3))


def _mean(values: Tensor) -> Tensor:
    return values.sum() / max(1, values.numel())  # a picture one pixel wide has no neighbours


def tv_l1_sum(image: Tensor) -> Tensor:
    """Sum of absolute differences of neighbours; grows with the number of pixels."""
    return image.diff(dim=2).abs().sum() + image.diff(dim=3).abs().sum()


def tv_nine_point(image: Tensor) -> Tensor:
    """Mean squared differences of all eight neighbours, edges repeated outwards.

    Weights 2/3 for sides and 1/6 for corners, as in the nine-point stencil of the Laplacian.
    """
    sides = (image.diff(dim=2) ** 2).sum() + (image.diff(dim=3) ** 2).sum()
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1), "replicate")
    falling = padded[..., 1:, 1:] - padded[..., :-1, :-1]
    rising = padded[..., 1:, :-1] - padded[..., :-1, 1:]
    # The repeated edge adds differences of zero to the sides: they count in the mean.
    return 2 / 3 * sides / image.numel() + ((falling**2).mean() + (rising**2).mean()) / 6


TV: dict[str, Callable[[Tensor], Tensor]] = {
    "l1": tv_l1,  # means over pixels: a weight means the same at every size
    "l2": tv_l2,
    "l1-sum": tv_l1_sum,
    "nine-point": tv_nine_point,
}
