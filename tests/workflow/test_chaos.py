"""A grid under six kills; `python tests/support/chaos.py` makes more."""

import sys

import pytest
from chaos import disturb


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_grid_under_kills_has_the_same_images(tmp_path):
    summary = disturb(tmp_path, kills=6, seed=2)
    assert "killed 2 x group, 2 x job, 2 x snakemake;" in summary
