"""`regions`, `guide` and masks of the style pictures, from files to files."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
from conftest import draw_picture
from PIL import Image

from nst.cli import main
from nst.config.recipes import resolve
from nst.transfer.masking import Masks

LIGHT = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1"]
SIZE = (60, 40)  # of the content; images have 45 x 30
REGIONS = ("--regions", "left=l.png,right=r.png")


def half(side, size=SIZE):
    """A mask that is white on one side."""
    mask = Image.new("L", size, 255 if side == "r" else 0)
    mask.paste(0 if side == "r" else 255, (0, 0, size[0] // 2, size[1]))
    return mask


@pytest.fixture
def make(place, seeded_weights):
    """A function (name, options...) -> (exit status, record) of a light transfer."""
    shutil.copy(seeded_weights("alexnet", {"conv1"}), "w.pth")
    draw_picture(Path("c.png"), SIZE, seed=3)
    draw_picture(Path("t.png"), (50, 70), seed=9)
    for side in "lr":
        half(side).save(f"{side}.png")
    Image.new("L", SIZE, 255).save("white.png")

    def call(name, *options, styles=("s.png", "t.png")):
        files = ["--out", f"{name}.png", "--record", f"{name}.json", "--weights", "w.pth"]
        settings = [*LIGHT, "--size", "45", "--evaluations", "5", *map(str, options)]
        status = main(["transfer", "c.png", *styles, *settings, *files])
        return status, json.loads(Path(f"{name}.json").read_text()) if not status else {}

    return call


def pixels(name):
    with Image.open(f"{name}.png") as image:
        return numpy.asarray(image.convert("RGB")).astype(int)


def test_the_record_names_every_mask_and_reproduces_the_image(make, capsys):
    half("l", (50, 70)).save("t_mask.png")
    options = [*REGIONS, "--guide", "left=0.3,right=1", "--style-mask", "none,t_mask.png"]
    status, record = make("x", *options)
    assert status == 0
    assert list(record["inputs"]) == [
        "content", "style", "style_2", "region_left", "region_right", "style_2_mask",
    ]  # fmt: skip
    assert record["settings"]["guide"] == [["left", 0.3], ["right", 1.0]]
    assert record["settings"]["regions"] == {"left": "l.png", "right": "r.png"}
    capsys.readouterr()
    assert main(["reproduce", "x.png", "--weights", "w.pth"]) == 0
    assert "the same bytes" in capsys.readouterr().out


def test_a_moved_mask_is_named_anew(make, capsys):
    make("x", *REGIONS, "--guide", "left=1,right=1")
    Path("l.png").rename("moved.png")
    capsys.readouterr()
    assert main(["reproduce", "x.png", "--weights", "w.pth"]) == 2
    way_out = "name the mask of the region left with --input region_left=FILE\n"
    assert capsys.readouterr().err.endswith(way_out)
    moved = ["--input", "region_left=moved.png"]
    assert main(["reproduce", "x.png", "--weights", "w.pth", *moved]) == 0


def test_one_white_region_has_the_losses_of_no_guide(make):
    _, plain = make("plain", styles=["s.png"])
    _, white = make("white_", "--regions", "all=white.png", "--guide", "all=1", styles=["s.png"])
    assert white["losses"] == pytest.approx(plain["losses"], rel=1e-4)
    assert abs(pixels("plain") - pixels("white_")).max() <= 2


def test_regions_are_each_recoloured_to_their_style(make):
    """With one evaluation the image is its start."""
    make("guided", *REGIONS, "--guide", "left=1,right=1", "--evaluations", "1")
    make("left", "--mask", "l.png", "--mask-edge", "0", "--evaluations", "1", styles=["s.png"])
    make("right", "--mask", "r.png", "--mask-edge", "0", "--evaluations", "1", styles=["t.png"])
    guided, left, right = map(pixels, ("guided", "left", "right"))
    assert abs(guided[:, :20] - left[:, :20]).max() <= 2
    assert abs(guided[:, 25:] - right[:, 25:]).max() <= 2


def test_where_a_mask_protects_the_content_stays(make):
    _, record = make("x", *REGIONS, "--guide", "left=1,right=1", "--mask", "l.png")
    assert record["outcome"] == "completed"
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    assert (pixels("x")[:, 25:] == numpy.asarray(content)[:, 25:]).all()


def test_tiles_come_to_the_same(make):
    options = [*REGIONS, "--guide", "left=1,right=0.5", "--size", "100", "--evaluations", "1"]
    losses = []
    for tile in ("none", "64"):
        _, record = make(f"x{tile}", *options, "--tile", tile)
        losses.append(record["losses"])
    assert losses[1] == pytest.approx(losses[0], rel=1e-5)


def test_a_region_that_is_empty_at_a_layer_is_said_once():
    layers = {"conv1": 1.0, "conv5": 1.0}
    settings = resolve(
        {"backbone": "alexnet", "style_layers": layers, "size": 160, "guide": [["dot", 1.0]]}
    )
    dot = Image.new("L", (160, 120), 0)
    dot.paste(255, (20, 20, 30, 30))
    said = []
    scales = [{"content": (side, side * 3 // 4), "style": (side, side)} for side in (48, 80, 160)]
    Masks(regions=(dot,)).check(settings, scales, said.append)
    assert said == [
        "note: the region dot covers less than one position of conv1, conv5 at size 48, of conv5 at"
        " size 80, of conv5 at size 160: it is left out there"
    ]


EMPTY = [
    ("inside", "covers less than one position of conv1 at size 45: choose a larger size, guide_mode"),
    ("simple", "dot.png is black everywhere"),
]


@pytest.mark.parametrize(("mode", "message"), EMPTY)
def test_a_region_that_is_empty_everywhere_is_refused(make, capsys, mode, message):
    dot = Image.new("L", SIZE, 0)
    if mode == "inside":
        dot.paste(255, (20, 20, 24, 24))
    dot.save("dot.png")
    options = ["--regions", "dot=dot.png", "--guide", "dot=1", "--guide-mode", mode]
    status, _ = make("x", *options, styles=["s.png"])
    assert status == 2
    assert message in capsys.readouterr().err
    assert not Path("x.png").exists()


def test_a_region_without_weight_is_not_recoloured(make):
    """With one evaluation the image is its start."""
    make("guided", *REGIONS, "--guide", "left=0,right=1", "--evaluations", "1", "--init", "recoloured")
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    changed = abs(pixels("guided") - numpy.asarray(content).astype(int))
    assert changed[:, :20].max() <= 2 and changed[:, 25:].max() > 20


@pytest.mark.parametrize("colour", ["match-style", "palette", "keep"])
def test_styles_without_weight_give_no_colours(make, colour):
    options = [*REGIONS, "--guide", "left=0,right=1", "--colour", colour, "--evaluations", "2"]
    make("x", *options)
    draw_picture(Path("other.png"), (40, 40), seed=77)
    make("y", *options, styles=["other.png", "t.png"])
    assert (pixels("x") == pixels("y")).all()


def test_shares_follow_the_guide():
    settings = resolve({"guide": [["left", 0.0], ["right", 3.0], ["rest", 1.0]]})
    assert settings.style_shares(3) == pytest.approx((0, 0.75, 0.25))


def test_what_has_no_weight_may_be_small(make):
    dot = Image.new("L", SIZE, 0)
    dot.putpixel((30, 20), 255)
    dot.save("dot.png")
    dot.resize((50, 70)).save("t_mask.png")
    dots = ("--regions", "dot=dot.png,all=white.png", "--guide", "dot=0,all=1", "--size", "24")
    assert make("x", *dots)[0] == 0
    masks = ("--style-mask", "none,t_mask.png", "--blend", "1", "0", "--size", "24")
    assert make("y", *masks)[0] == 0
