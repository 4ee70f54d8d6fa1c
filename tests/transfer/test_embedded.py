"""The record inside an image: enough to make it again, the same every time, and never trusted."""

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_picture
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst.cli import main
from nst.disk.embedded import embedded_record
from nst.disk.images import png_bytes
from nst.disk.record import read_record
from nst.disk.without_record import without_record


@pytest.fixture(scope="module")
def made(tmp_path_factory, seeded_weights):
    """A folder with an image, its record, its originals and its weights."""
    folder = tmp_path_factory.mktemp("made")
    weights = seeded_weights("alexnet", {"conv1"})
    pictures = [str(draw_picture(folder / f"{n}.png", seed=n)) for n in (1, 2)]
    call = ["transfer", *pictures, "--out", str(folder / "x.png"), "--record", str(folder / "x.json")]
    call += ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1"]
    call += ["--size", "24", "--evaluations", "4", "--device", "cpu", "--weights", str(weights)]
    assert main(call) == 0
    return folder / "x.png", weights


@pytest.fixture
def reproduce(made, tmp_path, monkeypatch, capfd):
    """A function: the bytes of an image -> exit status, stdout, last line of stderr."""
    monkeypatch.chdir(tmp_path)

    def run(data):
        Path("sent.png").write_bytes(data)
        capfd.readouterr()
        status = main(["reproduce", "sent.png", "--weights", str(made[1])])
        said = capfd.readouterr()
        return status, said.out, said.err.splitlines()[-1]

    return run


def test_the_image_alone_is_enough(made, reproduce):
    """The record beside it may be elsewhere, and the image may have another name."""
    status, said, _ = reproduce(made[0].read_bytes())
    assert (status, said) == (0, "the same bytes\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "the record in sent.png is damaged (not JSON)"),
        ("[1]", "the record in sent.png lacks outcome, evaluations"),
        ("[" * 100_000, "the record in sent.png is damaged (not JSON)"),
        ('{"engine": 1}', "the record in sent.png lacks outcome"),
        ("x" * 70_000_000, "sent.png is a damaged picture"),
    ],
    ids=["cut", "list", "deep", "short", "bomb"],
)
def test_a_record_inside_an_image_is_not_trusted(made, reproduce, tmp_path, text, message):
    info = PngInfo()
    info.add_itxt("nst-grid", text, zip=True)
    with Image.open(made[0]) as picture:
        picture.save(tmp_path / "y.png", pnginfo=info)
    status, said, line = reproduce((tmp_path / "y.png").read_bytes())
    assert (status, said) == (2, "")
    assert line.startswith(f"error: {message}") and len(line) < 400


def test_the_record_inside_has_no_value_that_differs_each_time(made):
    picture, _ = made
    inside, beside = embedded_record(picture, ""), read_record(picture.with_suffix(".json"))
    assert inside == replace(beside, seconds=0.0, peak_memory_mb=0.0)


def test_without_its_record_an_image_is_a_plain_png(made):
    data = made[0].read_bytes()
    with Image.open(made[0]) as picture:
        plain = png_bytes(picture)
    assert without_record(data) == plain != data
    assert without_record(data[:-50]) == plain[:-50]  # cut short
    assert without_record(b"no PNG") == b"no PNG"
