"""`padding: circular`: an image that goes on at its opposite edge, and so repeats without a seam."""

from dataclasses import replace

import pytest
import torch
from networks import backbone, picture, settings

from nst.engine.objective import Objective, Style
from nst.engine.stages import Stage, optimize, upsampled
from nst.transfer.needed_memory import _options_that_fit, choose_tile, smallest_tiles

CPU = torch.device("cpu")
ROLL = {"shifts": (16, 24), "dims": (2, 3)}  # multiples of what the poolings halve
CASES = {
    "painter": {"parametrization": "fourier-decorrelated", "style_loss": "wasserstein"},
    "pixels": {"parametrization": "pixels", "tv_weight": 1.0, "tv": "nine-point"},
    "edges": {"parametrization": "clamped", "edges_weight": 10.0, "edges_pool": 4, "balance": "pair"},
}


def chosen(**given):
    return settings(padding="circular", precision="fp64", evaluations=6, **given)


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_a_rolled_start_gives_the_rolled_result(given, seeded_weights):
    given = chosen(**given)
    network = backbone(seeded_weights("vgg16", {"conv2_2"}), given, "fp64")
    content, style, start = (picture(seed, 48, 64).double() for seed in (1, 2, 3))

    def made(content, start):
        return optimize(network, given, [Stage(content, (Style(style),), start, 6)]).image

    result = made(content, start)
    rolled = made(content.roll(**ROLL), start.roll(**ROLL))
    torch.testing.assert_close(rolled, result.roll(**ROLL), rtol=0, atol=1e-4)
    assert (result - start).abs().max() > 0.05
    plain = replace(given, padding="zero")
    losses = []
    for one in (given, plain):
        objective = Objective(
            backbone(seeded_weights("vgg16", {"conv2_2"}), one, "fp64"), one, content, [Style(style)]
        )
        losses.append([float(objective(image).style) for image in (start, start.roll(**ROLL))])
    (whole, turned), (with_edge, moved) = losses
    assert turned == pytest.approx(whole, rel=1e-9)
    assert moved != pytest.approx(with_edge, rel=1e-6)


def test_a_finer_scale_starts_without_a_seam():
    image, like = picture(1, 12, 15).double(), torch.empty(1, 3, 24, 45)
    whole = upsampled(image, like, wraps=True)
    rolled = upsampled(image.roll((5, 4), (2, 3)), like, wraps=True)
    torch.testing.assert_close(rolled, whole.roll((10, 12), (2, 3)))
    inside = (slice(None), slice(None), slice(6, -6), slice(9, -9))
    torch.testing.assert_close(whole[inside], upsampled(image, like)[inside])


def test_a_narrow_map_is_continued_as_often_as_is_needed(seeded_weights):
    """Of AlexNet, whose second convolution reads two positions beyond the edge."""
    layers = {"content_layers": {"relu5": 1.0}, "style_layers": {"relu5": 1.0}}
    given = chosen(backbone="alexnet", **layers)
    network = backbone(seeded_weights("alexnet", {"relu5"}), given, "fp64")
    side = network.least_side
    assert network(picture(1, side, side).double())["relu5"].isfinite().all()


def test_no_tiles_are_chosen_or_advised(monkeypatch):
    given, shapes = chosen(), ((2000, 2000), ((2000, 2000),))
    monkeypatch.setattr("nst.transfer.needed_memory.job_bytes", lambda device: 1)
    assert choose_tile(given, *shapes, CPU) == "none"
    assert smallest_tiles(given).tile == "none"
    options = list(_options_that_fit(replace(given, tile="none"), (96, 96), ((96, 96),), 1e7))
    assert not any("tile" in option for option in options)
