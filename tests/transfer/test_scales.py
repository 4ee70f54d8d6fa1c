"""From coarse to fine."""

import pytest

from nst.config.recipes import resolve
from nst.config.scales import Scale, plan_scales


@pytest.mark.parametrize(
    ("given", "least", "expected"),
    [
        ({"size": 256, "evaluations": 200}, 16, [(128, 50), (256, 150)]),
        ({"size": 30, "evaluations": 8}, 16, [(30, 8)]),  # half is too small for the network
        ({"size": 256, "evaluations": 1}, 16, [(256, 1)]),
        ({"size": 256, "evaluations": 200, "scales": 1}, 16, [(256, 200)]),
        ({"size": 256, "evaluations": 70, "scales": 3, "first_scale_share": 5}, 16,
         [(64, 50), (128, 10), (256, 10)]),
        ({"size": 256, "evaluations": 70, "scales": 9, "scale_least": 100}, 16, [(128, 18), (256, 52)]),
    ],
)  # fmt: skip
def test_which_scales_a_transfer_goes_through(given, least, expected):
    assert plan_scales(resolve(given), least) == [Scale(*scale) for scale in expected]


def test_the_last_scale_is_never_left_out():
    for evaluations in range(1, 12):
        for first in (0.1, 1, 100):
            settings = resolve(
                {"size": 256, "evaluations": evaluations, "first_scale_share": first, "scales": 4}
            )
            scales = plan_scales(settings, 16)
            assert scales[-1].size == 256
            assert sum(scale.evaluations for scale in scales) == evaluations
            assert all(scale.evaluations > 0 for scale in scales)
