"""Seconds to the loss that a naive loop ends with, start-up included.

    python benchmarks/reach.py [--size 256] [--threads 2] [--set init=recoloured ...]

The baselines are the tutorial's loop after its 320 evaluations (weights with gradients, float32,
clamped in the closure), with the tutorial's own layers and with the paper's. Ours is the recipe
`gatys` with the same layers and weights, and what `--set` says: `nst transfer` from its start to the
written picture, with the fewest evaluations, to STEP, by which its final loss is not above the
baseline's. Final losses of both are those of 8-bit pictures in fp32, by the same code. Both times are
those of processes of their own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from naive_loop import LAYERS, pictures
from PIL import Image

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.backbone import Backbone
from nst.engine.objective import Objective, Style
from nst.transfer.state_dict import read_state

ROOT = Path(__file__).resolve().parent.parent
PAIRS = [("chelsea", "strokes"), ("coffee", "marble")]
EVALUATIONS, STEP = 320, 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--pair", nargs=2, type=Path, action="append", metavar=("CONTENT", "STYLE"))
    parser.add_argument("--layers", nargs="+", choices=LAYERS, default=list(LAYERS))
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--style-weight", type=float, default=1e6)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--set", action="append", default=[], metavar="SETTING=VALUE")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pairs = options.pair or [
        (ROOT / f"images/content/{c}.jpg", ROOT / f"images/style/{s}.jpg") for c, s in PAIRS
    ]
    print(f"torch {torch.__version__}, {options.device}, {options.threads} threads, {options.size} px")
    print(
        f"{'pair':<22}{'layers':<10}{'naive loss':>11}{'s':>8}{'our loss':>11}{'evaluations':>12}"
        f"{'s':>8}{'ratio':>8}"
    )
    for content, style in pairs:
        for name in options.layers:
            compare(options, content, style, name)


def compare(options, content: Path, style: Path, name: str) -> None:
    layers = LAYERS[name]
    flags = [
        *("--recipe", "gatys", "--backbone", "vgg16"),
        *("--size", str(options.size), "--device", options.device),
        *("--content-layers", ",".join(f"conv{n}" for n in layers.content)),
        *("--style-layers", ",".join(f"conv{n}" for n in layers.style)),
        *("--style-weight", str(options.style_weight), "--weights", str(options.weights)),
    ]
    for setting in options.set:
        chosen, _, value = setting.partition("=")
        flags += ["--" + chosen.replace("_", "-"), value]
    given = list(pictures(content, style, options.size))
    naive, picture = naive_loop(options, content, style, name)
    wanted = final_loss(options, layers, given, picture)
    low, evaluations, found = 0, EVALUATIONS // 4, None
    while evaluations - low > STEP or found is None:  # low is too few, evaluations are enough
        middle = evaluations if found is None else (low + evaluations) // (2 * STEP) * STEP
        seconds, loss = ours(options, given, [*flags, "--evaluations", str(middle)])
        if loss <= wanted:
            evaluations, found = middle, (seconds, loss)
        elif middle == EVALUATIONS:
            break
        else:
            low, evaluations = middle, evaluations if found else 2 * evaluations
    seconds, loss = found or (seconds, loss)
    reached = f"{naive / seconds:.1f}" if found else "never"
    print(
        f"{content.stem + ' x ' + style.stem:<22}{name:<10}{wanted:>11.1f}{naive:>8.1f}{loss:>11.1f}"
        f"{evaluations:>12}{seconds:>8.1f}{reached:>8}",
        flush=True,
    )


def naive_loop(options, content: Path, style: Path, layers: str) -> tuple[float, Image.Image]:
    """Seconds of the naive loop's process and the picture it ends with."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, ROOT / "benchmarks/naive_loop.py", content, style, options.weights]
        command += ["--size", str(options.size), "--evaluations", str(EVALUATIONS), "--layers", layers]
        command += ["--style-weight", str(options.style_weight), "--out", f"{folder}/x.png"]
        command += ["--device", options.device]
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment(options.threads))
        seconds = time.perf_counter() - start
        with Image.open(f"{folder}/x.png") as picture:
            return seconds, picture.convert("RGB")


def ours(options, given, flags: list[str]) -> tuple[float, float]:
    """Seconds of one `nst transfer` and the loss it ends with."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{folder}/{name}.png" for name in ("content", "style")]
        for name, tensor in zip(names, given, strict=True):
            images.to_picture(tensor).save(name)
        command = [sys.executable, "-m", "nst", "transfer", *names, "--out", f"{folder}/x.png"]
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "--record", f"{folder}/x.json", *flags],
            capture_output=True, text=True, env=environment(options.threads),
        )  # fmt: skip
        seconds = time.perf_counter() - start
        if done.returncode:
            sys.exit(done.stderr)
        return seconds, json.loads(Path(f"{folder}/x.json").read_text())["losses"]["total"]


def environment(threads: int) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": str(threads)}


def final_loss(options, layers, given, picture: Image.Image) -> float:
    """The loss of a naive loop's 8-bit picture, measured as `nst transfer` measures its own."""
    settings = resolve(
        {
            "recipe": "gatys",
            "backbone": "vgg16",
            "content_layers": {f"conv{n}": 1.0 for n in layers.content},
            "style_layers": {f"conv{n}": 1.0 for n in layers.style},
            "style_weight": options.style_weight,
        }
    )
    tensors = read_state(options.weights, settings.backbone, cut(settings.backbone, settings.layers()))
    backbone = Backbone(settings, tensors, "fp32", torch.device("cpu"))
    with torch.no_grad():
        objective = Objective(backbone, settings, given[0], [Style(given[1])])
        return float(objective(images.to_tensor(picture)).total)


if __name__ == "__main__":
    main()
