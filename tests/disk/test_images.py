"""Every kind of picture is read as upright 8-bit sRGB, or refused by name."""

import logging
import os
import resource
import time
from pathlib import Path

import numpy
import pytest
import torch
from conftest import draw_picture
from odd_pictures import GREY16, RAMP, REFUSED, RGB16, SRGB, cut, drawing, png, swapped_profile, tiff
from PIL import Image

from nst.cli import main
from nst.disk.formats import FORMATS
from nst.disk.images import read, resized, size_of, to_picture, to_tensor, write_png
from nst.errors import NstError

AS_USER = pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
RED, WHITE = (255, 0, 0), (255, 255, 255)
OVER_WHITE = ["transparent parts were laid over white"]
LEFT_OUT = ["its colour profile cannot be used and was left out"]
EXIF = [b"junk", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01", b"Exif\0\0XX" + bytes(99)]  # broken


def near(image, other, tolerance=0):
    """Whether two pictures agree up to a difference in every level."""
    first, second = (numpy.asarray(i.convert("RGB"), dtype=int) for i in (image, other))
    return first.shape == second.shape and abs(first - second).max() <= tolerance


def probe(path):
    """What is wrong with a file, as far as its header shows."""
    try:
        return "" if min(size_of(path)) > 0 else "no size"
    except NstError as error:
        return str(error)


def saved(path, image, **options):
    image.save(path, **options)
    return path


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("kind", FORMATS)
def test_formats(tmp_path, kind, lossless):
    options = {
        "WEBP": {"lossless": lossless},
        "TIFF": {"compression": None if lossless else "jpeg"},
        "AVIF": {"quality": 100, "subsampling": "4:4:4"} if lossless else {},
    }
    path = saved(tmp_path / "picture", drawing(), format=kind, **options.get(kind, {}))
    picture, notes = read(path)
    assert (picture.mode, notes) == ("RGB", [])
    tolerance = {"JPEG": 90, "AVIF": 3}.get(kind, 0) if lossless else 90  # coarse chroma at edges
    assert near(picture, drawing(), tolerance)
    assert probe(path) == ""


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG", "MPO"])
def test_first_frame(tmp_path, kind):
    more = {"append_images": [Image.new("RGB", (23, 17), "black")]}
    more |= {"lossless": True} if kind == "WEBP" else {}
    saved(tmp_path / "p", drawing(), format=kind, save_all=True, **more)
    assert near(read(tmp_path / "p")[0], drawing(), 90 if kind == "MPO" else 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientations(tmp_path, kind, orientation):
    # What a camera stores for an upright drawing: the inverse of the turn that EXIF asks for.
    stored = numpy.asarray(drawing())
    if orientation in (5, 6, 7, 8):
        stored = stored.transpose(1, 0, 2)
    stored = stored[:: -1 if orientation in (3, 4, 6, 7) else 1]
    stored = stored[:, :: -1 if orientation in (2, 3, 7, 8) else 1]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    turned = Image.fromarray(numpy.ascontiguousarray(stored))
    saved(tmp_path / "p", turned, format=kind, exif=exif, **options)
    assert near(read(tmp_path / "p")[0], drawing(), 60 if kind == "JPEG" else 0)


def transparent_palette():
    image = Image.new("P", (4, 4), 0)
    image.putpalette([255, 0, 0, 0, 0, 255])
    image.paste(1, (2, 0, 4, 4))
    return image


GREY = Image.linear_gradient("L")
BITS = GREY.convert("1", dither=0)
HALF = Image.merge("RGBA", [Image.new("L", (4, 4), v) for v in (255, 0, 0, 128)])
CLEAR, OPAQUE = (Image.new("LA", (4, 4), v) for v in ((0, 0), (9, 255)))
PAIR = transparent_palette()
BLUE, PINK, PALE = (0, 0, 255), (255, 127, 127), (127, 127, 255)
FIRST, LAST = (200, 30, 20), (20, 60, 200)  # of the drawing
MODES = {  # picture, how it is saved, the colours of its first and last pixel, notes
    "grey": (GREY, {}, (0, 0, 0), WHITE, []),
    "one bit": (BITS, {}, (0, 0, 0), WHITE, []),
    "one bit, transparent": (BITS, {"transparency": 0}, WHITE, WHITE, OVER_WHITE),
    "palette": (PAIR, {}, RED, BLUE, []),
    "palette, transparent": (PAIR, {"transparency": 0}, WHITE, BLUE, OVER_WHITE),
    "palette, alphas": (PAIR, {"transparency": b"\xff\x80"}, RED, PALE, OVER_WHITE),
    "palette, all opaque": (PAIR, {"transparency": b"\xff\xff"}, RED, BLUE, []),
    "alpha": (HALF, {}, PINK, PINK, OVER_WHITE),
    "alpha, all opaque": (drawing().convert("RGBA"), {}, FIRST, LAST, []),
    "grey and alpha": (CLEAR, {}, WHITE, WHITE, OVER_WHITE),
    "grey and alpha, opaque": (OPAQUE, {}, (9, 9, 9), (9, 9, 9), []),
    "grey, transparent black": (GREY, {"transparency": 0}, WHITE, WHITE, OVER_WHITE),
    "grey, RGB profile": (GREY, {"icc_profile": SRGB}, (0, 0, 0), WHITE, []),
    "sRGB": (drawing(), {"icc_profile": SRGB}, FIRST, LAST, []),
    "swapped": (drawing(), {"icc_profile": swapped_profile()}, FIRST[::-1], LAST[::-1], []),
    "swapped, alpha": (HALF, {"icc_profile": swapped_profile()}, PALE, PALE, OVER_WHITE),
    "broken profile": (drawing(), {"icc_profile": b"no profile" * 30}, FIRST, LAST, LEFT_OUT),
    "cut profile": (drawing(), {"icc_profile": SRGB[:200]}, FIRST, LAST, LEFT_OUT),
}


@pytest.mark.parametrize("case", MODES)
def test_modes(tmp_path, case):
    image, options, first, last, notes = MODES[case]
    picture, said = read(saved(tmp_path / "p.png", image, **options))
    corner = (picture.width - 1, picture.height - 1)
    assert near(Image.new("RGB", (1, 1), picture.getpixel((0, 0))), Image.new("RGB", (1, 1), first), 2)
    assert near(Image.new("RGB", (1, 1), picture.getpixel(corner)), Image.new("RGB", (1, 1), last), 2)
    assert said == notes or notes is None


@pytest.mark.parametrize("exif", EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_does_not_cost_the_picture(tmp_path, kind, exif):
    options = {"lossless": True} if kind == "WEBP" else {}
    picture, notes = read(saved(tmp_path / "p", drawing(), format=kind, exif=exif, **options))
    assert near(picture, drawing(), 90)
    assert notes in ([], ["its EXIF data cannot be read and was left out"])


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk(tmp_path, kind):
    colours = [WHITE, (0, 0, 0), RED, (0, 255, 0), (0, 0, 255)]
    image = Image.new("RGB", (80, 16))
    for number, colour in enumerate(colours):
        image.paste(colour, (16 * number, 0, 16 * number + 16, 16))
    picture, notes = read(saved(tmp_path / "p", image.convert("CMYK"), format=kind))
    assert (near(picture, image, 60), notes) == (True, [])


GREY_ROW, RGB_ROW = (b"\0" + RAMP.astype(">u2").repeat(n).tobytes() for n in (1, 3))
DEEP = {  # bytes, a part of the note
    "grey PNG": (png(512, 1, 16, 0, GREY_ROW), ""),
    "colour PNG": (png(512, 1, 16, 2, RGB_ROW), ""),
    "grey TIFF": (tiff(GREY16), ""),
    "grey TIFF, other byte order": (tiff(GREY16, ">"), ""),
    "colour TIFF": (tiff(RGB16), ""),
    "32-bit TIFF": (tiff(GREY16.astype(numpy.uint32) * 30000), "0 to 1.96605e+09, were stretched"),
    "32-bit TIFF, 16 used": (tiff(GREY16.astype(numpy.int32), kind=2), ""),
    "float TIFF": (tiff(GREY16.astype(numpy.float32) / 65535 - 3, kind=3), "-3 to -2, were stretched"),
}


@pytest.mark.parametrize("case", DEEP)
def test_16_and_32_bits(tmp_path, case):
    data, note = DEEP[case]
    (tmp_path / "p").write_bytes(data)
    picture, said = read(tmp_path / "p")
    levels = numpy.asarray(picture).reshape(512, 3).astype(int)
    assert abs(levels - (RAMP[:, None] / 257)).max() <= 1
    assert (numpy.diff(levels, axis=0) >= 0).all() and len(numpy.unique(levels)) == 256
    assert len(said) == bool(note) and all(note in line for line in said)


@pytest.mark.parametrize(("kind", "channels"), [(0, 1), (2, 3)])
def test_a_transparent_level_of_16_bits(tmp_path, kind, channels):
    row = numpy.array([0x1234, 0x8000, 0xFFFF], dtype=">u2").repeat(channels).tobytes()
    key = (b"tRNS", b"\x80\0" * channels)
    (tmp_path / "p").write_bytes(png(3, 1, 16, kind, b"\0" + row, key))
    picture, notes = read(tmp_path / "p")
    assert (numpy.asarray(picture)[0, :, 2].tolist(), notes) == ([0x12, 255, 255], OVER_WHITE)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (3, 1000)])
@pytest.mark.parametrize("longer_side", [1, 16, 333, 3000])
def test_sizes(tmp_path, size, longer_side):
    picture = resized(read(draw_picture(tmp_path / "p.png", size))[0], longer_side)
    assert max(picture.size) == longer_side
    assert min(picture.size) == max(1, round(min(size) * longer_side / max(size)))


def test_levels_survive_the_tensor():
    levels = numpy.arange(256, dtype=numpy.uint8)
    picture = Image.fromarray(numpy.stack([levels, levels[::-1], numpy.roll(levels, 9)], axis=1)[None])
    tensor = to_tensor(picture)
    assert (tensor.shape, tensor.dtype) == ((1, 3, 1, 256), torch.float32)
    assert (tensor.min(), tensor.max()) == (0, 1) and tensor[0, 0, 0, 51] == numpy.float32(0.2)
    assert to_picture(tensor) == picture
    assert to_picture(tensor + 0.49 / 255) == to_picture(tensor - 0.49 / 255) == picture


def test_values_out_of_range_end_at_black_and_white():
    tensor = torch.tensor([-5.0, 0.5, 7.0]).view(1, 3, 1, 1)
    assert to_picture(tensor).getpixel((0, 0)) == (0, 128, 255)


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, case):
    data, reason, in_header = REFUSED[case]
    path = tmp_path / "a {picture} of 日本.jpg"
    path.write_bytes(data)
    memory, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(NstError) as refusal:
        read(path)
    assert str(refusal.value).startswith(f"{path} {reason}")
    assert "\n" not in str(refusal.value)
    assert probe(path) == (str(refusal.value) if in_header else "")
    assert time.process_time() - started < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200_000  # kilobytes


