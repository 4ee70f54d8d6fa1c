"""Colour distance: its unit, its identities, and that it orders pictures as one would."""

import numpy
import pytest
from PIL import Image, ImageEnhance, ImageOps

from nst.metrics import colour_distance as module
from nst.metrics.colour_distance import colour_distance, lab, palette, pooled_palette


def plain(*colour):
    return Image.new("RGB", (8, 6), colour)


def distance(one, other):
    return colour_distance(palette(one), palette(other))


@pytest.mark.parametrize(  # scikit-image 0.26, `rgb2lab`
    ("colour", "published"),
    [
        ((255, 0, 0), (53.2406, 80.0923, 67.2028)),
        ((10, 128, 250), (54.4501, 17.0869, -68.5779)),
        ((90, 200, 30), (71.9431, -58.2606, 66.7712)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 255, 255), (100, 0, 0)),
    ],
)
def test_colours_are_those_of_scikit_image(colour, published):
    assert lab(plain(*colour))[0] == pytest.approx(published, abs=0.02)


def test_equal_pictures_are_at_zero_and_the_order_does_not_matter(pictures):
    cat, strokes = pictures["cat"], pictures["strokes"]
    assert distance(cat, cat) == 0
    assert distance(cat, strokes) == pytest.approx(distance(strokes, cat), rel=1e-12)


def test_where_colours_lie_and_how_large_a_picture_is_does_not_matter(pictures):
    cat = pictures["cat"]
    assert distance(cat, ImageOps.mirror(cat)) == 0
    assert distance(cat, cat.resize((384, 256), Image.Resampling.NEAREST)) < 0.1


def test_the_unit_is_delta_e(monkeypatch, pictures):
    colours = lab(pictures["cat"])
    shifts = (numpy.array(shift) for shift in ((10, 0, 0), (0, 10, 0), (0, 0, -10), (6, 0, 8)))
    for shift in shifts:
        shown = iter([colours, colours + shift])
        monkeypatch.setattr(module, "lab", lambda _, shown=shown: next(shown))
        assert distance(None, None) == pytest.approx(10, rel=0.1)


def test_pictures_are_ordered_as_one_would_order_them(pictures):
    cat = pictures["cat"]
    paler = [ImageEnhance.Color(cat).enhance(strength) for strength in (0.9, 0.6, 0.3, 0)]
    ladder = [distance(cat, picture) for picture in paler]
    assert ladder == sorted(ladder) and ladder[0] > 0.3
    assert distance(cat, ImageOps.invert(cat)) > distance(
        cat, ImageEnhance.Brightness(cat).enhance(0.9)
    )
    assert distance(plain(200, 30, 30), plain(220, 60, 20)) < distance(
        plain(200, 30, 30), plain(30, 30, 200)
    )


def test_a_change_of_the_amount_of_a_colour_counts_by_its_amount():
    """Half of the picture in another colour is half as far as all of it."""
    half, whole = plain(200, 30, 30), plain(30, 30, 200)
    half.paste(whole.crop((0, 0, 4, 6)), (0, 0))
    red = plain(200, 30, 30)
    assert distance(red, half) == pytest.approx(distance(red, whole) / 2, rel=0.01)


def test_pictures_with_shares_have_the_colours_of_all_their_pixels(pictures):
    cat = pictures["cat"]
    left, right = cat.crop((0, 0, 144, 128)), cat.crop((144, 0, 192, 128))
    pool = pooled_palette([(0.75, left), (0.25, right)])
    assert colour_distance(pool, palette(cat)) < 0.01  # rounding moves a rank by a pixel
    assert colour_distance(pooled_palette([(0.5, cat), (0.5, cat)]), palette(cat)) < 0.01
    assert (pooled_palette([(1.0, cat)]) == palette(cat)).all()


def test_a_small_picture_counts_as_much_as_its_share(pictures):
    cat, red = pictures["cat"], plain(255, 0, 0)
    shares = (0.01, 0.5, 0.99)
    pools = [pooled_palette([(1 - share, cat), (share, red)]) for share in shares]
    ladder = [colour_distance(pool, palette(red)) for pool in pools]
    assert ladder == sorted(ladder, reverse=True) and ladder[-1] < 2
