"""Pictures of more than 8 bits per channel, as PNG and TIFF files of many kinds."""

import io
import struct
import subprocess
import sys
import zlib

import numpy
import pytest
import pyvips
from odd_pictures import GREY16, RGB16, SRGB, png, swapped_profile, tiff
from PIL import Image, ImageCms

from nst.disk import vips
from nst.disk.deep import WHITE, Deep
from nst.disk.images import check, read, read_deep, resized, size_of, to_tensor, upright_size
from nst.errors import NstError

SIZE = (64, 48)
ACROSS, DOWN = numpy.meshgrid(numpy.linspace(0, 1, SIZE[0]), numpy.linspace(0, 1, SIZE[1]))
COLOURS = numpy.stack([ACROSS, DOWN, (ACROSS + DOWN) / 2], axis=2)  # from 0 to 1
LEVELS = (COLOURS * WHITE).round().astype(numpy.uint16)
STRETCHED = ["its levels, 0 to 3, were stretched from black to white"]
OVER_WHITE = ["transparent parts were laid over white"]


def png16(levels, kind, *chunks):
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    return png(levels.shape[1], levels.shape[0], 16, kind, rows, *chunks)


def by_vips(levels, interpretation, **options):
    return pyvips.Image.new_from_array(levels, interpretation=interpretation).tiffsave_buffer(**options)


def planar():
    """A TIFF whose channels follow each other, each in a strip of its own."""
    height, width, _ = RGB16.shape
    size = height * width * 2
    values = {256: width, 257: height, 258: (16, 16, 16), 259: 1, 262: 2, 277: 3, 278: height, 284: 2}
    values |= {273: (300, 300 + size, 300 + 2 * size), 279: (size, size, size)}
    table, lists = struct.pack("<H", len(values)), b""
    for tag, value in sorted(values.items()):
        if isinstance(value, tuple):
            table += struct.pack("<HHII", tag, 4, 3, 200 + len(lists))
            lists += struct.pack("<3I", *value)
        else:
            table += struct.pack("<HHII", tag, 4, 1, value)
    head = (b"II" + struct.pack("<HI", 42, 8) + table).ljust(200, b"\0") + lists
    return head.ljust(300, b"\0") + numpy.moveaxis(RGB16, 2, 0).astype("<u2").tobytes()


EXACT = {
    "PNG": (png16(LEVELS, 2), LEVELS),
    "grey PNG": (png16(LEVELS[..., 0], 0), LEVELS[..., :1]),
    "TIFF": (by_vips(LEVELS, "rgb16"), LEVELS),
    "TIFF by hand, other byte order": (tiff(RGB16, ">"), RGB16),
    "planar TIFF": (planar(), RGB16),
    "grey TIFF": (tiff(GREY16), GREY16),
    "BigTIFF": (by_vips(LEVELS, "rgb16", bigtiff=True), LEVELS),
    "tiles, LZW": (by_vips(LEVELS, "rgb16", tile=True, compression="lzw"), LEVELS),
    "float TIFF": (by_vips(COLOURS.astype(numpy.float32), "srgb"), LEVELS),
    "grey float TIFF": (by_vips(COLOURS[..., 0].astype(numpy.float32), "b-w"), LEVELS[..., :1]),
    "32-bit TIFF": (by_vips((LEVELS.astype(numpy.uint32)), "rgb"), LEVELS),
}


def as_file(folder, data):
    (folder / "p").write_bytes(data)
    return folder / "p"


@pytest.mark.parametrize("case", EXACT)
def test_levels_arrive_as_they_are(tmp_path, case):
    data, levels = EXACT[case]
    path = as_file(tmp_path, data)
    picture, notes = read_deep(path)
    assert isinstance(picture, Deep) and notes == []
    assert abs(picture.levels - levels.astype(int)).max() <= ("float" in case)
    assert size_of(path) == upright_size(path) == picture.size
    eight, said = read(path)
    assert abs(numpy.asarray(eight) - picture.levels / 257).max() <= 1 and said == []
    check(path)


def test_floats_beyond_1_are_stretched(tmp_path):
    data = by_vips((COLOURS * 3).astype(numpy.float32), "srgb")
    for reader in (read, read_deep):
        assert reader(as_file(tmp_path, data))[1] == STRETCHED
    assert abs(read_deep(tmp_path / "p")[0].levels - LEVELS.astype(int)).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "grey PNG", "grey TIFF", "premultiplied TIFF"])
