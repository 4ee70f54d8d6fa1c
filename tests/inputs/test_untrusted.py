"""What comes from outside is neither run nor believed: weights, configs, checkpoints, names, paths."""

import json
import os
import pickle
import subprocess

import pytest
import torch
from conftest import draw_picture
from light import transfer
from PIL import Image
from weight_sources import Runs

from nst.cli import main
from nst.config.recipes import recipe_file


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return str(seeded_weights("alexnet", {"conv1"}))


@pytest.mark.parametrize("kind", ["pickle", "torch", "torch of old", "tensors and code"])
def test_weights_that_would_run_code_are_refused_and_do_not(place, capsys, kind):
    code = Runs(place / "ran")
    if kind == "pickle":
        (place / "w.pth").write_bytes(pickle.dumps({"features.0.weight": code}))
    else:
        held = {"features.0.bias": torch.zeros(64)} if kind == "tensors and code" else {}
        zipped = kind != "torch of old"
        torch.save({**held, "x": code}, place / "w.pth", _use_new_zipfile_serialization=zipped)
    assert transfer("w.pth") == 2
    assert main(["weights", "alexnet", "--dir", "kept", "--from", "w.pth"]) == 2
    assert [line[:13] for line in capsys.readouterr().err.splitlines()] == ["error: w.pth "] * 2
    assert sorted(path.name for path in place.iterdir()) == ["c.png", "s.png", "w.pth"]


@pytest.mark.parametrize(
    "tag", ["object/apply:os.mkdir [ran]", "object/new:os.mkdir [ran]", "name:os.mkdir ''"]
)
@pytest.mark.parametrize("where", ["config", "recipe", "key"])
def test_yaml_that_would_run_code_is_refused_and_does_not(place, capsys, tag, where):
    held = {"key": f"? !!python/{tag}\n: 1\n"}.get(where, f"settings: !!python/{tag}\n")
    (place / "config.yaml").write_text("content: {c: c.png}\nstyle: {s: s.png}\n")
    if where == "recipe":
        (place / "r.yaml").write_text(held)
        held = "settings: {recipe: r.yaml}\n"
    with (place / "config.yaml").open("a") as file:
        file.write(held)
    assert main(["table", "--out", "x.csv"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (place / "ran").exists()


# What a shell, a path or a page would read as more than a name.
ODD = "a b'c\"$(touch ran)`touch ran`;&|#!~*?[x]%p ä.png"


def test_nothing_reads_the_name_of_a_picture_as_more_than_that(project):
    """And nothing of the environment, nor where the home folder is, gets into what was made."""
    home = project.folder.parent / "home-of-somebody"
    draw_picture(project.folder / "content" / ODD)
    for seed in (1, 2):
        style = draw_picture(home / "pictures" / f"{seed}{ODD}", seed=seed)
    with Image.open(style) as picture:
        picture.putalpha(100)  # which the log tells of
        picture.save(style)
    (home / "r.yaml").write_bytes(recipe_file("gatys").read_bytes())
    config = project.config | {"content": {"c": f"content/{ODD}"}, "style": {"s": str(style)}}
    config["weights"] = {"alexnet": "~/w'$(touch ran).pth"}
    (project.folder / "weights.pth").rename(home / "w'$(touch ran).pth")
    inits = ["content", str(home / "pictures" / f"1{ODD}")]
    config["settings"] |= {"recipe": str(home / "r.yaml")}
    project.configure(config | {"grid": {"style_weight": [1, 10], "init": inits}})
    secret = "hunter2-" + os.urandom(8).hex()
    env = {"HOME": str(home), "AWS_SECRET_ACCESS_KEY": secret, "USER": secret}
    done = project.snakemake(env=env)
    assert done.returncode == 0, done.stderr
    results = project.folder / "results"
    made = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    assert {".png", ".json", ".csv", ".svg", ".md", ".html", ".js", ".webp"} <= {p.suffix for p in made}
    for path, data in made.items():
        for text in (secret, str(project.folder), str(home)):  # in a log, too, unless it is of a fault
            assert text.encode() not in data, (path, text)
    assert any(b"~/pictures/2a" in data for data in made.values())
    _make_again(project, env)
    assert not any(project.folder.parent.rglob("ran"))
    # In full or from the home folder: a file is the same one, and no cell is made again.
    short = (project.folder / "config.yaml").read_text().replace(f"{home}/", "~/")
    (project.folder / "config.yaml").write_text(short)
    done = project.snakemake("-n", env=env)
    assert str(home) not in short and "Nothing to be done" in done.stdout + done.stderr


def _make_again(project, env):
    """What the page hands out and what a record says make the same bytes where home is known."""
    pair = (project.folder / "results/gallery/pairs/c/s.js").read_text()
    for name, cell in json.loads(pair.removeprefix("nst.received(").removesuffix(");\n"))[
        "cells"
    ].items():
        again = project.folder / f"{name.replace('/', '_')}.png"
        picture = project.folder / f"results/cells/{name}.png"
        for command in (
            f"python -m {cell['command']}",
            f"python -m nst reproduce results/cells/{name}.json --weights ~/w*.pth",
        ):
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=project.folder, env=os.environ | env, capture_output=True, text=True,
            )  # fmt: skip
            assert done.returncode == 0, (command, done.stderr)
        assert again.read_bytes() == picture.read_bytes()
        (project.folder / "copied.yaml").write_text(cell["config"])
        done = subprocess.run(
            ["nst", "prune", "--dry-run", "--config", "copied.yaml"],
            cwd=project.folder, env=os.environ | env, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
