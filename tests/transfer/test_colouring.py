"""`colour` from files to files: what is saved, and that resume, tiles, films and prints go with it."""

import json
import shutil
from itertools import pairwise
from pathlib import Path

import numpy
import pytest
from conftest import draw_picture
from PIL import Image, ImageSequence
from stops import stopped_at

from nst.cli import main
from nst.config.settings import KINDS

MODES = KINDS["colour"].names
LIGHT = ["--recipe", "gatys", "--backbone", "alexnet", "--content-layers", "conv1", "--style-layers",
         "conv1", "--style-weight", "1e6", "--precision", "fp32"]  # fmt: skip


@pytest.fixture
def make(place, seeded_weights):
    """A function (name, options...) -> the image (height x width x 3) and the record."""
    weights = shutil.copy(seeded_weights("alexnet", {"conv1"}), "w.pth")

    def call(name, *options, content="c.png", styles=("s.png",)):
        files = ["--out", f"{name}.png", "--record", f"{name}.json", "--weights", weights]
        settings = [*LIGHT, "--size", "48", "--evaluations", "8", *options]
        assert main(["transfer", content, *styles, *files, *settings]) == 0
        return levels(f"{name}.png"), json.loads(Path(f"{name}.json").read_text())

    return call


def levels(path):
    return numpy.asarray(Image.open(path).convert("RGB"), dtype=float)


def luma(image):
    return image @ (0.299, 0.587, 0.114)


def chroma(image):
    """Cb and Cr, as Pillow's YCbCr has them."""
    return numpy.stack(
        ((image[..., 2] - luma(image)) / 1.772, (image[..., 0] - luma(image)) / 1.402), -1
    )


def unclipped(image):
    """Where no channel is near black or white, and so no chroma was made smaller."""
    return (image.min(-1) > 2) & (image.max(-1) < 253)


def test_keep_has_the_luma_of_the_image_and_the_chroma_of_the_content(make):
    plain, _ = make("plain")
    kept, record = make("kept", "--colour", "keep")
    content = levels("c.png")
    assert numpy.abs(plain - kept).max() > 20
    assert numpy.abs(luma(kept) - luma(plain)).max() <= 1
    inside = unclipped(kept)
    assert inside.mean() > 0.5
    assert numpy.abs(chroma(kept) - chroma(content))[inside].max() <= 1
    assert record["settings"]["colour"] == "keep"


@pytest.mark.parametrize("mode", ["keep", "luminance"])
def test_a_grey_content_makes_a_grey_image(make, mode):
    Image.open("c.png").convert("L").save("grey.png")
    made, _ = make("made", "--colour", mode, content="grey.png")
    assert numpy.ptp(made, axis=-1).max() == 0 and made.std() > 5


def test_luminance_has_the_chroma_of_the_content_and_ignores_the_colours_of_the_style(make):
    made, record = make("made", "--colour", "luminance", "--scales", "2")
    content, inside = levels("c.png"), unclipped(made)
    assert numpy.abs(chroma(made) - chroma(content))[inside].max() <= 1
    Image.open("s.png").convert("L").save("s.png")
    grey, again = make("again", "--colour", "luminance", "--scales", "2")
    assert numpy.abs(made - grey).max() <= 3  # a grey style is rounded to 8 bits
    assert record["losses"]["style"] == pytest.approx(again["losses"]["style"], rel=0.05)


def test_match_brings_the_colours_of_the_content_and_the_maps_differ(make):
    away = {}
    for mode in ("style", "match"):
        made, _ = make(mode, "--colour", mode, "--evaluations", "20")
        away[mode] = numpy.abs(made.mean((0, 1)) - levels("c.png").mean((0, 1))).max()
    assert away["match"] < away["style"] / 2
    images = [
        make("x", "--colour", "match", "--colour-map", kind)[0] for kind in KINDS["colour_map"].names
    ]
    assert all((a != b).any() for a, b in pairwise(images))


