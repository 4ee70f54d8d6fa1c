"""One image in the page, in a real browser: seen whole, zoomed, panned, compared, moved along."""

import pytest
from browser import emulate_phone, find, press, text, touch, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

SIZE = (1800, 1200)
IMAGE = "document.querySelector('#cell .image img')"
NUMBERS_FOLD = "#cell .panel details:has(> div > .facts)"
FIRST, DEFAULT = "c/s/style_weight-1", "#cell=c/s/style_weight-1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of 2 contents x 2 styles x 2 weights; the images are larger than the window."""
    folder = tmp_path_factory.mktemp("viewer")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        grid = build_grid(folder, ["c", "d"], ["s", "t"], {"style_weight": [1, 10]}, balanced, SIZE)
        write_gallery(grid, folder / "results/index.html")
    return folder


def box(browser, element=IMAGE):
    """Left, top, width and height on the screen."""
    return browser.execute_script(
        f"const b = {element}.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]"
    )


def stage(browser):
    return box(browser, "document.querySelector('#cell .stage')")


def level(browser):
    return text(browser, "#cell .level")


def shown(browser):
    wait(browser, f"{IMAGE}.naturalWidth === {SIZE[0]} && !{IMAGE}.classList.contains('unsure')")


def wheel(browser, point, delta):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    chain = ActionChains(browser)
    chain.move_by_offset(0, 0)
    chain.scroll_from_origin(ScrollOrigin.from_viewport(*map(round, point)), 0, delta).perform()


def under(browser, point):
    """The point of the image that is seen at a point of the window, as shares."""
    left, top, width, height = box(browser)
    return (point[0] - left) / width, (point[1] - top) / height


def test_an_image_opens_whole_and_as_large_as_the_window_allows(folder, opened):
    browser = opened(folder, DEFAULT)
    shown(browser)
    image, around = box(browser), stage(browser)
    assert image[2] / image[3] == pytest.approx(1.5, abs=0.01)
    assert max(image[2] / around[2], image[3] / around[3]) == pytest.approx(1, abs=0.003)
    assert min(image[0] - around[0], image[1] - around[1]) >= -0.5
    assert around[2] * around[3] > 0.8 * 1300 * 760  # most of the window
    assert level(browser) == "fit"
    assert browser.execute_script("return document.querySelector('#cell .image').style.clipPath") == ""


def test_the_wheel_zooms_about_the_pointer_and_stops_at_100_percent_and_at_the_whole(folder, opened):
    browser = opened(folder, DEFAULT)
    shown(browser)
    around = stage(browser)
    point = [around[0] + around[2] * 0.6, around[1] + around[3] * 0.4]
    seen = [level(browser)]
    for _ in range(12):
        wheel(browser, point, -120)
        seen.append(level(browser))
        if seen[-1] == "100 %":
            assert box(browser)[2:] == list(SIZE)
            assert browser.execute_script(f"return {IMAGE}.classList.contains('crisp')") is False
    assert "100 %" in seen and int(seen[-1].split()[0]) > 200
    before, width = under(browser, point), box(browser)[2]
    wheel(browser, point, 60)
    assert under(browser, point) == pytest.approx(before, abs=0.001) and box(browser)[2] < width
    assert browser.execute_script(f"return getComputedStyle({IMAGE}).imageRendering") == "pixelated"
    for _ in range(20):
        wheel(browser, point, 120)
    assert level(browser) == "fit" and box(browser)[2] < SIZE[0]


