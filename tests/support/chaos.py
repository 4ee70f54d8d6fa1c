"""A grid under kills: of its jobs, of their process groups and of Snakemake itself, at any moment.

    python tests/support/chaos.py FOLDER [--kills 200] [--seed 1]

A project is made in FOLDER twice. One is run undisturbed; the other is killed with SIGKILL and run
again, and again, by the same command. At the end every cell must be there, with the bytes of the
undisturbed one, and nothing else: no lock, no half-written file, no process. Two GPUs are pretended;
who has which is read from the jobs' logs, again and again, and whether it is theirs from the kernel.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import torch
from conftest import BIN, Project, draw_picture, new_project
from processes import processes, soon
from witness import RUN, Witness, holders, is_transfer

from nst.config.layers import cut
from nst.transfer.state_dict import tensor_shapes

COMMAND = [str(BIN / "snakemake"), "--cores", "3", "--resources", "gpu=2", "--quiet", "rules", "host"]
KINDS = ("job", "group", "snakemake")  # what is killed
LAYERS = {"conv1_2"}


class Chaos:
    """A project that is run and killed until enough is enough."""

    def __init__(self, project: Project, seed: int):
        self.project, self.chance = project, random.Random(seed)
        self.locks = project.folder / "locks"
        self.killed: Counter[str] = Counter()
        self.witness = Witness(project.folder / "results/logs/cells", self.locks)
        self.run: subprocess.Popen | None = None

    def start(self) -> None:
        environment = {"NST_GPUS": "0,1", "NST_PRETEND_GPUS": "1", "NST_GPU_LOCKS": str(self.locks)}
        environment |= {RUN: self.witness.new_run()}
        environment |= {"NST_CHECKPOINT_SECONDS": "0", "NST_PRELOADED": self.chance.choice(["", "off"])}
        with (self.project.folder / "said").open("a") as said:
            self.run = subprocess.Popen(
                COMMAND,
                cwd=self.project.folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill something that runs, a moment from now; all kinds equally often."""
        if self.run is None or self.run.poll() is not None:
            self.start()
        self.watch(self.chance.uniform(0.05, 2.5))
        kind = min(self.chance.sample(KINDS, len(KINDS)), key=self.killed.__getitem__)
        target = self.run.pid
        if kind == "job":
            jobs = [pid for pid in processes(self.project.folder) if is_transfer(pid)]
            if not jobs:
                return
            target = self.chance.choice(jobs)
        with suppress(ProcessLookupError):
            (os.killpg if kind == "group" else os.kill)(target, signal.SIGKILL)
            self.killed[kind] += 1
        if kind != "job":
            self.run.wait()

    def watch(self, seconds: float) -> None:
        """Wait, and see whether every job has the device that it says it has."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.run.poll() is None:
            self.witness.look()
            time.sleep(0.03)

    def finish(self) -> int:
        """Run to the end; how many runs that took."""
        for number in range(1, 6):
            if self.run is None or self.run.poll() is not None:
                self.start()
            self.watch(600)
            if self.run.wait() == 0:
                return number
        sys.exit((self.project.folder / "said").read_text())


def chaos_project(folder: Path, weights: Path) -> Project:
    """2 contents x 2 styles x 3 weights, seconds each."""
    project = new_project(folder, weights)
    for name in ("content/c1", "content/c2", "style/s1", "style/s2"):
        draw_picture(folder / f"{name}.png", (96, 64), seed=len(name) + ord(name[-1]))
    config = project.config
    config["grid"] = {"style_weight": ["1e3", "1e4", "1e5"]}
    config["weights"] = {"vgg16": "weights.pth"}
    config["settings"] |= {
        **{"backbone": "vgg16", "content_layers": ["conv1_2"], "style_layers": ["conv1_1", "conv1_2"]},
        **{"size": 96, "evaluations": 150, "snapshot_every": 20},
    }
    project.configure(config)
    return project


def seeded_file(folder: Path) -> Path:
    """Weights of the layers that are used, seeded."""
    generator, state = torch.Generator().manual_seed(1), {}
    for key, shape in tensor_shapes(cut("vgg16", LAYERS)):
        state[key] = torch.randn(shape, generator=generator) * (0.1 if len(shape) == 4 else 0.01)
    torch.save(state, folder / "seeded.pth")
    return folder / "seeded.pth"


def made(folder: Path) -> dict[str, bytes | str]:
    """What a run makes that is the same every time: images, films, traces but for seconds."""
    cells = folder / "results/cells"
    found = {}
    for path in sorted(p for p in cells.rglob("*") if p.is_file()):
        name = path.relative_to(cells).as_posix()
        found[name] = path.read_bytes() if path.suffix in (".png", ".webp") else ""
        if path.suffix == ".csv":
            found[name] = [line.rpartition(",")[0] for line in path.read_text().splitlines()]
    return found


def disturb(folder: Path, kills: int, seed: int = 1) -> str:
    """Make both projects and compare them; what was done, in a line. Raises AssertionError."""
    weights = seeded_file(folder)
    calm = Chaos(chaos_project(folder / "calm", weights), seed)
    calm.finish()
    wild = Chaos(chaos_project(folder / "wild", weights), seed)
    tries = 0
    while sum(wild.killed.values()) < kills and tries < 5 * kills:
        tries += 1
        if wild.run is not None and wild.run.poll() == 0:  # all made too soon: once more from the start
            assert made(wild.project.folder) == made(calm.project.folder)
            subprocess.run(["rm", "-r", wild.project.folder / "results/cells"], check=True)
        wild.kill()
    runs = wild.finish()
    where = wild.project.folder
    assert made(where) == made(calm.project.folder)
    assert soon(lambda: processes(where) == [], 30), "processes are left"
    subprocess.run([*COMMAND], cwd=where, check=True, capture_output=True)  # sweeps after orphans
    ours = (".made.json", ".live.lock")
    hidden = [path for path in (where / "results").rglob(".*") if path.name not in ours]
    assert hidden == [], hidden
    assert list((where / "results").rglob("*.checkpoint")) == []
    assert not wild.witness.faults, wild.witness.faults
    assert wild.witness.samples > 0
    assert holders(wild.locks) == {}
    went_on = sum("resuming after evaluation" in path.read_text() for path in logs(where))
    done = ", ".join(f"{count} x {kind}" for kind, count in sorted(wild.killed.items()))
    return f"killed {done}; whole after {runs} more run(s); {went_on} cells went on in their last run"


def logs(folder: Path) -> list[Path]:
    return list((folder / "results/logs/cells").rglob("*.log"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", help="a new folder (a temporary one)")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="chaos-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    print(disturb(folder, options.kills, options.seed), f"in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
