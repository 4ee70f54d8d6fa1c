"""Whether an image is current: contents and settings decide, dates and paths do not."""

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw_picture
from grids import build_grid, made_record

from nst.config.grid import expand
from nst.disk.record import record_bytes
from nst.results.currency import judge, reasons_to_make

CONFIG = {
    "content": {"a": "a.png"},
    "style": {"s": "s.png"},
    "settings": {"backbone": "vgg16", "size": 64, "init": "start.png"},
    "weights": {"vgg16": "own.pth"},
}


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@pytest.fixture
def reasons(tmp_path, monkeypatch):
    """A cell that is made; and a function: changes of its config -> why it is not current."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("a", "s", "start", "other")):
        draw_picture(tmp_path / f"{name}.png", seed=seed)
    Path("own.pth").write_bytes(b"weights")
    Path("mine.yaml").write_text("")
    (cell,) = expand([], CONFIG).cells
    names = {"content": "a.png", "style": "s.png", "init": "start.png"}
    record = made_record(
        cell,
        inputs={kind: {"path": name, "sha256": digest(name)} for kind, name in names.items()},
        weights={"backbone": "vgg16", "sha256": digest("own.pth")},
    )
    cell.file(".png").parent.mkdir(parents=True)
    cell.file(".png").write_bytes(b"")
    cell.file(".csv").write_bytes(b"")
    cell.file(".json").write_bytes(record_bytes(record))

    def judged(**changes):
        (found,) = judge(expand([], {**CONFIG, **changes}).cells).values()
        assert (found.kind == "current") == (not found.reasons)
        return list(found.reasons)

    return judged


def recorded(**changes):
    """Change settings in the record of the cell."""
    (path,) = Path("results").rglob("*.json")
    data = json.loads(path.read_text())
    data["settings"].update(changes)
    path.write_text(json.dumps(data))


def settings(**changes):
    return {**CONFIG["settings"], **changes}


def test_what_was_made_is_current(reasons):
    assert reasons() == []


@pytest.mark.parametrize("name", ["a.png", "s.png", "start.png", "own.pth"])
def test_dates_copies_and_backups_say_nothing(reasons, name):
    os.utime(name, (1, 1))
    assert reasons() == []
    os.utime(name, (2e9, 2e9))
    assert reasons() == []
    shutil.copy(name, "backup")
    Path(name).unlink()
    shutil.copy("backup", name)
    assert reasons() == []


def test_a_moved_file_is_the_same(reasons):
    for name in ("a.png", "s.png", "start.png", "own.pth"):
        Path("moved").mkdir(exist_ok=True)
        Path(name).rename(f"moved/{name}")
    changes = {
        "content": {"a": "moved/a.png"},
        "style": {"s": "moved/s.png"},
        "settings": settings(init="moved/start.png"),
        "weights": {"vgg16": "moved/own.pth"},
    }
    assert reasons(**changes) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.png", "the content picture was replaced"),
        ("s.png", "the style picture was replaced"),
        ("start.png", "the init picture was replaced"),
        ("own.pth", "other weights of vgg16"),
    ],
)
def test_other_bytes_of_the_same_size_and_of_any_date_are_seen(reasons, name, reason):
    before = Path(name).stat()
    data = bytearray(Path(name).read_bytes())
    data[-1] ^= 1  # the end of a PNG: it opens as before
    Path(name).write_bytes(data)
    os.utime(name, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert Path(name).stat().st_size == before.st_size
    assert reasons() == [reason]
    os.utime(name, (1, 1))
    assert reasons() == [reason]


def test_every_setting_is_named_with_its_two_values(reasons):
    assert reasons(settings=settings(size=96, seed=5)) == ["seed 0 -> 5", "size 64 -> 96"] or reasons(
        settings=settings(size=96, seed=5)
    ) == ["size 64 -> 96", "seed 0 -> 5"]
    assert reasons(settings=settings(init="noise")) == ["init start.png -> noise"]
    assert reasons(content={"a": "other.png"}) == ["another content picture"]


def test_published_weights_are_known_by_the_sum_beside_them(reasons):
    Path("results/weights").mkdir(parents=True)
    note = Path("results/weights/vgg16.safetensors.sha256")
    assert reasons(weights={}) == []  # nobody knows
    note.write_text(f"{digest('own.pth')}  vgg16.safetensors\n")
    assert reasons(weights={}) == []
    note.write_text(f"{'0' * 64}  vgg16.safetensors\n")
    assert reasons(weights={}) == ["other weights of vgg16"]


def test_a_record_of_before_the_sums_is_taken_at_its_word(reasons):
    (cell,) = expand([], CONFIG).cells
    record = replace(made_record(cell), weights={"backbone": "vgg16", "sha256": digest("own.pth")})
    cell.file(".json").write_bytes(record_bytes(record))
    draw_picture(Path("a.png"), seed=9)
    assert reasons() == []


@pytest.mark.parametrize(
    ("ending", "data", "kind"),
    [(".png", None, "missing"), (".csv", None, "missing"), (".json", b"{", "damaged")],
)
def test_what_is_not_whole_is_not_current(reasons, ending, data, kind):
    (cell,) = expand([], CONFIG).cells
    cell.file(ending).unlink()
    if data:
        cell.file(ending).write_bytes(data)
    (found,) = judge([cell]).values()
    assert found.kind == kind


def test_another_interval_of_frames_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = build_grid(tmp_path)
    (cell,) = grid.cells
    wanted = replace(cell, settings=replace(cell.settings, snapshot_every=5))
    (currency,) = judge([wanted]).values()
    assert reasons_to_make(cell, currency) == ()
    assert reasons_to_make(wanted, currency) == ("snapshot_every 0 -> 5",)


BLENDS = [  # as it was made, as the config says now, whether both are the same
    ([3, 1], [6, 2], True),
    ("equal", [1, 1], True),
    ([2, 2], "equal", True),
    ([0.1, 0.3], [1, 3], True),
    ({"relu1_1": [1, 2], "rest": [2, 4]}, [1, 2], True),
    ([1, 2], {"relu1_1": [1, 2], "rest": [2, 1]}, False),
    ([3, 1], [1, 3], False),
    ("equal", [1, 1.001], False),
]


@pytest.mark.parametrize(("made", "wanted", "same"), BLENDS)
def test_the_shares_of_a_blend_count_and_not_how_they_are_written(
    tmp_path, monkeypatch, made, wanted, same
):
    monkeypatch.chdir(tmp_path)
    more = {"style": {"s": ["s.png", "c.png"]}}
    build_grid(tmp_path, overrides={"style": {"s": {"blend": made}}}, more=more)
    (tmp_path / "config.yaml").write_text(
        (tmp_path / "config.yaml").read_text().replace(json.dumps(made), json.dumps(wanted))
    )
    (cell,) = expand(["config.yaml"]).cells
    (found,) = judge([cell]).values()
    assert bool(found.reasons) != same
    assert all(reason.startswith("blend ") for reason in found.reasons)


@pytest.mark.parametrize("damage", [None, {}, [[1]], [1, -1], [0, 0], "x" * 9999, {"a": [1]}])
def test_a_recorded_blend_of_any_kind_is_another_one(tmp_path, monkeypatch, damage):
    monkeypatch.chdir(tmp_path)
    (cell,) = build_grid(tmp_path).cells
    data = json.loads(cell.file(".json").read_text())
    data["settings"]["blend"] = damage
    cell.file(".json").write_text(json.dumps(data))
    (found,) = judge([cell]).values()
    assert [reason[:6] for reason in found.reasons] == ["blend "]


def test_a_mask_that_added_nothing_to_the_alpha_channel_makes_nothing_again(reasons):
    recorded(mask="alpha", alpha="keep")
    assert reasons(settings=settings(alpha="keep")) == []
    assert reasons() == ["mask alpha -> none", "alpha keep -> white"]
