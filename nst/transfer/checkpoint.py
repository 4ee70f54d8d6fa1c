"""The file format of a checkpoint: a tree of dicts, lists, numbers and tensors.

It is a safetensors file with the tree in its metadata, so that nothing is unpickled; a key and a
checksum stand beside the tree.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from nst.disk.files import appearing

TENSOR = "tensor"  # the only key of the dict that stands for a tensor in the tree
# A file may hold anything; these are the errors that show it while it is read.
UNREADABLE = (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError)
# safetensors' names of the types that a state may hold.
DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.bfloat16: "BF16",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


class Unusable(Exception):
    """A checkpoint from which nothing can be resumed; its text says why, as in "it is damaged"."""


def write_checkpoint(path: Path, key: str, tree: Any, durable: bool = False) -> None:
    """Write a tree; a durable file survives a power cut. Raises NstError where it cannot be written."""
    tensors: dict[str, Tensor] = {}
    text = json.dumps(_without_tensors(tree, tensors, {}))
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        _update(digest, name, tensors[name])
    metadata = {"key": key, "state": text, "sha256": digest.hexdigest()}
    with appearing(path, durable) as partial:
        _write(partial, tensors, metadata)


def read_checkpoint(path: Path, key: str, device: torch.device) -> Any:
    """The tree with its tensors on a device. Raises Unusable."""
    try:
        with safe_open(path, "pt", device="cpu") as file:
            metadata = file.metadata() or {}
            if metadata["key"] != key:
                raise Unusable("is of other settings, pictures, weights or versions")
            digest, tensors = hashlib.sha256(metadata["state"].encode()), {}
            for name in sorted(file.keys()):
                tensor = file.get_tensor(name)
                _update(digest, name, tensor)
                # Copied one by one, so that memory holds the state once. A copy on the CPU, too: the
                # same numbers at another alignment may have other sums.
                tensors[name] = tensor.to(device, copy=True)
                del tensor
        if metadata["sha256"] != digest.hexdigest():
            raise Unusable("is damaged")
        return _with_tensors(json.loads(metadata["state"]), tensors)
    except UNREADABLE:
        raise Unusable("is damaged") from None


def _without_tensors(tree: Any, tensors: dict[str, Tensor], names: dict[int, str]) -> Any:
    """The tree with a name in place of each tensor; a tensor that occurs twice gets one name."""
    if isinstance(tree, Tensor):
        name = names.setdefault(id(tree), str(len(names)))
        tensors[name] = tree.detach().cpu().contiguous()
        return {TENSOR: name}
    if isinstance(tree, Mapping):
        return {key: _without_tensors(value, tensors, names) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_without_tensors(value, tensors, names) for value in tree]
    return tree


def _with_tensors(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(tree, list):
        return [_with_tensors(value, tensors) for value in tree]
    if isinstance(tree, dict):
        if tree.keys() == {TENSOR}:
            return tensors[tree[TENSOR]]
        return {key: _with_tensors(value, tensors) for key, value in tree.items()}
    return tree


def _write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a safetensors file into an open one, which the library would replace or hold whole."""
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    aligned = sorted(tensors, key=lambda name: -tensors[name].element_size())  # largest elements first
    for name in aligned:
        start, end = end, end + tensors[name].nbytes
        shape, dtype = list(tensors[name].shape), DTYPES[tensors[name].dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in aligned:
            file.write(_bytes(tensors[name]))


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def _update(digest: Any, name: str, tensor: Tensor) -> None:
    """Add a tensor to a hashlib digest."""
    digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
    digest.update(_bytes(tensor))
