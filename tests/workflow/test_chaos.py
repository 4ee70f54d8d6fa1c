"""The short form of chaos.py, which takes more kills by hand."""

import sys

import pytest
from chaos import disturb


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="it looks into Linux's /proc")
def test_a_grid_under_kills_comes_to_the_same_images(tmp_path):
    said = disturb(tmp_path, kills=6, seed=2)
    assert "killed 2 x group, 2 x job, 2 x snakemake;" in said
