"""The networks that measure, always these, whatever the images were made with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.engine.backbone import Backbone
from nst.metrics import lpips, style_distance
from nst.results.metrics import NETWORKS
from nst.transfer.state_dict import read_state
from nst.transfer.weights import fetch


@dataclass(frozen=True)
class Networks:
    """AlexNet with the heads of LPIPS, and VGG-16, in fp32 on the CPU."""

    alexnet: Backbone
    vgg16: Backbone
    heads: list[Tensor]

    @classmethod
    def load(cls, folder: Path) -> "Networks":
        """The networks from a folder of weights, fetched if need be. Raises NstError."""
        files = fetch_networks(folder)
        return cls(
            _backbone("alexnet", lpips.LAYERS, files["alexnet"]),
            _backbone("vgg16", style_distance.LAYERS, files["vgg16"]),
            [head for _, head in sorted(load_file(files["lpips"]).items())],
        )


def fetch_networks(folder: Path) -> dict[str, Path]:
    """The verified weights of all that measures, by name, fetched if need be. Raises NstError."""
    return {name: fetch(name, folder) for name in NETWORKS}


def _backbone(name: str, layers: Sequence[str], path: Path) -> Backbone:
    settings = resolve(
        {
            "recipe": "gatys", "backbone": name, "normalization": "imagenet", "pooling": "max",
            "padding": "zero", "content_layers": dict.fromkeys(layers[:1], 1.0),
            "style_layers": dict.fromkeys(layers, 1.0),
        }
    )  # fmt: skip
    weights = read_state(path, name, cut(name, set(layers)))
    return Backbone(settings, weights, "fp32", torch.device("cpu"))
