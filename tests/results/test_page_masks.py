"""Masks and regions on the page, in a real browser."""

from dataclasses import replace
from pathlib import Path

import pytest
from browser import complaints_of, emulate_phone, find, made, nameless_of, press, text, wait
from grids import balanced, build_grid, write_record
from PIL import Image

from nst.disk.sums import Sums
from nst.results.gallery import write_gallery
from nst.results.shared_page import write_shared_page
from nst.results.states import survey

pytest.importorskip("selenium")

ODD = "<img src=x onerror=alert(1)>.png"  # a name of a file
REGIONS = {"left": "left.png", "right": "right.png"}
MASKED, GUIDED, PLAIN = (f"#cell={pair}/style_weight-1" for pair in ("c/s", "d/duo", "d/s"))


def halves(folder, size=(60, 40)):
    mask = Image.new("L", size, 255)
    mask.paste(0, (size[0] // 2, 0, *size))
    mask.save(folder / "left.png")
    mask.point(lambda level: 255 - level).save(folder / "right.png")


def dressed(cell):
    """The cell, of c with a mask, of d in duo with regions; duo is of two pictures, one oddly named."""
    if cell.style == "duo":
        settings = {"blend": [3.0, 1.0]}
        if cell.content == "d":
            settings = {"regions": REGIONS, "guide": [["left", 0.3], ["right", 1.0]]}
        cell = replace(
            cell,
            style_pictures=(Path("s.png"), Path(ODD)),
            settings=replace(cell.settings, **settings),
        )
    return cell


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """A grid whose images were made with masks, regions and several style pictures, as records say."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        halves(folder)
        overrides = {"content": {"c": {"mask": "left.png", "protect": 0.5}}}
        axes = {"style_weight": [1, 10]}
        built = build_grid(
            folder, ["c", "d"], ["s", "duo"], axes, balanced, size=(60, 40), overrides=overrides
        )
        Image.new("RGB", (60, 40), "#0000ff").save(folder / ODD)
        Image.new("RGB", (60, 40), "#ff0000").save(folder / "s.png")
        grid = replace(built, cells=tuple(map(dressed, built.cells)))
        sums = Sums()
        for cell in grid.cells:
            inputs = {
                name: {"path": str(path), "sha256": sums.of(path)} for name, path in cell.inputs.items()
            }
            write_record(cell, balanced(cell), inputs=inputs)
        write_gallery(grid, folder / "results/index.html")
        write_shared_page(grid, folder / "one.html", survey(grid.cells), 300)
    return folder


def layers(browser):
    """The layers of the open image that are seen."""
    return browser.execute_script(
        "return [...open.pane.layers].filter(([, l]) => !l.root.classList.contains('unseen'))"
        ".map(([name]) => name)"
    )


def test_a_content_with_a_mask_or_regions_is_marked(grid, opened):
    browser = opened(grid, "#view=grid&x=style")
    marks = "[...document.querySelectorAll('#grid tbody .hider')].map(h => [h.innerText, h.ariaLabel])"
    assert browser.execute_script(f"return {marks}") == [
        ["mask\nc", "c, with mask: hide"],
        ["regions\nd", "d, with regions: hide"],
    ]


def test_a_key_and_a_button_lay_the_mask_over_image_and_content(grid, opened):
    browser = opened(grid, MASKED)
    button = find(browser, "#cell button[title='Show the mask (m)']")
    assert (button.text, button.get_attribute("aria-pressed")) == ("Mask", "false")
    assert layers(browser) == ["image"] and not find(browser, "#cell .laid").is_displayed()
    press(browser, "m")
    assert layers(browser) == ["image", "overlay"]
    assert button.get_attribute("aria-pressed") == "true"
    assert text(browser, "#cell .laid").splitlines() == ["50 % left as the content", "stylised"]
    one, other = (
        f"JSON.stringify(document.querySelector('#cell .{name} img').getBoundingClientRect())"
        for name in ("overlay", "image")
    )
    assert wait(browser, "document.querySelector('#cell .overlay img').naturalWidth > 0")
    assert browser.execute_script(f"return {one} === {other}")
    browser.execute_script("holdOriginal(true)")
    assert layers(browser) == ["original", "overlay"]
    browser.execute_script("holdOriginal(false)")
    button.click()
    assert layers(browser) == ["image"]
    assert nameless_of(browser) == [] and complaints_of(browser) == []


def test_the_overlay_stays_from_image_to_image_where_there_is_one(grid, opened):
    browser = opened(grid, MASKED)
    press(browser, "m")
    browser.execute_script("openCell(byId.get('d/s/style_weight-1'))")
    assert layers(browser) == ["image"]
    assert not browser.execute_script("return open.mask.checkVisibility()")
    browser.execute_script("openCell(byId.get('d/duo/style_weight-1'))")
    assert layers(browser) == ["image", "overlay"]
    assert (
        browser.execute_script("return [open.mask.textContent, open.legend.ariaLabel]")
        == ["Regions"] * 2
    )


def test_an_image_that_a_run_makes_again_keeps_its_mask(grid, opened):
    browser = opened(grid, MASKED)
    browser.execute_script(
        "const { token, size, outcome } = state.open;"
        "put({ [state.open.id]: { token, size, outcome, seconds: 5 } }, {})"
    )
    press(browser, "m")
    assert layers(browser) == ["image", "overlay"]


def test_each_region_has_its_colour_in_the_legend(grid, opened):
    browser = opened(grid, GUIDED)
    press(browser, "m")
    assert text(browser, "#cell .laid").splitlines() == ["left: s.png, weight 0.3", f"right: {ODD}"]
    swatches = "[...document.querySelectorAll('.laid i')].map(i => getComputedStyle(i).backgroundColor)"
    assert len(set(browser.execute_script(f"return {swatches}"))) == 2


def test_it_lies_over_the_content_that_is_wiped_to_but_not_over_the_style(grid, opened):
    browser = opened(grid, MASKED)
    press(browser, "m", "w")
    clip = "document.querySelector('#cell .overlay').style.clipPath"
    assert browser.execute_script(f"return {clip}") == ""
    browser.execute_script("open.which.value = 'style'; open.which.dispatchEvent(new Event('change'))")
    assert wait(browser, clip) == browser.execute_script(
        "return document.querySelector('#cell .image').style.clipPath"
    )


def test_a_film_is_seen_without_it(grid, opened):
    browser = opened(grid, MASKED)
    press(browser, "m")
    browser.execute_script("open.playing = 'x'; showLayers()")
    assert layers(browser) == ["film"]
    assert not find(browser, "#cell .laid").is_displayed()


def test_a_plain_image_has_no_button_and_the_key_does_nothing(grid, opened):
    browser = opened(grid, PLAIN)
    press(browser, "m")
    assert layers(browser) == ["image"]
    assert not find(browser, "#cell .laid").is_displayed()
    press(browser, "?")
    assert "regions" not in text(browser, "#keys")


def test_a_page_that_is_one_file_has_it_all(grid, browser_process):
    browser_process.get(f"file://{grid}/one.html{GUIDED}")
    press(browser_process, "m", "d")
    assert wait(browser_process, "document.querySelector('#cell .overlay img').naturalWidth > 0")
    assert text(browser_process, "#cell .laid").splitlines()[0] == "left: s.png, weight 0.3"
    wait(browser_process, "document.querySelectorAll('.made dt').length")
    assert made(browser_process) == {"regions": ["left: s.png, weight 0.3", f"right: {ODD}"]}
    assert browser_process.find_elements("css selector", ".beside a") == []
    assert complaints_of(browser_process) == []


def test_it_fits_a_phone(grid, opened):
    browser = opened(grid, GUIDED)
    with emulate_phone(browser):
        browser.get(browser.current_url)
        browser.refresh()
        wait(browser, "open.pane && document.querySelector('#cell .image img').naturalWidth > 0")
        browser.execute_script("if (!open.laid) toggleOverlay()")
        boxes = browser.execute_script(
            "return ['.laid', '.pane'].map(s => document.querySelector('#cell ' + s))"
            ".map(e => e.getBoundingClientRect()).map(b => [b.left, b.right, b.top, b.bottom])"
        )
        (left, right, top, bottom), pane = boxes
        assert pane[0] <= left < right <= pane[1] and pane[2] <= top < bottom <= pane[3]
        assert browser.execute_script("return document.documentElement.scrollWidth - innerWidth") <= 0
