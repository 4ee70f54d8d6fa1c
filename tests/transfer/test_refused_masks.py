"""Masks that are refused, each in one line."""

import shutil
from pathlib import Path

import pytest
from masked import LIGHT, SIZE, half, with_alpha
from PIL import Image

from nst.cli import main


def dot(size):
    mask = Image.new("L", size, 0)
    mask.putpixel((30, 20), 255)
    return mask


def cut_short(path):
    half().save(path)
    Path(path).write_bytes(Path(path).read_bytes()[:60])


# Options, what is done before, and the line.
REFUSED = {
    "missing": (["--mask", "no.png"], None, "no.png does not exist"),
    "no picture": (["--mask", "m.txt"], None, "--mask: 'm.txt' is not one of none, alpha, or the path"),
    "a word": (["--mask", "alhpa"], None, "did you mean 'alpha'?"),
    "black": (
        ["--mask", "m.png"],
        lambda: Image.new("L", SIZE).save("m.png"),
        "m.png is black everywhere: a mask is white where its picture counts",
    ),
    "one pixel": (
        ["--mask", "m.png"],
        lambda: Image.new("L", (1, 1), 255).save("m.png"),
        "m.png is 1 x 1 pixels, too small for a mask: draw it at the size of its picture",
    ),
    "another shape": (
        ["--mask", "m.png"],
        lambda: half((40, 60)).save("m.png"),
        "m.png is 40 x 60 pixels, its picture c.png is 60 x 40: make the mask in the shape of its",
    ),
    "transparent": (
        ["--mask", "m.png"],
        lambda: half().convert("RGB").save("m.png") or with_alpha("m.png", half()),
        "m.png has transparent parts, which are neither black nor white: save the mask without",
    ),
    "cut short": (["--mask", "m.png"], lambda: cut_short("m.png"), "m.png is damaged or cut short"),
    "a text": (["--mask", "m.png"], lambda: Path("m.png").write_text("m"), "m.png is not a picture"),
    "too small": (
        ["--mask", "m.png", "--size", "24"],
        lambda: dot(SIZE).save("m.png"),
        "the mask covers less than one position of conv1 at size 24: choose a larger size",
    ),
    "little to see": (
        ["--alpha", "keep", "--size", "24"],
        lambda: with_alpha("c.png", dot(SIZE)),
        "the visible part of the content (`alpha: keep`) covers less than one position of conv1 at size"
        " 24: choose a larger size, or a picture with a larger visible part",
    ),
    "little to stylise": (
        ["--mask", "alpha", "--size", "24"],
        lambda: with_alpha("c.png", dot(SIZE)),
        "the visible part of the content (`mask: alpha`) covers less than one position of conv1",
    ),
    "little of the style": (
        ["--style-mask", "alpha", "--size", "24"],
        lambda: with_alpha("s.png", dot((48, 32))),
        "the visible part of the style picture (`style_mask: alpha`) covers less than one position of"
        " conv1 at size 24: choose a larger size, another style_scale, or a picture with a larger",
    ),
    "alpha twice": (
        ["--alpha", "keep", "--mask", "alpha"],
        None,
        "--mask: alpha adds nothing to alpha keep, by which only what is seen counts: leave it out",
    ),
    "a long edge": (
        ["--mask", "alpha", "--mask-edge", "-1"],
        None,
        "--mask-edge: '-1' is not a number",
    ),
    "protect": (["--protect", "2"], None, "--protect: '2' is not a number from 0 to 1"),
    "alpha": (["--alpha", "black"], None, "--alpha: 'black' is not one of white, keep"),
    "invisible": (
        ["--alpha", "keep"],
        lambda: with_alpha("c.png", Image.new("L", SIZE)),
        "c.png is transparent everywhere: nothing of it would count",
    ),
    "no alpha": (
        ["--mask", "alpha"],
        lambda: with_alpha("c.png", Image.new("L", SIZE)),
        "c.png is transparent everywhere: nothing of it would count",
    ),
    "invisible style": (
        ["--style-mask", "alpha"],
        lambda: with_alpha("s.png", Image.new("L", (48, 32))),
        "s.png is transparent everywhere: nothing of it would count",
    ),
    "black style mask": (
        ["--style-mask", "m.png"],
        lambda: Image.new("L", (48, 32)).save("m.png"),
        "m.png is black everywhere",
    ),
    "style mask of another shape": (
        ["--style-mask", "m.png"],
        lambda: half((40, 60)).save("m.png"),
        "m.png is 40 x 60 pixels, its picture s.png is 48 x 32",
    ),
    "style mask too small": (
        ["--style-mask", "m.png", "--size", "24"],
        lambda: dot((48, 32)).save("m.png"),
        "the mask of the style picture covers less than one position of conv1 at size 24",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_masks_that_are_none_are_refused_in_one_line(masked, capsys, case):
    options, before, message = REFUSED[case]
    if before:
        before()
    assert masked("x", *options) == (2, {})
    (line,) = (one for one in capsys.readouterr().err.splitlines() if one.startswith("error"))
    assert message in line
    assert not Path("x.png").exists()


def test_a_jpeg_cannot_keep_transparency(masked, capsys):
    files = ["--out", "x.jpg", "--weights", "w.pth"]
    assert main(["transfer", "c.png", "s.png", *files, *LIGHT, "--alpha", "keep"]) == 2
    assert "--out x.jpg: a JPEG has no transparency to keep: name a .png" in capsys.readouterr().err
    files = ["--out", "half.png", "--weights", "w.pth"]
    half().save("half.png")
    assert main(["transfer", "c.png", "s.png", *files, *LIGHT, "--mask", "half.png"]) == 2
    assert "half.png would be overwritten" in capsys.readouterr().err


def test_the_mask_of_one_picture_is_none_of_several(masked, capsys):
    half((48, 32)).save("m.png")
    shutil.copy("s.png", "s2.png")
    words = ["transfer", "c.png", "s.png", "s2.png", "--out", "x.png", "--weights", "w.pth", *LIGHT]
    assert main([*words, "--style-mask", "m.png"]) == 2
    message = (
        "--style-mask: m.png is the mask of one picture, and the style has 2 pictures: choose alpha"
    )
    assert message in capsys.readouterr().err
    assert main([*words, "--style-mask", "alpha", "--size", "24", "--evaluations", "2"]) == 0
