"""The picture that the page saves of its grid, in a real browser."""

import base64
import io

import pytest
from browser import requests_of
from grids import build_grid
from PIL import Image

from nst.cli import main
from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

SAVE = """
const done = arguments[2], was = URL.createObjectURL;
HTMLAnchorElement.prototype.click = function () { window.named = this.download; };
URL.createObjectURL = (blob) => {
  const reader = new FileReader();
  reader.onload = () => setTimeout(() => done([reader.result, said.textContent, window.named]), 100);
  reader.readAsDataURL(blob);
  return was.call(URL, blob);
};
if (arguments[1]) arguments[1].split(',').forEach((id) => { byId.get(id).token = 'another'; });
savePicture(arguments[0]).catch((error) => done([String(error)]));
"""


def saved(browser, px, made_again=""):
    """The picture that the page saves, what it says, and the name of the file."""
    browser.set_script_timeout(30)
    url, said, name = browser.execute_async_script(SAVE, px, made_again)
    return Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"), said, name


def plain_grid(folder, contents, styles):
    """A page of images each of one colour, and the colours by the cells' ids."""
    grid = build_grid(folder, contents, styles, {})
    colours = {}
    for number, cell in enumerate(grid.cells):
        colours[cell.id] = (40 * number + 10, 200 - 30 * number, 90)
        Image.new("RGB", (96, 64), colours[cell.id]).save(cell.file(".png"))
    write_gallery(grid, folder / "results/index.html")
    return colours


def middle(browser, picture, cell, px):
    """The colour in the middle of a cell's place in the picture."""
    x, y = browser.execute_script(
        "const plan = planPicture(arguments[1]);"
        "const spot = [...grid.spots.values()].find(s => cellOf(s).id === arguments[0]);"
        "return [plan.left + plan.gap + spot.column * (plan.px + plan.gap) + plan.px / 2,"
        " plan.tops[spot.row] + plan.heights[spot.row] / 2]", cell, px,
    )  # fmt: skip
    return picture.getpixel((round(x), round(y)))


def near(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12


def test_what_is_seen_is_saved_as_one_picture_from_disk(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    colours = plain_grid(tmp_path, ["c", "d"], ["s", "t"])
    browser = opened(tmp_path)
    assert not any("/drawn/" in url for url in requests_of(browser))  # only on demand
    whole, said, name = saved(browser, 128)
    assert (name, "left hatched" in said) == (f"{tmp_path.name}.png", False)
    assert all(near(middle(browser, whole, cell, 128), colour) for cell, colour in colours.items())
    browser = opened(tmp_path, "#hide=style:s")
    part, _, _ = saved(browser, 128)
    assert part.width < whole.width and part.height == whole.height
    assert near(middle(browser, part, "c/t/only", 128), colours["c/t/only"])
    browser = opened(tmp_path)
    rest, said, _ = saved(browser, 128, "c/s/only")  # as one that is made again while the page is open
    assert "1 image could not be drawn" in said
    assert not near(middle(browser, rest, "c/s/only", 128), colours["c/s/only"])
    assert near(middle(browser, rest, "d/t/only", 128), colours["d/t/only"])


def test_a_page_of_one_file_saves_its_grid_as_a_picture(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    colours = plain_grid(tmp_path, ["c"], ["s", "t"])
    assert main(["gallery", "--single", "share.html"]) == 0
    browser = opened(tmp_path)
    browser.get(f"file://{tmp_path}/share.html")
    picture, said, _ = saved(browser, 128)
    assert "hatched" not in said
    assert all(near(middle(browser, picture, cell, 128), colour) for cell, colour in colours.items())


def test_a_picture_that_no_browser_can_hold_is_refused(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    write_gallery(
        build_grid(tmp_path, ["c"], [f"s{n}" for n in range(20)], {}), tmp_path / "results/index.html"
    )
    browser = opened(tmp_path)
    browser.execute_async_script("savePicture(1024).then(arguments[0])")
    assert "hide values, or choose smaller images" in browser.execute_script("return said.textContent")
