"""What an optimization starts from: noise, and the variables that stand for an image."""

import pytest
import torch

from nst.config.recipes import resolve
from nst.engine.parametrization import PARAMETRIZATIONS
from nst.engine.stages import noise


@pytest.mark.parametrize("name", list(PARAMETRIZATIONS))
@pytest.mark.parametrize("size", [(16, 24), (17, 23)])
def test_decode_undoes_encode_within_one_grey_level(name, size):
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(0))
    image[..., :3] = 0.0
    image[..., 3:6] = 1.0
    space = PARAMETRIZATIONS[name](image)
    assert (space.decode(space.encode(image)) - image).abs().max() <= 1.001 / 255


def settings(**given):
    return resolve(given)


def test_noise_depends_on_its_seed_alone():
    shape = (1, 3, 64, 64)
    first, again = (noise(shape, settings(init="noise", seed=1, noise_std=0.2)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, noise(shape, settings(init="noise", seed=2)))
    assert first.mean() == pytest.approx(0.5, abs=0.01)
    assert first.std() == pytest.approx(0.2, abs=0.01)
    black = noise(shape, settings(init="noise", noise_mean="black", noise_std=1.0))
    assert black.mean() == pytest.approx(0, abs=0.02) and black.std() == pytest.approx(1, abs=0.02)
    assert (noise(shape, settings(init="grey")) == 0.5).all()
    uniform = noise(shape, settings(init="uniform"))
    assert 0 <= uniform.min() < 0.01 and 0.99 < uniform.max() <= 1
