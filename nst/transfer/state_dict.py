"""State dicts: any file with torchvision's names -> the tensors that a plan of layers needs."""

import pickle
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from nst.config.layers import Layer
from nst.errors import NstError, is_out_of_memory
from nst.text import one_line

FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)


def read_state(path: Path, name: str, plan: tuple[Layer, ...]) -> dict[str, Any]:
    """The float32 tensors that `plan` needs, from any state dict with torchvision's names.

    The file may hold more than that, or be only as deep as needed. Raises NstError for a file that
    cannot be read, and names every missing or misshapen tensor.
    """
    state = _load(path)
    tensors, faults = {}, []
    for key, shape in tensor_shapes(plan):
        tensor = state.get(key)
        if not isinstance(tensor, torch.Tensor):
            faults.append(f"{key} is missing")
        elif tuple(tensor.shape) != shape:
            faults.append(f"{key} is {tuple(tensor.shape)}, not {shape}")
        elif tensor.dtype not in FLOATS or tensor.layout is not torch.strided or tensor.is_meta:
            faults.append(f"{key} is {tensor.type()}, not a dense tensor of floating-point numbers")
        elif not _is_finite(tensor := tensor.float()):
            faults.append(f"{key} holds values that are not finite numbers")
        else:
            tensors[key] = tensor
    if faults:
        raise NstError(
            f"{path} does not hold {name}: {'; '.join(faults)}. A state dict with torchvision's names"
            f" is wanted; `nst weights {name}` fetches one"
        )
    return tensors


def _is_finite(tensor: Any) -> bool:
    """Whether all values are finite: a look at the extremes takes a twentieth of the time."""
    low, high = torch.aminmax(tensor)  # NaN if any value is NaN
    return bool(torch.isfinite(low) and torch.isfinite(high))


def tensor_shapes(plan: Iterable[Layer]) -> list[tuple[str, tuple[int, ...]]]:
    """The names and shapes of the tensors that a plan of layers needs."""
    shapes, channels = [], 3
    for layer in plan:
        if layer.kind == "conv":
            kernel = (layer.kernel, layer.kernel)
            shapes.append((f"features.{layer.index}.weight", (layer.channels, channels, *kernel)))
            shapes.append((f"features.{layer.index}.bias", (layer.channels,)))
            channels = layer.channels
    return shapes


def _load(path: Path) -> dict[str, Any]:
    """Any state dict, safetensors or torch, without running what is inside."""
    try:
        if path.exists() and not path.is_file():
            raise NstError(f"cannot read the weights {path}: it is not a file")
        with path.open("rb") as file:
            start = file.read(9)
    except OSError as error:
        raise NstError(f"cannot read the weights {path}: {error.strerror or error}") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch's advice to whoever calls it
            if not start:
                raise EOFError
            if start[8:] != b"{" and start.startswith((b"PK", b"\x80")):  # a zip, or a bare pickle
                zipped = start.startswith(b"PK")
                state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
            else:  # eight bytes of length, then JSON
                state = load_file(path)
    except Exception as error:  # the readers raise whatever they stumble over
        if is_out_of_memory(error):
            raise MemoryError from None
        raise NstError(
            f"{path} is not a weights file (torch or safetensors) or is damaged: {_reason(error)};"
            " a state dict with torchvision's names is wanted"
        ) from None
    if not isinstance(state, dict):
        raise NstError(
            f"{path} holds no state dict but a {type(state).__name__}; save model.state_dict()"
        )
    return state


def _reason(error: Exception) -> str:
    """What is wrong, out of a reader's message of many lines."""
    refused = re.search(r"GLOBAL (\S+)", str(error))
    if refused:
        return f"it wants to run {one_line(refused[1])[:100]}"
    if isinstance(error, pickle.UnpicklingError):
        return "its pickle holds more than tensors, or is of a kind that torch does not read safely"
    if isinstance(error, EOFError):
        return "it ends too early"
    lines = str(error).splitlines() or [type(error).__name__]
    return one_line(lines[0])[:100].rstrip(".:; ")
