"""`colour: palette` against a second writing, and what it leaves alone."""

import naive_colour as naive
import numpy
import torch
from networks import picture

from nst.engine.colour import luma
from nst.engine.palette import Palette, from_oklab, to_oklab, with_palette


def array(image):
    return image[0].permute(1, 2, 0).double().numpy()


def soft(seed, height=12, width=14):
    return 0.2 + 0.6 * picture(seed, height, width).double()


def grey(seed):
    return soft(seed).mean(1, keepdim=True).repeat(1, 3, 1, 1)


def test_oklab_is_turned_back_and_white_has_no_colour():
    torch.testing.assert_close(from_oklab(to_oklab(soft(1))), soft(1))
    white = to_oklab(torch.ones(1, 3, 1, 1))[0, :, 0, 0]
    torch.testing.assert_close(white, torch.tensor([1.0, 0, 0]).double(), rtol=0, atol=1e-6)
    assert numpy.abs(array(to_oklab(soft(2))) - naive.in_oklab(array(soft(2)))).max() < 1e-12


def test_the_palette_is_that_of_the_second_writing():
    image, content, style = soft(1), soft(2), soft(3, 9, 11)
    made = to_oklab(with_palette(image, content, Palette.of([(1.0, style)])))
    assert numpy.abs(array(made) - naive.palette(*map(array, (image, content, style)))).max() < 1e-6


def test_a_grey_style_makes_the_image_grey():
    style = grey(3)
    assert Palette.of([(1.0, style)]).is_grey()
    made = with_palette(soft(1), soft(2), Palette.of([(1.0, style)]))
    assert (made.amax(1) - made.amin(1)).max() < 1 / 255
    assert abs(luma(made).mean() - luma(style).mean()) < 0.01
    assert abs(luma(made).std() - luma(style).std()) < 0.02


def test_a_grey_content_gets_one_colour_and_the_image_its_light():
    made = to_oklab(with_palette(soft(1), grey(2), Palette.of([(1.0, soft(3))])))
    wanted = to_oklab(soft(3))[:, 1:].mean((2, 3))
    assert (made[0, 1:].flatten(1) - wanted[0, :, None]).abs().max() < 1e-3


def test_noise_in_the_content_becomes_no_coloured_grain():
    """1.5 levels of noise in a flat content: less than 2 levels are seen."""
    generator = torch.Generator().manual_seed(1)
    flat = torch.full((1, 3, 40, 40), 0.5, dtype=torch.float64)
    noisy = flat + 1.5 / 255 * torch.randn(flat.shape, generator=generator, dtype=torch.float64)
    made, clean = (with_palette(flat, one, Palette.of([(1.0, soft(3))])) for one in (noisy, flat))
    assert (made - clean).square().mean().sqrt() < 2 / 255
