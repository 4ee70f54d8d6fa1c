"""The network whose features are compared, down to the deepest layer that a loss reads."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config.layers import CAFFE_MEAN, IMAGENET_MEAN, IMAGENET_STD, Layer, cut, least_side
from nst.config.settings import Settings
from nst.engine import winograd
from nst.engine.losses import wide_type
from nst.engine.operations import convolution, max_pool, relu
from nst.errors import NstError


def _avg_rescaled(x: Tensor, kernel: int, stride: int) -> Tensor:
    return F.avg_pool2d(x, kernel, stride) * 2


def _l2_rescaled(x: Tensor, kernel: int, stride: int) -> Tensor:
    return F.lp_pool2d(x, 2.0, kernel, stride) * 0.78


def wrapped(x: Tensor, padding: int) -> Tensor:
    """Features continued at their opposite sides. A side of one position is so often as is needed."""
    while padding:
        step = min(padding, *x.shape[-2:])
        x, padding = F.pad(x, (step,) * 4, "circular"), padding - step
    return x


# Averages are smaller than maxima, increasingly with depth. The rescaled poolings, with the factors of
# crowsonkb/style-transfer-pytorch, keep activations near those of max pooling.
POOLINGS: dict[str, Callable[..., Tensor]] = {
    "max": max_pool,
    "avg": F.avg_pool2d,
    "avg-rescaled": _avg_rescaled,
    "l2-rescaled": _l2_rescaled,
}
PRECISIONS = {
    "fp32": torch.float32,
    "fp32-winograd": torch.float32,
    "tf32": torch.float32,
    "bf16": torch.bfloat16,
    "fp64": torch.float64,
}


def picture_type(precision: str) -> torch.dtype:
    """The type of pictures, variables and losses in a precision of the network."""
    return wide_type(PRECISIONS[precision])


def best_precision(device: torch.device) -> str:
    """What `precision: auto` means on a device: bf16 if its hardware multiplies it, else fp32.

    On a CPU with MKL it is fp32 with Winograd's convolutions.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.get_device_capability(device) >= (8, 0) else "fp32"
    # torch has no public name for this; if it goes away, only speed is lost.
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    if supported():
        return "bf16"
    return "fp32-winograd" if torch.backends.mkl.is_available() else "fp32"


class Backbone:
    """A backbone on a device in one precision, with frozen weights.

    `weights` holds the tensors of `tensor_shapes(plan)` by torchvision's names: features.0.weight
    (C x 3 x k x k), features.0.bias (C), ... They may be mapped from a file; none is kept.
    """

    def __init__(
        self, settings: Settings, weights: Mapping[str, Tensor], precision: str, device: torch.device
    ):
        self.name, self.layers = settings.backbone, settings.layers()
        self.plan = cut(self.name, self.layers)
        self.pool = POOLINGS[settings.pooling]
        self.padding = settings.padding
        self.normalization = settings.normalization
        self.dtype = PRECISIONS[precision]
        self.by_winograd = precision == "fp32-winograd"
        # TF32 only for convolutions and only if asked for: torch's default uses it in fp32, too.
        conv = torch.backends.cudnn.conv  # pyright: ignore[reportAttributeAccessIssue]  (made at import)
        conv.fp32_precision = "tf32" if precision == "tf32" else "ieee"
        torch.backends.cuda.matmul.fp32_precision = "ieee"
        self.least_side = least_side(self.plan)
        like: dict[str, Any] = {"dtype": picture_type(precision), "device": device}
        self.caffe_mean = torch.tensor(CAFFE_MEAN, **like).view(1, 3, 1, 1)
        self.mean = torch.tensor(IMAGENET_MEAN, **like).view(1, 3, 1, 1)
        self.std = torch.tensor(IMAGENET_STD, **like).view(1, 3, 1, 1)
        if self.normalization == "caffe":  # its kernels read BGR; in order, they cost the image nothing
            weights = {**weights, "features.0.weight": weights["features.0.weight"].flip(1)}
        self.weights = {
            key: tensor.to(device, self.dtype, memory_format=torch.channels_last)
            if tensor.dim() == 4
            # Copied: reading a mapped file that is truncated later would kill the process.
            else tensor.to(device, self.dtype, copy=True)
            for key, tensor in weights.items()
        }
        self.transformed: dict[int, Tensor] = {}  # weights, by the index of their layer

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        """The features of an image (1 x 3 x height x width, RGB in [0, 1]) at the settings' layers.

        Each is 1 x C x height x width in the backbone's precision. Raises NstError for an image that is
        too small for the deepest layer.
        """
        if min(image.shape[-2:]) < self.least_side:
            height, width = image.shape[-2:]
            raise NstError(
                f"a picture of {width} x {height} pixels is too small for {self.plan[-1].name} of"
                f" {self.name}, which needs {self.least_side} on each side: choose a larger size"
                " (or style_scale), or layers nearer to the input"
            )
        features: dict[str, Tensor] = {}
        x = self._normalized(image).to(self.dtype, memory_format=torch.channels_last)
        for layer in self.plan:
            x = self._apply(layer, x)
            if layer.name in self.layers:
                features[layer.name] = x
        return features

    def _normalized(self, image: Tensor) -> Tensor:
        if self.normalization == "imagenet":
            return (image - self.mean) / self.std
        if self.normalization == "caffe":
            return image * 255 - self.caffe_mean
        return image

    def _apply(self, layer: Layer, x: Tensor) -> Tensor:
        if layer.kind == "conv":
            weight = self.weights[f"features.{layer.index}.weight"]
            bias = self.weights[f"features.{layer.index}.bias"]
            padding = layer.padding
            if self.padding == "replicate-all" or (self.padding == "replicate" and layer.index == 0):
                x, padding = F.pad(x, (padding,) * 4, "replicate"), 0
            elif self.padding == "circular":
                x, padding = wrapped(x, padding), 0
            if self.by_winograd and winograd.suits(x, weight, layer.stride, padding):
                if layer.index not in self.transformed:
                    self.transformed[layer.index] = winograd.transformed(weight)
                return winograd.convolution(x, self.transformed[layer.index], bias, padding)
            return convolution(x, weight, bias, layer.stride, padding)
        if layer.kind == "relu":
            if self._runs_after_pooling(layer):
                return x
            # In place it saves a feature map, but would overwrite features that a loss reads.
            return F.relu_(x) if self._before(layer) not in self.layers else relu(x)
        x = self.pool(x, layer.kernel, layer.stride)
        return F.relu_(x) if self._runs_after_pooling(self.plan[layer.index - 1]) else x

    def _before(self, layer: Layer) -> str:
        return self.plan[layer.index - 1].name

    def _runs_after_pooling(self, layer: Layer) -> bool:
        """Whether a ReLU waits for the max pooling after it: same values, a quarter of the work."""
        next_layer = self.plan[layer.index + 1 : layer.index + 2]
        is_pooled = bool(next_layer) and next_layer[0].kind == "pool"
        return is_pooled and self.pool is max_pool and layer.name not in self.layers
