"""Images and originals with transparent parts, on the page in a real browser."""

import base64
import io
import json
import re

import pytest
from browser import complaints_of, find, press, text, wait
from conftest import draw_picture
from grids import balanced, build_grid
from PIL import Image

from nst.cli import main
from nst.results.gallery import write_gallery
from nst.results.page_paths import drawn_originals, small_original
from nst.results.sheet import draw
from nst.results.sheet_plan import plan
from nst.results.thumbnails import thumbnail_bytes

pytest.importorskip("selenium")

CHECKED = "getComputedStyle(document.querySelector('{}')).backgroundImage.includes('conic')"


def cut_out(path, size=(60, 40)):
    """A picture of which the left third is transparent, and green below that."""
    draw_picture(path, size)
    with Image.open(path) as drawn:
        picture = drawn.convert("RGB")
    third = size[0] // 3
    picture.paste("lime", (0, 0, third, size[1]))
    alpha = Image.new("L", size, 255)
    alpha.paste(0, (0, 0, third, size[1]))
    picture.putalpha(alpha)
    picture.save(path)


def solid(path):
    """The picture without its green part: as wide as it is drawn."""
    other = path.with_name("solid.png")
    draw_picture(other, (600, 400))
    return other


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A grid of two contents, one of which and all its images have transparent parts."""
    monkeypatch.chdir(tmp_path)
    grid = build_grid(
        tmp_path, ["c", "d"], ["s"], {"style_weight": [1, 10, 100]}, balanced, size=(60, 40)
    )
    cut_out(tmp_path / "c.png")
    for cell in grid.cells:
        if cell.content == "c":
            cut_out(cell.file(".png"))
    return grid


@pytest.fixture
def page(grid, tmp_path):
    """The folder of its page."""
    write_gallery(grid, tmp_path / "results/index.html")
    return tmp_path


def alpha_at(data, x, y):
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGBA").getpixel((x, y))[3]


def test_a_small_copy_keeps_what_is_transparent_and_shows_nothing_of_what_lies_below(tmp_path):
    cut_out(tmp_path / "c.png", (600, 400))
    small = thumbnail_bytes(tmp_path / "c.png", 50)
    assert (alpha_at(small, 4, 16), alpha_at(small, 40, 16)) == (0, 255)
    rims = []
    for data in (small, thumbnail_bytes(solid(tmp_path / "c.png"), 50)):  # pixel 16 is partly opaque
        with Image.open(io.BytesIO(data)) as picture:
            rims.append(picture.convert("RGB").getpixel((16, 16)))
    assert max(abs(one - other) for one, other in zip(*rims, strict=True)) < 30, rims


def test_a_picture_of_which_nothing_would_be_seen_is_shown_as_it_is_read(tmp_path):
    draw_picture(tmp_path / "c.png", (60, 40))
    with Image.open(tmp_path / "c.png") as drawn:
        picture = drawn.convert("RGB")
    picture.putalpha(0)
    picture.save(tmp_path / "c.png")
    assert alpha_at(thumbnail_bytes(tmp_path / "c.png", 60), 4, 20) == 255


def test_pictures_for_the_saved_grid_keep_it_too(page):
    """They are shrunk once more, as heads are smaller there than beside an image."""
    cut_out(page / "c.png", (600, 400))
    write_gallery(expand_here(), page / "results/index.html")
    assert alpha_at(small_original("content", "c").read_bytes(), 20, 20) == 0
    script = drawn_originals().read_text()
    urls = json.loads(re.fullmatch(r"nst\.drawn\((.*)\);\n", script)[1])
    data = base64.b64decode(urls["content/c"][1].split(",")[1])
    assert alpha_at(data, 4, 20) == 0


def expand_here():
    from nst.config.grid import expand

    return expand(["config.yaml"])


def test_a_sheet_lays_it_over_its_paper(grid):
    sheet = next(sheet for sheet in plan(grid).values() if "c" in sheet.title.split())
    colours = {colour for _, colour in draw(sheet).getcolors(1 << 20)}
    assert (0, 255, 0) not in colours
    assert draw(sheet).mode == "RGB"


def test_what_is_transparent_stands_on_a_checkerboard(page, opened):
    browser = opened(page, "#view=grid&x=style")
    wait(browser, "document.querySelectorAll('#grid td .tile > img').length === 2")
    grounds = browser.execute_script(
        "return [...document.querySelectorAll('#grid tbody tr')].map(row => [...row.querySelectorAll("
        "'.hider img, .tile > img')].map(i => getComputedStyle(i).backgroundImage.includes('conic')))"
    )
    assert grounds == [[True, True], [False, False]]
    find(browser, "#to-images").click()
    wait(browser, "document.querySelectorAll('#images figure img').length === 6")
    assert len(browser.find_elements("css selector", "#images img.see-through")) == 3
    assert complaints_of(browser) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_checkerboard_follows_the_scheme(page, opened, scheme):
    browser = opened(page)
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    wait(browser, f"document.documentElement.dataset.theme === '{scheme}'")
    colours = browser.execute_script(
        "return getComputedStyle(document.querySelector('#grid img.see-through')).backgroundImage"
    )
    levels = [int(level) for level in re.findall(r"rgb\((\d+)", colours)]
    assert levels and all((level > 180) is (scheme == "light") for level in levels)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def colour_at(browser, share):
    """What is seen at a share of the width of the open image, in its middle row."""
    box = browser.execute_script(
        "const r = document.querySelector('#cell .image img').getBoundingClientRect();"
        "return [r.left, r.top, r.width, r.height]"
    )
    with Image.open(io.BytesIO(browser.get_screenshot_as_png())) as shot:
        at = round(box[0] + share * box[2]), round(box[1] + 0.4 * box[3])
        return shot.convert("RGB").getpixel(at)


def test_the_content_does_not_shine_through_where_it_is_not_wiped_to(page, opened):
    """The transparent third of the image is right of the line, over an opaque picture."""
    browser = opened(page, "#cell=c/s/style_weight-1&pins=d/s/style_weight-1")
    press(browser, "w")
    browser.execute_script(
        "open.which.value = 'd/s/style_weight-1'; open.which.dispatchEvent(new Event('change'));"
        "open.wiper.set(10)"
    )
    wait(browser, "document.querySelector('#cell .against img').naturalWidth > 0")
    wait(
        browser,
        "!document.querySelector('#cell .layer .unsure, #cell .ghost')",
    )
    grey = colour_at(browser, 0.25)
    assert max(grey) - min(grey) < 12 and 50 < grey[0] < 110  # the checkerboard of a dark stage
    browser.execute_script("open.wiper.set(90)")
    shown = colour_at(browser, 0.25)
    assert max(shown) - min(shown) >= 12 or not 50 < shown[0] < 110


def test_compared_images_keep_their_ground(page, opened):
    pins = "pins=c/s/style_weight-1&pins=d/s/style_weight-1"
    browser = opened(page, f"#{pins}&compare=1")
    wait(browser, "document.querySelectorAll('#compare .image img[src]').length === 2")
    images = browser.find_elements("css selector", "#compare .image img[src]")
    assert ["see-through" in one.get_attribute("class") for one in images] == [True, False]
    browser.execute_script("holdOriginals(true)")
    assert browser.execute_script(f"return {CHECKED.format('#compare .original img')}")


def test_films_say_that_they_have_no_transparency(page, opened):
    browser = opened(page, "#cell=c/s/style_weight-1")
    press(browser, "d")
    assert "Films have no transparency" in text(browser, ".films")
    press(browser, "v")
    assert "over white" in text(browser, "#cell .stop")
    assert not browser.execute_script(f"return {CHECKED.format('#cell .film img')}")
    browser.execute_script("openCell(byId.get('d/s/style_weight-1'))")
    press(browser, "v")
    assert text(browser, "#cell .stop") == "■ Stop the film"
    assert "transparency" not in text(browser, ".films")


def test_a_page_that_is_one_file_keeps_it(grid, browser_process, tmp_path):
    assert main(["gallery", "--single", "one.html"]) == 0
    browser_process.get(f"file://{tmp_path}/one.html#cell=c/s/style_weight-1")
    assert wait(browser_process, CHECKED.format("#cell .image img"))
    image = browser_process.execute_script("return files[fileOf(state.open)]")
    assert alpha_at(base64.b64decode(image.split(",")[1]), 4, 20) == 0
    assert complaints_of(browser_process) == []
