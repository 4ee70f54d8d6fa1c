"""The processes that `benchmarks/peers.py` compares: pastiche's own command, and `nst transfer`."""

import csv
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst.config.recipes import resolve
from nst.config.scales import scales_of
from nst.config.settings import flag, parse

ROOT = Path(__file__).resolve().parent.parent
# pastiche's. Its weights of 10/C^2 for Gram matrices over H*W are 10 for Gram matrices over C*H*W.
OBJECTIVE = {
    "recipe": "gatys",
    "backbone": "vgg19-caffe",
    "normalization": "caffe",
    "feature_scale": "1",
    "content_layers": "relu4_2",
    "style_layers": "relu1_1,relu2_1,relu3_1,relu4_1,relu5_1",
    "gram": "chw",
    "content_weight": "0.01",
    "style_weight": "10",
}
OUR_LINE = re.compile(r"evaluation +(?P<number>\d+)/")
PEER_LINE = re.compile(r"(?P<number>\d+) +[\d.]+ +(?P<loss>[\d.]+)$")


@dataclass(frozen=True)
class Given:
    """The pictures of one comparison as files that have their final sizes, and what both run with."""

    folder: Path
    content: Path
    style: Path
    size: int
    packages: Path  # holds pastiche
    weights: Path
    settings: dict[str, str]


@dataclass(frozen=True)
class Run:
    """A process: its lines that match, with the seconds since its start, and its peak memory."""

    lines: list[tuple[float, re.Match]]
    megabytes: float


@dataclass(frozen=True)
class Reached:
    """How ours got to a loss: evaluations asked for and made until then, seconds, memory, last loss."""

    asked: int
    made: int
    seconds: float
    megabytes: float
    final: float  # of the written picture, in fp32


def resolved(given: Given, **more: int):
    values = {name: parse(name, value) for name, value in given.settings.items()}
    return resolve({**values, "size": given.size, **more})


def environment(given: Given) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(given.packages), "PYTHONUNBUFFERED": "1"}


def pastiche(given: Given, steps: int) -> Run:
    """pastiche's own command; the loss of a step is that of its evaluation, before the image moves."""
    command = [sys.executable, "-m", "pastiche", "--content", given.content, "--styles", given.style]
    command += ["--output", given.folder / "pastiche.png", "--num-steps", steps, "--device", "cpu"]
    with Image.open(given.style) as style:
        command += ["--size", given.size, "--style-size", max(style.size)]
    return run([*command, "--info-step", 1], PEER_LINE, environment(given))


def transfer(given: Given, evaluations: int, loss: float) -> Reached | None:
    """One `nst transfer`, timed from the start of its process to the evaluation with this loss."""
    trace, record = (given.folder / f"ours.{kind}" for kind in ("csv", "json"))
    command = [sys.executable, "-m", "nst", "transfer", given.content, given.style]
    command += ["--out", given.folder / "ours.png", "--trace", trace, "--record", record]
    command += ["--device", "cpu", "--size", given.size, "--evaluations", evaluations]
    command += ["--weights", given.weights]
    for name, value in given.settings.items():
        command += [flag(name), value]
    done = run(command, OUR_LINE, {**os.environ, "PYTHONPATH": str(ROOT)})
    with Image.open(given.content) as content, Image.open(given.style) as style:
        scales = scales_of(resolved(given, evaluations=evaluations), content.size, [style.size])
    coarse = sum(scale.evaluations for scale in scales[:-1])  # their losses are of other sizes
    with trace.open(newline="") as file:
        rows = list(csv.DictReader(file))
    at, _ = done.lines[0]
    start_up = at - float(rows[0]["seconds"])
    for found in rows[coarse:]:
        if float(found["total"]) <= loss:
            final = json.loads(record.read_text())["losses"]["total"]
            seconds = start_up + float(found["seconds"])
            return Reached(evaluations, int(found["evaluation"]), seconds, done.megabytes, final)
    return None


def run(command: list, wanted: re.Pattern, environment: dict[str, str]) -> Run:
    """Run a command and note when its lines come; ends the script with what it said if it fails."""
    said, lines, start = [], [], time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout
    for line in process.stdout:
        said.append(line)
        if match := wanted.match(line.strip()):
            lines.append((time.perf_counter() - start, match))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not lines:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}: {''.join(said)}")
    return Run(lines, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