@pytest.mark.parametrize("density", [1, 2])
def test_100_percent_is_a_pixel_of_the_image_on_a_pixel_of_the_screen(folder, opened, density):
    browser = opened(folder, DEFAULT)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1200, "height": 800, "deviceScaleFactor": density, "mobile": False},
    )
    shown(browser)
    press(browser, "1")
    assert level(browser) == "100 %"
    assert box(browser)[2:] == [side / density for side in SIZE]
    assert all((edge * density).is_integer() for edge in map(float, box(browser)))
    press(browser, "2")
    assert level(browser) == "200 %" and box(browser)[2] == 2 * SIZE[0] / density
    press(browser, "-", "-", "+", "0")
    assert level(browser) == "fit"
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_drag_pans_within_the_image_and_a_double_click_goes_to_100_percent_and_back(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, DEFAULT)
    shown(browser)
    pane = find(browser, "#cell .stage")
    ActionChains(browser).double_click(pane).perform()
    assert level(browser) == "100 %"
    before = box(browser)
    ActionChains(browser).drag_and_drop_by_offset(pane, 50, 30).perform()
    assert box(browser)[:2] == pytest.approx([before[0] + 50, before[1] + 30], abs=1)
    ActionChains(browser).drag_and_drop_by_offset(pane, 600, 0).perform()
    ActionChains(browser).drag_and_drop_by_offset(pane, 600, 0).perform()
    assert box(browser)[0] == pytest.approx(stage(browser)[0], abs=0.5)  # not past its edge
    left = box(browser)[0]
    press(browser, "l")
    assert box(browser)[0] < left
    ActionChains(browser).pause(0.5).double_click(pane).perform()
    assert level(browser) == "fit"


def test_the_content_is_seen_while_a_key_or_the_button_is_held(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, DEFAULT)
    shown(browser)
    seen = (
        "return [...document.querySelectorAll('#cell .layer')].filter(l => l.checkVisibility("
        "{visibilityProperty: true})).map(l => l.className.split(' ')[1]).join()"
    )
    assert browser.execute_script(seen) == "image"
    for key in (" ", "o"):
        ActionChains(browser).key_down(key).perform()
        assert browser.execute_script(seen) == "original"
        assert text(browser, "#cell .held") == "the content, c"
        ActionChains(browser).key_up(key).perform()
        assert browser.execute_script(seen) == "image"
    ActionChains(browser).click_and_hold(find(browser, "#cell .hold")).perform()
    assert browser.execute_script(seen) == "original"
    ActionChains(browser).release().perform()
    assert browser.execute_script(seen) == "image"


def test_the_wiper_compares_the_same_place_and_moves_with_the_image(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, f"{DEFAULT}&pins=c/t/style_weight-10")
    shown(browser)
    against = "document.querySelector('#cell .against img')"
    press(browser, "w", "1")
    names = browser.execute_script("return [...open.which.options].map(o => o.textContent)")
    assert names[:2] == ["the content, c", "the style, s"] and "t, style weight 10" in names[2]
    find(browser, "#cell .foot select").send_keys("c in")
    wait(browser, f"{against}.src.includes('/c/t/') && {against}.naturalWidth")
    before = box(browser)
    assert box(browser, against) == before
    ActionChains(browser).drag_and_drop_by_offset(find(browser, "#cell .stage"), 0, 90).perform()
    assert box(browser, against) == box(browser) == before  # by the line: nothing was panned
    assert float(browser.execute_script("return open.wiper.at()")) == pytest.approx(50, abs=0.5)
    browser.execute_script("dialog.focus()")
    press(browser, ".", ".", "w")
    assert browser.execute_script("return open.wiper.at()") == "54"
    assert not find(browser, "#cell .wiper").is_displayed()


