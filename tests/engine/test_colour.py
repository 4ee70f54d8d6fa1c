"""Colours: their moments and maps, chroma, `init: recoloured`; held against a second writing."""

import naive_colour as naive
import numpy
import pytest
import torch
from networks import picture

from nst.engine.colour import (
    GAIN,
    Colours,
    colour_map,
    grey_map,
    luma,
    luma_map,
    recoloured,
    with_chroma,
)
from nst.engine.objective import Style

KINDS = ("symmetric", "cholesky", "transport")


def colours(image):
    pixels = image[0].flatten(1).double()
    return pixels.mean(1), torch.cov(pixels, correction=0)


def soft(seed, height=40, width=48):
    """A picture whose colours stay away from black and white."""
    return 0.4 + 0.2 * picture(seed, height, width)


def test_mean_and_covariance_become_those_of_the_style():
    style = soft(2, 24, 30)
    made = recoloured(soft(1), [(1.0, Style(style))])
    for value, wanted in zip(colours(made), colours(style), strict=True):
        torch.testing.assert_close(value, wanted, rtol=1e-5, atol=1e-7)


def test_the_content_in_its_own_colours_is_the_content():
    torch.testing.assert_close(recoloured(soft(1), [(1.0, Style(soft(1)))]), soft(1))


def test_the_noise_of_a_grey_picture_becomes_no_coloured_grain():
    """A scan of a grey photograph in RGB: 1.5 levels of noise in each channel."""
    grey = soft(1).mean(1, keepdim=True).expand(1, 3, -1, -1).double()
    noise = 1.5 / 255 * torch.randn(grey.shape, generator=torch.Generator().manual_seed(3)).double()
    style = picture(2).double()
    made, clean = (recoloured(one, [(1.0, Style(style))]) for one in (grey + noise, grey))
    assert (made - clean).square().mean().sqrt() < 12 / 255
    # Light and dark keep all of their contrast.
    assert clean.std() == pytest.approx(float(style.mean(1).std()), rel=0.1)


def test_flat_and_grey_pictures_stay_within_pixels():
    grey = picture(1).mean(1, keepdim=True).expand(1, 3, -1, -1)
    for content in (grey, torch.zeros(1, 3, 8, 9), torch.full((1, 3, 1, 1), 0.7)):
        for style in (picture(2), torch.ones(1, 3, 8, 9)):
            made = recoloured(content, [(1.0, Style(style))])
            assert made.shape == content.shape
            assert made.min() >= 0 and made.max() <= 1
            assert made.isfinite().all()


def array(image):
    """A picture, 1 x 3 x height x width, as height x width x 3 in float64."""
    return image[0].permute(1, 2, 0).double().numpy()


