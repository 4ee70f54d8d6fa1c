"""Steps from view to view and from image to image, and back, in a real browser."""

import pytest
from browser import complaints_of, emulate_phone, find, press, text, touch, wait
from grids import balanced, build_grid

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

ESCAPE, LEFT, UP, RIGHT = "\ue00c", "\ue012", "\ue013", "\ue014"
TITLE = {"axes": {"style_weight": {"title": "strength"}}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A page of 2 contents x 2 styles x 2 weights, which are called strength."""
    folder = tmp_path_factory.mktemp("steps")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        axes = {"style_weight": [1, 10]}
        grid = build_grid(folder, ["c", "d"], ["s", "t"], axes, balanced, more={"page": TITLE})
        write_gallery(grid, folder / "results/index.html")
    return folder


def opened_cell(browser):
    return browser.execute_script("return state.open?.id.replace('style_weight-', '')")


def test_back_undoes_a_view_a_hidden_value_and_a_place_and_keeps_what_was_pinned(folder, opened):
    browser = opened(folder, "#style_weight=1")
    facts = (
        "return [state.view, [...state.hidden.values()].flatMap(s => [...s]).length, state.places.x]"
    )
    seen = [browser.execute_script(facts)]

    def step(script):
        before = browser.current_url
        browser.execute_script(script)
        wait(browser, f"location.href !== '{before}'")
        seen.append(browser.execute_script(facts))

    step("hideHead(dimensions[1], 0)")
    step("setPlace('x', 'style_weight'); changed()")
    step("document.getElementById('to-images').click()")
    browser.execute_script("togglePin(nst.cells[0]); setField('least', '0.001')")
    wait(browser, "location.hash.includes('least')")
    step("document.getElementById('to-plot').click()")
    browser.execute_script("togglePin(nst.cells[1]); writeNow()")
    assert len(set(map(tuple, seen))) == len(seen) == 5
    for before in seen[-2::-1]:
        browser.back()
        wait(browser, f"JSON.stringify((() => {{ {facts} }})()) === JSON.stringify({before!r})")
        assert browser.execute_script("return state.pins.length") == 2
    browser.forward()
    assert wait(browser, "state.hidden.size") and heads(browser) == ["t"]


def heads(browser):
    return [one.text for one in browser.find_elements("css selector", "#grid th[scope=col]")]


def test_a_view_that_is_chosen_while_an_image_closes_stays(folder, opened):
    browser = opened(folder, "#style_weight=1")
    browser.execute_script("openCell(nst.cells[0])")
    browser.execute_script("dialog.close(); document.getElementById('to-images').click()")
    assert wait(browser, "!DIALOGS[0].root.leaving && location.hash.includes('view=images')")
    assert browser.execute_script("return state.view") == "images"


def test_arrows_walk_the_favourites_in_their_order(folder, opened):
    browser = opened(folder, "#view=favourites")
    names = ["d/t/10", "c/s/1", "d/s/10"]
    ids = [name.replace("/1", "/style_weight-1") for name in names]
    browser.execute_script("arguments[0].map(id => byId.get(id)).forEach(toggleFavourite)", ids)
    find(browser, "#favourites .tile").click()
    walked = [opened_cell(browser)]
    for key in (RIGHT, RIGHT, RIGHT, LEFT):
        press(browser, key)
        walked.append(opened_cell(browser))
    assert walked == [*names, names[2], names[1]]
    press(browser, "f", RIGHT)  # it leaves the list
    assert opened_cell(browser) == names[2]
    press(browser, LEFT)
    assert opened_cell(browser) == names[0]
    with emulate_phone(browser):
        touch(browser, [[(300, 400)], [(200, 400)], [(100, 400)]])
        assert wait(browser, "state.open.id === 'd/s/style_weight-10'")
    press(browser, "?")
    assert "to the favourites before and after it" in text(browser, "#keys")


def test_arrows_walk_the_images_as_they_are_sorted_and_filtered(folder, opened):
    browser = opened(folder, "#view=images&sort=by-style_weight&down=1&hide=content:d")
    find(browser, "#images .tile").click()
    walked = [opened_cell(browser)]
    for _ in range(4):
        press(browser, RIGHT)
        walked.append(opened_cell(browser))
    assert walked == ["c/s/10", "c/t/10", "c/s/1", "c/t/1", "c/t/1"]
    press(browser, ESCAPE)
    wait(browser, "!dialog.open && !dialog.leaving")
    find(browser, "#to-grid").click()
    browser.execute_script("openCell(everyCell[0])")
    press(browser, RIGHT)
    assert opened_cell(browser) == "c/t/1"  # in the grid along its columns
    press(browser, "?")
    assert "along strength" in text(browser, "#keys")


def test_the_title_of_an_axis_is_its_name_everywhere(folder, opened):
    pins = "&pins=c/s/style_weight-1&pins=c/s/style_weight-10"
    browser = opened(folder, f"#compare=1{pins}")
    assert text(browser, "#compare .differs").startswith("strength 1")
    assert "2 strengths" in browser.execute_script("return document.querySelector('.head').innerText")
    assert complaints_of(browser) == []


def test_logarithmic_axes_are_in_the_address(folder, opened):
    browser = opened(folder, "#view=plot")
    browser.execute_script("document.querySelector('#plot input').click()")
    wait(browser, "location.hash.includes('axes=log')")
    browser.refresh()
    assert find(browser, "#plot input").is_selected() and browser.execute_script("return state.log")


def test_a_view_that_filters_leave_empty_says_so_and_offers_to_clear_them(folder, opened):
    browser = opened(folder, "#view=images&least=1000000")
    for view, marks in (("images", "#images figure"), ("plot", "#plot .mark")):
        find(browser, f"#to-{view}").click()
        assert "No image passes the filters." in text(browser, f"#{view}")
        assert not find(browser, "[data-place=x]").is_displayed()  # it is for the grid
        assert browser.execute_script("return plot.legend.textContent") == ""
        browser.execute_script(f"document.querySelector('#{view} .empty button').click()")
        assert "No image passes" not in text(browser, f"#{view}")
        assert len(browser.find_elements("css selector", marks)) >= 8
        browser.execute_script("setField('least', '1000000')")


def test_a_grid_without_images_cannot_be_saved_as_a_picture(folder, opened):
    browser = opened(folder, "#hide=style:s&hide=style:t")
    assert browser.execute_script("return grid.save.disabled && !grid.empty.hidden")
    browser.execute_script("hide(dimensions[1], [0], false); changed()")
    assert not browser.execute_script("return grid.save.disabled")


def test_closing_an_image_leads_to_the_tile_of_the_one_seen_last(folder, opened):
    browser = opened(folder, "#style_weight=1")
    find(browser, "#grid .tile").click()
    assert wait(browser, "state.open?.id") == "c/s/style_weight-1"
    press(browser, RIGHT)
    assert wait(browser, "state.open.id.startsWith('c/t')")
    press(browser, ESCAPE)
    assert wait(browser, "document.activeElement.cell?.id === 'c/t/style_weight-1'")