def test_arrows_move_along_columns_rows_and_styles_and_the_zoom_stays(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser = opened(folder, DEFAULT)
    shown(browser)
    press(browser, "2", Keys.ARROW_RIGHT)
    steps = [("x", 1), ("y", 1), ("style_weight", 1)]
    expected = browser.execute_script(
        "let c = byId.get(arguments[0]); const ids = [];"
        "for (const [name, by] of arguments[1]) { c = stepAlong(c, name, by) ?? c; ids.push(c.id); }"
        "return ids",
        FIRST, steps,
    )  # fmt: skip
    assert browser.execute_script("return state.open.id") == expected[0] != FIRST
    press(browser, Keys.ARROW_DOWN)
    assert browser.execute_script("return state.open.id") == expected[1] != expected[0]
    ActionChains(browser).key_down(Keys.SHIFT).send_keys(Keys.ARROW_RIGHT).key_up(Keys.SHIFT).perform()
    assert browser.execute_script("return state.open.id") == expected[2]
    assert level(browser) == "200 %"
    assert wait(browser, "decodeURIComponent(location.hash).includes(`cell=${state.open.id}`)")


def test_a_picture_of_the_same_with_more_pixels_shows_the_same_part(folder, opened):
    browser = opened(folder, DEFAULT)
    shown(browser)
    press(browser, "1", "h")
    before = box(browser)
    browser.execute_script(
        "open.pane.set('image', {src: picture(state.open), size: [3600, 2400], name: 'larger'});"
        "open.stage.setPanes([open.pane])"
    )
    assert box(browser) == pytest.approx(before, abs=0.6) and level(browser) == "50 %"


def test_fullscreen_by_key_and_back_by_key(folder, opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(folder, DEFAULT)
    press(browser, Keys.ENTER)
    assert wait(browser, "document.fullscreenElement === open.viewer")
    press(browser, Keys.ARROW_RIGHT, Keys.ENTER)
    assert wait(browser, "!document.fullscreenElement && dialog.open")


def test_fingers_swipe_to_the_next_image_pinch_and_pan(folder, opened):
    browser = opened(folder, DEFAULT)
    with emulate_phone(browser):
        shown(browser)
        before = browser.execute_script("return state.open.id")
        touch(browser, [[(300, 400)], [(200, 405)], [(100, 410)]])
        assert wait(browser, f"state.open.id !== {before!r}")
        touch(browser, [[(100, 400)], [(200, 405)], [(300, 410)]])
        assert wait(browser, f"state.open.id === {before!r}")
        shown(browser)
        width = box(browser)[2]
        touch(browser, [[(180, 400), (210, 400)], [(150, 400), (240, 400)], [(105, 400), (285, 400)]])
        assert box(browser)[2] == pytest.approx(6 * width, rel=0.02)
        left = box(browser)[0]
        touch(browser, [[(200, 400)], [(150, 400)], [(120, 400)]])
        assert box(browser)[0] == pytest.approx(left - 80, abs=2)
        assert browser.execute_script("return state.open.id") == before
        assert level(browser).endswith("%")
        wide = browser.execute_script("return document.scrollingElement.scrollWidth")
        assert wide <= 390


def test_details_and_folds_are_kept(folder, opened):
    browser = opened(folder, DEFAULT)
    assert not find(browser, "#cell .panel").is_displayed()
    press(browser, "d")
    assert "content loss" in text(browser, "#cell .panel")
    find(browser, NUMBERS_FOLD + " summary").click()
    assert wait(browser, f"!document.querySelector('{NUMBERS_FOLD}').open")
    press(browser, "d", "d")
    browser.refresh()
    assert wait(browser, f"!open.panel.hidden && !document.querySelector('{NUMBERS_FOLD}').open")
    browser.execute_script('localStorage.setItem(FOLDS, \'{"panel": 7, "Numbers": false\'); ')
    browser.refresh()
    assert wait(browser, f"open.panel.hidden && document.querySelector('{NUMBERS_FOLD}').open")
    browser.execute_script("localStorage.clear()")


@pytest.mark.parametrize("page", ["small_page", "huge_page"])
def test_the_dialogs_hold_a_few_pictures_however_many_images_there_are(request, opened, page):
    browser = opened(request.getfixturevalue(page))
    find(browser, "#grid .tile").click()
    first = browser.execute_script("return state.open.id")
    press(browser, "p", "\ue015")
    assert browser.execute_script("return state.open.id") != first
    press(browser, "p", "c")
    assert wait(browser, "compare.open && side.cells.length === 2")
    assert browser.execute_script("return document.querySelectorAll('#cell .layer').length") == 5
    assert browser.execute_script("return document.querySelectorAll('#compare .layer').length") == 8
    assert wait(
        browser, "[...document.querySelectorAll('#compare .image img[src]')].every(i => i.naturalWidth)"
    )
