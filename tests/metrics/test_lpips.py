"""LPIPS against the values of the published package."""

import pytest
import torch
from PIL import ImageFilter

from nst.disk.images import to_tensor
from nst.metrics.lpips import LAYERS, lpips, unit_features

# lpips 0.1.4, `LPIPS(net="alex", version="0.1")`, of the cat and these pictures.
PUBLISHED = {"flat": 0.3124835, "coffee": 0.7223063, "strokes": 0.7249741}
SUMS = (2.34953, 16.143, 39.2684, 27.1972, 20.3172)  # of the published heads


@pytest.fixture(scope="module")
def distance(networks):
    """A function of two tensors."""

    def measure(one, other):
        features = [unit_features(networks.alexnet(tensor)) for tensor in (one, other)]
        return lpips(*features, networks.heads)

    return measure


@pytest.mark.parametrize("name", PUBLISHED)
def test_values_are_those_of_the_published_package(distance, tensors, name):
    assert distance(tensors["cat"], tensors[name]) == pytest.approx(PUBLISHED[name], abs=1e-4)


def test_the_heads_are_the_published_ones(networks):
    sums = [float(head.sum()) for head in networks.heads]
    assert sums == pytest.approx(SUMS, rel=1e-5)
    assert all((head >= 0).all() for head in networks.heads)


def test_equal_pictures_are_at_zero_and_the_order_does_not_matter(distance, tensors):
    assert distance(tensors["cat"], tensors["cat"].clone()) == 0
    there, back = (
        distance(*pair)
        for pair in ([tensors["cat"], tensors["flat"]], [tensors["flat"], tensors["cat"]])
    )
    assert there == pytest.approx(back, abs=1e-7)


def test_the_more_a_picture_is_blurred_the_farther_it_is(distance, pictures, tensors):
    ladder = [
        distance(tensors["cat"], to_tensor(pictures["cat"].filter(ImageFilter.GaussianBlur(radius))))
        for radius in (0.5, 1, 2, 4, 8)
    ]
    assert ladder == sorted(ladder) and ladder[0] > 0.001


def test_features_without_length_are_no_reason_to_divide_by_zero(networks):
    black = torch.zeros(1, 64, 3, 3)
    features = dict.fromkeys(LAYERS, black)
    assert all((one == 0).all() for one in unit_features(features))
