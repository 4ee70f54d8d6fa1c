"""Pinned images compared in the page, in a real browser."""

import pytest
from browser import emulate_phone, find, nameless_of, press, text, touch, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

ESCAPE = "\ue00c"
IDS = [f"{c}/s/style_weight-{w}" for c in "cd" for w in (1, 10, 100)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of 2 contents x 1 style x 3 weights."""
    folder = tmp_path_factory.mktemp("compare")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        axes = {"style_weight": [1, 10, 100]}
        write_gallery(
            build_grid(folder, ["c", "d"], ["s"], axes, balanced, (600, 400)),
            folder / "results/index.html",
        )
    return folder


def address(count, compare=1):
    return f"#view=grid&compare={compare}" + "".join(f"&pins={cell}" for cell in IDS[:count])


def boxes(browser):
    """Where the images are within their panes: left, top, width, height."""
    return browser.execute_script(
        "return side.panes.filter(p => !p.figure.hidden).map(({pane}) => {"
        " const a = pane.layers.get('image').img.getBoundingClientRect(),"
        " b = pane.root.getBoundingClientRect();"
        " return [a.left - b.left, a.top - b.top, a.width, a.height] })"
    )


def seen(browser):
    return browser.execute_script(
        "return side.cells.filter((_, n) => side.panes[n].pane.root.checkVisibility("
        "{visibilityProperty: true})).map(cell => cell.id)"
    )


def captions(browser):
    return [e.text for e in browser.find_elements("css selector", "#compare .differs") if e.text]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_pinned_images_fill_the_window_and_move_together(folder, opened, count):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, address(count))
    wait(browser, "compare.open")
    assert seen(browser) == IDS[:count]
    columns = browser.execute_script("return side.stage.root.style.getPropertyValue('--columns')")
    assert columns == "2"
    fitted = boxes(browser)
    last = browser.find_elements("css selector", "#compare .pane")[count - 1]
    ActionChains(browser).double_click(last).perform()
    assert text(browser, "#compare .level") == "100 %"
    browser.execute_script("side.stage.setLevel(2)")
    assert text(browser, "#compare .level") == "200 %"
    ActionChains(browser).drag_and_drop_by_offset(last, 40, 25).perform()
    moved = boxes(browser)
    assert moved[0][2:] == [1200, 800] and moved[0] != fitted[0]
    for one in moved:
        assert one == pytest.approx(moved[0], abs=1.01)  # each on whole pixels of the screen
    assert nameless_of(browser) == []


def test_only_what_differs_is_said_below_and_the_rest_once(folder, opened):
    browser = opened(folder, address(2))
    wait(browser, "compare.open")
    assert text(browser, "#compare-title") == "c, s"
    first, second = captions(browser)
    assert first.startswith("style weight 1\ncontent loss ") and second.startswith("style weight 10\n")
    assert "pixels" not in first and "evaluations" not in first
    browser.execute_script("togglePin(byId.get(arguments[0]))", IDS[3])
    assert [lines.splitlines()[0].split(" · ") for lines in captions(browser)] == [
        ["c", "style weight 1"], ["c", "style weight 10"], ["d", "style weight 1"]
    ]  # fmt: skip


def test_keys_show_one_in_the_place_of_all_tapped_or_held(folder, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(folder, address(3))
    wait(browser, "compare.open")
    width = boxes(browser)[0][2]
    press(browser, "2")
    assert seen(browser) == [IDS[1]] and boxes(browser)[1][2] > width
    place = boxes(browser)
    press(browser, "3")
    assert seen(browser) == [IDS[2]]
    assert boxes(browser) == place and place[0] == place[1] == place[2]
    ActionChains(browser).key_down("1").pause(0.5).perform()
    assert seen(browser) == [IDS[0]]
    ActionChains(browser).key_up("1").perform()
    assert seen(browser) == [IDS[2]]
    press(browser, "4", "3")
    assert seen(browser) == IDS[:3]
    find(browser, "#compare .number").click()
    assert seen(browser) == [IDS[0]]


def test_of_more_than_four_the_first_are_shown_and_the_others_can_be_reached(folder, opened):
    browser = opened(folder, address(6))
    wait(browser, "compare.open")
    assert seen(browser) == IDS[:4] and "1\u20134 of 6" in text(browser, "#compare .bar")
    press(browser, "\ue014")
    assert seen(browser) == IDS[2:]
    assert wait(browser, "location.hash.includes('compare=3')")
    browser.refresh()
    wait(browser, "compare.open")
    assert seen(browser) == IDS[2:]


def test_comparing_is_offered_from_two_on_and_an_address_without_them_opens_nothing(folder, opened):
    browser = opened(folder, f"{address(1)}&cell=nowhere")
    assert wait(browser, "!compare.open && !location.hash.includes('compare')")
    assert browser.find_elements("css selector", "#tray .strong") == []
    press(browser, "c", "?")
    assert "compare the pinned" not in text(browser, "#keys")
    press(browser, ESCAPE)
    browser.execute_script("togglePin(byId.get(arguments[0]))", IDS[1])
    press(browser, "c")
    assert wait(browser, "compare.open && location.hash.includes('compare=1')")


def test_an_image_that_is_made_again_leaves_its_place_and_comes_back(folder, opened):
    browser = opened(folder, address(2))
    wait(browser, "compare.open")
    entry = browser.execute_script(
        "const {group, ...rest} = byId.get(arguments[0]); return rest", IDS[0]
    )
    gone = {"state": "running", "reason": ""}
    browser.execute_script("put({[arguments[0]]: arguments[1]}, {})", IDS[0], gone)
    assert browser.execute_script("return compare.open") and seen(browser) == IDS[1:2]
    assert "1 of 2 pinned images is not there now" in text(browser, "#compare-title")
    browser.execute_script("put({[arguments[0]]: arguments[1]}, {})", IDS[1], gone)
    assert browser.execute_script("return compare.open") and seen(browser) == []
    browser.execute_script("put({[arguments[0]]: arguments[1]}, {})", IDS[0], entry)
    assert seen(browser) == IDS[:1]


def test_an_image_opened_from_a_comparison_leads_back_to_it_and_back_to_the_page(folder, opened):
    browser = opened(folder, "".join(["#view=grid", *(f"&pins={cell}" for cell in IDS[:2])]))
    find(browser, "#tray .strong").click()
    wait(browser, "compare.open")
    press(browser, "2")
    find(browser, "#compare figure:nth-of-type(2) .differs").click()
    assert wait(browser, "dialog.open && location.hash.includes('cell=')")
    browser.refresh()
    assert wait(browser, "dialog.open && compare.open")
    press(browser, ESCAPE)
    assert wait(browser, "!dialog.open && compare.open && !location.hash.includes('cell=')")
    browser.back()
    browser.back()
    assert wait(browser, "!compare.open && !location.hash.includes('compare=')")


def test_from_an_open_image_to_the_comparison_and_back_to_the_page(folder, opened):
    browser = opened(folder, "".join(["#view=images", *(f"&pins={cell}" for cell in IDS[:2])]))
    find(browser, ".cards .tile").click()
    wait(browser, "dialog.open")
    press(browser, "c")
    assert wait(browser, "compare.open && !dialog.open && location.hash.includes('compare=1')")
    browser.back()
    assert wait(browser, "!compare.open && !dialog.open && location.hash.includes('view=images')")


def test_on_a_phone_they_are_stacked_pinched_together_and_swiped_alone(folder, opened):
    browser = opened(folder, address(2))
    with emulate_phone(browser):
        wait(browser, "compare.open && side.stage.root.style.getPropertyValue('--columns') === '1'")
        width = boxes(browser)[1][2]
        assert width == pytest.approx(390, abs=1)
        box = find(browser, "#compare figure:nth-of-type(2) .pane").rect
        x, y = 195, box["y"] + box["height"] / 2
        touch(browser, [[(x - 20, y), (x + 20, y)], [(x - 60, y), (x + 60, y)]])
        one, other = boxes(browser)
        assert one[2] == other[2] == pytest.approx(3 * width, rel=0.02)
        browser.execute_script("side.stage.setFit(); showSolo(0)")
        touch(browser, [[(300, 400)], [(100, 400)]])
        assert wait(browser, "side.solo === 1")
        assert browser.execute_script("return compare.scrollWidth") <= 390
