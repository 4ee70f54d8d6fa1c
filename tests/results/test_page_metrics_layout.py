"""How metrics are laid out on the page: a comparison on a phone, cards of one height."""

import pytest
from browser import emulate_phone, text, wait
from measuring import metrics_page

pytest.importorskip("selenium")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return metrics_page(tmp_path_factory.mktemp("metrics"))


def test_three_compared_images_on_a_phone_have_one_row_of_text_and_two_numbers(folder, opened):
    names = ["gatys_style_weight-1", "gatys_style_weight-10", "crowson_style_weight-1"]
    pins = "".join(f"&pins=c/s/recipe-{name}" for name in names)
    browser = opened(folder, f"#view=grid&compare=1{pins}")
    wait(browser, "compare.open")
    assert "SSIM" in text(browser, "#compare .differs")
    with emulate_phone(browser):
        wait(browser, "innerWidth === 390")
        lines = text(browser, "#compare .differs").split("\n")
        assert [part.rsplit(" ", 1)[0] for part in lines[1].split(" · ")] == ["LPIPS", "style distance"]
        tops = browser.execute_script(
            "return ['.number', '.differs', '.heart'].map(part => {"
            "  const one = document.querySelector(`#compare figcaption ${part}`);"
            "  const box = one.getBoundingClientRect();"
            "  return Math.round(box.top + box.height / 2); })"
        )
        assert max(tops) - min(tops) <= 2


def test_cards_of_a_row_have_one_height(folder, opened):
    browser = opened(folder, "#view=images")
    browser.execute_script("nst.cells[1].outcome = 'stalled '.repeat(9); filtered()")
    heights = browser.execute_script(
        "const cards = [...document.querySelectorAll('#images figure')]"
        "  .map(c => c.getBoundingClientRect());"
        "return cards.filter(c => c.top === cards[0].top).map(c => c.height)"
    )
    assert len(heights) > 2 and len(set(heights)) == 1
