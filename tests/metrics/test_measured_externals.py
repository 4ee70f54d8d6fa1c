"""Pictures by other programs are measured as images are."""

import shutil

import pytest
from conftest import draw_picture
from grids import build_grid

from nst.config.grid import expand
from nst.disk.sums import Sums
from nst.metrics.pairs import measure_pair
from nst.results.metrics import METRICS, stored


def test_a_copy_of_an_image_has_its_metrics(networks, pictures, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("copy", "other", "tall", "text", "absent")
    more = {"external": {name: f"{name}/{{content}}_{{style}}.png" for name in names}}
    grid = build_grid(tmp_path, ["c"], ["s"], {"seed": [1]}, more=more)
    for name, picture in (("c", "cat"), ("s", "strokes")):
        pictures[picture].save(tmp_path / f"{name}.png")
    for name in names[:4]:
        (tmp_path / name).mkdir()
    pictures["flat"].save(grid.cells[0].picture)
    shutil.copy(grid.cells[0].picture, tmp_path / "copy/c_s.png")
    pictures["coffee"].save(tmp_path / "other/c_s.png")
    draw_picture(tmp_path / "tall/c_s.png", (64, 128))
    (tmp_path / "text/c_s.png").write_text("no picture")
    grid, said = expand(["config.yaml"]), []
    (pair,) = grid.measured.values()
    measure_pair(pair, networks, Sums(), said.append)
    measured = stored(grid)
    assert set(measured) == {"c/s/seed-1", "c/s/copy", "c/s/other"}
    assert set(measured["c/s/copy"]) == set(METRICS)
    assert measured["c/s/copy"] == pytest.approx(measured["c/s/seed-1"], abs=1e-6)
    assert measured["c/s/other"]["lpips"] > measured["c/s/copy"]["lpips"]
    assert sorted(line.split()[2] for line in said) == ["tall/c_s.png", "text/c_s.png"]
