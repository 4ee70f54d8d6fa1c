"""Films: what is in the file, which frames of a run there are, and `nst transfer --snapshot-every`."""

import io
import json
import math
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
import torch
from conftest import draw_picture
from grids import write_record
from PIL import Image, ImageChops, ImageStat

from nst.cli import main
from nst.config.grid import expand
from nst.disk import film, images
from nst.disk.film import HOLD, LONGEST_SIDE, MAX_BYTES, MAX_FRAMES, MILLISECONDS, film_bytes
from nst.disk.without_record import without_record
from nst.errors import NstError
from nst.transfer.snapshots import Snapshots
from nst.workflow.run_report import find_unmade


def plain(count, size=(40, 30)):
    """Frames of one colour each, none like the one before: WebP joins those that are."""
    colours = [(n % 2 * 200, n // 2 % 2 * 200, n // 4 % 2 * 200) for n in range(count)]
    return [Image.new("RGB", size, colour) for colour in colours]


def noisy(count, size, seed=0):
    random = numpy.random.default_rng(seed)
    shape = (size[1], size[0], 3)
    return [Image.fromarray(random.integers(0, 256, shape, dtype=numpy.uint8)) for _ in range(count)]


def opened(data):
    """The frames of a film, how long each is seen in milliseconds, and the film as Pillow has it."""
    whole = Image.open(io.BytesIO(data))
    shown, times = [], []
    for number in range(whole.n_frames):
        whole.seek(number)
        shown.append(whole.convert("RGB"))
        times.append(whole.info["duration"])
    return shown, times, whole


def gap(first, second):
    """The mean difference of two pictures, in grey levels."""
    return sum(ImageStat.Stat(ImageChops.difference(first, second)).mean) / 3


def test_a_film_repeats_holds_its_last_frame_and_shows_each_in_turn():
    frames = plain(5)
    shown, times, whole = opened(film_bytes(frames))
    assert (whole.format, whole.size, whole.info["loop"]) == ("WEBP", (40, 30), 0)
    assert times == [MILLISECONDS] * 4 + [HOLD]
    assert all(gap(*pair) < 3 for pair in zip(shown, frames, strict=True))
    assert opened(film_bytes(frames, milliseconds=700, hold=0))[1] == [700] * 5


def test_one_frame_is_a_film_too():
    (shown,), _, whole = opened_still(film_bytes(plain(1)))
    assert whole.size == shown.size == (40, 30)


def opened_still(data):
    whole = Image.open(io.BytesIO(data))
    return [whole.convert("RGB")], [], whole


@pytest.mark.parametrize(
    ("last", "size"), [((1000, 500), (LONGEST_SIDE, 240)), ((30, 44), (30, 44)), ((9, 2000), (2, 480))]
)
def test_all_frames_have_the_last_ones_shape(last, size):
    shown, _, whole = opened(film_bytes([*plain(2, (20, 10)), *plain(1, (700, 350)), *noisy(1, last)]))
    assert whole.size == size
    assert [frame.size for frame in shown] == [size] * 4


def test_too_many_frames_are_thinned_and_the_film_lasts_as_long():
    frames = plain(MAX_FRAMES + 2)
    shown, times, _ = opened(film_bytes(frames))
    assert len(shown) == MAX_FRAMES // 2 + 1
    assert times == [2 * MILLISECONDS] * (len(shown) - 1) + [HOLD]
    assert gap(shown[-1], frames[-1]) < 3
    assert gap(shown[0], frames[1]) < 3


def test_a_film_that_is_too_large_loses_quality_then_frames(monkeypatch):
    frames = noisy(9, (64, 64))
    sizes = [len(film._encoded(frames, 100, HOLD, quality)) for quality in film.QUALITIES]
    assert sizes == sorted(sizes, reverse=True)
    monkeypatch.setattr(film, "MAX_BYTES", sizes[1])
    data = film_bytes(frames)
    assert (len(data), len(opened(data)[0])) == (sizes[1], 9)
    monkeypatch.setattr(film, "MAX_BYTES", sizes[-1] - 1)
    data = film_bytes(frames)
    shown, times, _ = opened(data)
    assert len(data) < sizes[-1]
    assert (len(shown), times) == (5, [200] * 4 + [HOLD])
    monkeypatch.setattr(film, "MAX_BYTES", 1)
    assert opened_still(film_bytes(frames))[2].n_frames == 1


def test_the_worst_film_keeps_to_the_limit():
    assert len(film_bytes(noisy(40, (LONGEST_SIDE, LONGEST_SIDE)))) <= MAX_BYTES


def row(number, total=1.0):
    return SimpleNamespace(number=number, total=total)


def kept(every, evaluations, said=None):
    """Numbers of the evaluations that become frames."""
    snapshots = Snapshots(every, evaluations, (said if said is not None else []).append)
    for number in range(1, evaluations + 1):
        snapshots.add(row(number), torch.full((1, 3, 4, 6), number / 255))
    return [frame.getpixel((0, 0))[0] for frame in snapshots.frames]


def test_the_first_and_every_nth_evaluation_are_kept():
    assert kept(1, 4) == [1, 2, 3, 4]
    assert kept(3, 10) == [1, 3, 6, 9]
    assert kept(20, 10) == [1]
    assert kept(0, 10) == []


@pytest.mark.parametrize(("every", "evaluations"), [(1, 119), (1, 120), (1, 250), (2, 236), (2, 238)])
def test_no_more_frames_are_kept_than_a_film_holds(every, evaluations):
    said = []
    found = kept(every, evaluations, said)
    wanted = len({1, *range(every, evaluations + 1, every)}) + 1  # and the picture
    assert len(found) + 1 <= MAX_FRAMES
    if wanted <= MAX_FRAMES:
        assert (len(found) + 1, said) == (wanted, [])
    else:
        assert len(found) + 1 > MAX_FRAMES / 2 - 1
        assert said[0].startswith(
            f"note: snapshot_every {every} would make {wanted} frames, the most is 120"
        )


def test_what_is_kept_is_small_and_no_frame_is_no_number():
    snapshots = Snapshots(1, 10, print)
    snapshots.add(row(1), torch.rand(1, 3, 300, 1000))
    snapshots.add(row(2, math.nan), torch.full((1, 3, 4, 4), math.nan))
    snapshots.add(row(3, math.inf), torch.rand(1, 3, 4, 4))
    assert [frame.size for frame in snapshots.frames] == [(LONGEST_SIDE, 144)]


@pytest.fixture
def call(tmp_path, monkeypatch, seeded_weights, capfd):
    """A function (options...) -> (exit status, stderr) of a light transfer in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_GPUS", "")
    for seed, name in enumerate(("c.png", "s.png")):
        draw_picture(tmp_path / name, seed=seed)
    light = ["--recipe", "gatys", "--backbone", "alexnet"]
    light += ["--content-layers", "conv1", "--style-layers", "conv1"]
    light += ["--size", "40", "--scale-least", "16", "--evaluations", "20", "--style-weight", "1e6"]
    light += ["--weights", str(seeded_weights("alexnet", {"conv1"}))]

    def run(*options, out="x.png"):
        status = main(["transfer", "c.png", "s.png", "--out", out, *light, *options])
        return status, capfd.readouterr().err

    return run


def test_a_transfer_leaves_a_film_that_ends_in_its_picture(call):
    status, said = call("--snapshot-every", "5", "--record", "x.json")
    assert status == 0
    assert said.splitlines()[-1] == "wrote x.png and x.webp"
    shown, times, _ = opened(Path("x.webp").read_bytes())
    # 1, 5 (both at half the size), 10, 15, 20 and the picture; WebP joins two frames that are alike.
    assert sum(times) == 5 * MILLISECONDS + HOLD
    assert len(shown) in (5, 6)
    saved, _ = images.read(Path("x.png"))
    content = images.resized(images.read(Path("c.png"))[0], 40)
    assert {frame.size for frame in shown} == {saved.size}
    still = opened_still(film_bytes([saved]))[0][0]  # what WebP makes of the picture alone
    assert gap(shown[-1], still) < 4 < min(gap(frame, still) for frame in shown[:-1])
    assert gap(shown[0], content) < gap(shown[-1], content)
    assert json.loads(Path("x.json").read_text())["settings"]["snapshot_every"] == 5


def test_a_film_changes_nothing_of_the_picture_and_is_the_same_every_time(call):
    call("--film", "a.webp", "--snapshot-every", "2")
    call("--film", "b.webp", "--snapshot-every", "2", out="again.png")
    assert Path("a.webp").read_bytes() == Path("b.webp").read_bytes()
    _, said = call(out="plain.png")
    assert "webp" not in said
    assert not list(Path().glob("plain.w*"))
    one, other = (without_record(Path(name).read_bytes()) for name in ("x.png", "plain.png"))
    assert one == other


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--film", "f.webp"],
            "--film f.webp would have no frames: ask for them with --snapshot-every",
        ),
        (["--film", "f.webp", "--snapshot-every", "0"], "f.webp would have no frames"),
        (["--film", "f.gif", "--snapshot-every", "2"], "--film f.gif does not end in .webp"),
        (["--film", "c.png/f.webp", "--snapshot-every", "2"], "c.png is not a folder"),
        (["--snapshot-every", "2", "--trace", "x.webp"], "x.webp would be overwritten"),
        (["--snapshot-every", "1.5"], "--snapshot-every: '1.5' is not a whole number from 0 to 1e5"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(call, options, message):
    status, said = call(*options)
    assert status == 2
    assert message in said and len(said.splitlines()) == 1
    assert sorted(path.name for path in Path().iterdir()) == ["c.png", "s.png"]


def config(tmp_path, **parts):
    draw_picture(tmp_path / "c.png")
    whole = {
        "content": {"c": str(tmp_path / "c.png")},
        "style": {"s": str(tmp_path / "c.png")},
        "settings": {"backbone": "vgg16", "size": 64},
        **parts,
    }
    (tmp_path / "config.yaml").write_text(json.dumps(whole, indent=1))
    return [tmp_path / "config.yaml"]


def test_a_grid_has_films_of_all_cells_or_of_none(tmp_path):
    axes = {"style_weight": [1, 2]}
    assert expand(config(tmp_path, grid=axes)).snapshot_every == 0
    settings = {"backbone": "vgg16", "size": 64, "snapshot_every": 5}
    grid = expand(config(tmp_path, grid=axes, settings=settings))
    assert grid.snapshot_every == 5
    assert not any("--snapshot-every" in cell.flags() for cell in grid.cells)
    assert all("snapshot_every" not in cell.settings.pixels() for cell in grid.cells)
    for parts, line, place in (
        ({"grid": {"snapshot_every": [0, 5]}}, 13, "grid.snapshot_every"),
        (
            {"overrides": {"style": {"s": {"snapshot_every": 5}}}},
            15,
            "overrides.style.s.snapshot_every",
        ),
        (
            {"overrides": {"cell": {"c/s": {"snapshot_every": 5}}}},
            15,
            "overrides.cell.c/s.snapshot_every",
        ),
    ):
        with pytest.raises(NstError) as refused:
            expand(config(tmp_path, **parts))
        file = tmp_path / "config.yaml"
        text = f"{file}:{line}: {place}: is one value for the whole grid: put it under `settings`"
        assert str(refused.value) == text


def test_a_cell_whose_film_is_missing_is_not_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = {"backbone": "vgg16", "size": 64}
    for snapshots, missing in ((0, 0), (5, 1)):
        grid = expand(config(tmp_path, settings={**settings, "snapshot_every": snapshots}))
        write_record(grid.cells[0], (1, 1))
        for ending in (".png", ".csv"):
            grid.cells[0].file(ending).touch()
        assert len(find_unmade(grid)[0]) == missing