def test_transparent_parts_are_laid_over_white(tmp_path, kind):
    alpha = (WHITE * (1 - ACROSS)).round().astype(numpy.uint16)
    grey, expected = kind.startswith("grey"), LEVELS
    if grey:
        expected = LEVELS[..., [1, 1, 1]]
    levels = numpy.dstack([LEVELS[..., 1:2] if grey else LEVELS, alpha])
    if "PNG" in kind:
        data = png16(levels, 4 if grey else 6)
    elif grey:
        data = by_vips(levels, "grey16")
    else:
        levels[..., :3] = (LEVELS * (alpha / WHITE)[..., None]).round()
        data = bytearray(by_vips(levels, "rgb16"))
        extra = struct.pack("<HHI", 338, 3, 1)
        data[data.index(extra) + 8] = 1
    picture, notes = read_deep(as_file(tmp_path, bytes(data)))
    share = (alpha / WHITE)[..., None]
    assert abs(picture.levels - (expected * share + WHITE * (1 - share))).max() <= 2
    assert notes == OVER_WHITE


def test_a_profile_is_converted_with_16_bits(tmp_path):
    profile = swapped_profile()
    path = as_file(tmp_path, by_vips(LEVELS, "rgb16", profile=str(as_icc(tmp_path, profile))))
    picture = read_deep(path)[0]
    assert abs(picture.levels[..., ::-1] - LEVELS.astype(int)).max() <= 0.006 * WHITE
    assert len(numpy.unique(picture.levels)) > 2000


def as_icc(folder, profile):
    (folder / "p.icc").write_bytes(profile)
    return folder / "p.icc"


@pytest.mark.parametrize("profile", [SRGB[:200], SRGB.replace(b"RGB ", b"CMYK"), bytes(5000)])
def test_a_profile_that_does_not_fit_is_left_out(tmp_path, profile):
    chunk = (b"iCCP", b"p\0\0" + zlib.compress(profile))
    picture, notes = read_deep(as_file(tmp_path, png16(LEVELS, 2, chunk)))
    assert notes == ["its colour profile cannot be used and was left out"]
    assert (picture.levels == LEVELS).all()


@pytest.mark.parametrize("with_profile", [True, False])
def test_cmyk_looks_as_with_8_bits(tmp_path, with_profile):
    picture = pyvips.Image.new_from_array(LEVELS, interpretation="rgb16")
    picture = picture.icc_transform("cmyk", input_profile="srgb", depth=16)
    data = picture.tiffsave_buffer(keep="icc" if with_profile else "none")
    path = as_file(tmp_path, data)
    deep, eight = read_deep(path)[0].levels / 257, numpy.asarray(read(path)[0])
    assert numpy.median(abs(deep - eight)) <= 1 and abs(deep - eight).max() <= 16
    assert len(numpy.unique(deep)) > 2000


@pytest.mark.parametrize("bits", [8, 16])
def test_lab(tmp_path, bits):
    lab = pyvips.Image.new_from_array(LEVELS, interpretation="rgb16")
    lab = lab.icc_import(input_profile="srgb", pcs="lab")
    data = lab.tiffsave_buffer() if bits == 8 else lab.colourspace("labs").tiffsave_buffer()
    picture, notes = read_deep(as_file(tmp_path, data))
    assert abs(picture.levels - LEVELS.astype(int)).max() <= 0.01 * WHITE and notes == []


def test_pictures_are_upright(tmp_path):
    image = pyvips.Image.new_from_array(LEVELS, interpretation="rgb16").copy()
    image.set_type(pyvips.GValue.gint_type, "orientation", 6)
    upright = numpy.rot90(LEVELS, -1)
    floats = image.cast("float") / WHITE
    exif = Image.Exif()
    exif[0x0112] = 6
    turned_png = png16(LEVELS, 2, (b"eXIf", exif.tobytes()[6:]))
    for data in (image.tiffsave_buffer(), turned_png, floats.tiffsave_buffer()):
        path = as_file(tmp_path, data)
        picture = read_deep(path)[0]
        assert upright_size(path) == picture.size == read(path)[0].size == (48, 64)
        assert abs(picture.levels - upright.astype(int)).max() <= 1


