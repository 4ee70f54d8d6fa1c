"""`nst.stylize` and what it returns; `import nst` alone imports nothing."""

import _thread
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy
import pytest
from PIL import Image

import nst
from nst.cli import main
from nst.errors import NstError, WeightsOutOfReach
from nst.notebook import stylize as module

TINY = {
    "backbone": "alexnet",
    "content_layers": ["conv1"],
    "style_layers": {"conv1": 2},
    "size": 24,
    "evaluations": 3,
    "style_weight": 1e4,
}


@pytest.fixture
def weights(place, seeded_weights):
    return seeded_weights("alexnet", {"conv1"})


@pytest.fixture(scope="session")
def made(tmp_path_factory, seeded_weights):
    """A result, not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    for seed, name in enumerate(("<b>c.png", "s.png")):
        noise = numpy.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=numpy.uint8)
        Image.fromarray(noise).save(folder / name)
    settings = {**TINY, "device": "cpu", "weights": seeded_weights("alexnet", {"conv1"})}
    return nst.stylize(folder / "<b>c.png", folder / "s.png", progress=False, **settings)


def test_importing_it_is_free_and_the_names_are_listed():
    code = (
        "import sys; before = set(sys.modules); import nst; names = dir(nst)\n"
        "new = set(sys.modules) - before - {'nst'}\n"
        "print(sorted(new), {'load', 'show', 'stylize', 'NstError', 'RULES'} - set(names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[] set()\n", done.stderr
    with pytest.raises(AttributeError, match="no attribute 'stilize'"):
        _ = nst.stilize
    assert set(nst._LAZY) < set(nst.__all__)
    assert all(getattr(nst, name).__doc__ for name in ("load", "show", "stylize", "Result", "Grid"))


COUNTS = {
    "guide": ({"guide": {"face": 1}, "regions": {"face": "c.png"}}, "guide: has 1 region, and the"),
    "masks": ({"style_mask": ["none"]}, "style_mask: has 1 mask, and the style 2 pictures: give"),
    "mask": ({"style_mask": "s.png"}, "style_mask: s.png is the mask of one picture, and the style"),
    "blend": ({"blend": [1, 2, 3]}, "blend: has 3 weights for a style of 2 pictures: give one"),
}


@pytest.mark.parametrize("case", COUNTS)
def test_what_is_not_for_so_many_pictures_is_refused(place, weights, case):
    settings, message = COUNTS[case]
    with pytest.raises(NstError, match=f"^{message}"):
        nst.stylize("c.png", ["s.png", "s.png"], weights=weights, progress=False, **TINY, **settings)


def test_the_image_is_that_of_the_command(place, weights, capsys):
    flags = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1=2"]
    flags += ["--size", "24", "--evaluations", "3", "--style-weight", "1e4", "--weights", str(weights)]
    files = ["--out", "a.png", "--record", "a.json", "--trace", "a.csv"]
    assert main(["transfer", "c.png", "s.png", *files, *flags]) == 0
    capsys.readouterr()
    result = nst.stylize("c.png", Path("s.png"), weights=weights, progress=False, **TINY)
    assert capsys.readouterr() == ("", "")
    assert result.save("b.png") == Path("b.png")
    assert Path("b.png").read_bytes() == Path("a.png").read_bytes()
    records = [json.loads(Path(name).read_text()) for name in ("a.json", "b.json")]
    for record in records:
        del record["seconds"], record["peak_memory_mb"]
    assert records[0] == records[1]
    lines = Path("a.csv").read_text().splitlines()
    assert list(result.trace.columns) == lines[0].split(",") and len(result.trace) == len(lines) - 1
    assert f"{result.trace.total.iloc[-1]:.6g}" == lines[-1].split(",")[1]


def test_pictures_in_memory_give_the_same_image(place, weights):
    by_path = nst.stylize("c.png", "s.png", weights=weights, progress=False, **TINY)
    pictures = Image.open("c.png").convert("RGBA"), Image.open("s.png")
    in_memory = nst.stylize(*pictures, weights=str(weights), progress=False, **TINY)
    assert in_memory.image.tobytes() == by_path.image.tobytes()
    assert in_memory.record["inputs"]["content"]["path"] == "content in memory"
    assert len(in_memory.record["inputs"]["style"]["sha256"]) == 64
    in_memory.save("x.jpg", record=False)
    with Image.open("x.jpg") as image:
        assert image.format == "JPEG" and image.size == by_path.image.size
    assert not Path("x.json").exists()


def test_a_result_has_its_losses_and_its_settings(made):
    losses = made.losses
    assert losses["weighted_style"] == pytest.approx(1e4 * losses["style_loss"], rel=1e-5)
    assert losses["total_loss"] == made.record["losses"]["total"]
    assert set(made.terms["style"]) == {"conv1"} and made.settings["style_weight"] == 1e4
    assert made._repr_png_().startswith(b"\x89PNG")
    assert "Result(image=" in repr(made) and len(repr(made)) < 300


def test_a_bar_is_shown_if_asked_for(place, weights, capsys):
    nst.stylize("c.png", "s.png", weights=weights, **TINY)
    assert "3/3" in capsys.readouterr().err


def test_numbers_of_numpy_are_settings(place, weights):
    numbers = {"size": numpy.int64(24), "style_weight": numpy.float32(1e4)}
    result = nst.stylize("c.png", "s.png", weights=weights, progress=False, **{**TINY, **numbers})
    assert result.settings["size"] == 24


@pytest.mark.parametrize(
    ("content", "settings", "words"),
    [
        ("no.png", {}, "no.png does not exist"),
        ([1], {}, "content: a builtins.list is no picture: give a path or a PIL image"),
        (Image.new("RGB", (0, 3)), {}, "content: the picture has no pixels"),
        ("c.png", {"weights": 3}, "weights: 3 is no path"),
        ("c.png", {"stile_weight": 1}, "stile_weight: unknown key; did you mean 'style_weight'"),
        ("c.png", {"size": "big", "pooling": "x"}, "size: 'big' is not .*\npooling: 'x' is not"),
        ("c.png", {"weights": "no.pth"}, "cannot read the weights no.pth"),
        ("c.png", {"snapshot_every": 5}, "films are written by nst transfer"),
        ("c.png", {"recipe": "gaty"}, "recipe: 'gaty'"),
    ],
)
def test_mistakes_are_errors_of_its_own(place, weights, content, settings, words):
    with pytest.raises(nst.NstError, match=words):
        nst.stylize(content, "s.png", progress=False, **{"weights": weights, **TINY, **settings})


def test_a_result_is_saved_nowhere_else(place, weights):
    result = nst.stylize("c.png", "s.png", weights=weights, progress=False, **TINY)
    for path, words in (("c.png", "would be overwritten"), ("x.gif", "ends in none of .png, .tif")):
        with pytest.raises(nst.NstError, match=words):
            result.save(path)
    Path("mine.json").write_text('{"a": 1}')
    with pytest.raises(nst.NstError, match=r"mine.json lacks .*; it would be replaced: name another"):
        result.save("mine.png")
    with pytest.raises(
        nst.NstError, match=r"is no file: name one that ends in .png, .tif, .jpg or .webp"
    ):
        result.save("")


def test_an_interrupt_ends_it(place, weights, capsys):
    threading.Timer(1.5, _thread.interrupt_main).start()
    with pytest.raises(KeyboardInterrupt):
        nst.stylize("c.png", "s.png", weights=weights, **{**TINY, "evaluations": 100_000, "size": 64})
    assert nst.stylize("c.png", "s.png", weights=weights, progress=False, **TINY).image


def test_another_network_is_taken_where_vgg19_is_out_of_reach(place, monkeypatch):
    asked = []

    def refuse(content, style, drawn, weights, settings, progress, said):
        asked.append((settings.backbone, list(said)))
        raise WeightsOutOfReach(f"no source for {settings.backbone}")

    monkeypatch.setattr(module, "_stylize", refuse)
    with pytest.raises(nst.NstError, match="no source for vgg19"):
        nst.stylize("c.png", "s.png", recipe="gatys")
    assert asked[1][0] == "vgg19-caffe"
    assert asked[1][1][0].startswith("note: vgg19 cannot be fetched (")
    assert asked[2][0] == "vgg16"
    with pytest.raises(nst.NstError, match="no source for vgg19"):
        nst.stylize("c.png", "s.png", backbone="vgg19")
    assert len(asked) == 4
    with pytest.raises(nst.NstError, match="no source for vgg19"):
        nst.stylize("c.png", "s.png", recipe="gatys", normalization="none")
    assert [backbone for backbone, _ in asked[4:]] == ["vgg19", "vgg16"]  # caffe's does not fit


def test_several_styles_are_blended(place, weights):
    def made(styles, **given):
        quiet = {"progress": False, "weights": weights, "device": "cpu"}
        return nst.stylize(place / "c.png", styles, **TINY, **quiet, **given)

    for name, seed in (("c", 5), ("s", 6), ("t", 7)):
        noise = numpy.random.default_rng(seed).integers(0, 256, (20, 30, 3), dtype=numpy.uint8)
        Image.fromarray(noise).save(place / f"{name}.png")
    first, second = place / "s.png", Image.open(place / "t.png")
    alone = made(first)
    assert made([first, second], blend=[1, 0]).image.tobytes() == alone.image.tobytes()
    both = made([first, second], blend=numpy.array([3, 1]).tolist())
    assert list(both.record["inputs"]) == ["content", "style", "style_2"]
    assert both.image.tobytes() != alone.image.tobytes()
    for styles, given, words in (
        ([first, second], {"blend": [1]}, "blend: has 1 weight for a style of 2 pictures"),
        ([], {}, "style: 0 pictures: give 1 to 64"),
        ([first, 3], {}, "style_2: a builtins.int is no picture"),
    ):
        with pytest.raises(NstError, match=words):
            made(styles, **given)


def test_a_mask_is_a_path_or_a_picture(weights):
    """As `nst transfer --mask` takes it: the same image."""
    content = Image.open("c.png").convert("RGB")
    mask = Image.new("L", content.size, 255)
    mask.paste(0, (0, 0, 20, content.height))
    mask.save("m.png")
    by_path, by_picture, plain = (
        nst.stylize("c.png", "s.png", mask=one, weights=weights, progress=False, **TINY).image
        for one in ("m.png", mask, None)
    )
    assert by_path.tobytes() == by_picture.tobytes() != plain.tobytes()
