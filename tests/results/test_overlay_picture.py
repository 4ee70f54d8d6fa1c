"""Pictures of masks and regions that are laid over an image."""

import pytest
from PIL import Image

from nst.results.overlay_picture import COLOURS, DIM, colour_of, of_mask, of_regions


def half(left, right, size=(300, 200)):
    """A mask of two levels."""
    mask = Image.new("L", size, left)
    mask.paste(right, (size[0] // 2, 0, *size))
    return mask


def rgb(colour):
    return tuple(bytes.fromhex(colour[1:]))


def test_what_a_mask_leaves_is_dim_and_the_rest_is_untouched():
    laid = of_mask(half(0, 255))
    assert laid.getpixel((20, 100))[:3] == rgb(DIM)
    assert 150 < laid.getpixel((20, 100))[3] < 220
    assert laid.getpixel((280, 100))[3] == 0


@pytest.mark.parametrize(("protect", "share"), [(1, 1), (0.5, 0.5), (0, 0)])
def test_it_is_as_dim_as_the_content_is_protected(protect, share):
    whole, part = of_mask(half(0, 255)), of_mask(half(0, 255), protect)
    assert part.getpixel((20, 100))[3] == pytest.approx(share * whole.getpixel((20, 100))[3], abs=1)


def test_a_grey_mask_is_dim_in_proportion():
    levels = [of_mask(half(level, 255)).getpixel((20, 100))[3] for level in (0, 64, 192)]
    assert levels[0] > levels[1] > levels[2] > 0


def test_a_line_stands_at_the_border_of_a_mask():
    laid = of_mask(half(0, 255))
    line, away = laid.getpixel((150, 100)), laid.getpixel((160, 100))
    assert line[0] > 200 and line[3] > 100 and away[3] == 0


def test_every_region_has_its_colour():
    laid = of_regions([half(255, 0), half(0, 255)])
    for x, colour in ((20, COLOURS[0]), (280, COLOURS[1])):
        assert laid.getpixel((x, 100))[:3] == pytest.approx(rgb(colour), abs=2)
        assert 100 < laid.getpixel((x, 100))[3] < 160
    assert len({colour_of(number) for number in range(len(COLOURS))}) == len(COLOURS)
    assert colour_of(len(COLOURS)) == COLOURS[0]


def test_what_is_in_no_region_has_no_colour():
    laid = of_regions([half(255, 0)])
    assert laid.getpixel((280, 100))[3] == 0
