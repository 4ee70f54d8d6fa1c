"""Measuring an image: identities, sizes and shapes, and that nothing else changes the numbers."""

import pytest
import torch
from PIL import ImageFilter

from nst.disk.images import resized
from nst.errors import NstError
from nst.metrics.ruler import LONGER_SIDE, Ruler
from nst.results.metrics import METRICS


@pytest.fixture
def place(tmp_path, pictures):
    """A folder with the pictures as files."""
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    return tmp_path


@pytest.fixture
def ruler(networks, place):
    return Ruler.of(networks, place / "cat.png", [place / "strokes.png"])


def test_a_picture_is_at_no_distance_from_itself(networks, place):
    numbers = Ruler.of(networks, place / "cat.png", [place / "cat.png"]).measure(place / "cat.png")
    assert tuple(numbers) == METRICS
    assert numbers["lpips"] == numbers["colour_distance"] == 0
    assert numbers["ssim"] == pytest.approx(1, abs=1e-12)
    assert numbers["style_distance"] == pytest.approx(0, abs=1e-6)


def test_the_first_two_are_to_the_content_the_others_to_the_style(ruler, place):
    cat, strokes = (ruler.measure(place / f"{name}.png") for name in ("cat", "strokes"))
    assert (cat["lpips"], cat["ssim"]) == pytest.approx((0, 1), abs=1e-9)
    assert strokes["colour_distance"] == 0 and strokes["style_distance"] < 1e-6
    assert cat["style_distance"] > 0.1 and cat["colour_distance"] > 1 and strokes["lpips"] > 0.1


def test_the_number_of_threads_changes_nothing(ruler, place):
    before = torch.get_num_threads()
    numbers = []
    for threads in (1, 4):
        torch.set_num_threads(threads)
        fresh = Ruler(ruler.networks, ruler.content, ruler.styles)
        numbers.append(fresh.measure(place / "flat.png"))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert numbers[0] == pytest.approx(numbers[1], abs=1e-6, rel=1e-6)


def test_a_large_image_is_measured_at_a_fixed_size(ruler, networks, place, pictures):
    large = pictures["flat"].resize((1536, 1024))
    large.save(place / "large.png")
    resized(large, LONGER_SIDE).save(place / "shrunk.png")
    assert ruler.measure(place / "large.png") == ruler.measure(place / "shrunk.png")


def test_a_small_image_is_not_enlarged(ruler, place, pictures):
    pictures["flat"].resize((24, 16)).save(place / "small.png")
    assert tuple(ruler.measure(place / "small.png")) == METRICS[1:]  # AlexNet needs 31 pixels
    pictures["flat"].resize((9, 6)).save(place / "tiny.png")
    assert tuple(ruler.measure(place / "tiny.png")) == ("colour_distance",)


def test_an_image_of_another_shape_is_refused(ruler, place, pictures):
    pictures["flat"].resize((192, 125)).save(place / "rounded.png")
    assert ruler.measure(place / "rounded.png")["ssim"] > 0.5
    pictures["flat"].resize((192, 112)).save(place / "other.png")
    with pytest.raises(
        NstError, match=r"other\.png is 192 x 112 pixels, its content is 192 x 128: .* crop"
    ):
        ruler.measure(place / "other.png")


def test_blur_takes_an_image_away_from_both(networks, place, pictures):
    ruler = Ruler.of(networks, place / "cat.png", [place / "cat.png"])
    ladder = []
    for radius in (1, 2, 4):
        pictures["cat"].filter(ImageFilter.GaussianBlur(radius)).save(place / "blurred.png")
        ladder.append(ruler.measure(place / "blurred.png"))
    for name in ("lpips", "style_distance"):
        assert [numbers[name] for numbers in ladder] == sorted(numbers[name] for numbers in ladder)


def test_a_blend_is_measured_against_all_its_pictures(networks, place):
    paths = [place / "strokes.png", place / "cat.png"]
    ruler, image = Ruler.of(networks, place / "cat.png", paths), place / "coffee.png"
    alone = [Ruler.of(networks, place / "cat.png", [path]).measure(image) for path in paths]
    assert ruler.measure(image, shares=(1.0, 0.0)) == alone[0]
    assert ruler.measure(image, shares=(0.0, 1.0)) == alone[1]
    halves = ruler.measure(image, shares=(0.5, 0.5))
    turned = Ruler.of(networks, place / "cat.png", paths[::-1]).measure(image, shares=(0.5, 0.5))
    assert halves == pytest.approx(turned, rel=1e-6)
    assert halves["colour_distance"] < max(one["colour_distance"] for one in alone)
