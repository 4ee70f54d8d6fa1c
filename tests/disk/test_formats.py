"""Pictures as phones, cameras and other programs write them: HEIC, AVIF, previews, empty alphas."""

import io
import struct
import zlib

import numpy
import pytest
from odd_pictures import GREY16, RGB16, cut, drawing, png, swapped_profile, tiff
from PIL import Image, PngImagePlugin

from nst.disk import formats
from nst.disk.colours import adobe_rgb_profile
from nst.disk.images import check, read, size_of
from nst.errors import NstError

pillow_heif = pytest.importorskip("pillow_heif")
pillow_heif.register_heif_opener()

KINDS = {
    "HEIF": {"quality": -1, "chroma": 444},
    "AVIF": {"quality": 100, "subsampling": "4:4:4"},
}
SIZE = (46, 34)


def levels(image):
    return numpy.asarray(image.convert("RGB"), dtype=int)


def near(image, other, tolerance):
    return image.size == other.size and abs(levels(image) - levels(other)).max() <= tolerance


def turned(orientation):
    """What a camera stores for an upright drawing: the inverse of the turn that EXIF asks for."""
    stored = numpy.asarray(drawing(SIZE))
    if orientation in (5, 6, 7, 8):
        stored = stored.transpose(1, 0, 2)
    stored = stored[:: -1 if orientation in (3, 4, 6, 7) else 1]
    stored = stored[:, :: -1 if orientation in (2, 3, 7, 8) else 1]
    return Image.fromarray(numpy.ascontiguousarray(stored))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_a_phone_is_upright(tmp_path, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "IMG_1.jpg"  # the ending does not matter
    turned(orientation).save(path, kind, exif=exif.tobytes(), **KINDS[kind])
    picture, notes = read(path)
    assert near(picture, drawing(SIZE), 3) and notes == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_profile_and_an_alpha_of_a_phone(tmp_path, kind):
    path = tmp_path / "p"
    drawing(SIZE).save(path, kind, icc_profile=swapped_profile(), **KINDS[kind])
    assert numpy.abs(levels(read(path)[0])[1, 1] - (20, 30, 200)).max() <= 3
    half = Image.merge("RGBA", [Image.new("L", (64, 64), level) for level in (255, 0, 0, 128)])
    half.save(path, kind, **KINDS[kind])
    picture, notes = read(path)
    assert numpy.abs(levels(picture)[5, 5] - (255, 127, 127)).max() <= 3
    assert notes == ["transparent parts were laid over white"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", KINDS)
def test_half_a_picture_of_a_phone_is_refused(tmp_path, kind, share):
    drawing(SIZE).save(tmp_path / "p", kind, **KINDS[kind])
    data = (tmp_path / "p").read_bytes()
    (tmp_path / "p").write_bytes(data[: int(share * len(data))])
    with pytest.raises(NstError, match=r"is not a picture|damaged or cut short"):
        read(tmp_path / "p")


def test_heic_without_its_library_is_refused_with_the_way_out(tmp_path, monkeypatch):
    drawing(SIZE).save(tmp_path / "p.heic", "HEIF")
    monkeypatch.setattr(formats, "reads_heic", lambda: False)
    with pytest.raises(NstError, match=r"p\.heic is HEIC, which needs .*: pip install pillow-heif$"):
        size_of(tmp_path / "p.heic")


def test_a_camera_raw_file_is_refused_by_that_name(tmp_path):
    (tmp_path / "DSC1.NEF").write_bytes(tiff(GREY16))  # such files are TIFFs with a preview
    with pytest.raises(NstError, match=r"DSC1\.NEF is a camera raw file, which is not read: export"):
        size_of(tmp_path / "DSC1.NEF")


def paged(*pages):
    """A TIFF of pages, each a picture and its kind: 1 marks a reduced copy."""
    file = io.BytesIO()
    first, *others = [image for image, _ in pages]
    for image, kind in pages:
        image.encoderinfo = {"tiffinfo": {254: kind}}
    first.save(file, "TIFF", save_all=True, append_images=others, tiffinfo={254: pages[0][1]})
    return file.getvalue()


SMALL, LARGE = Image.new("RGB", (8, 6), "red"), drawing(SIZE)
SKIPPED = ["its first page is a preview, so page 2 was read"]
PAGES = {
    "a preview first": (paged((SMALL, 1), (LARGE, 0)), SIZE, SKIPPED),
    "a preview last": (paged((LARGE, 0), (SMALL, 1)), SIZE, []),
    "two pages": (paged((SMALL, 0), (LARGE, 0)), (8, 6), []),
    "only a preview": (paged((SMALL, 1)), (8, 6), []),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
def test_the_first_page_of_a_tiff_that_is_no_preview_is_read(tmp_path, case):
    data, size, notes = PAGES[case]
    (tmp_path / "p.tif").write_bytes(data)
    assert size_of(tmp_path / "p.tif") == size
    picture, said = read(tmp_path / "p.tif")
    assert (picture.size, said) == (size, notes)


def test_a_tiff_of_a_kind_that_is_not_read_is_named(tmp_path):
    (tmp_path / "p.tif").write_bytes(tiff(RGB16.astype(numpy.float64), kind=3))
    with pytest.raises(NstError, match=r"p\.tif is a TIFF of 3 x 64-bit float .*, which is not read "):
        size_of(tmp_path / "p.tif")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_an_empty_alpha_channel_is_left_out(tmp_path, kind):
    image = drawing(SIZE)
    image.putalpha(0)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    image.save(tmp_path / "p", kind, **options)
    picture, notes = read(tmp_path / "p")
    assert near(picture, drawing(SIZE), 0)
    assert notes == ["its alpha channel is empty and was left out"]


def test_an_empty_alpha_channel_over_one_colour_is_white(tmp_path):
    Image.new("RGBA", SIZE, (9, 9, 9, 0)).save(tmp_path / "p.png")
    picture, notes = read(tmp_path / "p.png")
    assert picture.getpixel((3, 3)) == (255, 255, 255)
    assert notes == ["transparent parts were laid over white"]


def chunky(*chunks):
    """A PNG of one red pixel with more chunks before its data."""
    return png(1, 1, 8, 2, b"\0\xff\0\0", *chunks)


def profile_of(size):
    """A PNG's chunk of a profile, padded to a size."""
    return b"iCCP", b"p\0\0" + zlib.compress(swapped_profile().ljust(size, b"\0"))


LEFT_OUT = [formats.LEFT_OUT]
TEXT = b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8))
CHUNKS = {  # a PNG, the colour of its pixel, notes
    "a profile of 3 MB": (chunky(profile_of(3_000_000)), (0, 0, 254), []),
    "a profile of 40 MB": (chunky(profile_of(40_000_000)), (255, 0, 0), LEFT_OUT),
    "a text of 100 MB": (chunky(TEXT), (255, 0, 0), LEFT_OUT),
    "a text and a profile": (chunky(TEXT, profile_of(9_999)), (0, 0, 254), LEFT_OUT),
}


@pytest.mark.parametrize("case", CHUNKS)
def test_a_large_text_or_profile_does_not_cost_the_picture(tmp_path, case):
    data, colour, notes = CHUNKS[case]
    (tmp_path / "p.png").write_bytes(data)
    picture, said = read(tmp_path / "p.png")
    assert abs(numpy.array(picture.getpixel((0, 0))) - colour).max() <= 2
    assert said == notes


def test_a_large_text_behind_the_data_does_not_cost_the_picture(tmp_path):
    info = PngImagePlugin.PngInfo()
    info.add(*TEXT, after_idat=True)
    drawing(SIZE).save(tmp_path / "p.png", pnginfo=info)
    picture, notes = read(tmp_path / "p.png")
    assert near(picture, drawing(SIZE), 0) and notes == LEFT_OUT


ADOBE = ["its colours were taken for Adobe RGB, as its EXIF data say"]
MARKS = {  # name, colour space, interoperability index, notes
    "by DCF's name": ("_DSC1.JPG", 0xFFFF, None, ADOBE),
    "by the index": ("DSC1.JPG", 0xFFFF, "R03", ADOBE),
    "by the space": ("DSC1.JPG", 2, None, ADOBE),
    "uncalibrated": ("DSC1.JPG", 0xFFFF, None, []),
    "sRGB": ("_DSC1.JPG", 1, "R98", []),
}


@pytest.mark.parametrize("case", MARKS)
def test_adobe_rgb_that_only_exif_marks_is_converted(tmp_path, case):
    name, space, index, notes = MARKS[case]
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA001] = space
    if index:
        exif.get_ifd(0x8769)[0xA005] = {1: index}
    grey_green = Image.new("RGB", SIZE, (100, 160, 100))
    grey_green.save(tmp_path / name, exif=exif, quality=100)
    picture, said = read(tmp_path / name)
    assert said == notes
    # In linear light, sRGB's red is 1.4 of Adobe RGB's less 0.4 of its green.
    colour = numpy.array([53, 162]) if notes else numpy.array([100, 160])
    assert abs(picture.getpixel((9, 9))[:2] - colour).max() <= 2


