"""`init: recoloured`: the content in the colours of the style."""

import torch
from networks import picture

from nst.engine.recolouring import recoloured


def colours(image):
    pixels = image[0].flatten(1).double()
    return pixels.mean(1), torch.cov(pixels)


def soft(seed, height=40, width=48):
    """A picture whose colours stay away from black and white."""
    return 0.4 + 0.2 * picture(seed, height, width)


def test_mean_and_covariance_become_those_of_the_style():
    style = soft(2, 24, 30)
    made = recoloured(soft(1), style)
    for value, wanted in zip(colours(made), colours(style), strict=True):
        torch.testing.assert_close(value, wanted, rtol=0.02, atol=1e-4)


def test_the_content_in_its_own_colours_is_the_content():
    torch.testing.assert_close(recoloured(soft(1), soft(1)), soft(1))


def test_flat_and_grey_pictures_stay_within_pixels():
    grey = picture(1).mean(1, keepdim=True).expand(1, 3, -1, -1)
    for content in (grey, torch.zeros(1, 3, 8, 9), torch.full((1, 3, 1, 1), 0.7)):
        for style in (picture(2), torch.ones(1, 3, 8, 9)):
            made = recoloured(content, style)
            assert made.shape == content.shape
            assert made.min() >= 0 and made.max() <= 1
            assert made.isfinite().all()
