"""Single evaluations: their pace against the machine's peak and the naive loop's, and their values."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

import naive_loop
import peak
import torch

from gpu_sections.common import evaluated, is_over, loaded, pictures, timed, wait_for
from nst.engine.objective import Style
from nst.engine.stages import Stage, optimize

REPEATS = 7
PEAK_SIDE = 2048  # of the matrices on a CPU, where the product of larger ones takes seconds


def pace(options) -> None:
    """ms per evaluation, share of the matrix peak in that precision, and the naive loop's ms in it"""
    device = torch.device(options.device)
    peaks = matrix_peaks(device)
    names = ("size", "precision", "ms", "GFLOP/s", "of peak", "naive ms", "times")
    print("recipe    " + "".join(f"{name:>10}" for name in names))
    seconds = 0.0
    for size in sorted(options.sizes):
        for precision in peaks:
            if is_over(options, 20 * seconds):
                return
            seconds = milliseconds(options, "gatys", size, precision, peaks)
    for precision in peaks:
        if is_over(options, 20 * seconds):
            return
        milliseconds(options, "crowson", options.size, precision, peaks)


def matrix_peaks(device: torch.device) -> dict[str, float]:
    """Operations per second of a matrix product in every precision."""
    side = peak.SIDE if device.type == "cuda" else PEAK_SIDE
    return {name: peak.fastest(name, device, side) for name in peak.precisions(device)}


def milliseconds(options, recipe: str, size: int, precision: str, peaks: dict[str, float]) -> float:
    """Print one line; the seconds of the slowest evaluation in it."""
    device = torch.device(options.device)
    objective, image = evaluated(options, recipe, size, precision, device)
    ours = median(partial(peak.evaluate, objective, image), device)
    speed = peak.operations(objective, image) / ours
    line = f"{recipe:<10}{size:>10}{precision:>10}{1000 * ours:>10.1f}{speed / 1e9:>10.0f}"
    print(f"{line}{speed / peaks[precision]:>10.1%}", end="", flush=True)
    del objective, image
    theirs = 0.0
    if recipe == "gatys" and is_naive(options):
        try:
            evaluate, context = naive(options, size, precision, device)
            with context:
                theirs = median(evaluate, device)
            print(f"{1000 * theirs:>10.1f}{theirs / ours:>10.1f}", end="")
        except torch.OutOfMemoryError:
            print(f"{'no memory':>10}", end="")
    print(flush=True)
    return max(ours, theirs)


def is_naive(options) -> bool:
    """Whether the naive loop has a network for the weights."""
    return options.backbone == "vgg16"


def median(action: Callable[[], None], device: torch.device) -> float:
    """Seconds of a call."""
    return sorted(peak.paced(action, device, REPEATS))[REPEATS // 2]


def naive(options, size: int, precision: str, device: torch.device, compiled: bool = False):
    """A function that evaluates the naive loop's losses and gradient once, and the context for it."""
    conv = torch.backends.cudnn.conv  # pyright: ignore[reportAttributeAccessIssue]
    conv.fp32_precision = "tf32" if precision == "tf32" else "ieee"
    content, style = pictures(size, device)
    style = torch.nn.functional.interpolate(style, content.shape[-2:], mode="bicubic").clamp(0, 1)
    image = content.clone().requires_grad_()
    model, *losses = naive_loop.model_and_losses(options.weights, content, style, naive_loop.PAPER)

    def total(x):
        model(x)
        contents, styles = (sum(one.loss for one in some) for some in losses)
        return 1e6 * styles + contents

    function = torch.compile(total, dynamic=False) if compiled else total

    def evaluate() -> None:
        with torch.no_grad():
            image.clamp_(0, 1)
        image.grad = None
        loss = function(image)
        loss.backward()
        loss.item()

    is_bf16 = precision == "bf16"
    return evaluate, torch.autocast(device.type, torch.bfloat16) if is_bf16 else nullcontext()


def compiled(options) -> None:
    """ms per evaluation of the naive loop under torch.compile, and of ours, at one size"""
    if not is_naive(options):
        print("left out: the naive loop is of vgg16")
        return
    device = torch.device(options.device)
    print(f"size {options.size}    compilation s    naive compiled ms    ours ms    times")
    for precision in peak.precisions(device):
        objective, image = evaluated(options, "gatys", options.size, precision, device)
        ours = median(partial(peak.evaluate, objective, image), device)
        print(f"{precision:<12}", end="", flush=True)  # the time may be over while it compiles
        try:
            evaluate, context = naive(options, options.size, precision, device, compiled=True)
            with context:
                first = timed(lambda once=evaluate: (once(), wait_for(device)))
                theirs = median(evaluate, device)
        except Exception as error:  # compilers raise whatever they stumble over
            lines = str(error).strip().splitlines() or [""]
            print(f"FAILED: {type(error).__name__}: {lines[0][:150]}", flush=True)
            continue
        print(
            f"{first:>13.1f}{1000 * theirs:>21.1f}{1000 * ours:>11.1f}{theirs / ours:>9.1f}",
            flush=True,
        )


def agreement(options) -> None:
    """first four evaluations against the CPU's, relative differences; the last two may part"""
    for recipe in ("gatys", "neural-style", "adam-blog", "crowson"):
        rows = {}
        for name in ("reference", "device"):
            device = torch.device("cpu" if name == "reference" else options.device)
            backbone, settings, content, style = loaded(options, recipe, 128, "fp32", device)
            totals = rows.setdefault(name, [])
            optimize(
                backbone,
                settings,
                [Stage(content, (Style(style),), content, 4)],
                lambda row, image, totals=totals: totals.append(row.total),
            )
        pairs = zip(rows["reference"], rows["device"], strict=True)
        print(f"{recipe:<14}", "  ".join(f"{abs(b - a) / a:.1e}" for a, b in pairs), flush=True)
