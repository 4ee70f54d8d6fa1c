"""What an image was made with, on the page in a real browser: strips, controls, transparency."""

import pytest
from browser import complaints_of, find, made, new_tab, press, text, wait
from grids import balanced, build_grid
from PIL import Image

from nst.cli import main
from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

ODD = "&lt;b&gt; & 'x' \".png"  # a name of a file that would be markup


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of two styles, a step between them, and a blend; d is transparent in parts."""
    folder = tmp_path_factory.mktemp("made") / "proj"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Image.new("RGB", (60, 40), "#0000ff").save(folder / ODD)
        more = {
            "style": {"s": "s.png", "t": "t.png", "duo": {"s.png": 3, ODD: 1}},
            "interpolate": [{"from": "s", "to": "t", "steps": 3}],
        }
        overrides = {"content": {"d": {"colour": "keep"}}}
        grid = build_grid(
            folder, ["c", "d"], ["s", "t"], {"style_weight": [1, 10]}, balanced, (60, 40),
            overrides=overrides, more=more,
        )  # fmt: skip
        Image.new("RGB", (60, 40), "#ff0000").save(folder / "s.png")
        with Image.open(folder / "d.png") as drawn:
            picture = drawn.convert("RGB")
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
        picture.save(folder / "d.png")
        write_gallery(grid, folder / "results/index.html")
        assert main(["gallery", "--single", "one.html"]) == 0
    return folder


def test_a_style_of_several_pictures_is_a_strip_wherever_it_stands(folder, opened):
    browser = opened(folder, "#view=grid&x=style")
    heads = [one.text for one in browser.find_elements("css selector", "#grid thead .hider")]
    assert heads == ["s", "s 50 % + t 50 %", "t", "duo"]
    strip = "document.querySelectorAll('#grid thead .hider img')[3]"
    assert wait(browser, f"{strip}.naturalWidth / {strip}.naturalHeight") == pytest.approx(1.5, 0.01)
    with Image.open(folder / "results/gallery/originals/style/duo.webp") as picture:
        shown = picture.convert("RGB")
        red, blue = (shown.getpixel((share * shown.width // 100, 50)) for share in (10, 95))
    assert red[0] > 200 > 60 > red[2] and blue[2] > 200 > 60 > blue[0]
    browser = opened(folder, "#cell=c/duo/style_weight-1")
    press(browser, "w")
    browser.execute_script("open.which.value = 'style'; open.which.dispatchEvent(new Event('change'))")
    assert wait(browser, "document.querySelector('#cell .against img').src.endsWith('style/duo.webp')")


def test_the_details_say_what_it_was_made_with(folder, opened):
    browser = opened(folder, "#cell=d/duo/style_weight-1")
    press(browser, "d")
    wait(browser, "document.querySelectorAll('.made dt').length")
    assert made(browser) == {
        "style pictures": ["s.png: 75 %", f"{ODD}: 25 %"],
        "colour": ["the content's colours are kept"],
    }
    browser.execute_script("openCell(byId.get('c/s/style_weight-1'))")
    assert not find(browser, ".made").is_displayed()
    browser.execute_script("openCell(byId.get('c/s_t_50/style_weight-1'))")
    wait(browser, "document.querySelectorAll('.made dt').length === 1")
    assert made(browser) == {"style pictures": ["s.png: 50 %", "t.png: 50 %"]}
    assert complaints_of(browser) == []


def test_a_content_that_was_laid_over_white_says_so(folder, opened):
    browser = opened(folder, "#cell=d/s/style_weight-1")
    press(browser, "d")
    note = "Transparent parts of the content were laid over white; alpha: keep keeps them."
    assert note in text(browser, ".panel")
    browser.execute_script("openCell(byId.get('c/s/style_weight-1'))")
    assert note not in text(browser, ".panel")
    browser.execute_script("state.open = byId.get('d/s/style_weight-1'); state.open.alpha = true")
    browser.execute_script("showCell(state.open)")
    assert note not in text(browser, ".panel")


def test_a_page_that_is_one_file_says_it_too(folder, browser_process):
    new_tab(browser_process)
    browser_process.get(f"file://{folder}/one.html#cell=d/duo/style_weight-1")
    press(browser_process, "d")
    wait(browser_process, "document.querySelectorAll('.made dt').length")
    assert made(browser_process)["style pictures"] == ["s.png: 75 %", f"{ODD}: 25 %"]
    assert "laid over white" in text(browser_process, ".panel")
    assert complaints_of(browser_process) == []
