"""Convolution, ReLU and max pooling for frozen weights, which save less for backward than torch's.

Values and gradients are torch's. Only gradients by the input are computed, and only first ones.
Tensors are 1 x C x height x width.
"""

# pyright: reportIncompatibleMethodOverride=false
# (torch declares `backward` for any number of outputs; ours have one.)

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def empty_channels_last(shape: Sequence[int], like: Tensor) -> Tensor:
    """Unfilled features of a shape, in the type and on the device of another tensor."""
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last)


class _Convolution(torch.autograd.Function):
    """Torch saves the input, which only the gradient by the weights needs."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.shape, ctx.stride, ctx.padding = x.shape, stride, padding
        return F.conv2d(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        (weight,) = ctx.saved_tensors
        # Only its shape and layout count. `torch.nn.grad.conv2d_input` passes no channels-last input;
        # on a GPU every layer then converts its layout: an evaluation takes up to 1.8 times as long.
        unread = empty_channels_last(ctx.shape, weight)
        by_input, _, _ = torch.ops.aten.convolution_backward(
            gradient, unread, weight, None, [ctx.stride] * 2, [ctx.padding] * 2, [1, 1], False, [0, 0],
            1, [True, False, False],
        )  # fmt: skip
        return by_input, None, None, None, None


class _ReLU(torch.autograd.Function):
    """Saves the input, which a loss saves anyway; torch would save the output as well."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return F.relu(x)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(gradient, x, 0)


class _MaxPool(torch.autograd.Function):
    """Saves the index of each maximum in four bytes; torch saves the input and eight bytes.

    Two bytes, counted from the corner of the window, would do but made an evaluation 8 % slower.
    """

    @staticmethod
    def forward(ctx, x: Tensor, kernel: int, stride: int) -> Tensor:
        pooled, indices = F.max_pool2d(x, kernel, stride, return_indices=True)
        ctx.shape, ctx.kernel, ctx.stride = x.shape, kernel, stride
        ctx.save_for_backward(indices.to(torch.int32))
        return pooled

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        (indices,) = ctx.saved_tensors
        unread = empty_channels_last(ctx.shape, gradient)  # only its shape counts
        by_input = torch.ops.aten.max_pool2d_with_indices_backward(
            gradient, unread, [ctx.kernel] * 2, [ctx.stride] * 2, [0, 0], [1, 1], False, indices.long()
        )
        return by_input, None, None


def convolution(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """`conv2d` of 1 x C x H x W features with weights (C' x C x k x k) that need no gradient."""
    return _Convolution.apply(x, weight, bias, stride, padding)


def relu(x: Tensor) -> Tensor:
    """`relu` of 1 x C x H x W features that a loss saves anyway."""
    return _ReLU.apply(x)


def max_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """`max_pool2d` of 1 x C x H x W features."""
    return _MaxPool.apply(x, kernel, stride) if x.requires_grad else F.max_pool2d(x, kernel, stride)
