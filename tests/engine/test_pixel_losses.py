"""Edges against a second writing, and losses of pixels of an image that wraps."""

import naive_pixels as naive
import pytest
import torch
from networks import picture, settings

from nst.engine.pixel_losses import TV, Edges, laplacian


def array(image):
    return image[0].permute(1, 2, 0).double().numpy()


def double(seed, height=24, width=32):
    return picture(seed, height, width).double()


def edges(content, **given):
    return Edges(settings(edges_weight=1.0, **given), content)


@pytest.mark.parametrize("pool", [1, 4, 5])
@pytest.mark.parametrize("padding", ["zero", "circular"])
def test_edges_are_those_of_the_second_writing(pool, padding):
    found = edges(double(1), edges_pool=pool, padding=padding)(double(2))
    wraps = padding == "circular"
    wanted = naive.edges(array(double(2)), array(double(1)), pool, wraps)
    assert float(found) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("padding", ["zero", "circular"])
def test_equal_pictures_and_shifted_ones_have_no_difference_in_edges(padding):
    content = double(1)
    loss = edges(content, padding=padding)
    assert float(loss(content)) == 0
    for shift in (0.3, torch.tensor([0.2, -0.1, 0.4]).view(1, 3, 1, 1)):
        assert float(loss(content + shift)) < 1e-25
    image = content.clone().requires_grad_()
    loss(image).backward()
    assert torch.equal(image.grad, torch.zeros_like(image))


def test_a_flat_picture_has_an_edges_loss_of_1_with_balance():
    flat = torch.full((1, 3, 24, 32), 0.5).double()
    assert float(edges(double(1), balance="pair")(flat)) == pytest.approx(1)
    assert float(edges(flat, balance="pair")(flat)) == 0
    assert float(edges(flat, balance="pair")(double(1))) < 1e6


@pytest.mark.parametrize("size", [(1, 1), (2, 9), (3, 3), (7, 40)])
def test_squares_are_smaller_in_a_narrow_image(size):
    one, other = double(1, *size), double(2, *size)
    loss = float(edges(one, edges_pool=16)(other))
    assert loss == 0 if min(size) < 3 else loss > 0
    assert edges(one, padding="circular")(other).isfinite()


@pytest.mark.parametrize("name", TV)
def test_total_variation_of_an_image_that_wraps_has_no_seam(name):
    image = double(1, 12, 15)
    rolled = image.roll((5, 7), (2, 3))
    torch.testing.assert_close(TV[name](rolled, True), TV[name](image, True))
    assert (TV[name](rolled, False) - TV[name](image, False)).abs() > 1e-6 * TV[name](image, False)
    doubled = torch.cat((image, image), 3)
    factor = 2 if name == "l1-sum" else 1
    torch.testing.assert_close(TV[name](doubled, True), factor * TV[name](image, True))


def test_edges_of_an_image_that_wraps_have_no_seam():
    image = double(1)
    rolled = laplacian(image.roll((8, -4), (2, 3)), 4, wraps=True)
    torch.testing.assert_close(rolled, laplacian(image, 4, wraps=True).roll((2, -1), (2, 3)))
