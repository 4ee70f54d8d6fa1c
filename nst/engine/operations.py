"""What a network of frozen weights is made of, keeping less for its gradient than torch does.

The values and the gradients are torch's. Only gradients by the input are made, and only once.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


class _Convolution(torch.autograd.Function):
    """Torch keeps the input, which only a gradient by the weights needs."""

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.shape, ctx.stride, ctx.padding = x.shape, stride, padding
        return F.conv2d(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None, None, None]:
        (weight,) = ctx.saved_tensors
        # Of the input only the shape is read: memory that nothing touches is never paged in.
        unread = torch.empty(
            ctx.shape, dtype=weight.dtype, device=weight.device, memory_format=torch.channels_last
        )
        by_input, _, _ = torch.ops.aten.convolution_backward(
            gradient, unread, weight, None, [ctx.stride] * 2, [ctx.padding] * 2, [1, 1], False, [0, 0],
            1, [True, False, False],
        )  # fmt: skip
        return by_input, None, None, None, None


class _ReLU(torch.autograd.Function):
    """Torch keeps the output, even where a loss keeps the input anyway."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return F.relu(x)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(gradient, x, 0)


class _MaxPool(torch.autograd.Function):
    """Torch keeps the input, and of every maximum its place in the picture in eight bytes, not four.

    Two bytes would do, counted from the window's corner, but cost 8 % of an evaluation's time.
    """

    @staticmethod
    def forward(ctx, x: Tensor, kernel: int, stride: int) -> Tensor:
        pooled, places = F.max_pool2d(x, kernel, stride, return_indices=True)
        ctx.shape, ctx.kernel, ctx.stride = x.shape, kernel, stride
        ctx.save_for_backward(places.to(torch.int32))
        return pooled

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        (places,) = ctx.saved_tensors
        unread = torch.empty(
            ctx.shape, dtype=gradient.dtype, device=gradient.device, memory_format=torch.channels_last
        )
        by_input = torch.ops.aten.max_pool2d_with_indices_backward(
            gradient, unread, [ctx.kernel] * 2, [ctx.stride] * 2, [0, 0], [1, 1], False, places.long()
        )
        return by_input, None, None


def convolution(x: Tensor, weight: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """`conv2d` with weights that have no gradient."""
    return _Convolution.apply(x, weight, bias, stride, padding)


def relu(x: Tensor) -> Tensor:
    """`relu` of an input that is kept anyway."""
    return _ReLU.apply(x)


def max_pool(x: Tensor, kernel: int, stride: int) -> Tensor:
    """`max_pool2d` of 1 x C x H x W features."""
    return _MaxPool.apply(x, kernel, stride) if x.requires_grad else F.max_pool2d(x, kernel, stride)
