"""`nst doctor`: one line for each thing, with its state and the way to get what is missing."""

from importlib.metadata import version

import pytest
import torch

from nst.cli import main
from nst.commands.doctor import precision_state


@pytest.fixture
def report(tmp_path, monkeypatch, capsys):
    """A function -> the lines of the report by name, in an empty folder without GPUs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))
    monkeypatch.setenv("NST_GPUS", "")

    def lines():
        assert main(["doctor"]) == 0
        printed = capsys.readouterr().out.splitlines()
        width = max(len(line.split("  ")[0]) for line in printed) + 2
        assert all(line[width - 1] == " " and line[width] != " " for line in printed)
        return {line[:width].strip(): line[width:] for line in printed}

    return lines


def test_it_reports_versions_devices_weights_and_slurm(report):
    lines = report()
    assert list(lines)[:3] == ["python", "nst-grid", "torch"] and lines["torch"] == version("torch")
    assert "precision auto = " in lines["cpu"]
    assert lines["weights vgg16"] == "not here yet: nst weights vgg16"
    assert "slurm" in lines


def test_a_missing_package_and_damaged_weights_are_named(report, tmp_path, monkeypatch):
    monkeypatch.setattr("nst.commands.doctor.PACKAGES", ("nst-none",))
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/vgg16.safetensors").write_bytes(b"half")
    lines = report()
    assert lines["nst-none"] == "missing: pip install nst-none"
    assert lines["weights vgg16"].startswith("refused: ") and "is damaged" in lines["weights vgg16"]


def test_a_bad_variable_is_a_line_of_the_report(report, monkeypatch):
    monkeypatch.setenv("NST_GPUS", "0,0")
    assert report()["gpu"].startswith("refused: NST_GPUS is '0,0', not a list of distinct device ids")


def test_a_listed_gpu_that_torch_cannot_use_is_reported(report, monkeypatch):
    monkeypatch.setenv("NST_GPUS", "0")
    monkeypatch.setattr("nst.transfer.device.cuda_fault", lambda: "the driver is too old")
    start = "none that torch can use (the driver is too old): 0 listed, so cells are refused; "
    assert report()["gpu"].startswith(start)


@pytest.mark.parametrize(
    ("kind", "fast", "state"),
    [
        ("cpu", True, "precision auto = bf16"),
        ("cpu", False, "precision auto = fp32: an image takes about three times as long as on a CPU w"),
        ("cuda", True, "precision auto = bf16"),
        ("cuda", False, "precision auto = fp32: GPUs since the Ampere generation are faster, in bf16"),
    ],
)
def test_the_slow_precision_is_said_to_be_slow(monkeypatch, kind, fast, state):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: fast, raising=False)
    capability = (8, 0) if fast else (7, 5)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert precision_state(torch.device(kind))[: len(state)] == state
