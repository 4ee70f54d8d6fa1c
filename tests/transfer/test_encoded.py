"""Files other than the PNG: 16 bits, profile, resolution, and a record that makes the image again."""

import io
import json
from pathlib import Path

import numpy
import pytest
import torch
from light import TINY, names
from PIL import Image, ImageCms, JpegImagePlugin

from nst.cli import main
from nst.disk.deep import WHITE, Deep
from nst.disk.embedded import embedded_record, record_inside
from nst.disk.encoded import BESIDE, encoded
from nst.disk.images import read, read_deep, to_deep, to_picture, to_tensor
from nst.disk.record import read_record

CALL = ["transfer", "c.png", "s.png", *TINY[:-6], "--precision", "fp32", "--device", "cpu"]
ENDINGS = {"png16": ".16bit.png", "tiff16": ".tif", "jpeg": ".jpg", "webp": ".webp"}


@pytest.fixture
def transfer(place, seeded_weights, capfd):
    """A function (options...) -> exit status and the last line of stderr of `nst transfer`."""
    weights = seeded_weights("alexnet", {"conv1"})

    def run(*options, verb=CALL):
        status = main([*verb, "--weights", str(weights), *options])
        return status, capfd.readouterr()

    return run


def dpi_of(path):
    with Image.open(path) as image:
        return image.info["dpi"][0] if "dpi" in image.info else image.getexif()[0x011A]


def profile_of(path):
    with Image.open(path) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    return ImageCms.getProfileDescription(profile).strip()


def test_the_kinds_are_those_of_the_endings():
    assert BESIDE == ENDINGS


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_file_beside_the_png(transfer, kind):
    assert transfer("--out", "x.png", "--record", "x.json", "--format", kind, "--dpi", "240")[0] == 0
    path = Path(f"x{ENDINGS[kind]}")
    assert names(Path()) == sorted(["x.json", "x.png", path.name])
    assert dpi_of(path) == pytest.approx(240, abs=0.01) and profile_of(path).startswith("sRGB")
    inside, record = embedded_record(path, ""), read_record(Path("x.json"))
    assert inside.settings == record.settings and inside.inputs == record.inputs
    png, other = read(Path("x.png"))[0], read_deep(path)[0]
    if kind in ("png16", "tiff16"):
        assert isinstance(other, Deep)
        assert abs(other.levels / 257 - numpy.asarray(png)).max() <= 0.5 + 1 / 257
        assert len(numpy.unique(other.levels)) > 256
    else:
        assert abs(numpy.asarray(other, dtype=int) - numpy.asarray(png)).mean() < 12


@pytest.mark.parametrize("ending", [".tif", ".tiff", ".jpg", ".jpeg", ".webp", ".16bit.png"])
def test_an_image_of_that_kind_alone_is_made_again_from_itself(transfer, ending):
    assert transfer("--out", f"x{ending}", "--recipe", "pytorch-tutorial")[0] == 0
    assert names(Path()) == [f"x{ending}"]
    again = transfer(f"x{ending}", verb=["reproduce"])
    assert (again[0], again[1].out) == (0, "the same bytes\n")
    assert names(Path()) == [f"x{ending}"]


def test_what_is_compared_is_said(transfer):
    assert transfer("--out", "x.tif")[0] == 0
    image = read_deep(Path("x.tif"))[0]
    record = embedded_record(Path("x.tif"), "")
    other = Deep.of(image.levels ^ 1)
    Path("x.tif").write_bytes(encoded(other.rounded(), other, record, "tiff16", 300))
    status, said = transfer("x.tif", verb=["reproduce"])
    assert status == 1 and said.out.startswith("differs: largest difference 1 of 65535, mean 1; total")
    Path("x.tif").write_bytes(encoded(image.rounded(), image, record, "tiff16", 200))
    status, said = transfer("x.tif", verb=["reproduce"])
    assert status == 1
    same = "the same pixels in other bytes: compression, resolution or other metadata differ\n"
    assert said.out == same


@pytest.mark.parametrize("colour", ["keep", "luminance", "match"])
def test_16_bits_have_the_colours_of_the_png(transfer, colour):
    assert transfer("--out", "x.png", "--format", "tiff16", "--colour", colour)[0] == 0
    png, deep = read(Path("x.png"))[0], read_deep(Path("x.tif"))[0]
    assert abs(deep.levels / 257 - numpy.asarray(png)).max() <= 0.5 + 1 / 257


def test_a_film_makes_way_for_an_image_as_webp(transfer):
    assert transfer("--out", "x.png", "--format", "webp", "--snapshot-every", "2")[0] == 0
    assert names(Path()) == ["x.film.webp", "x.png", "x.webp"]


def test_the_image_itself_may_be_what_would_lie_beside_it(transfer):
    assert transfer("--out", "x.tif", "--format", "tiff16")[0] == 0
    assert names(Path()) == ["x.tif"]


def test_the_png_does_not_depend_on_the_file_beside_it(transfer):
    pixels = []
    for kind in ("png", "tiff16"):
        assert transfer("--out", "x.png", "--format", kind)[0] == 0
        pixels.append(read(Path("x.png"))[0].tobytes())
    assert pixels[0] == pixels[1]


