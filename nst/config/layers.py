"""The plans of the backbones: the name, kind and number in torchvision of every layer.

Without torch, so that a grid can refuse a layer that a backbone lacks before any job starts.
`conv4_2` is the output of a convolution before its ReLU, `relu4_2` the output after it.
"""

import math
from dataclasses import dataclass
from functools import cache

# torchvision's networks were trained on RGB in [0, 1], minus this mean, divided by this deviation.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# The original VGG-19 was trained on levels from 0 to 255, minus this mean, in the order BGR.
CAFFE_MEAN = (123.68, 116.779, 103.939)  # RGB
# The size of what a network sees, and so about that of its features, by `normalization`: ImageNet's is
# the unit, whose deviation is 0.225 of the range from 0 to 1.
FEATURE_SIZES = {"imagenet": 1.0, "none": 0.225, "caffe": 255 * 0.225}


@dataclass(frozen=True)
class Layer:
    """One layer of a plan; `index` is torchvision's number in `features.{index}`."""

    name: str
    kind: str  # "conv", "relu" or "pool"
    index: int
    channels: int = 0
    kernel: int = 0
    stride: int = 1
    padding: int = 0

    def side_after(self, side: int) -> int:
        """The side of this layer's output, in pixels, for an input of `side` pixels."""
        if self.kind == "relu":
            return side
        return (side + 2 * self.padding - self.kernel) // self.stride + 1


def vgg_plan(convolutions: tuple[int, ...]) -> tuple[Layer, ...]:
    """Simonyan & Zisserman (2014), table 1: blocks of 3x3 convolutions, each ending in a pooling."""
    plan: list[Layer] = []
    channels = (64, 128, 256, 512, 512)
    for block, count in enumerate(convolutions, start=1):
        for number in range(1, count + 1):
            name, wide = f"{block}_{number}", channels[block - 1]
            plan.append(Layer(f"conv{name}", "conv", len(plan), wide, kernel=3, padding=1))
            plan.append(Layer(f"relu{name}", "relu", len(plan)))
        plan.append(Layer(f"pool{block}", "pool", len(plan), kernel=2, stride=2))
    return tuple(plan)


def alexnet_plan() -> tuple[Layer, ...]:
    """Krizhevsky (2014): the one-tower AlexNet of torchvision."""
    convolutions = ((64, 11, 4, 2), (192, 5, 1, 2), (384, 3, 1, 1), (256, 3, 1, 1), (256, 3, 1, 1))
    plan: list[Layer] = []
    for number, (wide, kernel, stride, padding) in enumerate(convolutions, start=1):
        plan.append(Layer(f"conv{number}", "conv", len(plan), wide, kernel, stride, padding))
        plan.append(Layer(f"relu{number}", "relu", len(plan)))
        if number in (1, 2, 5):
            plan.append(Layer(f"pool{number}", "pool", len(plan), kernel=3, stride=2))
    return tuple(plan)


BACKBONES: dict[str, tuple[Layer, ...]] = {
    "vgg19": vgg_plan((2, 2, 4, 4, 4)),
    "vgg19-caffe": vgg_plan((2, 2, 4, 4, 4)),
    "vgg16": vgg_plan((2, 2, 3, 3, 3)),
    "alexnet": alexnet_plan(),
}


def normalizations(backbone: str) -> tuple[str, ...]:
    """What a backbone's input may be normalized by, its training first."""
    return ("caffe",) if backbone == "vgg19-caffe" else ("imagenet", "none")


@cache
def stride(backbone: str, name: str) -> int:
    """How many pixels lie between two positions of a layer."""
    return math.prod(layer.stride for layer in cut(backbone, {name}))


def layer_names(backbone: str) -> list[str]:
    """The layers of a backbone that a loss may read, in the order of the network."""
    return [layer.name for layer in BACKBONES[backbone]]


def cut(backbone: str, layers: set[str]) -> tuple[Layer, ...]:
    """A backbone's plan up to the deepest of `layers`."""
    plan = BACKBONES[backbone]
    deepest = max(index for index, layer in enumerate(plan) if layer.name in layers)
    return plan[: deepest + 1]


@cache
def least_side(plan: tuple[Layer, ...]) -> int:
    """The smallest side, in pixels, of a picture for which every layer of `plan` has an output."""
    side = 1
    while True:
        reached = side
        for layer in plan:
            reached = layer.side_after(reached) if reached > 0 else 0
        if reached > 0:
            return side
        side += 1
