"""`nst doctor`: one line for each thing, with its state and the way to get what is missing."""

import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version

import pytest
import torch
from grids import build_grid

from nst.cli import main
from nst.commands.doctor import precision_state
from nst.engine.backbone import best_precision
from nst.machine import cpu


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
    for name in ("vgg16", "lpips"):
        assert lines[f"weights {name}"] == f"not here yet: nst weights {name}"
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
    start = "torch cannot use 0 (the driver is too old), so images fail; "
    assert report()["gpu"].startswith(start)


@pytest.mark.parametrize(
    ("kind", "precision", "state"),
    [
        ("cpu", "bf16", "precision auto = bf16 (AVX-512 BF16)"),
        ("cpu", "fp32", "precision auto = fp32: a CPU with AVX-512 BF16 takes about a third of"),
        ("cpu", "fp32-winograd", "precision auto = fp32-winograd: a CPU with AVX-512 BF16 takes"),
        ("cuda", "bf16", "precision auto = bf16"),
        ("cuda", "fp32", "precision auto = fp32: GPUs since the Ampere generation are faster, in bf16"),
    ],
)
def test_the_slow_precision_is_said_to_be_slow(kind, precision, state):
    assert precision_state(kind, precision)[: len(state)] == state


def test_the_cpu_is_judged_as_torch_judges_it(monkeypatch, tmp_path):
    assert cpu.precision() == best_precision(torch.device("cpu"))
    monkeypatch.setattr("nst.machine.cpu.CPUINFO", tmp_path / "none")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert cpu.precision() == best_precision(torch.device("cpu")) != "bf16"


def test_it_knows_the_config_its_time_and_the_disk(report, tmp_path):
    assert "config.yaml" not in report()
    grid = build_grid(tmp_path, axes={"seed": [1, 2]}, seconds=90.0)
    lines = report()
    said = r"2 images, 2 made; one takes about \d+ min by the images made before"
    assert re.fullmatch(said, lines["config.yaml"])
    assert lines["disk"].endswith(" GB free in this folder")
    assert "JPEG" in lines["formats"]
    shutil.rmtree("results")
    assert report()["config.yaml"] == "2 images, 0 made; `snakemake -n` measures how long they take"
    grid.cells[0].content_picture.unlink()
    assert report()["config.yaml"].startswith("refused: config.yaml:1: content.c: c.png does not ")


def test_without_a_gpu_it_does_not_wait_for_torch():
    code = "import sys; from nst.cli import main; main(['doctor']); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, "NST_GPUS": ""}
    )
    assert done.stdout.splitlines()[-1] == "False"
