"""State dicts: whatever holds the tensors is read, and whatever does not is refused by name."""

import collections
import io
import json
import os
import struct
import zipfile
from pathlib import Path

import pytest
import safetensors.torch
import torch
from conftest import draw_picture
from weight_sources import Runs

from nst.config.layers import BACKBONES, cut
from nst.errors import NstError
from nst.transfer.state_dict import read_state, tensor_shapes

SHALLOW = cut("alexnet", {"conv1"})
WEIGHT, BIAS = "features.0.weight", "features.0.bias"
WANTED = "a state dict with torchvision's names is wanted"


def state(plan=SHALLOW, dtype=torch.float32):
    generator = torch.Generator().manual_seed(5)
    return {
        key: torch.randn(shape, generator=generator).to(dtype) for key, shape in tensor_shapes(plan)
    }


def legacy(value, path):
    torch.save(value, path, _use_new_zipfile_serialization=False)


def with_long_header(value, path):
    """Safetensors whose first bytes are those of a pickle: a header of 640 bytes."""
    data = safetensors.torch.save(value)
    length = struct.unpack("<Q", data[:8])[0]
    header = data[8 : 8 + length].ljust(640)
    path.write_bytes(struct.pack("<Q", 640) + header + data[8 + length :])
    assert path.read_bytes()[:2] == b"\x80\x02"


WRITERS = {
    "zip": torch.save,
    "legacy": legacy,
    "safetensors": safetensors.torch.save_file,
    "safetensors that begin like a pickle": with_long_header,
}


def same(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_every_container(tmp_path, write):
    write(state(), tmp_path / "w")
    found = read_state(tmp_path / "w", "alexnet", SHALLOW)
    assert same(found, state())


def test_more_than_needed_and_no_more_than_needed(tmp_path):
    whole = state(BACKBONES["alexnet"])
    torch.save({**whole, "classifier.1.weight": torch.zeros(2), "epoch": 3}, tmp_path / "w")
    assert same(read_state(tmp_path / "w", "alexnet", BACKBONES["alexnet"]), whole)
    assert list(read_state(tmp_path / "w", "alexnet", SHALLOW)) == [WEIGHT, BIAS]


@pytest.mark.parametrize("write", [torch.save, legacy])
def test_the_state_dict_of_a_module(tmp_path, write):
    module = torch.nn.Module()
    module.features = torch.nn.Sequential(torch.nn.Conv2d(3, 64, 11))
    write(collections.OrderedDict(module.state_dict()), tmp_path / "w")
    assert same(read_state(tmp_path / "w", "alexnet", SHALLOW), module.state_dict())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_other_precisions_become_float32(tmp_path, write, dtype):
    write(state(dtype=dtype), tmp_path / "w")
    found = read_state(tmp_path / "w", "alexnet", SHALLOW)
    assert same(found, {key: tensor.float() for key, tensor in state(dtype=dtype).items()})
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}


def with_value(tensor, value):
    tensor = tensor.clone()
    tensor.view(-1)[7] = value
    return tensor


GOOD = state()
DENSE = "not a dense tensor of floating-point numbers"
FAULTY = {  # what differs from a good state, what is said of it
    "missing": ({WEIGHT: None}, [f"{WEIGHT} is missing"]),
    "all missing": ({WEIGHT: None, BIAS: None}, [f"{WEIGHT} is missing", f"{BIAS} is missing"]),
    "no tensor": ({BIAS: [1.0] * 64}, [f"{BIAS} is missing"]),
    "misshapen": (
        {WEIGHT: torch.zeros(64, 3, 3, 3)},
        [f"{WEIGHT} is (64, 3, 3, 3), not (64, 3, 11, 11)"],
    ),
    "scalar": ({BIAS: torch.tensor(1.0)}, [f"{BIAS} is (), not (64,)"]),
    "whole numbers": (
        {BIAS: torch.ones(64, dtype=torch.int64)},
        [f"{BIAS} is torch.LongTensor, {DENSE}"],
    ),
    "truths": ({BIAS: torch.ones(64, dtype=torch.bool)}, [f"{BIAS} is torch.BoolTensor, {DENSE}"]),
    "complex": (
        {BIAS: torch.ones(64, dtype=torch.complex64)},
        [f"{BIAS} is torch.ComplexFloat", DENSE],
    ),
    "NaN": (
        {WEIGHT: with_value(GOOD[WEIGHT], torch.nan)},
        [f"{WEIGHT} holds values that are not finite"],
    ),
    "infinite": (
        {BIAS: with_value(GOOD[BIAS], -torch.inf)},
        [f"{BIAS} holds values that are not finite"],
    ),
    "too large for float32": (
        {BIAS: with_value(GOOD[BIAS].double(), 1e300)},
        [f"{BIAS} holds values that are not finite"],
    ),
    "several": (
        {WEIGHT: torch.zeros(1), BIAS: with_value(GOOD[BIAS], torch.nan)},
        [f"{WEIGHT} is (1,), not (64, 3, 11, 11); {BIAS} holds values"],
    ),
}
SPARSE = {
    "eight bits": (lambda: torch.ones(64).to(torch.float8_e4m3fn), f"{BIAS} is torch.Float8"),
    "sparse": (lambda: torch.ones(64).to_sparse(), f"{BIAS} is torch.sparse.FloatTensor, {DENSE}"),
    "without values": (lambda: torch.ones(64, device="meta"), f"{BIAS} is "),
}


