"""Style targets of several pictures: the identities of blends, exact or to rounding."""

import numpy
import pytest
import torch
from networks import backbone, picture, settings
from PIL import Image

from nst.engine.blending import pooled, pooled_deviations
from nst.engine.colour import recoloured
from nst.engine.objective import Objective, Style
from nst.transfer.originals import Originals

LOSSES = ("gram", "gram-moments", "covariance", "wasserstein")
FIRST, SECOND = picture(2, 40, 48), picture(3, 56, 40)


def targets(weights, styles, style_loss="gram", **given):
    """The style targets of these pictures, by layer: lists of tensors."""
    chosen = settings(style_loss=style_loss, **given)
    file = weights(chosen.backbone, chosen.layers())
    objective = Objective(backbone(file, chosen), chosen, picture(1), [Style(p) for p in styles])
    made = objective.parts[0].targets
    return {name: [t] if isinstance(t, torch.Tensor) else list(t) for name, t in made.items()}


def gaps(one, other):
    """The largest difference of two targets, as a share of the largest value.

    Without the root of a covariance, which turns rounding of 1e-7 into 1e-5 where it is singular.
    """
    pairs = [pair for name in one for pair in zip(one[name][:2], other[name][:2], strict=True)]
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)


@pytest.mark.parametrize("style_loss", LOSSES)
def test_a_picture_without_a_share_has_no_part(seeded_weights, style_loss):
    alone = targets(seeded_weights, [FIRST], style_loss)
    for pictures, blend in (([FIRST, SECOND], [5.0, 0.0]), ([SECOND, FIRST], [0.0, 1.0])):
        blended = targets(seeded_weights, pictures, style_loss, blend=blend)
        for name, tensors in alone.items():
            assert all(map(torch.equal, tensors, blended[name]))


@pytest.mark.parametrize("style_loss", LOSSES)
def test_a_style_blended_with_itself_is_itself(seeded_weights, style_loss):
    alone = targets(seeded_weights, [FIRST], style_loss)
    blended = targets(seeded_weights, [FIRST] * 3, style_loss, blend=[3.0, 1.0, 2.0])
    assert gaps(blended, alone) < 1e-6


@pytest.mark.parametrize("style_loss", LOSSES)
def test_the_order_of_pictures_changes_nothing(seeded_weights, style_loss):
    one = targets(seeded_weights, [FIRST, SECOND], style_loss, blend=[3.0, 1.0])
    other = targets(seeded_weights, [SECOND, FIRST], style_loss, blend=[1.0, 3.0])
    assert gaps(one, other) < 1e-6


def test_the_gram_target_is_the_weighted_sum(seeded_weights):
    grams = [targets(seeded_weights, [one]) for one in (FIRST, SECOND)]
    for name, (blended,) in targets(seeded_weights, [FIRST, SECOND], blend=[3.0, 1.0]).items():
        first, second = (numpy.asarray(gram[name][0], dtype=float) for gram in grams)
        numpy.testing.assert_allclose(blended, 0.75 * first + 0.25 * second, rtol=1e-5, atol=1e-9)


def test_pooled_moments_are_those_of_all_positions_together():
    generator = torch.Generator().manual_seed(1)
    given = [torch.randn(6, n, generator=generator).double() + n / 50 for n in (30, 90)]
    parts = [
        (n / 120, (x.mean(1), torch.cov(x, correction=0))) for n, x in zip((30, 90), given, strict=True)
    ]
    mean, covariance = pooled(parts)
    whole = torch.cat(given, 1)
    torch.testing.assert_close(mean, whole.mean(1))
    torch.testing.assert_close(covariance, torch.cov(whole, correction=0))
    moments = [(share, torch.stack((m, c.diagonal().sqrt()))) for share, (m, c) in parts]
    wanted = torch.stack((whole.mean(1), whole.std(1, correction=0)))
    torch.testing.assert_close(pooled_deviations(moments), wanted)


def test_a_wasserstein_target_is_that_of_the_positions_of_both(seeded_weights):
    pictures, layer = [picture(2, 32, 48), picture(3, 48, 48)], {"conv1_1": 1.0}
    chosen = settings(style_layers=layer, content_layers=layer)
    network = backbone(seeded_weights("vgg16", {"conv1_1"}), chosen)
    vectors = torch.cat([network(one)["conv1_1"][0].flatten(1) for one in pictures], 1).double()
    given = {"style_layers": layer, "content_layers": layer, "blend": [32.0, 48.0]}
    mean, covariance, _ = targets(seeded_weights, pictures, "wasserstein", **given)["conv1_1"]
    ridge = 1e-4 * torch.eye(len(mean))
    torch.testing.assert_close(mean.double(), vectors.mean(1), rtol=1e-5, atol=1e-5)
    wanted = torch.cov(vectors, correction=0) + ridge
    torch.testing.assert_close(covariance.double(), wanted, rtol=1e-5, atol=1e-5)


def test_a_blend_is_exact_under_tiles(seeded_weights):
    pictures = [picture(2, 137, 101), picture(3, 90, 150)]
    for style_loss in LOSSES:
        whole, tiled = (
            targets(seeded_weights, pictures, style_loss, blend=[3.0, 1.0], tile=t)
            for t in ("none", 64)
        )
        assert gaps(tiled, whole) < 2e-5


def test_layers_take_their_own_pictures(seeded_weights):
    first, second = (targets(seeded_weights, [one]) for one in (FIRST, SECOND))
    names = list(first)
    mixed = targets(seeded_weights, [FIRST, SECOND], blend={names[0]: [1.0, 0.0], "rest": [0.0, 1.0]})
    assert torch.equal(mixed[names[0]][0], first[names[0]][0])
    for name in names[1:]:
        assert torch.equal(mixed[name][0], second[name][0])


def test_recoloured_takes_the_colours_of_all_pixels_together():
    content, halves = picture(1), FIRST.split(24, dim=3)
    whole = recoloured(content, [(1.0, Style(FIRST))])
    torch.testing.assert_close(recoloured(content, [(0.5, Style(half)) for half in halves]), whole)
    assert torch.equal(recoloured(content, [(1.0, Style(FIRST)), (0.0, Style(SECOND))]), whole)


@pytest.mark.parametrize(("blend", "wanted"), [("equal", 0), ([0.0, 1.0], 1)])
def test_init_style_is_the_first_picture_with_a_share(blend, wanted):
    pictures = {
        name: Image.new("RGB", (64, 48), colour)
        for name, colour in (("content", "grey"), ("style", "red"), ("style_2", "blue"))
    }
    originals = Originals(pictures, {})
    chosen = settings(init="style", size=48, blend=blend, scales=1)
    (stage,) = originals.stages(chosen, torch.device("cpu"))
    assert float(stage.start[0, 2 * wanted].mean()) == 1.0