def test_a_gamma_is_converted(tmp_path):
    path = as_file(tmp_path, png16(LEVELS, 2, (b"gAMA", struct.pack(">I", 100_000))))
    picture, notes = read_deep(path)
    assert notes == ["its gamma of 1 was converted to that of sRGB"]
    linear = ((picture.levels / WHITE + 0.055) / 1.055) ** 2.4
    assert abs(linear - COLOURS)[COLOURS > 0.01].max() < 1e-4


@pytest.mark.parametrize("longer_side", [7, 40, 64, 200])
def test_it_is_resized_as_a_picture_of_8_bits(longer_side):
    eight = numpy.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=numpy.uint8)
    deep = resized(Deep.of(eight.astype(numpy.uint16) * 257), longer_side)
    other = resized(Image.fromarray(eight), longer_side)
    assert deep.size == other.size
    assert abs(to_tensor(deep) - to_tensor(other)).max() <= 1.5 / 255


def test_8_bits_are_read_as_ever(tmp_path):
    Image.fromarray((LEVELS // 257).astype(numpy.uint8)).save(tmp_path / "p.tif")
    picture, _ = read_deep(tmp_path / "p.tif")
    assert picture == read(tmp_path / "p.tif")[0]


def test_a_compression_that_only_pillow_knows_is_read_with_8_bits_and_said(tmp_path):
    Image.fromarray(LEVELS[..., 0]).save(tmp_path / "p.tif", compression="zstd")
    picture, notes = read_deep(tmp_path / "p.tif")
    assert picture == read(tmp_path / "p.tif")[0]
    assert notes == ["was read with 8 bits per channel: its compression is not read with more"]


@pytest.mark.parametrize(
    ("where", "error", "words"),
    [
        ("pixels", pyvips.Error("", "out of memory -- size == 800MB"), "not enough memory to read"),
        ("pixels", MemoryError(), "not enough memory to read"),
        ("import", None, "pyvips is missing .*: install nst-grid again"),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "float TIFF"])
def test_8_bits_never_stand_in_for_what_could_be_read_with_more(
    tmp_path, monkeypatch, kind, where, error, words
):
    def fail(*_args, **_options):
        raise error

    path = as_file(tmp_path, EXACT[kind][0])
    if where == "pixels":
        monkeypatch.setattr(pyvips.Image, "numpy", fail)
    else:
        monkeypatch.setitem(sys.modules, "pyvips", None)
        monkeypatch.setattr(vips, "library", vips.library.__wrapped__)
    for reader in (read_deep, read)[: 1 + (kind != "PNG")]:
        with pytest.raises(NstError, match=words):
            reader(path)


def test_the_tensor_has_all_levels():
    tensor = to_tensor(Deep.of(LEVELS), double=True)
    assert abs(tensor[0].permute(1, 2, 0).numpy() - COLOURS).max() <= 0.5001 / WHITE
    assert tensor.min() == 0 and tensor.max() == 1


def test_only_the_loaders_of_png_and_tiff_are_left():
    library = vips.library()
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    jpeg = io.BytesIO()
    Image.new("RGB", (9, 9)).save(jpeg, "JPEG")
    for data in (svg, jpeg.getvalue()):
        with pytest.raises(library.Error):
            library.Image.new_from_buffer(data, "")


def test_the_library_is_imported_when_it_is_needed():
    code = "import sys, nst.transfer.run, nst.metrics.pairs; assert 'pyvips' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def noisy():
    noise = numpy.random.default_rng(0).integers(0, WHITE, (48, 64, 3), dtype=numpy.uint16)
    return {
        "PNG": png16(noise, 2),
        "TIFF": by_vips(noise, "rgb16", compression="deflate"),
        "float TIFF": by_vips(noise / numpy.float32(WHITE), "srgb", compression="deflate"),
    }


@pytest.mark.parametrize("kind", noisy())
def test_damaged_data_are_named(tmp_path, kind):
    data = noisy()[kind]
    half = len(data) // 2
    path = as_file(tmp_path, data[:half] + bytes(900) + data[half + 900 :])
    with pytest.raises(NstError, match=r"p is damaged or cut short: .+; save it again"):
        read_deep(path)


def test_srgb_profiles_are_the_same_each_time():
    from nst.disk.colours import srgb_profile

    assert ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile())).profile.xcolor_space == "RGB "
    assert srgb_profile()[24:36] == struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