def test_grey_and_white_of_adobe_rgb_stay(tmp_path):
    for level in (0, 128, 255):
        image = Image.new("RGB", SIZE, (level,) * 3)
        image.save(tmp_path / "p.png", icc_profile=adobe_rgb_profile())
        assert near(read(tmp_path / "p.png")[0], image, 2)


@pytest.mark.parametrize(("gamma", "level"), [(1.0, 188), (0.45455, 128), (0.5555, 146)])
def test_the_gamma_of_a_png_is_applied(tmp_path, gamma, level):
    chunk = b"gAMA", struct.pack(">I", round(gamma * 100_000))
    (tmp_path / "p.png").write_bytes(png(1, 1, 8, 2, b"\0\x80\x80\x80", chunk))
    picture, notes = read(tmp_path / "p.png")
    assert abs(picture.getpixel((0, 0))[0] - level) <= 1
    assert len(notes) == (level != 128)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [3, 6, 40, 300, 1000])
def test_a_check_finds_what_is_missing_of_a_jpeg(tmp_path, progressive, missing):
    (tmp_path / "p.jpg").write_bytes(cut("JPEG", -missing, progressive=progressive))
    with pytest.raises(NstError, match="damaged or cut short"):
        check(tmp_path / "p.jpg")
    (tmp_path / "p.jpg").write_bytes(cut("JPEG", 1.0, progressive=progressive))
    check(tmp_path / "p.jpg")