def random_pictures():
    """Pairs of pictures of any colours: soft, of few colours, dark, nearly grey, of noise."""
    for seed in range(12):
        generator = torch.Generator().manual_seed(seed)
        one, other = picture(seed).double(), picture(seed + 50, 30, 36).double()
        mix = 0.1 + 0.9 * torch.rand(2, generator=generator, dtype=torch.float64)
        low = torch.rand(2, generator=generator, dtype=torch.float64) * (1 - mix)
        yield low[0] + mix[0] * one, low[1] + mix[1] * other
        noise = torch.rand(1, 3, 20, 21, generator=generator, dtype=torch.float64)
        yield noise, 0.97 * other.mean(1, keepdim=True) + 0.03 * other


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_gets_the_moments_of_another_one(kind):
    for source, wanted in random_pictures():
        made = colour_map(Colours.of(source), Colours.of(wanted), kind).unclamped(source)
        for value, right in zip(colours(made), colours(wanted), strict=True):
            torch.testing.assert_close(value, right, rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_the_maps_are_those_of_the_second_writing(kind):
    for source, wanted in random_pictures():
        right = naive.matched(*(array(one).reshape(-1, 3) for one in (source, wanted)), kind)
        made = colour_map(Colours.of(source), Colours.of(wanted), kind).unclamped(source)
        assert numpy.abs(array(made).reshape(-1, 3) - right).max() < 1e-8


def test_transport_between_equal_covariances_is_a_shift():
    source = picture(1).double()
    shifted = Colours(Colours.of(source).mean + 0.1, Colours.of(source).covariance)
    for kind in KINDS:
        matrix = colour_map(Colours.of(source), shifted, kind).matrix
        torch.testing.assert_close(matrix, torch.eye(3).double(), rtol=0, atol=1e-9)


def test_the_kinds_differ_by_a_turn():
    """Transport is the only symmetric map, and moves colours least."""
    moved = {}
    for kind in KINDS:
        source, wanted = Colours.of(picture(1)), Colours.of(picture(2))
        made = colour_map(source, wanted, kind)
        moved[kind] = float((made.unclamped(picture(1)) - picture(1)).square().mean())
        is_symmetric = torch.allclose(made.matrix, made.matrix.T)
        assert is_symmetric == (kind == "transport")
    assert min(moved, key=moved.get) == "transport"
    assert len({round(value, 6) for value in moved.values()}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_no_map_enlarges_a_colour_too_much(kind):
    grey = picture(1).mean(1, keepdim=True).expand(1, 3, -1, -1).double()
    for flat in (grey, torch.zeros(1, 3, 8, 9).double()):
        made = colour_map(Colours.of(flat), Colours.of(picture(2)), kind)
        assert torch.linalg.matrix_norm(made.matrix, 2) < 3**0.5 * GAIN
        assert made(flat).isfinite().all()
    drawn = colour_map(Colours.of(picture(2)), Colours.of(grey), kind)(picture(2))
    torch.testing.assert_close(drawn[:, 0], drawn[:, 1], rtol=0, atol=1e-6)


def test_luma_alone_is_grey_and_has_the_mean_and_the_deviation_of_the_content():
    for style, content in random_pictures():
        made = luma_map(Colours.of(style), Colours.of(content)).unclamped(style)
        assert (
            numpy.abs(array(made)[..., 1] - naive.in_luma_of(array(style), array(content))).max() < 1e-9
        )
        torch.testing.assert_close(made[:, :1].expand(1, 3, -1, -1), made)
        assert (luma(made).mean() - luma(content).mean()).abs() < 1e-9
    flat = luma_map(Colours.of(torch.full((1, 3, 4, 4), 0.2)), Colours.of(picture(1)))
    assert flat(torch.full((1, 3, 4, 4), 0.2)).isfinite().all()
    torch.testing.assert_close(grey_map()(picture(1))[:, 2], luma(picture(1))[:, 0].float())


def test_chroma_is_pasted_into_another_luma():
    for number, (content, _) in enumerate(random_pictures()):
        image = torch.rand(content.shape, generator=torch.Generator().manual_seed(number)).double()
        image[..., :4, :4], image[..., 5:9, :4] = 0, 1
        made = with_chroma(image, content)
        assert numpy.abs(array(made) - naive.with_chroma(array(image), array(content))).max() < 1e-12
        assert (luma(made) - luma(image)).abs().max() < 1e-12


def test_the_chroma_of_a_grey_content_is_none_and_its_own_chroma_changes_nothing():
    grey = picture(1).mean(1, keepdim=True).expand(1, 3, -1, -1)
    made = with_chroma(picture(2), grey)
    assert torch.equal(made[:, 0], made[:, 1]) and torch.equal(made[:, 1], made[:, 2])
    torch.testing.assert_close(with_chroma(picture(2), picture(2)), picture(2), rtol=0, atol=1e-7)


def test_the_colours_of_several_pictures_are_those_of_all_their_pixels():
    """With shares in proportion to their pixels; a picture without a share has none."""
    parts = [picture(1, 30, 20), picture(2, 30, 40), picture(3, 30, 5)]
    pooled = Colours.pooled(
        [(share, Colours.of(p)) for share, p in zip((1 / 3, 2 / 3, 0), parts, strict=True)]
    )
    both = Colours.of(torch.cat(parts[:2], 3))
    torch.testing.assert_close(pooled.mean, both.mean)
    torch.testing.assert_close(pooled.covariance, both.covariance)