REFUSED = {
    ("--out", "x.gif"): "--out x.gif ends in none of .png, .tif, .tiff, .jpg, .jpeg, .webp",
    ("--out", "x.png", "--format", "tiff"): "'tiff' is not one of png, png16, tiff16, jpeg, webp",
    ("--out", "x.webp", "--size", "16384"): "--out x.webp: a webp file has at most 16383",
    ("--out", "x.png", "--size", "16384", "--format", "webp"): "--format: a webp file has at most",
    ("--out", "x.png", "--dpi", "0"): "--dpi: '0' is not a whole number from 1 to 9600",
    ("--out", "c.webp", "--format", "png16", "--record", "c.16bit.png"): "c.16bit.png would be",
    ("--out", "x.png", "--format", "webp", "--snapshot-every", "2", "--film", "x.webp"): "x.webp",
    ("--out", "c.tif", "--format", "png", "--record", "c.tif"): "c.tif would be overwritten",
}  # fmt: skip


@pytest.mark.parametrize("options", REFUSED, ids=" ".join)
def test_a_mistake_is_one_line(transfer, options):
    status, said = transfer(*options)
    assert status == 2 and said.err.count("\n") == 1 and REFUSED[options] in said.err
    assert names(Path()) == []


def test_a_file_beside_is_not_overwritten_where_that_is_asked(transfer):
    Path("x.tif").write_bytes(b"mine")
    status, said = transfer("--out", "x.png", "--format", "tiff16", "--no-overwrite")
    assert status == 2 and "x.tif exists already" in said.err


FOREIGN = {
    "none": None,
    "of others": b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta>',
    "cut": b"<nst:record>{&quot;a",
    "a list": b"<nst:record>[1]</nst:record>",
    "a bomb": b'<!DOCTYPE a [<!ENTITY b "b">]><nst:record>&b;</nst:record>',
}
SAID = ["has no record inside"] * 2 + [
    "is damaged (not JSON)",
    "lacks outcome",
    "is damaged (not JSON)",
]


@pytest.mark.parametrize(
    ("packet", "words"), list(zip(FOREIGN.values(), SAID, strict=True)), ids=FOREIGN
)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF"])
def test_a_record_inside_is_not_trusted(place, capfd, kind, packet, words):
    path = place / {"JPEG": "y.jpg", "WEBP": "y.webp", "TIFF": "y.tif"}[kind]
    options = {"tiffinfo": {700: packet}} if kind == "TIFF" and packet else {"xmp": packet}
    Image.new("RGB", (9, 9)).save(path, kind, **({} if packet is None else options))
    assert main(["reproduce", str(path)]) == 2
    said = capfd.readouterr()
    assert said.out == "" and said.err.count("\n") == 1 and words in said.err


DEEP_FOLDERS = ["\xe9" * 120] * 8 + ["&" * 250] * 6


@pytest.mark.parametrize("kind", ["jpeg", "webp", "tiff16"])
def test_a_record_of_long_paths_costs_no_image(transfer, place, kind):
    folder = place / "/".join(DEEP_FOLDERS)
    folder.mkdir(parents=True)
    (place / "s.png").rename(folder / "s.png")
    style = str((folder / "s.png").relative_to(place))
    call = [CALL[0], "c.png", *[style] * 5, *CALL[3:]]
    assert transfer("--out", "x.png", "--format", kind, verb=call)[0] == 0
    path = place / f"x{ENDINGS[kind]}"
    assert embedded_record(path, "").inputs["style_5"]["path"] == style
    status, said = transfer(
        "--out", "x.png", "--format", kind, verb=[*call[:2], *[style] * 8, *call[3:]]
    )
    assert status == 0 and read(path)[0].size == (24, 16)
    note = "note: x.jpg has no record inside: with such long paths it does not fit into a JPEG"
    assert (note in said.err) == (record_inside(path) is None) == (kind == "jpeg")


def noise(height=40, width=60):
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("kind", ["png16", "tiff16"])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_16_bits_are_read_back_to_half_a_level(tmp_path, kind, has_alpha):
    image = noise()
    picture = to_picture(image)
    if has_alpha:
        picture.putalpha(255)
    (tmp_path / "p").write_bytes(encoded(picture, to_deep(image), None, kind))
    back, notes = read_deep(tmp_path / "p")
    assert (
        abs(to_tensor(back, double=True) - image.double()).max() <= 1.0001 / (2 * WHITE) and not notes
    )


@pytest.mark.parametrize("kind", ENDINGS)
def test_alpha_is_kept_where_there_is_room(kind):
    picture, image = to_picture(noise()), noise()
    alpha = Image.linear_gradient("L").resize(picture.size)
    picture.putalpha(alpha)
    with Image.open(io.BytesIO(encoded(picture, to_deep(image), None, kind))) as written:
        if kind == "jpeg":
            assert written.mode == "RGB"
        else:
            assert written.mode == "RGBA" and written.getchannel("A").tobytes() == alpha.tobytes()


def test_a_jpeg_has_its_colours_at_full_resolution():
    with Image.open(io.BytesIO(encoded(to_picture(noise()), to_deep(noise()), None, "jpeg"))) as image:
        assert JpegImagePlugin.get_sampling(image) == 0
        assert max(map(max, image.quantization.values())) < 20  # quality 95


@pytest.mark.parametrize("kind", ["png", *ENDINGS])
def test_the_bytes_are_the_same_each_time(kind):
    picture, deep = to_picture(noise()), to_deep(noise())
    assert encoded(picture, deep, None, kind) == encoded(picture, deep, None, kind)


def test_names_with_signs_of_xml_survive(transfer, place):
    (place / "c.png").rename(place / "a <&> 'b'.png")
    call = [CALL[0], "a <&> 'b'.png", *CALL[2:]]
    assert transfer("--out", "x.jpg", verb=call)[0] == 0
    assert embedded_record(place / "x.jpg", "").inputs["content"]["path"] == "a <&> 'b'.png"
    assert json.dumps(embedded_record(place / "x.jpg", "").settings["dpi"]) == "300"
