"""Whole transfers on a real GPU: tiles, losses, resuming, sharing a device, memory that runs out."""

import json
import os
import subprocess
import sys

import pytest
import torch
from conftest import ROOT, draw_picture

from nst.disk.record import read_trace
from nst.machine import gpu

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here"),
]
RUN = ("-c", "import sys; from nst.cli import main; sys.exit(main(sys.argv[1:]))")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two pictures, in which nst can be imported."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for seed, name in enumerate(("c.png", "s.png")):
        draw_picture(tmp_path / name, (192, 128), seed)
    return tmp_path


@pytest.fixture
def command(folder, seeded_weights):
    """A function (name, options...) -> the arguments of a transfer to name.png and name.json."""
    weights = str(seeded_weights("vgg16", {"conv2_2"}))

    def call(name, *options):
        return [
            *(sys.executable, *RUN, "transfer", "c.png", "s.png", "--weights", weights),
            *("--out", f"{name}.png", "--record", f"{name}.json", "--backbone", "vgg16"),
            *("--content-layers", "conv2_2", "--style-layers", "conv1_1,conv2_1", "--size", "192"),
            *("--evaluations", "8", "--scales", "1", "--precision", "fp32", *options),
        ]

    return call


@pytest.fixture
def transfer(folder, command):
    """A function (name, options...) -> the record, and what was said, of a transfer that succeeds."""

    def run(name, *options):
        done = subprocess.run(command(name, *options), cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads((folder / f"{name}.json").read_text()), done.stderr

    return run


def test_the_first_evaluations_are_those_of_the_cpu(transfer):
    losses = []
    for device in ("cpu", "cuda"):
        record, _ = transfer(device, "--evaluations", "2", "--device", device)
        losses.append(record["losses"])
    assert losses[1] == pytest.approx(losses[0], rel=0.02)


def test_tiles_have_the_losses_of_the_whole(transfer):
    whole, _ = transfer("whole", "--evaluations", "2", "--tile", "none", "--device", "cuda")
    tiled, _ = transfer("tiled", "--evaluations", "2", "--tile", "64", "--device", "cuda")
    assert tiled["losses"] == pytest.approx(whole["losses"], rel=0.02)


def test_wasserstein_losses_fall(transfer, folder):
    options = ("--trace", "w.csv", "--scales", "1", "--device", "cuda")
    record, said = transfer("w", "--recipe", "crowson", *options)
    assert record["outcome"] == "completed" and record["device"].startswith("cuda ")
    assert "GPU " in said
    totals = read_trace(folder / "w.csv")["total"]
    assert totals[-1] < totals[0]


def test_a_checkpoint_is_saved_and_resumed(folder, command, transfer):
    options = ("--checkpoint", "x.checkpoint", "--device", "cuda", "--evaluations", "400")
    run = subprocess.Popen(command("x", *options), cwd=folder, stderr=subprocess.PIPE, text=True)
    for line in run.stderr:
        if line.startswith("evaluation  40/"):
            break
    run.terminate()
    said = run.communicate(timeout=60)[1]
    assert run.returncode == 143 and "saved at evaluation" in said
    record, said = transfer("x", *options)
    assert "resuming after evaluation" in said and record["evaluations"] == 400


def test_two_processes_share_a_device_by_slots(folder, command, tmp_path):
    environment = {**os.environ, "NST_GPU_SLOTS": "2", "NST_GPU_LOCKS": str(tmp_path / "locks")}
    environment["NST_GPUS"] = gpu.pool().devices[0]
    runs = [
        subprocess.Popen(command(name), cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    for run in runs:
        said = run.communicate(timeout=200)[1]
        assert run.returncode == 0, said
        assert "waiting for one of the GPUs" not in said


def test_memory_that_runs_out_is_one_line_with_advice(folder, command):
    limited = (
        "import sys, torch; from nst.machine import gpu; gpu.hold(gpu.pool())\n"
        "torch.cuda.set_per_process_memory_fraction(0.002)\n"
        "from nst.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    call = command("x", "--size", "2048", "--tile", "none", "--device", "cuda")
    call[2] = limited
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 2 and len(errors) == 1, done.stderr
    assert errors[0].startswith("error: not enough memory for size 2048 (tile none")
    assert "choose --tile" in errors[0]


def test_a_forked_job_uses_cuda(folder, command):
    """As nst.workflow.preload_server does it: torch is loaded before the fork, CUDA starts after it."""
    forked = (
        "import os, sys; import nst.transfer.run; from nst.cli import main\n"
        "job = os.fork()\n"
        "if job == 0: os._exit(main(sys.argv[1:]))\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))"
    )
    call = command("x", "--device", "cuda")
    call[2] = forked
    done = subprocess.run(call, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "x.json").read_text())["device"].startswith("cuda ")


@pytest.mark.parametrize("recipe", ["painter", "crowson"])
def test_evaluations_that_are_captured_are_those_that_are_not(transfer, recipe, monkeypatch):
    options = ("--recipe", recipe, "--evaluations", "6", "--device", "cuda", "--trace")
    graph, said = transfer("graph", *options, "graph.csv")
    assert "no CUDA graph" not in said
    monkeypatch.setenv("NST_CUDA_GRAPHS", "off")
    plain, _ = transfer("plain", *options, "plain.csv")
    assert graph["losses"] == pytest.approx(plain["losses"], rel=1e-3)