def rgba16(channels, order):
    """The bytes of a TIFF of four channels of 16 bits."""
    height, width, _ = channels.shape
    data = channels.astype(channels.dtype.newbyteorder(order)).tobytes()
    tags = [(256, 4, width), (257, 4, height), (258, 3, 300), (259, 3, 1), (262, 3, 2), (273, 4, 400)]
    tags += [(277, 3, 4), (278, 4, height), (279, 4, len(data)), (338, 3, 2)]
    table = struct.pack(f"{order}H", len(tags))
    for tag, kind, value in tags:
        count, form = (4, "I") if tag == 258 else (1, "H2x" if kind == 3 else "I")
        table += struct.pack(f"{order}HHI", tag, kind, count) + struct.pack(f"{order}{form}", value)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8) + table + bytes(4)
    return head.ljust(300, b"\0") + struct.pack(f"{order}4H", 16, 16, 16, 16).ljust(100, b"\0") + data


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_of_rgba_of_16_bits(tmp_path, order):
    channels = numpy.concatenate([RGB16, numpy.full_like(GREY16, 65535)], axis=2)
    (tmp_path / "p.tif").write_bytes(rgba16(channels, order))
    picture, notes = read(tmp_path / "p.tif")
    assert (levels(picture)[..., :1] == GREY16 >> 8).all() and notes == []


def test_float_tiff_with_holes(tmp_path):
    levels = numpy.array([[numpy.nan, 0, 1], [numpy.inf, -numpy.inf, 0.5]], dtype=numpy.float32)
    (tmp_path / "p").write_bytes(tiff(levels[..., None], kind=3))
    assert numpy.asarray(read(tmp_path / "p")[0])[..., 0].tolist() == [[0, 0, 255], [255, 0, 128]]
