"""The main memory that images take at least, in tiles: so that a run can refuse them before its jobs.

As a program it reads JSON from standard input: the room for one image, in bytes, and a list of settings
with the sides of image and styles (height, width). For each it prints a line of JSON: the bytes needed,
and the largest size for which there is room, 0 if there is for none.
"""

import json
import sys
from dataclasses import replace

import torch

from nst.config.settings import Settings
from nst.transfer.device import choose_precision
from nst.transfer.live_memory import Shape
from nst.transfer.needed_memory import Styles, largest_size, needed_bytes, scaled, smallest_tiles


def measure(room: int, settings: Settings, image: Shape, styles: Styles) -> tuple[float, int]:
    """What an image needs, and the largest size for which there is room."""
    cpu = torch.device("cpu")
    precision = choose_precision(settings, cpu)
    tiled = replace(smallest_tiles(settings), device=cpu.type, precision=precision)
    needed = needed_bytes(tiled, image, styles, limit=room)
    return needed, settings.size if needed <= room else _fitting_size(tiled, image, styles, room)


def _fitting_size(settings: Settings, image: Shape, styles: Styles, room: int) -> int:
    def fits(size: int) -> bool:
        scale = size / settings.size
        sides = scaled(image, scale), tuple(scaled(style, scale) for style in styles)
        return needed_bytes(replace(settings, size=size), *sides, limit=room) <= room

    return largest_size(settings, fits)


if __name__ == "__main__":
    request = json.load(sys.stdin)
    for values, image, styles in request["tasks"]:
        sides = tuple((height, width) for height, width in styles)
        answer = measure(request["room"], Settings(**values), (*image,), sides)
        print(json.dumps(answer), flush=True)
