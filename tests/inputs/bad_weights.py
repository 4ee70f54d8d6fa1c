"""Bad files of weights, for a transfer and for `nst weights`."""

import os
import pickle
import struct

import torch
from bad_inputs import TRANSFER, bad, folder, link, pipe


def weights(contents, *words):
    """A bad file of weights for a transfer."""
    return bad(TRANSFER.replace("w.pth", "b.pth"), *words, files={"b.pth": contents})


def tensors(**tensors):
    """Writes a torch file; underscores in the names stand for dots."""
    return lambda path: torch.save({name.replace("_", "."): t for name, t in tensors.items()}, path)


def state(change):
    """Writes a torch file of the good weights after a change."""
    return lambda path: torch.save(change(torch.load(path.with_name("w.pth"))), path)


class Code:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("ran",)


def safetensors(header, data=b""):
    """A safetensors file of this header."""
    return struct.pack("<Q", len(header)) + header + data


WEIGHTS = {
    "weights that are not there": bad(
        TRANSFER.replace("w.pth", "none.pth"),
        "cannot read the weights none.pth: No such file or directory",
    ),
    "weights that are empty": weights(b"", "it ends too early"),
    "weights that are a folder": weights(folder, "cannot read the weights b.pth: it is not a file"),
    "weights that are a pipe": weights(pipe, "cannot read the weights b.pth: it is not a file"),
    "weights that are a device": weights(
        link("/dev/zero"), "cannot read the weights b.pth: it is not a file"
    ),
    "weights that are a picture": bad(
        TRANSFER.replace("w.pth", "c.png"), "c.png is not a weights file"
    ),
    "weights that are a text": weights("features.0.weight: 1", "b.pth is not a weights file"),
    "weights cut short": weights(
        lambda path: path.write_bytes(path.with_name("w.pth").read_bytes()[:3000]),
        "b.pth is not a weights file",
    ),
    "weights that would run code": weights(pickle.dumps(Code()), "its pickle holds more"),
    "weights in a torch file that would run code": weights(
        lambda path: torch.save({"a": Code()}, path), "it wants to run"
    ),
    "a whole network": weights(lambda path: torch.save(torch.nn.Linear(1, 1), path), "it wants to run"),
    "a list of tensors": weights(
        lambda path: torch.save([torch.zeros(1)], path),
        "b.pth holds no state dict but a list; save model.state_dict()",
    ),
    "one tensor": weights(
        lambda path: torch.save(torch.zeros(1), path), "b.pth holds no state dict but a Tensor; save"
    ),
    "no tensors": weights(
        lambda path: torch.save({}, path), "b.pth does not hold alexnet: features.0.weight is missing;"
    ),
    "weights below another name": weights(
        lambda path: torch.save({"state_dict": torch.load(path.with_name("w.pth"))}, path),
        "b.pth does not hold alexnet: features.0.weight is missing;",
    ),
    "weights of another shape": weights(
        tensors(features_0_weight=torch.zeros(64, 3, 3, 3), features_0_bias=torch.zeros(64)),
        "b.pth does not hold alexnet: features.0.weight is (64, 3, 3,",
    ),
    "weights without a bias": weights(
        tensors(features_0_weight=torch.zeros(64, 3, 11, 11)),
        "b.pth does not hold alexnet: features.0.bias is missing. A",
    ),
    "weights of whole numbers": weights(
        state(lambda s: {k: v.int() for k, v in s.items()}),
        "b.pth does not hold alexnet: features.0.weight is",
    ),
    "weights of complex numbers": weights(
        state(lambda s: {k: v.to(torch.complex64) for k, v in s.items()}),
        "b.pth does not hold alexnet: features.0.weight is",
    ),
    "weights that are no numbers": weights(
        state(lambda s: {k: v * float("nan") for k, v in s.items()}),
        "b.pth does not hold alexnet: features.0.weight holds values",
    ),
    "sparse weights": weights(
        state(lambda s: {k: v.to_sparse() for k, v in s.items()}),
        "b.pth does not hold alexnet: features.0.weight is",
    ),
    "weights that are text": weights(
        state(lambda s: dict.fromkeys(s, "1.0")),
        "b.pth does not hold alexnet: features.0.weight is missing;",
    ),
    "a safetensors file with a header too long": weights(
        struct.pack("<Q", 2**62) + b"{}", "b.pth is not a weights file"
    ),
    "a safetensors file with a header that is none": weights(
        safetensors(b"{nonsense"), "b.pth is not a weights file"
    ),
    "a safetensors file without its data": weights(
        safetensors(
            b'{"features.0.weight":{"dtype":"F32","shape":[64,3,11,11],"data_offsets":[0,92928]}}'
        ),
        "b.pth is not a weights file",
    ),
    "a safetensors file with tensors that overlap": weights(
        safetensors(
            b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}',
            bytes(6),
        ),
        "b.pth is not a weights file",
    ),
    "weights with a wrong checksum beside them": bad(
        TRANSFER,
        "w.pth is damaged or not the expected file: its SHA-256 is",
        files={"w.pth.sha256": "0" * 64 + "  w.pth\n"},
    ),
    "weights to convert that are not there": bad(
        "weights vgg16 --dir w --from none.pth",
        "cannot read the weights none.pth: No such file or directory",
    ),
    "weights to convert that are a text": bad(
        "weights vgg16 --dir w --from t.pth", "t.pth is not a weights file", files={"t.pth": "text"}
    ),
    "weights to convert that are a folder": bad(
        "weights vgg16 --dir w --from results", "cannot read the weights results: it is not a file"
    ),
    "weights to convert of another network": bad(
        "weights vgg16 --dir w --from w.pth",
        "w.pth does not hold vgg16: features.0.weight is (64, 3, 11,",
    ),
    "weights to convert that would run code": bad(
        "weights alexnet --dir w --from b.pth",
        "its pickle holds more",
        files={"b.pth": pickle.dumps(Code())},
    ),
    "weights kept that are damaged": bad(
        "weights vgg16 --dir d",
        "d/vgg16.safetensors is damaged or not the expected file:",
        files={"d/vgg16.safetensors": b"half"},
    ),
    "weights kept without their checksum": bad(
        "weights vgg19 --dir d",
        "d/vgg19.safetensors cannot be checked:",
        files={"d/vgg19.safetensors": b"half"},
    ),
    "weights kept in a file": bad(
        "weights vgg16 --dir c.png", "c.png is not a folder: choose another folder for the weights"
    ),
}
