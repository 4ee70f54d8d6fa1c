"""SSIM against the values of scikit-image."""

import pytest
from PIL import ImageFilter

from nst.disk.images import to_tensor
from nst.metrics.ssim import luma, ssim

# scikit-image 0.26 of the brightness of the cat and of these pictures: `structural_similarity` with
# gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.
PUBLISHED = {"flat": 0.7781556, "coffee": 0.2241517, "strokes": 0.0916517}


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_are_those_of_scikit_image(tensors, name):
    assert ssim(luma(tensors["cat"]), luma(tensors[name])) == pytest.approx(PUBLISHED[name], abs=1e-6)


def test_equal_pictures_are_at_one_and_the_order_does_not_matter(tensors):
    cat, flat = luma(tensors["cat"]), luma(tensors["flat"])
    assert ssim(cat, cat) == pytest.approx(1, abs=1e-12)
    assert ssim(cat, flat) == pytest.approx(ssim(flat, cat), abs=1e-12)


def test_the_more_a_picture_is_blurred_the_less_is_the_same(pictures, tensors):
    blurred = (pictures["cat"].filter(ImageFilter.GaussianBlur(radius)) for radius in (0.5, 1, 2, 4, 8))
    ladder = [ssim(luma(tensors["cat"]), luma(to_tensor(picture))) for picture in blurred]
    assert ladder == sorted(ladder, reverse=True) and ladder[0] < 0.999
