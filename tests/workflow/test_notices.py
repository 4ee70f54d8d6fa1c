"""What a run says before it starts: files dated in the future, and pictures that are not read."""

import os
import subprocess
import time
from pathlib import Path

import pytest
from grids import build_grid

from nst.config.grid import expand
from nst.errors import NstError
from nst.machine import nvidia
from nst.results.metrics import PairMetrics, pair_file, write_pair
from nst.workflow.notices import TOUCH, gpu_notice, refuse_future, start_notice
from nst.workflow.stale import prune, prune_command

TOMORROW = time.time() + 86400


def test_an_image_of_tomorrow_is_named_and_nothing_is_lost(finished):
    image = finished.folder / "results/cells/c1/s1/style_weight-1e4.png"
    before = image.read_bytes()
    os.utime(image, (TOMORROW, TOMORROW))
    (finished.folder / "results/losses.csv").unlink()  # or there is nothing to be done
    done = finished.snakemake()
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    named = image.relative_to(finished.folder)
    assert line.startswith(f"error: {named} is dated in the future (")
    assert line.endswith(f"set the clock right, or {TOUCH}")
    assert image.read_bytes() == before


def test_the_date_of_a_picture_says_nothing(project):
    for name in ("content/c1.png", "style/s1.png", "weights.pth"):
        os.utime(project.folder / name, (TOMORROW, TOMORROW))
    assert project.snakemake().returncode == 0
    assert "rule" not in project.snakemake("--dry-run").stdout


@pytest.mark.parametrize(
    "name", ["results/cells/c/s/only.csv", "results/losses.csv", "results/sheets/x.png"]
)
def test_whatever_aggregates_are_made_from_is_looked_at(place, name):
    grid = build_grid(place)
    Path("results/sheets").mkdir()
    for file in ("results/losses.csv", "results/sheets/x.png"):
        Path(file).write_bytes(Path("c.png").read_bytes())
    os.utime(name, (time.time() + 30,) * 2)  # of a file server's clock
    refuse_future(grid)
    os.utime(name, (TOMORROW, TOMORROW))
    with pytest.raises(NstError, match=f"^{name} is dated in the future "):
        refuse_future(grid)
    subprocess.run(TOUCH.strip("`"), shell=True, check=True)
    refuse_future(grid)


def test_a_run_starts_with_what_is_not_read_and_what_is_stale(place):
    grid = build_grid(place)
    (place / "mine").mkdir()
    for name in ("a.png", "b.nef"):
        (place / "mine" / name).write_bytes((place / "c.png").read_bytes())
    other = expand(["config.yaml"], {"content": "mine"})
    assert start_notice(grid, [], "snakemake prune") == ""
    assert start_notice(other, [], "snakemake prune").splitlines() == [
        "mine: 1 picture; 1 RAW file is not read",
        "1 cell not in this config: `snakemake prune` puts it aside",
    ]


def test_the_metrics_of_pairs_that_left_the_config_are_put_aside(place):
    grid = build_grid(place)
    for style in ("s", "gone"):
        write_pair(pair_file("c", style), PairMetrics("0" * 64, "1" * 64))
    notice = "1 metrics file not in this config: `snakemake prune` puts it aside"
    assert start_notice(grid, [], "snakemake prune") == notice
    assert prune(grid).startswith("1 metrics file moved to results/stale/")
    assert [path.name for path in Path("results").glob("stale/*/metrics/c/*")] == ["gone.json"]
    assert pair_file("c", "s").exists() and prune(grid) == "nothing is stale"


@pytest.mark.parametrize(
    ("files", "overlay", "command"),
    [
        (["config.yaml"], {}, "snakemake prune"),
        (["a.yaml"], {}, "snakemake prune --configfile a.yaml"),
        ([], {"content": "mine"}, "snakemake prune"),  # of a module
        (["config.yaml"], {"content": "mine"}, ""),
    ],
)
def test_no_command_to_prune_is_given_for_the_values_of_one_run(place, files, overlay, command):
    assert prune_command("prune", files, overlay) == command
    grid = expand([], {**build_grid(place).config.data, "content": {"d": "c.png"}})
    assert command in start_notice(grid, [], command)
    assert ("not in this config" in start_notice(grid, [], command)) == bool(command)


SIZE, STYLE, SEED, WEIGHTS = (("size 64 -> 96",), ("another style picture",), ("seed 0 -> 1",), ("w",))


@pytest.mark.parametrize(
    ("reasons", "kept", "line"),
    [
        (
            [SIZE],
            None,
            "1 image will be replaced (size 64 -> 96); the old one will be kept in results/stale",
        ),
        (
            [SIZE, SIZE, STYLE],
            Path("results/stale/2026-11-26_10-00-00"),
            "3 images will be replaced (2: size 64 -> 96; 1: another style picture); the old ones are"
            " kept in results/stale/2026-11-26_10-00-00 (nst restore 2026-11-26_10-00-00 brings them"
            " back)",
        ),
        (
            [SIZE, STYLE, SEED, WEIGHTS],
            Path("results/stale/x"),
            "4 images will be replaced (1: size 64 -> 96; 1: another style picture; 1: seed 0 -> 1;"
            " ...); the old ones are kept in results/stale/x (nst restore x brings them back)",
        ),
        (
            [()],
            Path("results/stale/x"),
            "1 image will be replaced (asked for); the old one is kept in results/stale/x (nst restore"
            " x brings it back)",
        ),
    ],
)
def test_a_run_says_what_it_replaces_and_why(place, reasons, kept, line):
    assert start_notice(build_grid(place), reasons, "", kept).splitlines()[-1] == line


def test_a_cell_with_a_damaged_record_is_made_again_and_the_old_one_kept(finished):
    record = finished.folder / "results/cells/c1/s1/style_weight-1e4.json"
    record.write_text(record.read_text()[:100])
    done = finished.snakemake()
    assert done.returncode == 0
    assert "1 image will be replaced (its record is damaged); the old one is kept" in done.stderr
    assert len(record.read_text()) > 100
    (kept,) = finished.folder.glob("results/stale/*/cells/c1/s1/style_weight-1e4.json")
    assert len(kept.read_text()) == 100


@pytest.mark.parametrize("options", [["-n"], ["--touch"]], ids=" ".join)
def test_a_run_says_once_how_many_pictures_it_does_not_read(project, options):
    (project.folder / "content/camera.NEF").touch()
    project.configure(project.config | {"content": "content"})
    done = project.snakemake(*options)
    assert done.stderr.count("content: 2 pictures; 1 RAW file is not read\n") == 1


@pytest.mark.parametrize(
    ("device", "gpus", "limit", "fault", "line"),
    [
        ("auto", 0, None, "", ""),
        ("auto", 0, 2, "", "no GPU is used: none was found; images are made on the CPU"),
        (
            "auto",
            0,
            None,
            "nvidia-smi: x",
            "no GPU is used (nvidia-smi: x); images are made on the CPU",
        ),
        ("auto", 1, 2, "nvidia-smi: x", ""),
        ("cpu", 0, 2, "nvidia-smi: x", ""),
    ],
)
def test_a_gpu_that_is_not_used_is_said(place, monkeypatch, device, gpus, limit, fault, line):
    build_grid(place)
    monkeypatch.setattr(nvidia, "fault", lambda: fault)
    grid = expand(["config.yaml"], {"settings": {"device": device}})
    assert gpu_notice(grid, gpus, limit) == line
