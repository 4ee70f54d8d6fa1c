"""`nst export` and `nst proof`: what they write, and what they refuse."""

from pathlib import Path

import numpy
import pytest
import pyvips
from conftest import draw_picture
from light import TINY
from odd_pictures import RGB16, SRGB, swapped_profile, tiff
from PIL import Image

from nst.cli import main
from nst.disk.colours import alpha_of
from nst.disk.deep import Deep
from nst.disk.embedded import embedded_record
from nst.disk.images import decoded, read, read_deep


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The current folder, with two pictures and three profiles in it."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "x.png")
    Image.new("RGB", (16400, 1)).save("wide.png")
    Path("x.tif").write_bytes(tiff(RGB16))
    Path("rgb.icc").write_bytes(swapped_profile())
    Path("lab.icc").write_bytes(SRGB.replace(b"RGB ", b"Lab "))
    grey = pyvips.Image.new_from_array(RGB16, interpretation="rgb16")
    cmyk = grey.icc_transform("cmyk", input_profile="srgb")
    Path("cmyk.icc").write_bytes(cmyk.get("icc-profile-data"))
    Path("half.icc").write_bytes(cmyk.get("icc-profile-data")[: 2**19])
    Path("cut.icc").write_bytes(swapped_profile()[:-1])
    Path("zeros.icc").write_bytes(bytes(60_000))
    Path("signature.icc").write_bytes(swapped_profile().replace(b"acsp", b"xxxx"))
    Path("scanner.icc").write_bytes(swapped_profile().replace(b"mntr", b"scnr"))
    Path("link.icc").write_bytes(swapped_profile().replace(b"mntr", b"link"))
    return tmp_path


def levels(name):
    return numpy.asarray(read(Path(name))[0], dtype=int)


def test_an_image_with_its_record_is_exported_and_made_again(here, seeded_weights, capfd):
    weights = str(seeded_weights("alexnet", {"conv1"}))
    draw_picture(here / "s.png", seed=2)
    call = ["transfer", "x.png", "s.png", "--out", "y.png", *TINY[:-6], "--weights", weights]
    assert main([*call, "--device", "cpu", "--precision", "fp32"]) == 0
    for name in ("y.jpg", "y.webp"):
        assert main(["export", "y.png", "--out", name, "--dpi", "72"]) == 0
        assert embedded_record(Path(name), "").settings["dpi"] == 72
        capfd.readouterr()
        assert main(["reproduce", name, "--weights", weights]) == 0
        assert capfd.readouterr().out == "the same bytes\n"


def test_16_bits_are_kept_and_8_bits_are_said(here, capsys):
    assert main(["export", "x.tif", "--out", "y.16bit.png"]) == 0
    assert (read_deep(Path("y.16bit.png"))[0].levels == RGB16).all()
    assert capsys.readouterr().err == ""
    assert main(["export", "x.png", "--out", "y.tif"]) == 0
    assert isinstance(read_deep(Path("y.tif"))[0], Deep) and (levels("y.tif") == levels("x.png")).all()
    assert capsys.readouterr().err == "note: x.png has 8 bits per channel, and y.tif no more levels\n"


def test_the_alpha_of_an_image_is_exported_and_the_colours_under_it(here, capsys):
    image = Image.open("x.png").convert("RGB")
    alpha = Image.linear_gradient("L").resize(image.size)
    image.putalpha(alpha)
    image.save("a.png")
    for before, after in (("a.png", "a.webp"), ("a.png", "a.tif"), ("a.tif", "b.16bit.png")):
        capsys.readouterr()
        assert main(["export", before, "--out", after, "--dpi", "72"]) == 0
        assert "over white" not in capsys.readouterr().err
        assert alpha_of(decoded(Path(after))[0]).tobytes() == alpha.tobytes()
    straight = read_deep(Path("b.16bit.png"), over_white=False)[0]
    assert straight.rounded().tobytes() == image.convert("RGB").tobytes()
    assert main(["export", "a.tif", "--out", "a.jpg"]) == 0
    note = "note: a.tif: transparent parts were laid over white: a JPEG has no transparency\n"
    assert capsys.readouterr().err == note


def test_a_proof_by_a_profile_of_rgb_changes_nothing_twice(here, capsys):
    for before, after in (("x.png", "p.png"), ("p.png", "q.png")):
        assert main(["proof", before, "--profile", "rgb.icc", "--out", after]) == 0
    assert abs(levels("p.png") - levels("q.png")).max() <= 2


def test_a_proof_by_a_profile_of_cmyk_loses_bright_colours(here, capsys):
    Image.new("RGB", (9, 9), (0, 0, 255)).save("b.png")
    assert main(["proof", "b.png", "--profile", "cmyk.icc", "--out", "p.png"]) == 0
    assert capsys.readouterr().out == "100 % of the pixels change visibly: p.png\n"
    assert levels("p.png")[0, 0, 2] < 200
    assert main(["proof", "p.png", "--profile", "cmyk.icc", "--out", "q.png"]) == 0
    assert (
        abs(levels("p.png") - levels("q.png")).max()
        < 0.1 * abs(levels("p.png") - levels("b.png")).max()
    )


REFUSED = {
    "export x.png --out y.gif": "--out y.gif ends in none of .png, .tif",
    "export x.png --out x.png": "--out x.png would be overwritten: name another path",
    "export x.png --out y.jpg --dpi many": "--dpi: 'many' is not a whole number from 1 to 9600",
    "export wide.png --out y.webp": "--out y.webp: a webp file has at most 16383",
    "proof wide.png --profile rgb.icc --out y.webp": "--out y.webp: a webp file has at most",
    "export no.png --out y.jpg": "no.png does not exist",
    "export rgb.icc --out y.jpg": "rgb.icc is not a picture",
    "proof x.png --profile no.icc --out y.png": "no.icc does not exist",
    "proof x.png --profile x.tif --out y.png": "x.tif is not an ICC profile: name that of the printer",
    "proof x.png --profile half.icc --out y.png": "half.icc is cut short: it has 524288 of 961644",
    "proof x.png --profile cut.icc --out y.png": "cut.icc is cut short: it has 587 of 588 bytes: copy",
    "proof x.png --profile zeros.icc --out y.png": "zeros.icc is not an ICC profile: name that of",
    "proof x.png --profile signature.icc --out y.png": "signature.icc is not an ICC profile: name that",
    "proof x.png --profile scanner.icc --out y.png": "scanner.icc is a profile of class 'scnr', not",
    "proof x.png --profile link.icc --out y.png": "link.icc is a profile of class 'link', not prtr,",
    "proof x.png --profile lab.icc --out y.png": "lab.icc is a profile of 'Lab', not of CMYK, RGB",
    "proof x.png --profile rgb.icc --out y.tif": "--out y.tif ends in none of .png, .jpg, .jpeg, .webp",
    "proof x.png --profile rgb.icc --out rgb.icc": "--out rgb.icc ends in none of .png",
    "proof x.png --profile rgb.icc --out ./x.png": "--out x.png would be overwritten: name another",
    "proof lab.icc --profile rgb.icc --out y.png": "lab.icc is not a picture",
}


@pytest.mark.parametrize("call", REFUSED)
def test_a_mistake_is_one_line_and_nothing_is_written(here, capsys, call):
    before = {path: path.read_bytes() for path in Path().iterdir()}
    assert main(call.split()) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and f"error: {REFUSED[call]}" in said.err
    assert {path: path.read_bytes() for path in Path().iterdir()} == before
