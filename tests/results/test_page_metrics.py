"""The metrics on the page, in a real browser: the plot, order, limits, details, comparison."""

import pytest
from browser import complaints_of, emulate_phone, find, nameless_of, press, text, wait
from grids import balanced, build_grid
from measuring import RECIPES, metrics_page, numbers, store_metrics

from nst.results.gallery import write_gallery

pytest.importorskip("selenium")

RIGHT = "\ue014"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return metrics_page(tmp_path_factory.mktemp("metrics"))


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    """A page of one recipe, measured."""
    folder = tmp_path_factory.mktemp("plain")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        grid = build_grid(folder, ["c"], ["s"], {"style_weight": [1, 3, 10, 30, 100]}, balanced)
        store_metrics(grid, lambda cell: numbers(cell))
        write_gallery(grid, folder / "results/index.html")
    return folder


def names_of_axes(browser):
    """The numbers at the axes, as they are drawn."""
    names = browser.execute_script(
        "return [...document.querySelectorAll('#plot .axes > text')].slice(-2).map(t => t.textContent)"
    )
    return [next(part for part in name.split("  ·  ") if "closer" not in part) for name in names]


def choose(browser, name, value):
    browser.execute_script(
        "const [name, value] = arguments, list = document.querySelector(`[data-plot=${name}]`);"
        "list.value = value; list.dispatchEvent(new Event('change'))",
        name,
        value,
    )


def shown(browser, selector):
    return len(browser.find_elements("css selector", selector))


def test_images_of_several_recipes_are_plotted_by_metrics_without_a_front(folder, opened):
    browser = opened(folder, "#view=plot")
    assert names_of_axes(browser) == ["LPIPS", "style distance"]
    assert (shown(browser, "#plot .figure .mark"), shown(browser, "#plot .front, #plot .knee")) == (
        11,
        0,
    )
    assert text(browser, "#plot .legend").split("\n") == [*RECIPES, "1 without one of the numbers"]
    assert shown(browser, "#plot .mark.full") == 11 + len(RECIPES)
    find(browser, "#plot summary").click()
    assert "Images at the lower left are close to both content and style" in text(
        browser, "#plot .hint"
    )
    said = text(browser, "#plot .says")
    assert "LPIPS:\nhow different" in said and "None of these numbers measures taste" in said
    assert "Losses can be compared only" not in said
    find(browser, "#plot svg").send_keys(RIGHT)
    assert text(browser, "#plot .tip").split("\n")[2:4] == ["LPIPS 0.05", "style distance 10"]
    assert text(browser, "#said").endswith(", LPIPS 0.05, style distance 10")
    assert nameless_of(browser) == [] and complaints_of(browser) == []


def test_images_of_one_recipe_are_plotted_by_losses_with_their_front(plain_folder, opened):
    browser = opened(plain_folder, "#view=plot")
    assert names_of_axes(browser) == ["content loss", "style loss"]
    assert (shown(browser, "#plot .front"), shown(browser, "#plot .figure .knee")) == (1, 1)
    assert "Losses can be compared only" not in text(browser, "#plot .says")
    assert 0 < shown(browser, "#plot .mark.full") < 5
    choose(browser, "up", "ssim")
    assert shown(browser, "#plot .figure .mark.full") == 5
    assert (shown(browser, "#plot .front"), shown(browser, "#plot .figure .knee")) == (0, 0)
    assert "closer to the content →" in find(browser, "#plot svg").get_attribute("textContent")


def test_the_axes_are_in_the_address_and_back_takes_them_back(folder, opened):
    browser = opened(folder, "#view=plot&across=constructor&colour=style")
    assert browser.execute_script("return plot.lists.colour.value") == "recipe"
    choose(browser, "across", "seconds")
    choose(browser, "up", "style")
    wait(browser, "location.hash.includes('across=seconds&up=style')")
    assert "Losses can be compared only" in text(browser, "#plot .says")
    choose(browser, "colour", "content")
    wait(browser, "location.hash.includes('colour=content')")
    browser.refresh()
    assert names_of_axes(browser) == ["seconds", "style loss"]
    assert text(browser, "#plot .legend").split("\n") == ["c", "d"]
    choose(browser, "up", "colour_distance")
    wait(browser, "location.hash.includes('up=colour_distance')")
    choose(browser, "colour", "style_weight")
    wait(browser, "location.hash.includes('colour=style_weight')")
    browser.back()
    wait(browser, "state.plot.up === 'colour_distance' && state.plot.colour === 'content'")
    browser.back()
    wait(browser, "state.plot.up === 'style'")
    choose(browser, "across", "lpips")
    wait(browser, "!location.hash.includes('across')")  # what the page takes by itself
    assert names_of_axes(browser) == ["LPIPS", "style loss"]


