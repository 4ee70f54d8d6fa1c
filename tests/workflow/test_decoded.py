"""Pictures are decoded before the first job, once, and a damaged one is refused with its name."""

import json
import os
import time
from pathlib import Path

import pytest
from conftest import draw_picture
from odd_pictures import cut
from PIL import Image

from nst.config.grid import expand
from nst.disk import images
from nst.disk.sums import KNOWN, Sums
from nst.errors import NstError
from nst.workflow import decoded


@pytest.fixture
def grid(tmp_path, monkeypatch):
    """A function: changes of a config -> its grid in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    for name in ("a", "b", "s", "start"):
        draw_picture(tmp_path / f"photos/{name}.png" if name in "ab" else tmp_path / f"{name}.png")

    def build(**changes):
        config = {
            "content": "photos",
            "style": {"s": "s.png"},
            "settings": {"backbone": "alexnet", "size": 64, "init": "start.png"},
        }
        (tmp_path / "config.yaml").write_text(json.dumps({**config, **changes}, indent=1))
        return expand(["config.yaml"])

    return build


@pytest.fixture
def checked(monkeypatch):
    """The names of the pictures that are decoded."""
    names = []
    check = images.check

    def note(path):
        names.append(path.name)
        check(path)

    monkeypatch.setattr(images, "check", note)
    return names


def test_all_pictures_are_decoded_once(grid, checked):
    decoded.refuse_damaged(grid(), Sums())
    assert sorted(checked) == ["a.png", "b.png", "s.png", "start.png"]
    checked.clear()
    decoded.refuse_damaged(grid(), Sums())
    assert checked == []


def test_only_what_has_changed_is_decoded_again(grid, checked, tmp_path):
    decoded.refuse_damaged(grid(), Sums())
    checked.clear()
    os.utime(tmp_path / "photos/a.png", (1, 1))
    draw_picture(tmp_path / "photos/c.png")
    decoded.refuse_damaged(grid(), Sums())
    assert sorted(checked) == ["a.png", "c.png"]


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"s.png": 5}'])
def test_a_damaged_list_of_known_pictures_costs_time_only(grid, checked, text, tmp_path):
    decoded.refuse_damaged(grid(), Sums())
    checked.clear()
    (tmp_path / KNOWN).write_text(text)
    decoded.refuse_damaged(grid(), Sums())
    assert len(checked) == 4


def test_damaged_pictures_are_refused_all_at_once_and_each_time(grid, checked, tmp_path):
    for name in ("photos/b.png", "s.png", "start.png"):
        (tmp_path / name).write_bytes(cut("JPEG", -6))
    for _ in range(2):
        with pytest.raises(NstError) as refusal:
            decoded.refuse_damaged(grid(), Sums())
        lines = str(refusal.value).splitlines()
        assert [line.partition(" is damaged or cut short: ")[0] for line in lines] == [
            "config.yaml:2: content.b: photos/b.png",
            "config.yaml:4: style.s: s.png",
            "config.yaml:9: settings.init: start.png",
        ]
    assert checked.count("a.png") == 1  # known to be good


def test_a_folder_that_cannot_be_written_costs_time_only(grid, checked, tmp_path):
    (tmp_path / ".snakemake").rmdir()
    (tmp_path / ".snakemake").write_text("no folder")
    decoded.refuse_damaged(grid(), Sums())
    decoded.refuse_damaged(grid(), Sums())
    assert len(checked) == 8


def test_a_run_with_a_damaged_picture_starts_no_job(project):
    good = (project.folder / "content/c2.png").read_bytes()
    (project.folder / "content/c2.png").write_bytes(good[:-40])
    for options in ((), ("-n",)):
        done = project.snakemake(*options)
        assert done.returncode == 2
        (line,) = [line for line in done.stderr.splitlines() if "c2" in line]
        assert "config.yaml:3: content.c2: content/c2.png is damaged or cut short: " in line
        assert not (project.folder / "results").exists()


def test_a_hundred_pictures_take_seconds(tmp_path, monkeypatch):
    """100 JPEGs of 3 megapixels; the limit leaves room for a slow machine."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "photos/p0.jpg", (2048, 1536))
    for number in range(1, 100):
        (tmp_path / f"photos/p{number}.jpg").hardlink_to(tmp_path / "photos/p0.jpg")
    grid = expand([], {"content": "photos", "style": {"s": "photos/p0.jpg"}})
    start = time.process_time()
    decoded.refuse_damaged(grid, Sums())
    assert time.process_time() - start < 10


