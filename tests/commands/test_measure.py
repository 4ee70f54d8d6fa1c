"""`nst measure`, of a picture and of a grid."""

import json
import os
import signal

import pytest
from conftest import ROOT
from grids import build_grid

from nst.cli import main
from nst.metrics import pairs
from nst.metrics.ruler import Ruler
from nst.results.metrics import METRICS, pair_file, part_file, stored


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_was_measured_before_a_stop_is_kept(folder, capsys, monkeypatch, number):
    grid = build_grid(folder, axes={"style_weight": [10, 100, 1000]}, size=(48, 32))
    measure = Ruler.measure

    def stop_at_the_second(ruler, path, data, shares):
        if path == grid.cells[1].picture:
            os.kill(os.getpid(), number)
        return measure(ruler, path, data, shares)

    with monkeypatch.context() as patch:
        patch.setattr(Ruler, "measure", stop_at_the_second)
        patch.setattr("nst.commands.measure.missing_networks", list)
        assert main(["measure", "--of-run", "--pair", "c/s"]) == 130
    said = capsys.readouterr()
    assert (said.out, said.err) == ("measuring\n", "stopped; what was measured is kept\n")
    assert [*stored(grid)] == [grid.cells[0].id] and not pair_file("c", "s").exists()
    assert main(["measure"]) == 0
    assert capsys.readouterr().out == "2 images measured\n"
    assert len(stored(grid)) == 3 and not part_file("c", "s").exists()


def test_what_is_measured_is_kept_now_and_then_for_the_process_may_be_killed(folder, monkeypatch):
    grid = build_grid(folder, axes={"style_weight": [10, 100]}, size=(48, 32))
    counts = []
    measure = Ruler.measure

    def counting(ruler, path, data, shares):
        counts.append(len(stored(grid)))
        return measure(ruler, path, data, shares)

    monkeypatch.setattr(Ruler, "measure", counting)
    monkeypatch.setattr(pairs, "PAUSE", 0)
    assert main(["measure"]) == 0
    assert counts == [0, 1]


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