@pytest.mark.parametrize(
    ("sort", "down", "reverse", "direction"),
    [
        ("style_distance", "", False, "closest to the style first"),
        ("ssim", "", True, "closest to the content first"),
        ("ssim", "1", False, "farthest from the content first"),
    ],
)
def test_images_are_sorted_by_a_metric_what_is_closest_first(
    folder, opened, sort, down, reverse, direction
):
    browser = opened(folder, f"#view=images&sort={sort}&down={down}")
    values = browser.execute_script(f"return wall.cells.map(c => c.metrics?.{sort} ?? null)")
    assert values[-1] is None and len(set(values)) > 5
    assert values[:-1] == sorted(values[:-1], reverse=reverse)
    assert browser.execute_script("return tools.down.selectedOptions[0].textContent") == direction
    assert "1 without" in text(browser, "#tools [role=status]")
    assert "None of these numbers measures taste" in text(browser, "#filters .says")


def test_a_range_of_a_metric_limits_the_images_and_the_cards_show_it(folder, opened):
    browser = opened(folder, "#view=images&by=colour_distance&most=12")
    found = browser.execute_script("return wall.cells.map(c => c.metrics.colour_distance)")
    assert 0 < len(found) < 11 and max(found) <= 12
    assert (
        text(browser, "#tools [role=status]") == f"{len(found)} of 12 images; 1 without colour distance"
    )
    exact = found[0]
    assert text(browser, "#images figcaption .faint") == f"colour distance {float(f'{exact:.3g}'):g}"
    browser.execute_script("setField('sort', 'lpips')")
    numbers = text(browser, "#images figcaption .faint").split("\n")
    assert [line.rsplit(" ", 1)[0] for line in numbers] == ["colour distance", "LPIPS"]
    find(browser, "#to-plot").click()
    assert shown(browser, "#plot .figure .mark") == len(found)
    assert "Losses can be compared only" not in text(browser, "#filters .says")
    browser.execute_script("setField('by', 'style')")
    assert "Losses can be compared only" in text(browser, "#filters .says")
    browser.execute_script("clearFilters()")
    find(browser, "#to-images").click()
    assert not find(browser, "#images figcaption .faint").text


@pytest.mark.parametrize("limit", ["abc", "%20", "1e999"])
def test_a_limit_in_the_address_that_is_no_number_is_left_out(folder, opened, limit):
    browser = opened(folder, f"#view=images&by=lpips&least={limit}&most=NaN")
    assert text(browser, "#tools [role=status]") == "12 of 12 images"
    wait(browser, "!location.hash.includes('least') && !location.hash.includes('most')")


def test_images_without_one_of_two_numbers_are_counted_once(folder, opened):
    browser = opened(folder, "#view=images&by=ssim&least=-9&sort=lpips")
    assert text(browser, "#tools [role=status]") == "11 of 12 images; 1 without SSIM or LPIPS"


PUT = """
const [cell] = nst.cells, pair = pairPath(cell), { size, losses, terms, metrics } = cell;
const entry = { token: "t1", size, losses, terms, outcome: "completed", seconds: 1, evaluations: 3 };
const told = (token) => ({ [pair]: { [cell.id]: [token, { lpips: 0.5 }] } });
const seen = [];
for (const [changes, metrics] of arguments[0]) {
  put(changes ? { [cell.id]: { ...entry, ...changes } } : {}, {}, metrics ? told(metrics) : {});
  seen.push(cell.metrics?.lpips ?? null);
}
return seen;
"""


@pytest.mark.parametrize(
    ("news", "seen"),
    [
        ([({}, "t1")], [0.5]),
        ([(None, "t1"), ({}, "t1")], ["as before", 0.5]),  # the numbers come before their image
        ([({}, "t1"), ({"seconds": 2}, "t1")], [0.5, 0.5]),
        ([({}, "t1"), ({"seconds": 2}, None)], [0.5, 0.5]),  # in a chunk before
        ([({}, "t1"), ({"token": "t2"}, "t1")], [0.5, None]),
    ],
)
def test_metrics_are_those_of_the_image_that_is_there(folder, opened, news, seen):
    browser = opened(folder, "#view=grid")
    before = browser.execute_script("return nst.cells[0].metrics.lpips")
    expected = [before if one == "as before" else one for one in seen]
    assert browser.execute_script(PUT, news) == expected


