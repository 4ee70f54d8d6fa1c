"""The strip that stands for a style of several pictures."""

import io
from dataclasses import replace

import pytest
from conftest import draw_picture
from grids import build_grid
from PIL import Image

from nst.disk.derived import rebuild_outdated
from nst.errors import NstError
from nst.results.originals import originals
from nst.results.page_paths import GALLERY, small_original
from nst.results.previews import small_originals
from nst.results.sheet import draw
from nst.results.sheet_plan import plan
from nst.results.strip import GROUND, LEAST, MOST, places, shown_parts, strip
from nst.results.thumbnails import thumbnail_bytes


@pytest.fixture
def colours(tmp_path):
    """Pictures of one colour each, of several shapes."""
    names = ("red", "lime", "blue", "yellow", "cyan", "magenta", "black", "gray")
    shapes = ((40, 30), (20, 50), (90, 20))
    paths = [tmp_path / f"{name}.png" for name in names]
    for number, path in enumerate(paths):
        Image.new("RGB", shapes[number % 3], path.stem).save(path)
    return paths


def widths(parts, width=600):
    shown, others = shown_parts(parts)
    return [right - left for left, right in places(shown, others, width)]


def test_pictures_are_as_wide_as_their_shares(colours):
    assert widths(list(zip(colours, (0.75, 0.25), strict=False)), 1000) == [745, 250]
    picture = strip(list(zip(colours, (0.75, 0.25), strict=False)), 300)
    assert picture.size == (300, 200)
    assert picture.getpixel((3, 100)) == picture.getpixel((218, 2)) == (255, 0, 0)
    assert picture.getpixel((230, 197)) == picture.getpixel((297, 3)) == (0, 255, 0)


@pytest.mark.parametrize("shares", [(0.999, 0.001), (0.9, 0.04, 0.03, 0.03), (1e-9, 1, 1e-9)])
def test_every_picture_is_at_least_a_sliver(colours, shares):
    found = widths(list(zip(colours, shares, strict=False)))
    assert min(found) >= LEAST * 600 - 4
    assert sum(found) + 3 * (len(found) - 1) == 600


def test_a_picture_without_a_share_is_left_out(colours):
    picture = strip([(colours[0], 0.0), (colours[1], 0.6), (colours[2], 0.4)], 300)
    found = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}
    assert (255, 0, 0) not in found and {(0, 255, 0), (0, 0, 255)} <= found


def test_of_many_pictures_the_largest_are_shown_in_their_order_and_the_others_counted(colours):
    shares = (0.02, 0.2, 0.2, 0.1, 0.3, 0.1, 0.03, 0.05)
    shown, others = shown_parts(list(zip(colours, shares, strict=True)))
    assert [path.stem for path, _ in shown] == ["lime", "blue", "yellow", "cyan", "magenta", "gray"]
    assert (len(shown), others) == (MOST, 2)
    picture = strip(list(zip(colours, shares, strict=True)), 600)
    assert picture.getpixel((597, 3)) == tuple(bytes.fromhex(GROUND[1:]))


def test_what_is_transparent_in_one_of_them_stays_so(colours, tmp_path):
    Image.new("RGBA", (30, 30), (255, 0, 0, 0)).save(tmp_path / "none.png")
    half = Image.new("RGBA", (30, 30), (255, 0, 0, 255))
    half.paste((0, 0, 0, 0), (0, 0, 30, 15))
    half.save(tmp_path / "half.png")
    picture = strip([(tmp_path / "half.png", 0.5), (colours[1], 0.5)], 300)
    assert picture.getpixel((70, 20))[3] == 0
    assert picture.getpixel((70, 180))[3] == picture.getpixel((220, 20))[3] == 255


def test_one_that_cannot_be_read_is_named(colours, tmp_path):
    (tmp_path / "bad.png").write_text("no picture")
    with pytest.raises(NstError, match=r"bad\.png"):
        strip([(colours[0], 0.5), (tmp_path / "bad.png", 0.5)], 300)


def test_a_single_picture_is_shrunk_as_before(tmp_path):
    draw_picture(tmp_path / "one.png", (600, 300))
    with Image.open(io.BytesIO(thumbnail_bytes(tmp_path / "one.png", 100))) as small:
        assert (small.size, small.mode) == ((100, 50), "RGB")


def blended(folder, blends):
    """A grid of one content in a style of two pictures, the red and the lime one, with each blend."""
    grid = build_grid(folder, ["c"], ["s"], {"style_weight": [1, 10][: len(blends)]}, size=(60, 40))
    pictures = folder / "red.png", folder / "lime.png"
    return replace(
        grid,
        cells=tuple(
            replace(cell, style_pictures=pictures, settings=replace(cell.settings, blend=blend))
            for cell, blend in zip(grid.cells, blends, strict=True)
        ),
    )


@pytest.mark.parametrize(
    ("blends", "share"), [([[3.0, 1.0], [3.0, 1.0]], 0.75), ([[3.0, 1.0], [1.0, 3.0]], 0.5)]
)
def test_shares_that_differ_among_the_images_are_shown_alike(
    colours, tmp_path, monkeypatch, blends, share
):
    monkeypatch.chdir(tmp_path)
    style = originals(blended(tmp_path, blends))["style", "s"]
    assert [part[1] for part in style.parts] == [share, 1 - share]


def test_a_small_original_and_the_head_of_a_sheet_are_the_strip(colours, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = blended(tmp_path, [[3.0, 1.0]])
    copies = {one.path: one for one in small_originals(grid)}
    with Image.open(io.BytesIO(copies[small_original("style", "s")].build())) as picture:
        assert picture.width / picture.height == pytest.approx(1.5, 0.01)
    sheet = next(iter(plan(grid).values()))
    assert set(colours[:2]) <= set(sheet.originals())
    found = {colour for _, colour in draw(sheet).getcolors(1 << 20)}
    assert {(255, 0, 0), (0, 255, 0)} <= found


def test_a_strip_is_drawn_again_when_a_picture_or_a_share_changes(colours, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def built(blend):
        return rebuild_outdated(GALLERY, small_originals(blended(tmp_path, [blend])))

    assert (built([3.0, 1.0]), built([3.0, 1.0]), built([1.0, 1.0])) == (2, 0, 1)
    Image.new("RGB", (40, 30), "blue").save(colours[1])
    assert built([1.0, 1.0]) == 1
