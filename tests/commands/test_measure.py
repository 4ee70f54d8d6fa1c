"""`nst measure`, of a picture and of a grid."""

import json

import pytest
from conftest import ROOT
from grids import build_grid

from nst.cli import main
from nst.results.metrics import METRICS, stored


@pytest.fixture
def folder(tmp_path, monkeypatch, networks, pictures):
    """The current folder, with pictures in it; `networks` says that what measures is here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_WEIGHTS", str(ROOT / "results/weights"))
    for name, picture in pictures.items():
        picture.save(tmp_path / f"{name}.png")
    return tmp_path


def test_prints_the_numbers_of_a_picture(folder, capsys):
    assert main(["measure", "cat.png", "--content", "cat.png", "--style", "strokes.png"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert tuple(line[0] for line in lines) == METRICS
    assert [float(line[1]) for line in lines[:2]] == [0, 1]


def test_measures_a_grid_once(folder, capsys):
    grid = build_grid(folder, axes={"style_weight": [10, 100]}, size=(48, 32))
    for said in ("2 images measured", "0 images measured"):
        assert main(["measure"]) == 0
        assert capsys.readouterr().out == f"{said}\n"
    assert all(set(numbers) == set(METRICS) for numbers in stored(grid).values())


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["cat.png"], "cat.png is measured against its originals: add --content C and --style S"),
        (["--content", "cat.png"], "--content and --style are of a picture: nst measure PICTURE"),
        (["--pair", "c/t"], "--pair 'c/t' is no content/style of the grid; did you mean 'c/s'?"),
        (["no.png", "--content", "cat.png", "--style", "cat.png"], "no.png does not exist"),
    ],
)
def test_a_mistake_is_one_line(folder, capsys, arguments, reason):
    build_grid(folder)
    assert main(["measure", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"error: {reason}")


def test_a_config_without_metrics_is_not_measured(folder, capsys):
    build_grid(folder)
    config = json.loads((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(json.dumps(config | {"metrics": "none"}))
    assert main(["measure"]) == 2
    assert "metrics: none" in capsys.readouterr().err