def test_numbers_that_no_image_has_are_not_offered(large_page, opened):
    browser = opened(large_page, "#view=plot")
    offered = "return [...plot.lists.up.options].filter(o => !o.hidden).map(o => o.value)"
    assert browser.execute_script(offered) == [
        "content", "style", "weighted-content", "weighted-style", "weighted-tv", "total",
        "seconds", "evaluations",
    ]  # fmt: skip
    browser.execute_script("for (const cell of nst.cells) cell.terms[0] = null; filtered()")
    assert text(browser, "#plot .figure") == "No image here has content loss and style loss."
    assert "content" in browser.execute_script(offered.replace("lists.up", "lists.colour"))
    assert "content" not in browser.execute_script(offered)


def test_the_details_have_the_metrics_and_say_what_each_number_is(folder, opened):
    browser = opened(folder, "#cell=c/s/recipe-gatys_style_weight-10")
    press(browser, "d")
    rows = text(browser, "#cell .facts").split("\n")
    assert rows[:10:9] == ["Metrics", "Losses"]
    values = dict(zip(rows[1:9:2], rows[2:9:2], strict=True))
    assert list(values) == ["LPIPS", "SSIM", "style distance", "colour distance"]
    assert rows[10:15:2] == ["content loss", "style loss", "With their weights"]
    assert "completed" not in rows
    exact = browser.execute_script("return Object.values(state.open.metrics)")
    shown = [float(value) for value in values.values()]
    assert shown == [float(f"{each:.3g}") for each in exact]
    with emulate_phone(browser):
        browser.execute_script("open.says.closest('details').open = true")
        said = text(browser, "#cell .says")
        assert all(f"{name}:" in said for name in [*values, "content loss", "total loss", "seconds"])
        assert "None of these numbers measures taste" in said


@pytest.mark.parametrize(
    ("other", "losses"),
    [("recipe-gatys_style_weight-10", True), ("recipe-crowson_style_weight-1", False)],
)
def test_compared_images_show_metrics_and_losses_only_where_these_compare(
    folder, opened, other, losses
):
    pins = "".join(f"&pins=c/s/{name}" for name in ("recipe-gatys_style_weight-1", other))
    browser = opened(folder, f"#view=grid&compare=1{pins}")
    wait(browser, "compare.open")
    line = find(browser, "#compare .differs").text.splitlines()[1]
    assert ("content loss" in line) == losses and "LPIPS 0.0" in line and "colour distance" in line


def test_nothing_is_said_of_taste_where_no_metric_or_loss_is_shown(folder, opened):
    browser = opened(folder, "#view=plot&across=seconds&up=evaluations")
    said = text(browser, "#plot .says")
    assert "seconds:" in said and "taste" not in said and "compared" not in said


def test_the_summary_has_the_means_of_the_metrics(folder, opened):
    browser = opened(folder, "#view=summary")
    rows = [row.text for row in browser.find_elements("css selector", "#summary tr")]
    at = rows.index("variant images LPIPS SSIM style distance colour distance")
    assert rows[at + 1].startswith("recipe gatys, style weight 1 2 0.0")
    assert rows[at + 6].startswith("recipe crowson, style weight 100 1 of 2 0.5")
    assert "LPIPS:\nhow different" in text(browser, "#summary .says")


def test_the_summary_suggests_across_recipes_until_an_image_changes(tmp_path, monkeypatch, opened):
    monkeypatch.chdir(tmp_path)
    axes = {"recipe": RECIPES, "style_weight": [1, 3, 10, 30, 100]}
    grid = build_grid(tmp_path, ["c"], ["s"], axes, balanced)
    store_metrics(grid, numbers)
    write_gallery(grid, tmp_path / "results/index.html")
    browser = opened(tmp_path, "#view=summary")
    heading = "Where to look first across recipes, networks and sizes"
    assert heading in text(browser, "#summary")
    button = find(browser, "#summary section .as-link")
    name = button.text
    button.click()
    assert name in text(browser, "#cell-title")
    browser.execute_script("dialog.close(); nst.cells[0].news = 'x'; showSummary()")
    assert heading not in text(browser, "#summary")
