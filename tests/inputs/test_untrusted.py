"""Data from outside runs no code: weights, configs, checkpoints, names and paths."""

import json
import os
import pickle
import subprocess
from pathlib import Path

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


@pytest.mark.parametrize("kind", ["pickle", "torch", "old torch", "tensors and code"])
def test_weights_with_code_are_refused_and_the_code_does_not_run(place, capsys, kind):
    code = Runs(place / "ran")
    if kind == "pickle":
        (place / "w.pth").write_bytes(pickle.dumps({"features.0.weight": code}))
    else:
        tensors = {"features.0.bias": torch.zeros(64)} if kind == "tensors and code" else {}
        zipped = kind != "old torch"
        torch.save({**tensors, "x": code}, place / "w.pth", _use_new_zipfile_serialization=zipped)
    assert transfer("w.pth") == 2
    assert main(["weights", "alexnet", "--dir", "kept", "--from", "w.pth"]) == 2
    assert [line[:13] for line in capsys.readouterr().err.splitlines()] == ["error: w.pth "] * 2
    assert sorted(path.name for path in place.iterdir()) == ["c.png", "s.png", "w.pth"]


@pytest.mark.parametrize(
    "tag", ["object/apply:os.mkdir [ran]", "object/new:os.mkdir [ran]", "name:os.mkdir ''"]
)
@pytest.mark.parametrize("where", ["config", "recipe", "key"])
def test_yaml_with_code_is_refused_and_the_code_does_not_run(place, capsys, tag, where):
    text = {"key": f"? !!python/{tag}\n: 1\n"}.get(where, f"settings: !!python/{tag}\n")
    (place / "config.yaml").write_text("content: {c: c.png}\nstyle: {s: s.png}\n")
    if where == "recipe":
        (place / "r.yaml").write_text(text)
        text = "settings: {recipe: r.yaml}\n"
    with (place / "config.yaml").open("a") as file:
        file.write(text)
    assert main(["table", "--out", "x.csv"]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (place / "ran").exists()


# A name with the signs of shells, paths and pages.
ODD = "a b'c\"$(touch ran)`touch ran`;&|#!~*?[x]%p ä.png"


def test_names_of_pictures_are_never_code_and_results_hold_no_secrets(project, monkeypatch):
    """Results hold nothing of the environment, and the home folder only as `~`."""
    home = project.folder.parent / "home-of-somebody"
    draw_picture(project.folder / "content" / ODD)
    for seed in (1, 2):
        style = draw_picture(home / "pictures" / f"{seed}{ODD}", seed=seed)
    with Image.open(style) as picture:
        picture.putalpha(100)  # so that the log has a note with the path
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
    files = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    assert {".png", ".json", ".csv", ".svg", ".md", ".html", ".js", ".webp"} <= {
        p.suffix for p in files
    }
    for path, data in files.items():
        for text in (secret, str(project.folder), str(home)):  # only the logs of faults may hold them
            assert text.encode() not in data, (path, text)
    assert any(b"~/pictures/2a" in data for data in files.values())
    with monkeypatch.context() as patch:
        patch.chdir(project.folder)
        patch.setenv("HOME", str(home))
        patch.setenv("NST_GPUS", "")
        make_again()
    assert not any(project.folder.parent.rglob("ran"))
    # A path below the home folder may be written in full or with `~`: no cell is made again.
    short = (project.folder / "config.yaml").read_text().replace(f"{home}/", "~/")
    (project.folder / "config.yaml").write_text(short)
    done = project.snakemake("-n", env=env)
    assert str(home) not in short and "Nothing to be done" in done.stdout + done.stderr


def make_again():
    """Run the commands of the page and of the records: they make the same bytes."""
    pair = Path("results/gallery/pairs/c/s.js").read_text()
    cells = json.loads(pair.removeprefix("nst.received(").removesuffix(");\n"))["cells"]
    for name, cell in cells.items():
        assert main(words_of(cell["command"])) == 0
        assert main(words_of(f"nst reproduce results/cells/{name}.json --weights ~/w*.pth")) == 0
        copy = Path(f"{name.replace('/', '_')}.png")
        assert copy.read_bytes() == Path(f"results/cells/{name}.png").read_bytes()
        Path("copied.yaml").write_text(cell["config"])
        assert main(["prune", "--dry-run", "--config", "copied.yaml"]) == 0


def words_of(command):
    """The arguments that a shell hands to `nst` for a command line."""
    function = 'nst() { printf "%s\\0" "$@"; }'
    done = subprocess.run(["sh", "-ec", f"{function}\n{command}"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\0")[:-1]
