"""`nst reproduce` of a file alone: of an older version, of `nst export`, or edited."""

import json
from pathlib import Path

import numpy
import pytest
from light import TINY, names
from PIL import Image, PngImagePlugin

from nst.cli import main
from nst.disk import embedded, encoded, images
from nst.disk.embedded import embedded_record, xmp
from nst.disk.without_record import without_record

CALL = ["c.png", "s.png", *TINY[:-6], "--precision", "fp32", "--device", "cpu"]
ENDINGS = [".png", ".16bit.png", ".tif", ".jpg", ".webp"]
NEWER = ("init_mix", "edges_weight", "edges_pool", "guide_mode", "guide_grow")


@pytest.fixture
def nst(place, seeded_weights, capfd):
    """A function (verb, words...) -> exit status and stdout, or the error."""
    weights = ("--weights", str(seeded_weights("alexnet", {"conv1"})))

    def run(verb, *words):
        capfd.readouterr()
        status = main([verb, *words, *(() if verb == "export" else weights)])
        said = capfd.readouterr()
        return status, said.err if status == 2 else said.out

    return run


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_record_without_newer_settings_does_not_count(nst, ending, monkeypatch):
    def older(record, ascii_only=True):
        data = json.loads(current(record, ascii_only))
        for name in NEWER:
            del data["settings"][name]
        return json.dumps(data)

    current = embedded.record_text
    with monkeypatch.context() as patch:
        for module in (embedded, encoded):
            patch.setattr(module, "record_text", older)
        assert nst("transfer", *CALL, "--out", f"x{ending}")[0] == 0
    assert not {*NEWER} & embedded_record(Path(f"x{ending}"), "").settings.keys()
    assert nst("reproduce", f"x{ending}") == (0, "the same bytes\n")


@pytest.mark.parametrize("ending", [".jpg", ".webp", ".tif"])
def test_what_another_program_adds_to_the_record_counts(nst, ending, monkeypatch):
    def added_to(record):
        return xmp(record).replace(b"</rdf:RDF>", b"<a/></rdf:RDF>")

    with monkeypatch.context() as patch:
        patch.setattr(encoded, "xmp", added_to)
        assert nst("transfer", *CALL, "--out", f"x{ending}")[0] == 0
    same = "the same pixels in other bytes: compression, resolution or other metadata differ\n"
    assert nst("reproduce", f"x{ending}") == (1, same)


@pytest.mark.parametrize("ending", [".16bit.png", ".tif"])
def test_an_export_of_8_bits_with_16_is_made_again(nst, ending):
    assert nst("transfer", *CALL, "--out", "x.png")[0] == 0
    assert nst("export", "x.png", "--out", f"y{ending}", "--dpi", "72")[0] == 0
    before = Path(f"y{ending}").read_bytes()
    assert nst("reproduce", f"y{ending}", "--out", f"z{ending}") == (0, "the same bytes\n")
    assert Path(f"z{ending}").read_bytes() == before
    assert nst("transfer", *CALL, "--out", f"x{ending}")[0] == 0
    assert without_record(Path(f"x{ending}").read_bytes()) != without_record(before)


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_an_export_of_16_bits_with_8_is_made_again(nst, ending, monkeypatch):
    """The levels of 8 bits are rounded from the image, those of an export from 16 bits."""

    def rounded_otherwise(image):
        return Image.fromarray(numpy.asarray(real(image)) ^ 1)

    real = images.to_picture
    monkeypatch.setattr(images, "to_picture", rounded_otherwise)
    assert nst("transfer", *CALL, "--out", "x.tif")[0] == 0
    assert nst("export", "x.tif", "--out", f"y{ending}")[0] == 0
    assert nst("reproduce", f"y{ending}") == (0, "the same bytes\n")
    assert names(Path()) == sorted(["x.tif", f"y{ending}"])


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_edited_pixel_is_found(nst, ending):
    assert nst("transfer", *CALL, "--out", f"x{ending}", "--record", "x.json")[0] == 0
    with Image.open(f"x{ending}") as picture:
        edited = picture.convert("RGB")
    edited.putpixel((3, 2), (1, 2, 3))
    edited.save(f"x{ending}")
    status, said = nst("reproduce", f"x{ending}")
    assert status == 2 and said.endswith(f": name the record, x.json, with --picture x{ending}\n")
    status, said = nst("reproduce", "x.json", "--picture", f"x{ending}")
    assert status == 1 and said.startswith("differs: ")
    assert "the picture was edited, saved again" in said


def test_bytes_that_are_cut_are_compared_as_they_are():
    for head in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe1", b"RIFF\0\0\0\0WEBPXMP ", b"II*\0"):
        assert without_record(head) != without_record(head + b"\1\0\0\0\0\0\0") != b""


@pytest.mark.parametrize("ending", [".png", ".16bit.png", ".tif"])
def test_a_transparency_is_exported_and_made_again(nst, ending):
    _fade("c.png")
    assert nst("transfer", *CALL, "--alpha", "keep", "--out", f"x{ending}")[0] == 0
    assert nst("export", f"x{ending}", "--out", f"y{ending}", "--dpi", "72")[0] == 0
    assert nst("reproduce", f"y{ending}") == (0, "the same bytes\n")


def test_a_transparency_that_is_lost_is_said(nst):
    _fade("c.png")
    assert nst("transfer", *CALL, "--alpha", "keep", "--out", "x.png")[0] == 0
    with Image.open("x.png") as picture:
        text = picture.text[embedded.KEYWORD]
        images.over_white(picture).save("flat.png", pnginfo=_with(text))
    status, said = nst("reproduce", "flat.png")
    assert status == 1
    assert said.startswith("differs: the same over white, but another transparency; total loss ")


def _fade(name):
    """Give a picture an alpha channel of all levels."""
    image = Image.open(name).convert("RGB")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.save(name)


def _with(record):
    chunk = PngImagePlugin.PngInfo()
    chunk.add_itxt(embedded.KEYWORD, record)
    return chunk