def test_a_damaged_picture_that_is_left_out_is_no_obstacle(grid, tmp_path):
    (tmp_path / "photos/b.png").write_bytes(cut("JPEG", -6))
    with pytest.raises(NstError, match="or leave it out with `exclude`"):
        decoded.refuse_damaged(grid(), Sums())
    decoded.refuse_damaged(grid(exclude=["b/*"]), Sums())


def test_a_mask_that_is_black_everywhere_is_refused_at_its_line(grid, tmp_path):
    for name, level in (("face", 0), ("rest", 255)):
        Image.new("L", images.size_of(Path("photos/a.png")), level).save(f"{name}.png")
    regions = {"face": "face.png", "rest": "rest.png"}
    content = {"a": {"picture": "photos/a.png", "regions": regions}}
    style = {"s": "s.png", "scene": {"guide": {"face": "s", "rest": "s"}}}
    with pytest.raises(NstError, match=r"content.a.regions.face: face.png is black everywhere"):
        decoded.refuse_damaged(grid(content=content, style=style), Sums())


def masked(**changes):
    """A content with a mask, which is a dot."""
    mask = Image.new("L", images.size_of(Path("photos/a.png")), 0)
    mask.putpixel((9, 9), 255)
    mask.save("m.png")
    content = {"a": {"picture": "photos/a.png", "mask": "m.png"}}
    settings = {"backbone": "alexnet", "style_layers": {"conv1": 0, "conv3": 1}, "size": 64}
    return {"content": content, "settings": {**settings, **changes}}


def refusal(grid):
    with pytest.raises(NstError) as refused:
        decoded.refuse_damaged(grid, Sums())
    return str(refused.value)


def test_a_mask_that_is_too_small_for_every_style_layer_is_refused_each_time(grid):
    line = "content.a.mask: m.png covers less than one position of conv3 at size 64: choose a larger"
    for _ in range(2):
        assert line in refusal(grid(**masked()))
    for changes in ({"size": 1024}, {"protect": 0.5}, {"style_layers": {"conv3": 0}}):
        decoded.refuse_damaged(grid(**masked(**changes)), Sums())


def test_the_mask_of_a_style_is_as_large_as_the_style(grid):
    few = {"style_mask": "m.png", "size": 96}
    config = {**masked(**few), "content": {"a": "photos/a.png"}}
    assert "settings.style_mask: m.png covers less than one position of conv3" in refusal(
        grid(**config)
    )
    config["settings"]["style_scale"] = 8
    decoded.refuse_damaged(grid(**config), Sums())


@pytest.mark.parametrize("place", ["content", "settings", "overrides", "prints"])
def test_masks_are_refused_at_the_line_that_names_them(grid, place):
    config = masked()
    Path("m.png").write_bytes(Path("m.png").read_bytes()[:60])
    if place != "content":
        config["content"] = {"a": "photos/a.png"}
    if place == "settings":
        config["settings"]["mask"] = "m.png"
    if place == "overrides":
        config["overrides"] = {"cell": {"a/s": {"mask": "m.png"}}}
    if place == "prints":
        prints = {"start": "afresh", "cells": ["a/s/only"], "settings": {"mask": "m.png"}}
        built = grid(**config, prints=prints).of_prints
    else:
        built = grid(**config)
    key = {
        "content": "content.a.mask",
        "settings": "settings.mask",
        "overrides": "overrides.cell.a/s.mask",
        "prints": "prints.settings.mask",
    }[place]
    assert f"{key}: m.png is damaged or cut short" in refusal(built)


def test_a_picture_that_becomes_a_mask_is_looked_at_as_a_mask(grid):
    Image.new("L", images.size_of(Path("photos/a.png")), 0).save("black.png")
    decoded.refuse_damaged(grid(style={"s": "black.png"}), Sums())
    config = masked()
    config["content"]["a"]["mask"] = "black.png"
    line = (
        "content.a.mask: black.png is black everywhere: a mask is white where its picture counts; or"
        " leave its images out with `exclude`"
    )
    assert line in refusal(grid(**config))
