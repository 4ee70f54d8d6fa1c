"""Wall time of a whole grid against the sum of its optimizations on the same cores.

    python benchmarks/grid.py [--cores 2]

Makes 24 cells of the sample pictures with the settings of config.yaml by `snakemake --cores N`: from
the command to the last aggregate. The baseline is what the records of the same run say their
optimizations took, added up and divided by the cores. Everything else is overhead: planning,
scheduling, start-up, reading, final losses, writing, table, sheets, curves and page.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--evaluations", type=int)
    parser.add_argument("--size", type=int)
    options = parser.parse_args()
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with tempfile.TemporaryDirectory(prefix="nst-grid-") as name:
        folder = Path(name)
        write_project(folder, options)
        start = time.perf_counter()
        done = subprocess.run(
            ["snakemake", "--cores", str(options.cores), "--quiet", "rules"],
            cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        wall = time.perf_counter() - start
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        records = [json.loads(path.read_text()) for path in folder.glob("results/cells/*/*/*.json")]
    alone = sum(record["seconds"] for record in records) / options.cores
    evaluations = sum(record["evaluations"] for record in records)
    print(f"{len(records)} cells, {evaluations} evaluations, {options.cores} cores")
    print(f"{'the optimizations alone':<28}{alone:>8.1f} s")
    print(f"{'the whole grid':<28}{wall:>8.1f} s{wall / alone:>8.3f} times")


def write_project(folder: Path, options, style_weights=(100, 300, 1000, 10000), **more) -> None:
    """A project of the sample pictures; `more` are further parts of its config."""
    for name in ("Snakefile", "workflow", "profiles", "images"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config |= {"grid": {"style_weight": list(style_weights)}, **more}
    if "settings" not in more:
        for name in ("evaluations", "size"):
            if value := getattr(options, name):
                config["settings"][name] = value
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "results/weights").mkdir(parents=True)
    backbone = config["settings"].get("backbone", "vgg16")
    for ending in ("", ".sha256"):
        name = f"{backbone}.safetensors{ending}"
        if Path(f"{options.weights}{ending}").exists():
            shutil.copy(f"{options.weights}{ending}", folder / "results/weights" / name)


if __name__ == "__main__":
    main()
