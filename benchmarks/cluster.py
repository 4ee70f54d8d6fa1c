"""Seconds per cell that SLURM and Snakemake add to a cell's optimization, on a SLURM of one node.

    python benchmarks/cluster.py [--cells 20]

Makes small cells of the sample pictures twice: through profiles/slurm in groups of ten, and inside
one allocation. The baseline is what the records of the same run say their optimizations took, added up
and divided by two, since two cells run at a time. A part of the profile's time comes once in a run: its
Snakemake asks seldom how the jobs are, so it ends long after the last cell.
Start tests/support/slurm_node.sh up (root) before it, and down after it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
WAYS = {
    "profile, groups of 10": (
        *("snakemake", "--profile=profiles/slurm", "--default-resources=slurm_partition=test"),
        *("--slurm-status-command=squeue", "--slurm-init-seconds-before-status-checks=2"),
        "--latency-wait=2",
    ),
    "inside one allocation": (
        *("sbatch", "--wait", "--gpus=2", "--cpus-per-task=4", "--output=job.log", "--wrap"),
        "exec snakemake --cores 4 --resources gpu=2",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--evaluations", type=int, default=5)
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    options = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ["OMP_NUM_THREADS"] = "1"
    print(f"{'':<24}{'cells':>6}{'wall s':>9}{'optimizing s':>14}{'beyond it, s per cell':>23}")
    for way, command in WAYS.items():
        with tempfile.TemporaryDirectory(prefix="nst-cluster-") as name:
            folder = Path(name)
            write_project(folder, options)
            wall, last = run(command, folder)
            files = list(folder.glob("results/cells/*/*/*.json"))
            alone = sum(json.loads(path.read_text())["seconds"] for path in files) / 2
        for what, seconds in ((way, wall), ("  to the last cell", last)):
            beyond = (seconds - alone) / len(files)
            print(f"{what:<24}{len(files):>6}{seconds:>9.1f}{alone:>14.1f}{beyond:>23.2f}", flush=True)


def run(command: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Seconds from the command to its end, and to the last image."""
    begun, start = time.time(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode:
        log = folder / "job.log"
        sys.exit(log.read_text() if log.exists() else done.stderr)
    images = folder.glob("results/cells/*/*/*.png")
    return wall, max(path.stat().st_mtime for path in images) - begun


def write_project(folder: Path, options: argparse.Namespace) -> None:
    """A grid of one pair and as many style weights as there are to be cells."""
    for name in ("Snakefile", "workflow", "profiles", "images"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    for kind in ("content", "style"):
        config[kind] = dict(list(config[kind].items())[:1])
    config["grid"] = {"style_weight": list(range(1, options.cells + 1))}
    config["settings"] |= {"size": 64, "evaluations": options.evaluations}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "results/weights").mkdir(parents=True)
    for path in (options.weights, Path(f"{options.weights}.sha256")):
        shutil.copy(path, folder / "results/weights" / path.name)


if __name__ == "__main__":
    main()
