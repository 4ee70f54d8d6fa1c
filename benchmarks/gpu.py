"""Everything that only a GPU can show, in short tables: one script for a bare machine.

    python benchmarks/gpu.py [--device cuda] [--sizes 256 512 1024 2048] [--only NAME ...]

Needs torch, numpy, pillow, safetensors, PyYAML and pytest, the weights of VGG-16, and no network.
A section that fails is one line, and the next one runs. With `--device cpu` and small sizes it tries
itself where there is no GPU.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peak
import torch
from torch.profiler import ProfilerActivity, profile

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.backbone import Backbone
from nst.engine.objective import Objective, Style
from nst.engine.stages import Stage, optimize
from nst.transfer.state_dict import read_state

ROOT = peak.ROOT
SECTION_SECONDS = 60
WAITS = ("cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024, 2048])
    parser.add_argument("--size", type=int, default=512, help="of whole transfers")
    parser.add_argument("--evaluations", type=int, default=300, help="of whole transfers")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    options = parser.parse_args()
    os.chdir(ROOT)
    for name in options.only:
        start = time.perf_counter()
        print(f"\n== {name.replace('-', ' ')}: {SECTIONS[name].__doc__}", flush=True)
        try:
            SECTIONS[name](options)
        except Exception as error:
            text = str(error).strip().splitlines() or [""]
            print(f"FAILED: {type(error).__name__}: {text[-1][:200]}")
        print(f"({time.perf_counter() - start:.0f} s)", flush=True)


def machine(options) -> None:
    """what this is"""
    print(f"torch {torch.__version__}, CUDA {torch.version.cuda}, Python {sys.version.split()[0]}")
    if options.device == "cuda":
        print(torch.cuda.get_device_name(), torch.cuda.get_device_capability())
        print(called(["nvidia-smi", "--query-gpu=driver_version,memory.total", "--format=csv"]))


def tests(options) -> None:
    """those marked gpu"""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu", "-p", "no:cacheprovider"]
    command += ["--continue-on-collection-errors", "-o", "addopts="]  # some tests need more packages
    done = subprocess.run(
        [*command, "tests/engine", "tests/machine", "tests/transfer", "tests/workflow"],
        capture_output=True, text=True, timeout=2 * SECTION_SECONDS, env=environment(),
    )  # fmt: skip
    print("\n".join(done.stdout.splitlines()[-12:]))


def pace(options) -> None:
    """ms per evaluation, and share of the machine's own matrix product (peak)"""
    device = torch.device(options.device)
    print(f"{'recipe':<8}{'size':>6}{'precision':>11}{'ms':>9}{'GFLOP/s':>10}{'of peak':>9}")
    for precision in peak.precisions(device):
        dtype = peak.PRECISIONS[precision]
        fastest = peak.fastest(lambda dtype=dtype: peak.product(dtype, device), device)
        for recipe, size in [*(("gatys", s) for s in options.sizes), ("crowson", options.size)]:
            objective, image = evaluated(options, recipe, size, precision, device)
            times = peak.paced(lambda o=objective, i=image: peak.evaluate(o, i), device, 10)
            seconds = sorted(times)[len(times) // 2]
            speed = peak.operations(objective, image) / seconds
            print(
                f"{recipe:<8}{size:>6}{precision:>11}{1000 * seconds:>9.1f}{speed / 1e9:>10.0f}"
                f"{speed / fastest:>9.1%}",
                flush=True,
            )


def waits(options) -> None:
    """kernels, copies and waits of one evaluation and step, whole run, and where the time goes"""
    device = torch.device(options.device)
    for recipe in ("gatys", "crowson"):
        backbone, settings, content, style = loaded(options, recipe, options.size, "auto", device)
        steps, counts, first = 12, Counter(), Counter()
        stages = [Stage(content, (Style(style),), content, steps)]
        optimize(backbone, settings, stages)  # the first run of a size chooses algorithms
        activities = [ProfilerActivity.CPU]
        activities += [ProfilerActivity.CUDA] if device.type == "cuda" else []
        with profile(activities=activities) as profiler:
            start = time.perf_counter()
            optimize(backbone, settings, stages)
            seconds = time.perf_counter() - start
        for event in profiler.key_averages():
            counts[event.key] += event.count
            first[event.key] += getattr(event, "self_device_time_total", 0)
        launches = sum(n for name, n in counts.items() if name.startswith(("cudaLaunch", "cuLaunch")))
        busy = sum(first.values()) / 1e6
        print(
            f"{recipe}, {options.size} px, per step of {steps}: {1000 * seconds / steps:.1f} ms"
            f" (profiled), device busy {1000 * busy / steps:.1f} ms, launches {launches / steps:.0f},"
            f" copies {counts['cudaMemcpyAsync'] / steps:.1f},"
            f" waits {sum(counts[name] for name in WAITS) / steps:.1f},"
            f" .item() {counts['aten::_local_scalar_dense'] / steps:.1f}"
        )
        for name, spent in first.most_common(6):
            print(f"    {name[:70]:<72}{spent / 1000 / steps:>8.3f} ms x {counts[name] / steps:.0f}")


def transfer(options) -> None:
    """wall time of one `python -m nst transfer`, in parts"""
    empty = timed(lambda: called([sys.executable, "-c", "import torch"]))
    with tempfile.TemporaryDirectory() as folder:
        for recipe in ("gatys", "crowson"):
            seconds, record = transferred(options, Path(folder), "--recipe", recipe)
            rest = seconds - record["seconds"] - empty
            print(
                f"{recipe}, {options.size} px, {record['evaluations']} evaluations:"
                f" {seconds:.1f} s = import torch {empty:.1f} + optimization {record['seconds']:.1f}"
                f" + rest {rest:.1f}; {record['settings']['precision']}, {record['outcome']},"
                f" loss {record['losses']['total']:.5g}, peak {record['peak_memory_mb']} MB"
            )


def agreement(options) -> None:
    """first two evaluations against the CPU's, relative differences; later ones may part"""
    for recipe in ("gatys", "neural-style", "adam-blog", "crowson"):
        rows = {}
        for name in ("cpu", options.device):
            device = torch.device(name)
            backbone, settings, content, style = loaded(options, recipe, 128, "fp32", device)
            totals = rows.setdefault(name, [])
            optimize(
                backbone,
                settings,
                [Stage(content, (Style(style),), content, 4)],
                lambda row, image, totals=totals: totals.append(row.total),
            )
        pairs = zip(rows["cpu"], rows[options.device], strict=True)
        print(f"{recipe:<14}", "  ".join(f"{abs(b - a) / a:.1e}" for a, b in pairs))


def two_jobs(options) -> None:
    """two transfers at once on one device, against one alone"""
    with tempfile.TemporaryDirectory() as folder:
        names = ("alone", "a", "b")
        commands = {name: command(options, Path(folder), name) for name in names}
        alone = timed(lambda: called(commands["alone"]))
        start = time.perf_counter()
        both = [
            subprocess.Popen(
                commands[name], env=environment(NST_GPU_SLOTS="2"), stderr=subprocess.DEVNULL
            )
            for name in ("a", "b")
        ]
        statuses = [process.wait(SECTION_SECONDS) for process in both]
        seconds = time.perf_counter() - start
        same = len({(Path(folder) / f"{name}.png").read_bytes() for name in names}) == 1
        print(f"alone {alone:.1f} s, both {seconds:.1f} s, exit {statuses}, same bytes: {same}")


def tiles(options) -> None:
    """the largest size, whole and by tiles"""
    with tempfile.TemporaryDirectory() as folder:
        size = max(options.sizes)
        for tile in ("none", str(size // 2), str(size // 4)):
            flags = ("--size", str(size), "--evaluations", "30", "--tile", tile)
            _, record = transferred(options, Path(folder), *flags)
            print(
                f"tile {tile}: {record['seconds']:.1f} s, peak {record['peak_memory_mb']} MB,"
                f" loss {record['losses']['total']:.5g}"
            )


def resumed(options) -> None:
    """a transfer that is stopped and resumed makes the same bytes as one that is not"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = ("--size", str(min(256, options.size)), "--checkpoint", str(folder / "x.checkpoint"))
        called(command(options, folder, "whole", *more))
        stopped = command(options, folder, "resumed", *more)
        process = subprocess.Popen(stopped, stderr=subprocess.PIPE, text=True, env=environment())
        shown = 0
        for line in process.stderr or ():
            shown += line.startswith("evaluation ")
            if shown == 2:  # the first may come before there is anything to save
                process.send_signal(signal.SIGTERM)
        print(f"stopped with status {process.wait(SECTION_SECONDS)}", end=", ")
        print("checkpoint left:", (folder / "x.checkpoint").exists(), end=", ")
        called(stopped)
        whole, again = ((folder / f"{n}.png").read_bytes() for n in ("whole", "resumed"))
        print("same bytes:", whole == again)


def loaded(options, recipe: str, size: int, precision: str, device: torch.device):
    """A backbone, its settings and both pictures (1 x 3 x height x width) on a device."""
    settings = resolve({"recipe": recipe, "backbone": "vgg16", "size": size})
    if precision == "auto":
        precision = peak.precisions(device)[0]
    tensors = read_state(options.weights, "vgg16", cut("vgg16", settings.layers()))
    content, style = (
        images.to_tensor(images.resized(images.read(path)[0], size)).to(device)
        for path in (peak.CONTENT, peak.STYLE)
    )
    return Backbone(settings, tensors, precision, device), settings, content, style


def evaluated(options, recipe: str, size: int, precision: str, device: torch.device):
    """An objective and the image to evaluate."""
    backbone, settings, content, style = loaded(options, recipe, size, precision, device)
    return Objective(backbone, settings, content, [Style(style)]), content


def command(options, folder: Path, name: str, *flags: str) -> list[str]:
    """The command line of one transfer."""
    words = [sys.executable, "-m", "nst", "transfer", str(peak.CONTENT), str(peak.STYLE)]
    words += ["--out", str(folder / f"{name}.png"), "--record", str(folder / f"{name}.json")]
    words += ["--weights", str(options.weights), "--backbone", "vgg16", "--device", options.device]
    given = {"--size": str(options.size), "--evaluations": str(options.evaluations)}
    given |= dict(zip(flags[::2], flags[1::2], strict=True))
    return [*words, *(word for pair in given.items() for word in pair)]


def transferred(options, folder: Path, *flags: str) -> tuple[float, dict[str, Any]]:
    """Seconds and record of one transfer."""
    seconds = timed(lambda: called(command(options, folder, "x", *flags)))
    return seconds, json.loads((folder / "x.json").read_text())


def called(words: list[str]) -> str:
    """What a command prints. Raises RuntimeError with its last words if it fails."""
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=SECTION_SECONDS, env=environment()
    )
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout.strip()


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def timed(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


SECTIONS = {
    "machine": machine,
    "tests": tests,
    "pace": pace,
    "waits": waits,
    "transfer": transfer,
    "agreement": agreement,
    "two-jobs": two_jobs,
    "tiles": tiles,
    "resumed": resumed,
}

if __name__ == "__main__":
    main()
