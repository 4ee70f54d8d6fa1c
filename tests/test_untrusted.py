"""What comes from outside is neither run nor believed: weights, configs, checkpoints, names, paths."""

import os
import pickle

import pytest
import torch
from conftest import draw_picture
from weight_sources import Runs

from nst.cli import main

TINY = ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1", "--size", "24"]
TINY += ["--evaluations", "6", "--precision", "fp32", "--device", "cpu", "--snapshots", "1"]
PLACES = ["--out", "x.png", "--record", "x.json", "--trace", "x.csv", "--checkpoint", "x.checkpoint"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with two pictures."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "c.png", (48, 32))
    draw_picture(tmp_path / "s.png", (48, 32), seed=1)
    return tmp_path


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return str(seeded_weights("alexnet", {"conv1"}))


def transfer(weights, *more):
    return main(["transfer", "c.png", "s.png", *PLACES, "--weights", weights, *TINY, *more])


@pytest.mark.parametrize("kind", ["pickle", "torch", "torch of old", "tensors and code"])
def test_weights_that_would_run_code_are_refused_and_do_not(here, capsys, kind):
    code = Runs(here / "ran")
    if kind == "pickle":
        (here / "w.pth").write_bytes(pickle.dumps({"features.0.weight": code}))
    else:
        held = {"features.0.bias": torch.zeros(64)} if kind == "tensors and code" else {}
        zipped = kind != "torch of old"
        torch.save({**held, "x": code}, here / "w.pth", _use_new_zipfile_serialization=zipped)
    assert transfer("w.pth") == 2
    assert main(["weights", "alexnet", "--dir", "kept", "--from", "w.pth"]) == 2
    assert [line[:13] for line in capsys.readouterr().err.splitlines()] == ["error: w.pth "] * 2
    assert sorted(path.name for path in here.iterdir()) == ["c.png", "s.png", "w.pth"]


@pytest.mark.parametrize(
    "tag", ["object/apply:os.mkdir [ran]", "object/new:os.mkdir [ran]", "name:os.mkdir ''"]
)
@pytest.mark.parametrize("place", ["config", "recipe", "key"])
def test_yaml_that_would_run_code_is_refused_and_does_not(here, capsys, tag, place):
    held = {"key": f"? !!python/{tag}\n: 1\n"}.get(place, f"settings: !!python/{tag}\n")
    (here / "config.yaml").write_text("content: {c: c.png}\nstyle: {s: s.png}\n")
    if place == "recipe":
        (here / "r.yaml").write_text(held)
        held = "settings: {recipe: r.yaml}\n"
    with (here / "config.yaml").open("a") as file:
        file.write(held)
    assert main(["table", "--out", "x.csv"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (here / "ran").exists()


# What a shell, a path or a page would read as more than a name.
ODD = "a b'c\"$(touch ran)`touch ran`;&|#!~*?[x]%p ä.png"


def test_nothing_reads_the_name_of_a_picture_as_more_than_that(project):
    """And nothing of the environment, or of the home folder, gets into what was made."""
    home = project.folder.parent / "home-of-somebody"
    draw_picture(project.folder / "content" / ODD)
    style = draw_picture(home / "pictures" / ODD, seed=1)
    config = project.config | {"content": {"c": f"content/{ODD}"}, "style": {"s": str(style)}}
    config["weights"] = {"alexnet": "w'$(touch ran).pth"}
    (project.folder / "weights.pth").rename(project.folder / "w'$(touch ran).pth")
    project.configure(config | {"grid": {"style_weight": [1, 10, 100]}})
    secret = "hunter2-" + os.urandom(8).hex()
    done = project.snakemake(env={"HOME": str(home), "AWS_SECRET_ACCESS_KEY": secret, "USER": secret})
    assert done.returncode == 0, done.stderr
    assert not any(project.folder.parent.rglob("ran"))
    results = project.folder / "results"
    made = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    assert {".png", ".json", ".csv", ".svg", ".md", ".html", ".js", ".webp"} <= {p.suffix for p in made}
    for path, data in made.items():
        assert secret.encode() not in data, path
        assert str(project.folder).encode() not in data, path
        # Where a path is kept it is as it was typed: without it nobody could make the image again.
        named = data.count(str(home).encode())
        assert named == data.count(f"{home}/pictures/a".encode()), path
        kept = path.suffix in (".json", ".js")
        assert not named or kept, path
    assert any(str(home).encode() in data for data in made.values())
