"""The short form of chaos.py, which takes more kills by hand."""

import sys

import pytest
from chaos import disturb

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into Linux's /proc")


@pytest.mark.parametrize("kind", ["job", "group", "snakemake"])
def test_a_grid_under_kills_comes_to_the_same_images(tmp_path, kind):
    said = disturb(tmp_path, kills=3, seed=2, kinds=(kind,))
    assert f"killed 3 x {kind}" in said
