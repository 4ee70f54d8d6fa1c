"""`mask`, `protect`, `alpha` and `style_mask`, from files to files."""

from pathlib import Path

import numpy
import pytest
from conftest import draw_picture
from masked import SIZE, half, hole, pixels, with_alpha
from PIL import Image
from stops import stopped_at

from nst.cli import main
from nst.disk.without_record import without_record

UPRIGHT_BY_6 = 6  # EXIF: stored turned by 90 degrees


def same_bytes(one, other):
    pictures = (without_record(Path(f"{name}.png").read_bytes()) for name in (one, other))
    return len(set(pictures)) == 1


def test_a_mask_that_leaves_nothing_is_no_mask(masked, capsys):
    Image.new("L", SIZE, 255).save("white.png")
    half().save("half.png")
    _, plain = masked("plain")
    for name, options in {
        "all_white": ["--mask", "white.png"],
        "unprotected": ["--mask", "half.png", "--protect", 0],
        "opaque": ["--mask", "alpha"],
        "kept": ["--alpha", "keep"],
        "style": ["--style-mask", "alpha"],
    }.items():
        status, record = masked(name, *options)
        assert status == 0
        assert same_bytes("plain", name)
        assert record["losses"] == plain["losses"]
    said = capsys.readouterr().err
    assert "note: c.png: it is opaque, so `mask: alpha` leaves nothing out" in said
    assert "note: c.png: it is opaque, so `alpha: keep` changes nothing" in said
    assert "note: s.png: it is opaque, so `style_mask: alpha` changes nothing" in said
    assert "note: protect" not in said
    masked("maskless", "--protect", 0.5)
    assert same_bytes("plain", "maskless")
    assert "note: protect 0.5 changes nothing without a mask\n" in capsys.readouterr().err
    masked("masked", "--mask", "half.png")
    assert not same_bytes("plain", "masked")


@pytest.mark.parametrize("recipe", ["painter", "gatys", "crowson", "neural-style"])
def test_what_is_black_has_the_bytes_of_the_content(masked, recipe):
    half(black=0).save("half.png")
    status, record = masked(
        "x", "--mask", "half.png", "--recipe", recipe, "--normalization", "imagenet"
    )
    assert status == 0
    assert record["inputs"]["mask"]["path"] == "half.png"
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    image, wanted = pixels("x.png"), numpy.asarray(content)
    assert (image[:, :21] == wanted[:, :21]).all()
    assert (image[:, 24:] != wanted[:, 24:]).any()


def test_a_mask_fades_inside_its_white_part(masked):
    half().save("half.png")
    change = {}
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    for edge in (0, 12):
        masked(f"edge{edge}", "--mask", "half.png", "--mask-edge", edge, "--init", "style")
        gap = abs(pixels(f"edge{edge}.png").astype(int) - numpy.asarray(content)).mean((0, 2))
        change[edge] = gap
        assert gap[:21].max() == 0
    assert change[12][24:28].mean() < change[0][24:28].mean() / 2


def test_protect_is_how_much_is_left(masked):
    half().save("half.png")
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    gaps = []
    for protect in (0, 0.5, 0.9, 1):
        masked("x", "--mask", "half.png", "--protect", protect, "--init", "style")
        gaps.append(abs(pixels("x.png")[:, :21].astype(int) - numpy.asarray(content)[:, :21]).mean())
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == 0


def turned(mask):
    """Stored as a camera stores an upright picture; EXIF says how it is turned."""
    exif = Image.Exif()
    exif[0x0112] = UPRIGHT_BY_6
    mask.transpose(Image.Transpose.ROTATE_90).save("mask.png", exif=exif)


