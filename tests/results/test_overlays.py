"""Which masks and regions the images of a grid have, and the pictures of these."""

import io
from dataclasses import replace

import pytest
from grids import build_grid
from PIL import Image

from nst.disk.derived import rebuild_outdated
from nst.errors import NstError
from nst.results.overlays import overlay_bytes, overlay_pictures, overlays
from nst.results.page_data import page_data
from nst.results.page_paths import GALLERY
from nst.results.states import survey


def halves(folder, size=(24, 16)):
    """left.png and right.png: masks of the halves of a picture."""
    mask = Image.new("L", size, 255)
    mask.paste(0, (size[0] // 2, 0, *size))
    mask.save(folder / "left.png")
    mask.point(lambda level: 255 - level).save(folder / "right.png")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A function (**config) -> a grid of two contents and two styles with left.png and right.png."""
    monkeypatch.chdir(tmp_path)
    halves(tmp_path)

    def build(**more):
        return build_grid(tmp_path, ["c", "d"], ["s", "t"], more.pop("axes", None), **more)

    return build


def guided(grid, guide):
    """The grid with the regions left and right in all images of its first content."""
    regions = {"left": "left.png", "right": "right.png"}
    cells = [
        replace(
            cell,
            settings=replace(cell.settings, regions=regions, guide=guide),
            style_pictures=(*cell.style_pictures, cell.content_picture)[: len(guide)],
        )
        if cell.content == "c"
        else cell
        for cell in grid.cells
    ]
    return replace(grid, cells=tuple(cells))


def sides(one):
    """What an overlay is in the middle of its left and its right half: red, green, blue, alpha."""
    drawn = one.drawn(240)
    return [drawn.getpixel((share * drawn.width // 4, drawn.height // 2)) for share in (1, 3)]


def of_page(grid):
    return page_data(grid, survey(grid.cells), [], (), original_look=lambda path: {"size": (1, 1)})


def test_a_plain_grid_has_none(build):
    grid = build()
    assert overlays(grid) == {}
    assert list(overlay_pictures(grid)) == []


def test_images_of_one_mask_share_its_picture(build):
    axes = {"style_weight": [1, 10], "protect": [0, 0.5, 1]}
    masks = {"c": {"mask": "left.png"}, "d": {"mask": "right.png"}}
    found = overlays(build(axes=axes, overrides={"content": masks}))
    assert len(found) == 2 * 2 * 2 * 2  # those that protect nothing look as if there was no mask
    assert len({one.path for one in found.values()}) == 2 * 2
    rows = {one.protect: [text for _, text in one.rows] for one in found.values()}
    assert rows == {
        0.5: ["50 % left as the content", "stylised"],
        1: ["left as the content", "stylised"],
    }


def test_the_legend_names_region_style_and_weight_in_the_colours_of_the_picture(build):
    grid = guided(build(), [["right", 0.3], ["left", 1.0]])
    one = overlays(grid)["c/s/only"]
    assert [text for _, text in one.rows] == ["right: s.png, weight 0.3", "left: c.png"]
    seen = sides(one)
    assert [colour for colour, _ in one.rows] == [
        "#{:02x}{:02x}{:02x}".format(*seen[n]) for n in (1, 0)
    ]
    assert overlays(grid)["c/t/only"].path == one.path  # which differs in the words alone


def test_a_region_without_a_style_has_no_colour(build):
    grid = guided(build(), [["left", 1.0]])
    one = overlays(grid)["c/s/only"]
    assert [name for name, _ in one.regions] == ["left"]
    assert [side[3] for side in sides(one)] == [pytest.approx(128, abs=2), 0]


def test_a_mask_is_shown_over_regions(build):
    grid = guided(
        build(overrides={"content": {"c": {"mask": "right.png"}}}), [["left", 1.0], ["right", 1.0]]
    )
    one = overlays(grid)["c/s/only"]
    assert one.kinds == ["mask", "regions"] and len(one.rows) == 4
    left, right = sides(one)
    assert max(left[:3]) < 60 < max(right[:3]) and left[3] > right[3]


def test_the_transparency_of_a_content_is_its_mask(build, tmp_path):
    grid = build(overrides={"content": {"c": {"mask": "alpha"}}})
    with Image.open(tmp_path / "c.png") as drawn:
        picture = drawn.convert("RGB")
    with Image.open(tmp_path / "left.png") as mask:
        picture.putalpha(mask.resize(picture.size))
    picture.save(tmp_path / "c.png")
    left, right = sides(overlays(grid)["c/s/only"])
    assert left[3] == 0 < right[3]


def test_the_page_finds_the_overlay_of_an_image_and_marks_its_content(build):
    grid = build(axes={"style_weight": [1, 10]}, overrides={"content": {"c": {"mask": "left.png"}}})
    data = of_page(grid)
    assert [one.get("masked") for one in data["contents"]] == [["mask"], None]
    found = {cell["id"]: cell.get("overlay") for cell in [*data["cells"], *data["holes"]]}
    assert set(found.values()) == {0, None}
    assert all((number == 0) is name.startswith("c/") for name, number in found.items())
    (one,) = data["overlays"]
    assert one["kind"] == "mask" and one["picture"].startswith("gallery/overlays/c/")


def test_a_mask_that_is_an_axis_does_not_mark_its_content(build, tmp_path):
    (tmp_path / "masks").mkdir()
    (tmp_path / "left.png").rename(tmp_path / "masks/left.png")
    data = of_page(build(axes={"mask": ["none", "masks/left.png"]}))
    assert [one.get("masked") for one in data["contents"]] == [None, None]
    assert len(data["overlays"]) == 2
    assert data["axes"][0]["values"] == ["none", "left.png"]


def test_pictures_follow_their_masks(build, tmp_path):
    grid = build(overrides={"content": {"c": {"mask": "left.png"}}})
    assert rebuild_outdated(GALLERY, overlay_pictures(grid)) == 1
    assert rebuild_outdated(GALLERY, overlay_pictures(grid)) == 0
    (tmp_path / "left.png").write_bytes((tmp_path / "right.png").read_bytes())
    assert rebuild_outdated(GALLERY, overlay_pictures(grid)) == 1


def test_a_mask_that_is_gone_is_empty_while_a_grid_is_not_whole(build, tmp_path):
    one = overlays(build(overrides={"content": {"c": {"mask": "left.png"}}}))["c/s/only"]
    (tmp_path / "left.png").unlink()
    with Image.open(io.BytesIO(overlay_bytes(one, 240))) as picture:
        assert picture.convert("RGBA").getchannel("A").getextrema() == (0, 0)
    with pytest.raises(NstError, match=r"left\.png"):
        overlay_bytes(one, 240, whole=True)
