"""What measuring costs: CPU seconds of each metric of an image, and of a job for a pair of three.

    python benchmarks/metrics.py [SIZE ...] [--evaluation SECONDS]

`--evaluation` is what one evaluation of a transfer takes on this machine at the first size (`nst
transfer` says how long all of them took); the share of an image of 200 evaluations is then printed.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from nst.disk import images
from nst.metrics import colour_distance, lpips, ssim, style_distance
from nst.metrics.networks import Networks
from nst.metrics.ruler import Ruler
from nst.transfer.weights import default_folder

ROOT = Path(__file__).resolve().parent.parent
CONTENT, STYLE = ROOT / "images/content/chelsea.jpg", ROOT / "images/style/strokes.jpg"
EVALUATIONS, VARIANTS, REPEATS = 200, 3, 5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", default=[256, 512], help="longer sides (256 512)")
    parser.add_argument("--evaluation", type=float, help="seconds of one evaluation at the first size")
    options = parser.parse_args()
    torch.set_num_threads(1)
    networks, loading = timed(lambda: Networks.load(default_folder()))
    print(f"loading and checking the networks: {loading:.2f} s")
    for size in options.sizes:
        print(f"\n{size} px")
        parts(networks, size)
        whole = pair(networks, size)
        print(f"{'a pair of three images':<26} {whole:6.3f}, {whole / VARIANTS:.3f} each")
        if options.evaluation and size == options.sizes[0]:
            share = (whole + loading) / (VARIANTS * EVALUATIONS * options.evaluation)
            print(f"{'share of the transfers':<26} {share:6.2%}")


def parts(networks: Networks, size: int) -> None:
    """Print what each part takes, once what it needs of the originals is there."""
    content, style = (images.resized(images.read(path)[0], size) for path in (CONTENT, STYLE))
    one, other = map(images.to_tensor, (content, style.resize(content.size)))
    with torch.inference_mode():
        features = networks.vgg16(one)
        spread = style_distance.distributions([(1.0, style_distance.moments(features))])
        layers = lpips.unit_features(networks.alexnet(other))
        for name, work in {
            "lpips": lambda: lpips.lpips(
                lpips.unit_features(networks.alexnet(one)), layers, networks.heads
            ),
            "ssim": lambda: ssim.ssim(ssim.luma(one), ssim.luma(other)),
            "style_distance: network": lambda: networks.vgg16(one),
            "style_distance: the rest": lambda: style_distance.style_distance(
                style_distance.distributions([(1.0, style_distance.moments(features))]), spread
            ),
            "colour_distance": lambda: colour_distance.palette(content),
        }.items():
            print(f"{name:<26} {min(timed(work)[1] for _ in range(REPEATS)):6.3f}")


def pair(networks: Networks, size: int) -> float:
    """CPU seconds for three images of a pair, the originals included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.png"
        images.write_png(images.resized(images.read(CONTENT)[0], size), path)

        def work() -> None:
            ruler = Ruler.of(networks, CONTENT, [STYLE])
            for _ in range(VARIANTS):
                ruler.measure(path)

        return min(timed(work)[1] for _ in range(REPEATS))


def timed(work: Callable) -> tuple:
    """What some work returns, and the CPU seconds of this process that it took."""
    before = time.process_time()
    return work(), time.process_time() - before


if __name__ == "__main__":
    main()