MODES = {
    "turned": turned,
    "1": lambda mask: mask.convert("1").save("mask.png"),
    "P": lambda mask: mask.convert("P").save("mask.png"),
    "RGB": lambda mask: mask.convert("RGB").save("mask.png"),
    "RGBA": lambda mask: mask.convert("RGBA").save("mask.png"),
    "I;16": lambda mask: Image.fromarray(numpy.asarray(mask).astype("uint16") * 257).save("mask.png"),
    "CMYK": lambda mask: mask.convert("CMYK").save("mask.tif"),
    "twice as large": lambda mask: mask.resize((120, 80), Image.Resampling.NEAREST).save("mask.png"),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_mask_is_read_from_any_mode_and_upright(masked, mode):
    half().save("half.png")
    masked("upright", "--mask", "half.png", "--mask-edge", 2)
    MODES[mode](half())
    status, _ = masked("x", "--mask", "mask.tif" if mode == "CMYK" else "mask.png", "--mask-edge", 2)
    assert status == 0
    assert abs(pixels("x.png").astype(int) - pixels("upright.png")).max() <= 1


def test_the_alpha_of_the_content_is_kept(masked, capsys):
    with_alpha("c.png", hole())
    status, record = masked("x", "--alpha", "keep")
    assert (status, record["settings"]["alpha"]) == (0, "keep")
    wanted = hole().resize((45, 30), Image.Resampling.LANCZOS)
    assert (pixels("x.png")[..., 3] == numpy.asarray(wanted)).all()
    assert main(["reproduce", "x.png", "--weights", "w.pth"]) == 0
    assert main(["reproduce", "x.json", "--weights", "w.pth"]) == 0
    masked("over_white")
    assert pixels("over_white.png").shape == (30, 45, 3)
    said = capsys.readouterr().err
    assert "transparent parts were laid over white: `alpha: keep` keeps them in the image" in said


@pytest.mark.parametrize("option", ["--alpha", "--style-mask"])
def test_what_is_under_transparent_parts_does_not_matter(masked, option):
    path, value = ("c.png", "keep") if option == "--alpha" else ("s.png", "alpha")
    draw_picture(Path("s.png"), SIZE, seed=8)
    with_alpha(path, hole(), "black")
    masked("black", option, value)
    with_alpha(path, hole(), "magenta")
    masked("magenta", option, value)
    assert same_bytes("black", "magenta")
    masked("over_white")
    assert not same_bytes("black", "over_white")


def test_a_cut_out_is_made_like_the_whole_but_for_what_is_not_seen(masked):
    """No light rim: the visible colours are not mixed with white."""
    Image.new("RGB", SIZE, (40, 80, 60)).save("c.png")
    with_alpha("c.png", hole(), "white")
    masked("x", "--alpha", "keep", "--style-weight", 0, "--init", "content")
    image = pixels("x.png").astype(int)
    seen = image[image[..., 3] > 0][:, :3]
    assert abs(seen - (40, 80, 60)).max() <= 4


def test_transparent_parts_are_left_by_their_own_mask(masked, capsys):
    with_alpha("c.png", hole())
    masked("x", "--mask", "alpha")
    assert "laid over white: `alpha" not in capsys.readouterr().err
    image, alpha = pixels("x.png"), hole().resize((45, 30), Image.Resampling.BILINEAR)
    assert (image[numpy.asarray(alpha) == 0] == 255).all()
    masked("y")
    assert not (pixels("y.png")[numpy.asarray(alpha) == 0] == 255).all()


def test_the_mask_of_a_style_limits_what_is_taken_from_it(masked):
    draw_picture(Path("s.png"), SIZE, seed=8)
    half().save("half.png")
    status, record = masked("masked", "--style-mask", "half.png")
    assert status == 0
    assert record["inputs"]["style_mask"]["path"] == "half.png"
    changed = Image.open("s.png").convert("RGB")
    changed.paste("red", (0, 0, 8, 40))  # farther from the white part than conv1 sees
    changed.save("s.png")
    masked("changed", "--style-mask", "half.png")
    masked("plain")
    gap = abs(pixels("masked.png").astype(int) - pixels("changed.png")).max()
    assert gap <= 2 < abs(pixels("plain.png").astype(int) - pixels("changed.png")).max()
    assert main(["reproduce", "changed.json", "--weights", "w.pth"]) == 0


@pytest.mark.parametrize("options", [[], ["--mask", "half.png"], ["--alpha", "keep"]])
def test_a_larger_image_starts_from_a_masked_one(masked, options):
    half().save("half.png")
    with_alpha("c.png", hole())
    masked("cell", *options)
    status, record = masked("print", *options, "--size", 90, "--start", "cell.png")
    assert status == 0
    assert set(record["inputs"]) >= {"content", "style", "start"}
    assert pixels("print.png").shape[2] == pixels("cell.png").shape[2]
    cell = pixels("cell.png", "RGBA").astype(int)
    shrunk = Image.fromarray(pixels("print.png", "RGBA")).resize((45, 30), Image.Resampling.LANCZOS)
    seen = cell[..., 3] == 255
    gap = (numpy.asarray(shrunk).astype(int) - cell)[seen][..., :3]
    assert (gap**2).mean() < 25**2


def test_a_film_of_a_cut_out_is_over_white(masked):
    with_alpha("c.png", hole())
    masked("x", "--alpha", "keep", "--snapshot-every", 2)
    with Image.open("x.webp") as film:
        for number in range(film.n_frames):
            film.seek(number)
            assert min(film.convert("RGB").getpixel((1, 1))) > 240


def test_reproduce_takes_a_mask_from_another_place(masked, capsys):
    half().save("half.png")
    masked("x", "--mask", "half.png")
    Path("half.png").rename("moved.png")
    capsys.readouterr()
    assert main(["reproduce", "x.json", "--weights", "w.pth"]) == 2
    assert (
        "half.png does not exist: run this in the project's folder, or name the mask with --mask"
        in (capsys.readouterr().err)
    )
    assert main(["reproduce", "x.json", "--weights", "w.pth", "--mask", "moved.png"]) == 0


def test_luminance_changes_the_free_part_as_much_as_another_start_from_the_content(masked):
    """`init: recoloured` is the content in grey there, so that few evaluations change little."""
    half().save("half.png")
    content = Image.open("c.png").convert("RGB").resize((45, 30), Image.Resampling.LANCZOS)
    change = {}
    for colour, init in (("luminance", "recoloured"), ("keep", "content")):
        options = ["--mask", "half.png", "--colour", colour, "--init", init, "--evaluations", 20]
        masked(colour, *options)
        change[colour] = abs(pixels(f"{colour}.png").astype(int) - numpy.asarray(content)).mean((0, 2))
        assert change[colour][:21].max() == 0
    assert change["luminance"][26:].mean() > change["keep"][26:].mean() / 2 > 2


@pytest.mark.parametrize(
    "options", [["--mask", "half.png"], ["--alpha", "keep", "--style-mask", "s_half.png"]]
)
def test_a_stopped_masked_transfer_resumes_to_the_same_bytes(masked, options, capsys):
    half().save("half.png")
    half((48, 32)).save("s_half.png")
    with_alpha("c.png", hole())
    options = [*options, "--scales", 2, "--checkpoint", "x.checkpoint"]
    masked("whole", *options)
    with stopped_at(5):
        assert masked("part", *options)[0] == 2
    assert Path("x.checkpoint").exists() and not Path("part.png").exists()
    capsys.readouterr()
    assert masked("part", *options)[0] == 0
    assert "resuming after evaluation" in capsys.readouterr().err
    assert same_bytes("whole", "part")


def test_a_mask_that_is_empty_at_a_coarse_size_only_is_said(masked, capsys):
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, (20, 10, 26, 16))
    mask.save("m.png")
    options = ["--mask", "m.png", "--mask-edge", 0, "--scales", 2, "--scale-ratio", 3]
    status, _ = masked("x", *options, "--scale-least", 20, "--size", 60)
    assert status == 0
    note = "note: the mask covers less than one position of conv1 at size 20: it is left out there"
    assert capsys.readouterr().err.count(note) == 1
