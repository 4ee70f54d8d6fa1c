"""One cell in the page, in a real browser: wiped, moved along, pinned, compared, copied, left."""

import shlex
import shutil
import subprocess

import pytest
from browser import find, press, text, wait
from conftest import BIN

pytest.importorskip("selenium")


def test_the_copied_command_makes_the_same_bytes(small_page, opened, tmp_path):
    browser = opened(small_page, "#cell=c2/s1/style_weight-1e5")
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    press(browser, "d")
    find(browser, "[data-copy=command]").click()
    assert wait(browser, "document.getElementById('said').textContent") == "Copied the command"
    copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    words = shlex.split(copied)
    assert words[:2] == ["nst", "transfer"]
    done = subprocess.run([BIN / words[0], *words[1:]], cwd=small_page, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    again = (small_page / "c2_s1_style_weight-1e5.png").read_bytes()
    assert again == (small_page / "results/cells/c2/s1/style_weight-1e5.png").read_bytes()


def test_the_copied_config_makes_the_same_cell(small_page, opened, tmp_path):
    browser = opened(small_page, "#cell=c1/s1/style_weight-1e4")
    config = wait(browser, "details.get('c1/s1/style_weight-1e4')?.config")
    other = tmp_path / "other"
    shutil.copytree(
        small_page, other, ignore=shutil.ignore_patterns("results", ".snakemake", "gpu-locks")
    )
    (other / "config.yaml").write_text(config)
    done = subprocess.run(
        [BIN / "snakemake", "results/cells/c1/s1/only.png", "--cores", "1", "--quiet", "rules"],
        cwd=other, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    again = (other / "results/cells/c1/s1/only.png").read_bytes()
    assert again == (small_page / "results/cells/c1/s1/style_weight-1e4.png").read_bytes()


def test_a_cell_is_wiped_pinned_compared_and_left_by_keyboard(small_page, opened):
    from selenium.webdriver.common.keys import Keys

    browser = opened(small_page, "#style_weight=1e4")
    find(browser, "#grid .tile").send_keys(Keys.ENTER)
    assert "c1/s1" in text(browser, "#cell-title")
    press(browser, "w")
    find(browser, ".wiper input").send_keys(Keys.END)
    clip = "document.querySelector('#cell .image').style.clipPath"
    assert wait(browser, f"parseFloat({clip}.split(' ')[3])") > 500
    browser.execute_script("document.getElementById('cell').focus()")
    press(browser, "p", Keys.ARROW_RIGHT, "p", Keys.ESCAPE)
    assert wait(
        browser, "location.hash.split('pins=').length === 3 && !location.hash.includes('cell=')"
    )
    find(browser, "#tray .strong").send_keys(Keys.ENTER)
    shown = browser.find_elements("css selector", "#compare figure:not([hidden]) .image img")
    assert ["1e4" in i.get_attribute("src") for i in shown] == [True, False]
    assert wait(browser, "location.hash.includes('compare=1')")
    find(browser, "#compare .unpin").send_keys(Keys.ENTER)
    assert wait(browser, "!compare.open && !location.hash.includes('compare=')")


def test_a_slider_is_dragged_from_end_to_end_and_wiper_zoom_and_folds_stay(large_page, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(large_page, "#cell=c03/s04/style_weight-1", height=1000)
    press(browser, "w", "d")
    pane = find(browser, "#cell .pane")
    quarter = browser.execute_script("return open.stage.view.place(open.pane.size).width") // 4
    ActionChains(browser).move_to_element_with_offset(pane, round(quarter), 0).click().perform()
    at = browser.execute_script("return document.querySelector('.wiper input').value")
    assert abs(float(at) - 75) <= 0.5
    press(browser, "+")
    level = browser.execute_script("return open.stage.view.level()")
    find(browser, ".again:nth-of-type(2) summary").click()
    slider = find(browser, "dialog input[data-axis=style_weight]")
    half = slider.size["width"] // 2 - 10
    drag = ActionChains(browser).move_to_element_with_offset(slider, -half, 0).click_and_hold()
    for step in range(-half, half + 1, max(1, half // 4)):
        drag.move_to_element_with_offset(slider, step, 0)
    drag.move_to_element_with_offset(slider, half, 0).release().perform()
    assert "style weight 1e4" in text(browser, "#cell-title")
    assert browser.execute_script("return document.querySelector('.wiper input').value") == at
    assert browser.execute_script("return open.stage.view.level()") == level
    assert browser.execute_script("return document.querySelectorAll('.again details')[1].open")
    shown = find(browser, "#cell .image img").get_attribute("src")
    assert "c03/s04/style_weight-1e4.png?" in shown


def test_a_film_plays_only_while_it_is_asked_for(large_page, opened):
    browser = opened(large_page, "#cell=c03/s04/style_weight-100")
    film = "document.querySelector('#cell .film img')"
    assert browser.execute_script(f"return {film}.hasAttribute('src')") is False
    press(browser, "v")
    assert wait(browser, f"{film}.naturalWidth > 0")
    assert "/films/c03/s04/by_style_weight" in browser.execute_script(f"return {film}.src")
    place = "(img => JSON.stringify(img.getBoundingClientRect()))"
    assert browser.execute_script(
        f"return {place}({film}) === {place}(document.querySelector('#cell .image img'))"
    )
    find(browser, "#cell .stop").click()
    assert browser.execute_script(f"return {film}.hasAttribute('src')") is False
    press(browser, "d")
    find(browser, "[data-film]").click()
    assert wait(browser, f"{film}.naturalWidth > 0")
    press(browser, "\ue014")
    assert browser.execute_script(f"return {film}.hasAttribute('src')") is False


def test_a_film_and_a_wipe_take_turns(large_page, opened):
    browser = opened(large_page, "#cell=c03/s04/style_weight-100")
    shown = "return [open.playing !== null, open.wipe.getAttribute('aria-pressed'), open.with.hidden]"
    press(browser, "w")
    assert browser.execute_script(shown) == [False, "true", False]
    press(browser, "v")
    assert browser.execute_script(shown) == [True, "false", True]
    press(browser, "w")
    assert browser.execute_script(shown) == [False, "true", False]
    press(browser, "w")
    assert browser.execute_script(shown) == [False, "false", True]


def test_the_numbers_are_those_of_the_cell(large_page, opened):
    browser = opened(large_page, "#cell=c03/s04/style_weight-100")
    rows = browser.execute_script(
        "return [...document.querySelectorAll('dialog .facts dt')].map(t => [t.textContent,"
        " t.nextSibling.textContent])"
    )
    cell = browser.execute_script("return {...state.open, group: null}")
    assert float(dict(rows)["style loss"]) == float(f"{cell['terms'][1]:.4g}")
    assert float(dict(rows)["weighted style loss"]) == float(f"{cell['losses']['style']:.4g}")


def test_back_closes_the_cell_and_what_was_pinned_stays(small_page, opened):
    browser = opened(small_page, "#x=style&style_weight=1e4")
    find(browser, "#grid .tile").click()
    assert wait(browser, "location.hash.includes('cell=')")
    press(browser, "p")
    assert wait(browser, "location.hash.includes('pins=')")
    browser.back()
    assert wait(browser, "!document.getElementById('cell').open && location.hash.includes('pins=')")
    assert browser.execute_script("return state.pins.length") == 1


def test_an_address_that_is_pasted_is_followed(large_page, opened):
    browser = opened(large_page, "#style_weight=1&pins=c00/s00/style_weight-1")
    browser.execute_script("location.hash = '#view=grid&style_weight=1e4'")
    assert wait(browser, "document.querySelector('#grid .tile img').src.includes('style_weight-1e4')")
    assert text(browser, "#tools output") == "1e4"
    assert not find(browser, "#tray").is_displayed()
    browser.execute_script("location.hash = '#view=plot&cell=c01/s01/style_weight-10'")
    assert wait(
        browser, "document.getElementById('cell').open && !document.getElementById('plot').hidden"
    )
    assert find(browser, "#to-plot").get_attribute("aria-current") == "page"


def test_a_press_beside_the_list_of_keys_closes_it_and_one_inside_does_not(small_page, opened):
    from selenium.webdriver.common.action_chains import ActionChains

    browser = opened(small_page)
    press(browser, "?")
    box = find(browser, "#keys").rect
    inside, beside = (round(box["x"]) + 6, round(box["y"]) + 60), (4, 4)
    for place, is_open in ((inside, True), (beside, False)):
        action = ActionChains(browser)
        action.w3c_actions.pointer_action.move_to_location(*place).pointer_down().pointer_up()
        action.perform()
        assert browser.execute_script("return keyList.open") is is_open


def test_a_clipboard_that_is_closed_is_admitted(small_page, opened):
    browser = opened(small_page, "#cell=c1/s1/style_weight-1e4")
    browser.execute_script(
        "navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false"
    )
    press(browser, "d")
    assert wait(browser, "!document.querySelector('[data-copy=record]').disabled")
    find(browser, "[data-copy=record]").click()
    assert "does not let this page copy" in wait(browser, "said.textContent")


def test_focus_never_falls_off_the_page(small_page, opened):
    from selenium.webdriver.common.keys import Keys

    pins = "&pins=c1/s1/style_weight-1e4&pins=c2/s1/style_weight-1e4"
    browser = opened(small_page, f"#view=images{pins}")
    focused = "document.activeElement"
    find(browser, "#tray .strong").send_keys(Keys.ENTER)
    find(browser, "#compare .unpin").send_keys(Keys.ENTER)
    assert wait(browser, f"!compare.open && {focused}.id") == "to-images"
    find(browser, "#tray > button:last-child").send_keys(Keys.ENTER)
    assert wait(browser, f"{focused}.id") == "to-images"
    find(browser, "[aria-controls=filters]").send_keys(Keys.ENTER)
    find(browser, "[data-filter=content] summary").send_keys(Keys.ENTER)
    assert wait(browser, "document.querySelector('[data-filter=content]').open")
    press(browser, Keys.ESCAPE)
    assert wait(browser, "!document.querySelector('[data-filter=content]').open")
    assert wait(browser, f"{focused}.tagName") == "SUMMARY"
