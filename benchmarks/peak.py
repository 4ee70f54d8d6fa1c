"""Milliseconds per evaluation against the matrix products that the same machine can make.

    python benchmarks/peak.py [--size 256] [--threads 2] [--device cpu]

The baseline is torch's own product of two square matrices, in the same precision, on the same
threads, in the same run. What an evaluation must multiply is counted from the network: convolutions
forward and backward by their input, Gram matrices and their gradients. Real weights, real pictures.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.disk import images
from nst.engine.backbone import PRECISIONS, Backbone, best_precision
from nst.engine.objective import Objective, Style
from nst.transfer.state_dict import read_state

ROOT = Path(__file__).resolve().parent.parent
CONTENT, STYLE = (ROOT / "images" / name for name in ("content/chelsea.jpg", "style/strokes.jpg"))
SIDE = 4096  # of the square matrices


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    print(f"torch {torch.__version__}, {options.device}, {options.threads} threads, {options.size} px")
    print(f"{'precision':<10}{'ms/evaluation':>15}{'GFLOP':>9}{'GFLOP/s':>10}{'peak':>9}{'of peak':>9}")
    for precision in precisions(device):
        peak = fastest(precision, device)
        objective, image = evaluated(options, precision, device)
        seconds = statistics.median(
            paced(lambda o=objective, i=image: evaluate(o, i), device, options.repeats)
        )
        work = operations(objective, image)
        speed = work / seconds
        print(
            f"{precision:<10}{1000 * seconds:>15.1f}{work / 1e9:>9.1f}{speed / 1e9:>10.0f}"
            f"{peak / 1e9:>9.0f}{speed / peak:>9.0%}",
            flush=True,
        )


def precisions(device: torch.device) -> tuple[str, ...]:
    """All of the device; only fp32 where bf16 is emulated, which takes minutes per product."""
    if best_precision(device) != "bf16":
        return ("fp32",)
    return ("bf16", "tf32", "fp32") if device.type == "cuda" else ("bf16", "fp32")


def fastest(precision: str, device: torch.device, side: int = SIDE) -> float:
    """Operations per second of the product in a precision, the best of several."""
    torch.backends.cuda.matmul.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    kind = PRECISIONS[precision]
    left, right = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
    seconds = min(paced(lambda: left @ right, device, 5))
    torch.backends.cuda.matmul.fp32_precision = "ieee"
    return 2 * side**3 / seconds


def paced(action: Callable[[], None], device: torch.device, repeats: int) -> list[float]:
    """Seconds of every repetition, after one that is not counted."""
    found = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        action()
        if device.type == "cuda":
            torch.cuda.synchronize()
        found.append(time.perf_counter() - start)
    return found[1:]


def evaluated(options, precision: str, device: torch.device):
    """An objective with the paper's layers, and the image to evaluate."""
    settings = resolve({"backbone": "vgg16", "size": options.size})
    content, style = (
        images.to_tensor(images.resized(images.read(path)[0], options.size)).to(device)
        for path in (CONTENT, STYLE)
    )
    tensors = read_state(options.weights, settings.backbone, cut(settings.backbone, settings.layers()))
    backbone = Backbone(settings, tensors, precision, device)
    return Objective(backbone, settings, content, [Style(style)]), content


def evaluate(objective: Objective, image: torch.Tensor) -> None:
    x = image.detach().requires_grad_()
    torch.autograd.grad(objective(x).total, x)


def operations(objective: Objective, image: torch.Tensor) -> float:
    """Multiplications and additions of one evaluation."""
    height, width = image.shape[-2:]
    channels, count = 3, 0.0
    settings = objective.settings
    for layer in cut(settings.backbone, settings.layers()):
        height, width = layer.side_after(height), layer.side_after(width)
        if layer.kind == "conv":
            count += 2 * 2 * channels * layer.channels * layer.kernel**2 * height * width
            channels = layer.channels
        if layer.name in settings.style_layers:
            count += 2 * 2 * channels**2 * height * width
    return count


if __name__ == "__main__":
    main()
