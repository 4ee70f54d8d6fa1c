"""`nst new`: the files of a project, and what it refuses."""

import os
from pathlib import Path

import pytest
from conftest import draw_picture

from nst.cli import main
from nst.config.grid import expand
from nst.config.user_config import load


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """A folder with pictures, beside which projects are made."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("my fotos/ä.png", "my fotos/b.png", "art/[1]/s.png", "art/t.png")):
        draw_picture(tmp_path / name, seed=seed)
    return tmp_path


def test_a_project_has_a_config_that_is_valid_there(pictures, monkeypatch, capsys):
    assert main(["new", "a b/nëw", "--content", "my fotos/", "--style", "art/[1]"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("a b/nëw: 2 contents x 1 style x 3 style weights = 6 images; change")
    assert told[1].startswith("next:  cd 'a b/nëw' && snakemake -n ") and len(told) == 3
    monkeypatch.chdir("a b/nëw")
    config = Path("config.yaml").read_text()
    assert "\ncontent: ../../my fotos\n" in config
    assert len(expand(["config.yaml"]).cells) == 6
    schema = config.partition("$schema=")[2].splitlines()[0]
    assert Path(schema).is_file()
    files = sorted(str(path) for path in Path().rglob("*") if path.is_file())
    assert files == ["Snakefile", "config.yaml", *(f"profiles/{p}/config.yaml" for p in PROFILES)]


PROFILES = ("default", "slurm")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (["~/art"], "style: ~/art"),
        (["{here}/art"], "style: {here}/art"),
        (["art/*.png"], "style: ../art/*.png"),
        (["art/t.png"], "style:\n  t: ../art/t.png"),
        (["art/t.png", "my fotos/ä.png"], "style:\n  t: ../art/t.png\n  a: ../my fotos/ä.png"),
        (
            ["art/t.png", "--style", "my fotos/ä.png"],
            "style:\n  t: ../art/t.png\n  a: ../my fotos/ä.png",
        ),
    ],
)
def test_paths_stay_as_they_were_given(pictures, monkeypatch, given, written):
    monkeypatch.setenv("HOME", str(pictures))
    paths = [path.format(here=pictures) for path in given]
    assert main(["new", "p", "--content", "my fotos", "--style", *paths]) == 0
    monkeypatch.chdir("p")
    assert f"\n{written.format(here=pictures)}\n" in Path("config.yaml").read_text()
    assert not load(["config.yaml"]).faults


def test_a_folder_named_as_a_place_of_the_template(pictures, monkeypatch):
    draw_picture(pictures / "STYLE/CONTENT.png", seed=9)
    assert main(["new", "p", "--content", "STYLE", "--style", "art"]) == 0
    monkeypatch.chdir("p")
    assert [path.name for path in expand(["config.yaml"]).config.content.values()] == ["CONTENT.png"]


def test_a_folder_that_cannot_be_made_is_named(pictures, capsys):
    Path("dangling").symlink_to("nowhere")
    Path("file").write_text("")
    assert main(["new", "dangling"]) == main(["new", "file/p"]) == 2
    one, other = capsys.readouterr().err.splitlines()
    assert one == "error: dangling is not a folder: choose another name"
    assert other.startswith("error: file/p cannot be made: ") and other.endswith("file is not a folder")


def test_a_folder_behind_a_link_finds_the_pictures(pictures, monkeypatch):
    (pictures / "far/away").mkdir(parents=True)
    (pictures / "near").symlink_to("far/away")
    assert main(["new", "near/p", "--content", "my fotos", "--style", "art"]) == 0
    monkeypatch.chdir("near/p")
    assert not load(["config.yaml"]).faults


def test_without_pictures_it_says_where_to_name_them(pictures, monkeypatch, capsys):
    assert main(["new", "p"]) == 0
    assert "p: name your pictures under content and style in p/config.yaml" in capsys.readouterr().out
    monkeypatch.chdir("p")
    assert [fault.partition(": give")[0] for fault in load(["config.yaml"]).faults] == [
        "config.yaml: content: is missing",
        "config.yaml: style: is missing",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["art"], "art is not empty (it holds [1]): name a new folder"),
        (["art/t.png"], "art/t.png is not a folder"),
        (["art/t.png/p"], "art/t.png/p cannot be made"),
        (["p{x}"], "holds one of {}<>"),
        (["p\nq"], "control character"),
        (["p", "--content", "nowhere"], "--content 'nowhere' does not exist"),
        (["p", "--content", "empty"], "--content: no picture in 'empty': name a folder"),
        (["p", "--style", "text.txt"], "--style: text.txt"),
        (["p", "--style", "art", "my fotos"], "--style art: name one folder or glob, or several files"),
        (["p", "--style", "my fotos/b.png", "other/B.jpg"], "--style: two pictures have the name 'b'"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else "",
)
def test_mistakes_are_refused_and_nothing_is_written(pictures, capsys, arguments, words):
    (pictures / "empty").mkdir()
    (pictures / "text.txt").write_text("no picture")
    draw_picture(pictures / "other/B.jpg")
    before = sorted(os.walk(pictures))
    assert main(["new", *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ") and words in told and told.count("\n") == 1
    assert sorted(os.walk(pictures)) == before
