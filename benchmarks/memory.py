"""Peak memory of `nst transfer` by size, beside that of the well-known tutorial's loop.

    python benchmarks/memory.py --sizes 256 512 1024 2048 [--evaluations 6] [-- --precision fp32]

Every point is a process of its own, its peak the operating system's. What follows `--` goes to
`nst transfer`. The naive loop is left out above --naive-up-to, and on a GPU.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
CONTENT, STYLE = (ROOT / "images" / name for name in ("content/chelsea.jpg", "style/strokes.jpg"))
# A process that has imported torch, nothing else: what no network can do anything about.
EMPTY = "import resource, torch; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def peak(command: list[str]) -> float:
    """The most memory that a process held, in MB."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def enlarged(path: Path, size: int, folder: Path) -> Path:
    """A copy of a picture that is as large as the image, as a user's own would be."""
    with Image.open(path) as image:
        sides = [round(side * size / max(image.size)) for side in image.size]
        copy = folder / f"{path.stem}-{size}.png"
        image.convert("RGB").resize(sides, Image.Resampling.LANCZOS).save(copy)
    return copy


def ours(pictures: list[str], options: argparse.Namespace, size: int, folder: Path) -> dict:
    record = folder / "x.json"
    command = [sys.executable, "-m", "nst", "transfer", *pictures, "--out", str(folder / "x.png")]
    command += ["--record", str(record), "--weights", str(options.weights), "--backbone", "vgg16"]
    command += ["--size", str(size), "--evaluations", str(options.evaluations)]
    command += ["--device", options.device, *options.flags]
    host = peak(command)
    made = json.loads(record.read_text())
    pace = made["seconds"] / made["evaluations"]
    # A record made on a GPU holds the device's own peak.
    most = made["peak_memory_mb"] if options.device == "cuda" else host
    return {"peak": most, "pace": pace, **{k: made["settings"][k] for k in ("precision", "tile")}}


def naive(pictures: list[str], options: argparse.Namespace, size: int) -> float:
    command = [sys.executable, "benchmarks/naive_loop.py", *pictures, str(options.weights)]
    return peak([*command, "--size", str(size), "--evaluations", str(options.evaluations)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--evaluations", type=int, default=6)
    parser.add_argument("--naive-up-to", type=int, default=1024, metavar="PIXELS")
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--device", default="cpu", help="the peak of cuda is the device's own")
    parser.add_argument("flags", nargs="*", help="after --: options of nst transfer")
    options = parser.parse_args()
    empty = peak([sys.executable, "-c", EMPTY]) if options.device == "cpu" else 0.0
    print(f"torch alone: {empty:.0f} MB; {options.evaluations} evaluations of VGG-16")
    print(
        "| size | precision | tile | peak MB | s/evaluation | naive MB | ratio | without torch's own |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pictures = [str(enlarged(path, size, folder)) for path in (CONTENT, STYLE)]
            row = ours(pictures, options, size, folder)
            cells = [size, row["precision"], row["tile"], f"{row['peak']:.0f}", f"{row['pace']:.2f}"]
            if size <= options.naive_up_to and options.device == "cpu":
                other = naive(pictures, options, size)
                share = (row["peak"] - empty) / (other - empty)
                cells += [f"{other:.0f}", f"{row['peak'] / other:.0%}", f"{share:.0%}"]
            else:
                cells += ["", "", ""]
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)


if __name__ == "__main__":
    main()
