"""Light transfers with masks: how they are made, masks and pictures with an alpha channel."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
from conftest import draw_picture
from PIL import Image, ImageFilter

from nst.cli import main

LIGHT = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1"]
SIZE = (60, 40)  # of the content; images have 45 x 30


@pytest.fixture
def masked(place, seeded_weights):
    """A function (name, options..., content, style) -> (exit status, record) of a light transfer."""
    shutil.copy(seeded_weights("alexnet", {"conv1"}), "w.pth")
    draw_picture(Path("c.png"), SIZE, seed=3)

    def call(name, *options, content="c.png", style="s.png"):
        files = ["--out", f"{name}.png", "--record", f"{name}.json", "--weights", "w.pth"]
        settings = [*LIGHT, "--size", "45", "--evaluations", "6", *map(str, options)]
        status = main(["transfer", content, style, *files, *settings])
        return status, json.loads(Path(f"{name}.json").read_text()) if not status else {}

    return call


def half(size=SIZE, black=0):
    """A mask, black on the left."""
    mask = Image.new("L", size, 255)
    mask.paste(black, (0, 0, size[0] // 2, size[1]))
    return mask


def with_alpha(path, alpha, under=None):
    """Give a picture an alpha channel, and what is invisible of it a colour."""
    picture = Image.open(path).convert("RGB")
    if under:
        picture.paste(under, mask=alpha.point([255] + [0] * 255))
    picture.putalpha(alpha)
    picture.save(path)


def pixels(path, mode=None):
    with Image.open(path) as image:
        return numpy.asarray(image.convert(mode) if mode else image)


def hole():
    """An alpha channel with a soft border, 0 outside."""
    alpha = Image.new("L", SIZE, 0)
    alpha.paste(255, (14, 8, 50, 34))
    return alpha.filter(ImageFilter.GaussianBlur(1.5))