def test_match_begins_in_the_colours_of_the_content_and_match_style_in_those_of_the_style(make):
    """One evaluation, which is that of the start."""
    once = ["--evaluations", "1", "--parametrization", "pixels"]
    matched, _ = make("one", "--init", "recoloured", "--colour", "match", *once)
    assert numpy.abs(matched - levels("c.png")).max() <= 12  # the style's colours were clipped
    styled, _ = make("two", "--init", "content", "--colour", "match-style", *once)
    recoloured, _ = make("three", "--init", "recoloured", *once)
    assert numpy.abs(styled - recoloured).max() <= 1


@pytest.mark.parametrize("mode", MODES)
def test_the_losses_before_the_colours_are_recorded_where_they_differ(make, mode):
    """Losses are of the saved image; an image of luminance is compared by its luma."""
    _, plain = make("plain")
    _, record = make("made", "--colour", mode)
    last = [float(row.split(",")[1]) for row in _trace(make, mode)]
    assert ("before_colour" in record["terms"]) == (mode in ("keep", "palette"))
    if before := record["terms"].get("before_colour"):
        assert before == pytest.approx(plain["losses"])
        assert record["losses"]["style"] > 2 * before["style"]
    else:
        assert record["losses"]["total"] == pytest.approx(min(last), rel=0.1)


def _trace(make, mode):
    make("traced", "--colour", mode, "--trace", "t.csv")
    return Path("t.csv").read_text().splitlines()[1:]


@pytest.mark.parametrize("mode", MODES)
def test_a_picture_without_a_share_in_the_style_has_none_in_the_colours(make, mode):
    single, _ = make("single", "--colour", mode)
    draw_picture(Path("t.png"), (40, 40), seed=7)
    blend = {"styles": ("s.png", "t.png")}
    assert (make("first", "--colour", mode, "--blend", "1", "0", **blend)[0] == single).all()
    assert (make("both", "--colour", mode, "--blend", "1", "1", **blend)[0] != single).any()


@pytest.mark.parametrize("mode", MODES)
def test_a_stopped_transfer_resumes_to_the_same_pixels(make, mode):
    whole, _ = make("whole", "--colour", mode, "--scales", "2")
    options = ["--colour", mode, "--scales", "2", "--checkpoint", "x.checkpoint"]
    with stopped_at(6), pytest.raises(AssertionError):
        make("part", *options)
    assert Path("x.checkpoint").exists() and not Path("part.png").exists()
    assert (make("part", *options)[0] == whole).all()


@pytest.mark.parametrize("mode", MODES)
def test_tiles_a_print_and_reproduce(make, mode, capsys):
    whole, _ = make("cell", "--colour", mode)
    tiled, _ = make("tiled", "--colour", mode, "--tile", "64", "--size", "80")
    untiled, _ = make("untiled", "--colour", mode, "--size", "80")
    assert numpy.abs(tiled - untiled).mean() < 0.5
    assert main(["reproduce", "cell.json", "--weights", "w.pth"]) == 0
    assert "same" in capsys.readouterr().out
    printed, _ = make("print", "--colour", mode, "--size", "96", "--start", "cell.png",
                           "--evaluations", "2")  # fmt: skip
    small = numpy.asarray(Image.open("print.png").resize((48, 32), Image.Resampling.LANCZOS), float)
    assert printed.shape == (64, 96, 3)
    assert numpy.sqrt(((small - whole) ** 2).mean()) < 12
    assert main(["reproduce", "print.png", "--weights", "w.pth"]) == 0


@pytest.mark.parametrize("mode", ["keep", "luminance", "palette"])
def test_the_frames_of_a_film_have_the_chroma_of_the_image(make, mode):
    """Of the first one, too, which shows the style."""
    film = ["--film", "f.webp", "--snapshot-every", "2", "--init", "style"]
    made, _ = make("made", "--colour", mode, *film)
    first = numpy.asarray(next(ImageSequence.Iterator(Image.open("f.webp"))).convert("RGB"), float)
    assert numpy.abs(first - made).mean() > 1
    assert numpy.corrcoef(chroma(first).ravel(), chroma(made).ravel())[0, 1] > 0.85
