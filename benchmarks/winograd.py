"""Milliseconds per evaluation in fp32 on the CPU: Winograd's convolutions against direct ones.

    python benchmarks/winograd.py [--sizes 256 512] [--threads 2] [--repeats 15]

Both ways take turns in one process, with real weights and real pictures; the median of each is given.
ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2 MKL_ENABLE_INSTRUCTIONS=AVX2 in the environment leave
a CPU with AVX-512 only what one without has.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import peak
import torch

from nst.engine import winograd
from nst.engine.objective import Objective


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, default=peak.ROOT / "results/weights/vgg16.safetensors")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    suits = winograd.suits
    ways = {"direct": lambda *_: False, "Winograd": suits}
    print(f"torch {torch.__version__}, {options.threads} threads, the paper's layers, fp32")
    print(f"{'px':>5}{'direct':>12}{'Winograd':>12}{'faster':>9}{'losses apart':>14}{'gradients':>12}")
    for size in options.sizes:
        options.size = size
        objective, image = peak.evaluated(options, "fp32-winograd", torch.device("cpu"))
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        results = {}
        for _ in range(options.repeats + 1):
            for way, winograd.suits in ways.items():
                start = time.perf_counter()
                results[way] = evaluate(objective, image)
                seconds[way].append(time.perf_counter() - start)
        direct, fast = (statistics.median(seconds[way][1:]) for way in ways)
        (loss, gradient), (fast_loss, fast_gradient) = results.values()
        if torch.equal(gradient, fast_gradient):
            sys.exit("both ways gave the same gradient: one of them was not taken")
        apart = abs(fast_loss / loss - 1)
        turned = (fast_gradient - gradient).norm() / gradient.norm()
        print(
            f"{size:>5}{1000 * direct:>9.0f} ms{1000 * fast:>9.0f} ms{direct / fast:>9.2f}"
            f"{apart:>14.0e}{turned:>12.0e}",
            flush=True,
        )


def evaluate(objective: Objective, image: torch.Tensor) -> tuple[float, torch.Tensor]:
    """The loss and its gradient."""
    x = image.detach().requires_grad_()
    loss = objective(x).total
    (gradient,) = torch.autograd.grad(loss, x)
    return loss.item(), gradient


if __name__ == "__main__":
    main()
