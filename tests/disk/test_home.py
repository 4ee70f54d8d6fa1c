"""Paths in the home folder are written with `~/` and read back as whole paths."""

import json
from pathlib import Path

import pytest
from conftest import draw_picture

from nst.cli import main, parser
from nst.commands.transfer import requested_settings
from nst.config.grid import expand
from nst.config.recipes import recipe_file
from nst.config.setting_flags import flags
from nst.config.settings import KINDS
from nst.config.user_config import load
from nst.disk.home import abbreviate_home, expand_home
from nst.disk.record import differences, read_record, record_bytes


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with two pictures and a recipe, beside the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for seed, name in enumerate(("c.png", "s.png")):
        draw_picture(tmp_path / "home/pics" / name, seed=seed)
    return tmp_path / "home"


def test_texts_are_abbreviated_and_expanded_again(home):
    data = {"a": [f"{home}/x", {"b": f"{home}/y/z.png"}], "c": 5, "d": None, f"{home}/k": "x"}
    short = {"a": ["~/x", {"b": "~/y/z.png"}], "c": 5, "d": None, f"{home}/k": "x"}
    assert abbreviate_home(data) == short and expand_home(short) == data
    assert abbreviate_home(short) == short and expand_home(data) == data


@pytest.mark.parametrize(
    "text", ["{home}", "{home}-of-another/x", "x{home}/y", "~", "~root/x", "x ~/y", ""]
)
def test_a_text_that_names_nothing_in_the_home_folder_stays(home, text):
    text = text.format(home=home)
    assert abbreviate_home(text) == expand_home(text) == text


@pytest.mark.parametrize("value", ["", "/", "some/where", None])
def test_without_a_home_folder_nothing_is_abbreviated(home, monkeypatch, value):
    if value is None:
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("os.path.expanduser", lambda path: path)  # a user without an entry
    else:
        monkeypatch.setenv("HOME", value)
    for text in ("/x/y.png", "~/x.png", "some/where/x.png", "//x"):
        assert abbreviate_home(text) == text


def test_all_paths_of_a_config_may_begin_so(home):
    (home / "r.yaml").write_bytes(recipe_file("gatys").read_bytes())
    (home / "w.pth").write_bytes(b"w")

    def cells(place):
        settings = f"settings: {{recipe: {place}/r.yaml, init: {place}/pics/c.png}}\n"
        pictures = f"content: {{c: {place}/pics/c.png}}\nstyle: {place}/pics\n"
        weights = f"weights: {{vgg19: {place}/w.pth}}\n"
        Path("config.yaml").write_text(pictures + settings + weights)
        grid = expand(["config.yaml"])
        return grid.cells, grid.config.weights, [cell.flags() for cell in grid.cells]

    assert cells("~") == cells(home)
    assert str(cells("~")[0][0].content_picture) == f"{home}/pics/c.png"


def test_a_file_is_one_value_however_it_is_written(home):
    twice = f"grid: {{init: [~/pics/c.png, {home}/pics/c.png]}}\n"
    Path("config.yaml").write_text(f"content: x\nstyle: x\n{twice}")
    assert any("are the same value" in fault for fault in load(["config.yaml"]).faults)
    kind = KINDS["init"]
    assert kind.text(kind.parse("~/a.png")) == "~/a.png" and kind.parse("~/a.png") == f"{home}/a.png"
    assert flags({"init": f"{home}/a.png"}) == ["--init", f"{home}/a.png"]


def test_a_record_is_read_as_before_whichever_way_it_is_written(home, seeded_weights):
    pictures = ["home/pics/c.png", str(home / "pics/s.png")]
    call = ["transfer", *pictures, "--out", "x.png", "--record", "x.json"]
    call += ["--init", "~/pics/c.png", "--backbone", "alexnet", "--style-layers", "conv1"]
    call += ["--content-layers", "conv1", "--evaluations", "2", "--size", "24", "--device", "cpu"]
    weights = str(seeded_weights("alexnet", {"conv1"}))
    assert main([*call, "--weights", weights]) == 0
    written = (home.parent / "x.json").read_text()
    found = json.loads(written)
    assert found["settings"]["init"] == found["inputs"]["init"]["path"] == "~/pics/c.png"
    assert found["inputs"]["style"]["path"] == "~/pics/s.png"
    assert found["inputs"]["content"]["path"] == "home/pics/c.png"
    record = read_record(home.parent / "x.json")
    (home.parent / "old.json").write_text(written.replace("~/", f"{home}/"))
    assert read_record(home.parent / "old.json") == record
    assert record_bytes(record).decode() == written
    pixels = requested_settings(parser().parse_args(call)).pixels()
    assert differences(record, pixels | {"precision": "auto"}) == []
    for name in ("x.json", "old.json"):
        assert main(["reproduce", name, "--picture", "x.png", "--weights", weights]) == 0