@pytest.mark.parametrize("case", FAULTY)
@pytest.mark.parametrize("write", [torch.save, legacy, safetensors.torch.save_file])
def test_faulty_tensors_are_named(tmp_path, write, case):
    changes, faults = FAULTY[case]
    changed = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    if write is safetensors.torch.save_file and case == "no tensor":
        changed.pop(BIAS)  # it holds nothing else
    write(changed, tmp_path / "my weights")
    refuse(tmp_path / "my weights", "does not hold alexnet: ", *faults)
    with pytest.raises(NstError, match="`nst weights alexnet` fetches one"):
        read_state(tmp_path / "my weights", "alexnet", SHALLOW)


@pytest.mark.parametrize("case", SPARSE)
def test_tensors_without_plain_values_are_named(tmp_path, case):
    make, fault = SPARSE[case]
    torch.save({**GOOD, BIAS: make()}, tmp_path / "w")
    refuse(tmp_path / "w", "does not hold alexnet: ", fault, DENSE)


def refuse(path, *parts):
    """The file is refused in one line that names it and has these parts."""
    with pytest.raises(NstError) as refusal:
        read_state(path, "alexnet", SHALLOW)
    text = str(refusal.value)
    assert str(path) in text and text.isprintable()
    assert all(part in text for part in parts), text


@pytest.mark.parametrize("write", [torch.save, legacy])
@pytest.mark.parametrize("place", ["beside", "instead"])
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path, write, place):
    bad = Runs(tmp_path / "ran")
    write({**GOOD, "more": bad} if place == "beside" else bad, tmp_path / "w")
    refuse(tmp_path / "w", "is not a weights file", f"it wants to run {os.mkdir.__module__}.mkdir")
    assert not (tmp_path / "ran").exists()


def zipped():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("notes.txt", "no tensors")
    return stream.getvalue()


NO_WEIGHTS = "is not a weights file (torch or safetensors) or is damaged: "
FOREIGN = {
    "empty": (b"", "it ends too early"),
    "text": (b"features.0.weight 1 2 3\n" * 20, "header too large"),
    "zip": (zipped(), "notes.txt"),
    "pickle": (b"\x80\x04}\x94.", "its pickle holds more than tensors, or is of a kind"),
    "one byte": (b"\x80", "index out of range"),
    "an escape": (b"\x80\x02c\x1b[2J\nx\n.", r"it wants to run \x1b[2J.x"),
    "zeros": (bytes(300), "invalid JSON in header"),
    "JSON": (json.dumps({"features.0.weight": [1, 2]}).encode(), "header too large"),
    "header longer than the file": (struct.pack("<Q", 10**6) + b"{}", "invalid header length"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_other_files_are_refused(tmp_path, case):
    data, reason = FOREIGN[case]
    (tmp_path / "w").write_bytes(data)
    refuse(tmp_path / "w", NO_WEIGHTS, reason, WANTED)


def test_a_picture_is_refused(tmp_path):
    refuse(draw_picture(tmp_path / "w.png"), NO_WEIGHTS)


@pytest.mark.parametrize("write", [torch.save, legacy, safetensors.torch.save_file])
def test_cut_and_damaged_files_are_refused(tmp_path, write):
    """Whatever is cut off or overwritten, tensors or a refusal that names the file come out."""
    write(state(), tmp_path / "w")
    data = (tmp_path / "w").read_bytes()
    for keep in (1, 9, 100, len(data) // 2, len(data) - 1000, len(data) - 1):
        (tmp_path / "w").write_bytes(data[:keep])
        refuse(tmp_path / "w", NO_WEIGHTS)
    generator = torch.Generator().manual_seed(2)
    for _ in range(80):
        broken = bytearray(data)
        for place in torch.randint(0, 800, (3,), generator=generator).tolist():
            broken[place] = (broken[place] + 77) % 256
        (tmp_path / "w").write_bytes(broken)
        try:
            read_state(tmp_path / "w", "alexnet", SHALLOW)
        except NstError as refusal:
            assert str(tmp_path / "w") in str(refusal)


@pytest.mark.parametrize("write", [torch.save, legacy])
@pytest.mark.parametrize(
    ("value", "kind"), [([torch.zeros(2)], "list"), (torch.zeros(2), "Tensor"), (3, "int")]
)
def test_no_state_dict(tmp_path, write, value, kind):
    write(value, tmp_path / "w")
    refuse(tmp_path / "w", f"holds no state dict but a {kind}; save model.state_dict()")


def test_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refuse(tmp_path / "missing", "cannot read the weights", ": No such file or directory")
    refuse(tmp_path, "cannot read the weights", ": it is not a file")
    refuse(tmp_path / "pipe", "cannot read the weights", ": it is not a file")
    refuse(tmp_path / ("x" * 300), "cannot read the weights", ": File name too long")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_locked_file(tmp_path):
    path = Path(tmp_path / "w")
    torch.save(state(), path)
    path.chmod(0)
    refuse(path, "cannot read the weights", ": Permission denied")
