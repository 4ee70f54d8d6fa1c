"""`init: recoloured`: the content in the colours of the style."""

import pytest
import torch
from networks import picture

from nst.engine.colour import recoloured


def colours(image):
    pixels = image[0].flatten(1).double()
    return pixels.mean(1), torch.cov(pixels, correction=0)


def soft(seed, height=40, width=48):
    """A picture whose colours stay away from black and white."""
    return 0.4 + 0.2 * picture(seed, height, width)


def test_mean_and_covariance_become_those_of_the_style():
    style = soft(2, 24, 30)
    made = recoloured(soft(1), [(1.0, style)])
    for value, wanted in zip(colours(made), colours(style), strict=True):
        torch.testing.assert_close(value, wanted, rtol=1e-5, atol=1e-7)


def test_the_content_in_its_own_colours_is_the_content():
    torch.testing.assert_close(recoloured(soft(1), [(1.0, soft(1))]), soft(1))


def test_the_noise_of_a_grey_picture_becomes_no_coloured_grain():
    """A scan of a grey photograph in RGB: 1.5 levels of noise in each channel."""
    grey = soft(1).mean(1, keepdim=True).expand(1, 3, -1, -1).double()
    noise = 1.5 / 255 * torch.randn(grey.shape, generator=torch.Generator().manual_seed(3)).double()
    style = picture(2).double()
    made, clean = (recoloured(one, [(1.0, style)]) for one in (grey + noise, grey))
    assert (made - clean).square().mean().sqrt() < 12 / 255
    # Light and dark keep all of their contrast.
    assert clean.std() == pytest.approx(float(style.mean(1).std()), rel=0.1)


def test_flat_and_grey_pictures_stay_within_pixels():
    grey = picture(1).mean(1, keepdim=True).expand(1, 3, -1, -1)
    for content in (grey, torch.zeros(1, 3, 8, 9), torch.full((1, 3, 1, 1), 0.7)):
        for style in (picture(2), torch.ones(1, 3, 8, 9)):
            made = recoloured(content, [(1.0, style)])
            assert made.shape == content.shape
            assert made.min() >= 0 and made.max() <= 1
            assert made.isfinite().all()
