"""The state of a transfer on disk, so that one that was stopped goes on where it was.

A state is a tree of dicts, lists, numbers and tensors. It is kept as safetensors, the tree in its
metadata, so that nothing is unpickled; a checksum and a key stand beside it.
"""

import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from nst.config.values import Number
from nst.disk.files import appearing
from nst.errors import NstError
from nst.text import one_line

SHARE = 0.01  # of the time that writing may take
VARIABLE, SOONEST = "NST_CHECKPOINT_SECONDS", 20.0  # seconds between two checkpoints at least
TENSOR = "tensor"  # the only key of what stands for one in the tree
# What may stand in a file is foreign until it has been looked at; these are how that shows.
UNREADABLE = (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError)
FAILED = (NstError, MemoryError, RuntimeError)  # a disk that is full, a device that is gone
SAVED = "the same command goes on from here"
# Of what a state may hold, as safetensors names it.
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


def key_of(facts: Mapping[str, Any]) -> str:
    """What a checkpoint must have in common with a transfer that goes on from it, as one checksum."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class Checkpoint:
    """The checkpoint of one transfer: read once, written now and then, removed at the end.

    From the second on it is written so seldom that it takes no more than SHARE of the time, whatever
    the disk; how long it takes is not known any sooner.
    """

    def __init__(self, path: Path, key: str, say: Callable[[str], None]):
        self.path, self.key, self.say = path, key, say
        self.latest: Callable[[], Any] | None = None  # makes the state that is to be written next
        self.soonest = _soonest(os.environ)
        self.due = time.monotonic() + self.soonest
        self.removed, self.told = False, ""
        self.lock = threading.Lock()

    def load(self, device: torch.device) -> Any:
        """The state, its tensors on a device; None where there is none, or none that can be used."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, "pt", device="cpu") as file:
                notes = file.metadata() or {}
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            if notes["key"] != self.key:
                return self.ignored("is of other settings, pictures, weights or versions")
            if notes["sha256"] != _checksum(notes["state"], tensors):
                return self.ignored("is damaged")
            # Copied: the same numbers at another alignment may have other sums.
            moved = {name: tensor.to(device, copy=True) for name, tensor in tensors.items()}
            return _joined(json.loads(notes["state"]), moved)
        except UNREADABLE:
            return self.ignored("is damaged")

    def ignored(self, why: str) -> None:
        """Say that the transfer starts from the beginning, and why."""
        self.latest = None
        self.say(f"note: {self.path} {why}: it is ignored, starting from the beginning")

    def offer(self, state: Callable[[], Any]) -> None:
        """Take note of what the next checkpoint would hold; write it if one is due.

        A checkpoint is an insurance: where it cannot be written the transfer goes on without.
        """
        self.latest = state
        start = time.monotonic()
        if start < self.due:
            return
        try:
            with self.undisturbed():
                self.save(lasting=True)
        except FAILED as error:
            if self.told != str(error):  # a full disk is so for long
                self.say(f"note: no checkpoint: {one_line(str(error))}")
            self.told = str(error)
        end = time.monotonic()
        self.due = end + max(self.soonest, (end - start) / SHARE)

    def undisturbed(self) -> AbstractContextManager:
        """A context in which no other thread writes, or ends the process."""
        return self.lock

    def save(self, lasting: bool = False) -> bool:
        """Write the latest state, undisturbed; whether there is any. A lasting one survives power cuts.

        Raises NstError where it cannot be written.
        """
        if self.latest is None:
            return False
        tensors: dict[str, Tensor] = {}
        state = json.dumps(_apart(self.latest(), tensors, {}))
        notes = {"key": self.key, "state": state, "sha256": _checksum(state, tensors)}
        with appearing(self.path, lasting) as partial:
            _write(partial, tensors, notes)
        return True

    def leave(self) -> str:
        """Save what was done, undisturbed, before an end that comes too soon; say what is left."""
        failed = ""
        try:
            if self.save():
                return SAVED
        except Exception as error:  # nothing may keep the process from its end
            failed = one_line((str(error) or type(error).__name__).splitlines()[0])
        if self.path.is_file():
            return f"the last checkpoint is kept: {failed or 'nothing was done since'}"
        return failed and f"nothing was saved: {failed}"

    @contextmanager
    def saved_on_failure(self) -> Iterator[None]:
        """Save what was done when an NstError comes from within, and say so in it."""
        try:
            yield
        except NstError as error:
            with self.undisturbed():
                left = self.leave()
            if left == SAVED:
                left = f"what was done is saved: {SAVED}, with another --tile, too"
            raise NstError("; ".join(filter(None, [str(error), left]))) from None

    def remove(self) -> None:
        """Leave nothing behind, since the whole is made."""
        self.latest, self.removed = None, True
        with suppress(OSError):
            self.path.unlink()


def _soonest(environment: Mapping[str, str]) -> float:
    text = environment.get(VARIABLE, str(SOONEST))
    try:
        return Number(0, 86400).parse(text)
    except NstError as error:
        raise NstError(f"{VARIABLE}: {error}") from None


def _apart(tree: Any, tensors: dict[str, Tensor], names: dict[int, str]) -> Any:
    """The tree with the name of a tensor in the place of each; no tensor is named twice."""
    if isinstance(tree, Tensor):
        name = names.setdefault(id(tree), str(len(names)))
        tensors[name] = tree.detach().cpu().contiguous()
        return {TENSOR: name}
    if isinstance(tree, Mapping):
        return {key: _apart(value, tensors, names) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_apart(value, tensors, names) for value in tree]
    return tree


def _joined(tree: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(tree, list):
        return [_joined(value, tensors) for value in tree]
    if isinstance(tree, dict):
        if tree.keys() == {TENSOR}:
            return tensors[tree[TENSOR]]
        return {key: _joined(value, tensors) for key, value in tree.items()}
    return tree


def _write(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, str]) -> None:
    """Write a safetensors file into one that is there: the library would put another in its place."""
    header, end = {"__metadata__": notes}, 0
    aligned = sorted(tensors, key=lambda name: -tensors[name].element_size())  # largest first
    for name in aligned:
        start, end = end, end + tensors[name].nbytes
        shape, kind = list(tensors[name].shape), DTYPES[tensors[name].dtype]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in aligned:
            file.write(_bytes(tensors[name]))


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.reshape(-1).view(torch.uint8).numpy().data


def _checksum(state: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(state.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(_bytes(tensors[name]))
    return digest.hexdigest()