@pytest.mark.parametrize("kind", FORMATS)
def test_damaged_anywhere(tmp_path, kind):
    """Whichever bytes are damaged, the result is a picture or a refusal that names the file."""
    random, data = numpy.random.default_rng(3), bytearray(cut(kind, 1.0))
    for number in range(60):
        broken = data.copy()
        for position in random.integers(0, 120 if number % 2 else len(data), 3):
            broken[position] = random.integers(0, 256)
        (tmp_path / "p").write_bytes(broken)
        try:
            assert read(tmp_path / "p")[0].mode == "RGB"
        except NstError as refusal:
            assert str(tmp_path / "p") in str(refusal)


def test_a_fifo_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "p.png")
    with pytest.raises(NstError, match=r"p\.png is not a file$"):
        read(tmp_path / "p.png")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.png", "missing.png does not exist"),
        ("folder.png", "folder.png is not a file"),
        ("file.txt/p.png", "p.png does not exist"),
        ("x" * 300 + ".png", ".png: File name too long"),
        pytest.param("locked.png", "cannot read .*locked.png: Permission denied", marks=AS_USER),
    ],
)
def test_no_file(tmp_path, name, reason):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file.txt").touch()
    draw_picture(tmp_path / "locked.png").chmod(0)
    with pytest.raises(NstError, match=reason):
        read(tmp_path / name)
    assert reason.rpartition("*")[2] in probe(tmp_path / name)


