"""Full and failing disks: no file is half-written, no old file is lost, and one line says why."""

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from grids import build_grid
from light import arguments, names, the_error

from nst.cli import main
from nst.disk.files import write_whole
from nst.disk.record import read_record
from nst.errors import NstError
from nst.transfer import checkpoint
from nst.transfer import run as transfer

OUTPUTS = ("x.csv", "x.json", "x.png", "x.webp")


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("alexnet", {"conv1"})


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def full(monkeypatch):
    """A function (number, call): the disk is full at that `call` of Path for a partial file."""

    def inject(number, call):
        count, real = 0, getattr(Path, call)

        def fail(path, *options):
            nonlocal count
            count += path.name.endswith(".partial")
            if count == number:
                with suppress(OSError):
                    os.truncate(path, 1)  # as much as there was room for
                raise FULL
            return real(path, *options)

        monkeypatch.setattr(Path, call, fail)

    return inject


@pytest.mark.parametrize("before", [False, True], ids=["anew", "over another"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_outputs_that_cannot_all_be_written_are_left_as_they_were(
    place, weights, full, capfd, monkeypatch, number, before
):
    if before:
        assert main(arguments(weights, "--seed", "7", "--init", "noise")) == 0
    old = {name: (place / name).read_bytes() for name in names(place)}
    with monkeypatch.context():
        full(number, "write_bytes")
        assert main(arguments(weights)) == 2
    monkeypatch.undo()
    error = the_error(capfd)
    assert "No space left on device" in error and any(
        f"cannot write {name}" in error for name in OUTPUTS
    )
    assert {name: (place / name).read_bytes() for name in names(place)} == old


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_picture_is_there_only_with_all_that_belongs_to_it(place, weights, full, capfd, number):
    full(number, "replace")
    assert main(arguments(weights)) == 2
    assert "No space left on device" in the_error(capfd)
    assert "x.png" not in names(place) and len(names(place)) == number - 1


def test_a_real_disk_that_is_full(place, weights, capfd, tiny_disk):
    (tiny_disk / "kept.png").write_bytes(b"as it was")
    (tiny_disk / "filler").write_bytes(b"x" * (tiny_disk.room - 3 * 4096))
    assert main(arguments(weights, "--size", "200", folder="disk/")) == 2
    assert "No space left on device" in the_error(capfd)
    assert names(tiny_disk) == ["filler", "kept.png"]
    with pytest.raises(NstError, match="No space left on device"):
        write_whole(tiny_disk / "kept.png", b"y" * tiny_disk.room)
    assert (tiny_disk / "kept.png").read_bytes() == b"as it was"


class Disk(type(Path())):
    """A folder that holds few bytes."""

    room = 64 * 1024


@pytest.fixture
def tiny_disk(place):
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root may mount a small disk")
    folder = Disk(place / "disk")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={Disk.room}", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no small disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def limited(folder, limit, *command):
    """`nst` in a process whose files may hold no more than `limit` bytes."""

    def before():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    return subprocess.run(
        [sys.executable, "-m", "nst", *command],
        cwd=folder, preexec_fn=before, capture_output=True, text=True,
    )  # fmt: skip


@pytest.fixture
def grid(place):
    """The folder of a grid whose cells are on disk."""
    build_grid(place, ["c1"], ["s1"], {"style_weight": ["1", "10", "100"]})
    return place


AGGREGATES = {
    "table": ["--out", "t.csv"],
    "sheet": [],
    "summary": ["--out", "t.md"],
    "curves": [],
    "gallery": ["--out", "results/index.html"],
}


@pytest.mark.parametrize("verb", AGGREGATES)
def test_an_aggregate_is_whole_or_not_there(grid, capfd, full, verb, monkeypatch):
    from nst.config.grid import expand
    from nst.results.sheet import write_sheet
    from nst.results.sheet_plan import plan

    for name in plan(expand(["config.yaml"])):
        write_sheet(expand(["config.yaml"]), name, Path(f"results/sheets/{name}.png"))
    options = [next(iter(plan(expand(["config.yaml"])))), "--out", "t.png"]
    call = [verb, *(options if verb == "sheet" else AGGREGATES[verb])]
    before = {path: path.read_bytes() for path in grid.rglob("*") if path.is_file()}
    number = failed = 0
    while number == failed:  # at the first write, the second, until there are no more
        number += 1
        with monkeypatch.context() as patch:
            count, real = [0], Path.write_bytes

            def fail(path, data, count=count, real=real, number=number):
                count[0] += 1
                if count[0] == number:
                    real(path, data[:1])
                    raise FULL
                return real(path, data)

            patch.setattr(Path, "write_bytes", fail)
            status = main(call)
        if status == 2:
            failed += 1
            assert "No space left on device" in the_error(capfd)
            assert not list(grid.rglob("*.partial"))
        assert all(path.read_bytes() == data for path, data in before.items())
        if verb in ("curves", "gallery"):
            shutil.rmtree(grid / "results/curves", ignore_errors=True)
            shutil.rmtree(grid / "results/gallery", ignore_errors=True)
            shutil.rmtree(grid / "results/films", ignore_errors=True)
    assert status == 0 and failed >= 1


@pytest.mark.parametrize("verb", ["table", "gallery"])
def test_an_aggregate_in_files_that_are_limited(grid, verb):
    done = limited(grid, 40, verb, "--out", "results/index.html")
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr
    assert "File too large" in done.stderr
    assert not list(grid.rglob("*.partial")) and not (grid / "results/index.html").exists()


@pytest.mark.parametrize("also", [False, True], ids=["room for a checkpoint", "no room at all"])
def test_the_work_is_saved_when_its_outputs_cannot_be_written(place, weights, capfd, monkeypatch, also):
    def fail(*_, **__):
        raise NstError("cannot write x.png: No space left on device")

    command = arguments(weights, "--checkpoint", "x.checkpoint")
    with monkeypatch.context() as patch:
        patch.setattr(transfer, "write_together", fail)
        if also:
            patch.setattr(checkpoint, "_write", lambda *_: (_ for _ in ()).throw(FULL))
        assert main(command) == 2
    error = the_error(capfd)
    if also:
        assert "; nothing was saved: cannot write x.checkpoint: No space left on device" in error
        assert names(place) == []
        return
    assert "; saved at evaluation 6: the same command resumes there" in error
    assert names(place) == ["x.checkpoint"]
    assert main(command) == 0
    assert "resuming after evaluation 6 of 6" in capfd.readouterr().err
    assert names(place) == list(OUTPUTS)
    went_on = (place / "x.png").read_bytes()
    assert main(command) == 0 and (place / "x.png").read_bytes() == went_on
    assert read_record(place / "x.json").evaluations == 6


def test_a_log_that_is_full_stops_nothing(place, weights):
    with Path("/dev/full").open("w") as log:
        done = subprocess.run([sys.executable, "-m", "nst", *arguments(weights)], cwd=place, stderr=log)
    assert done.returncode in (0, 120)  # Python's own, for what it could not say
    assert names(place) == list(OUTPUTS)