def test_written_png_is_the_picture(tmp_path):
    write_png(drawing(), tmp_path / "new" / "p.png")
    assert near(read(tmp_path / "new" / "p.png")[0], drawing())
    assert [p.name for p in tmp_path.rglob("*")] == ["new", "p.png"]


TINY = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1", "--size", "16"]
TINY += ["--evaluations", "2", "--precision", "fp32", "--device", "cpu"]


def transfer(folder, weights, content):
    outputs = [str(folder / f"out.{ending}") for ending in ("png", "json", "csv")]
    style = str(draw_picture(folder / "style.png", seed=1))
    options = ["--out", outputs[0], "--record", outputs[1], "--trace", outputs[2]]
    status = main(["transfer", str(content), style, *options, "--weights", str(weights), *TINY])
    return status, [p for p in outputs if Path(p).exists()]


BAD = ["text", "half a JPEG", "half an LZW TIFF", "half a GIF", "huge PNG", "TIFF of 72 channels"]


@pytest.mark.parametrize("case", BAD)
def test_the_command_line_refuses_a_bad_picture(tmp_path, capfd, monkeypatch, seeded_weights, case):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of pytest would hide Pillow's log
    path = tmp_path / "a {picture}.png"
    path.write_bytes(REFUSED[case][0])
    assert transfer(tmp_path, seeded_weights("alexnet", {"conv1"}), path) == (2, [])
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith(f"error: {path} {REFUSED[case][1]}")


def test_the_command_line_says_what_was_done_to_a_picture(tmp_path, capfd, seeded_weights):
    path = saved(tmp_path / "a {picture}.png", HALF.resize((20, 30)))
    status, outputs = transfer(tmp_path, seeded_weights("alexnet", {"conv1"}), path)
    assert (status, len(outputs)) == (0, 3)
    assert f"note: {path}: {OVER_WHITE[0]}: `alpha: keep` keeps them" in capfd.readouterr().err
