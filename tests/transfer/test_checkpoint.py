"""A transfer that was stopped goes on where it was, and comes to the same bytes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import safetensors.torch
import torch
from conftest import draw_picture
from test_engine import backbone, settings, stages

from nst.disk.files import PARTIAL, sweep
from nst.engine.stages import optimize
from nst.errors import NstError
from nst.transfer import checkpoint as module
from nst.transfer.checkpoint import Checkpoint, key_of

CPU = torch.device("cpu")
OPTIMIZERS = (
    {"evaluations": 12, "scales": 2, "first_scale_share": 0.5},
    {"evaluations": 9, "scales": 1, "history": 2},
    {"evaluations": 8, "optimizer": "adam", "learning_rate": 0.02, "result": "average"},
    {"evaluations": 10, "recipe": "crowson", "scales": 2, "size": 48},
)


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return seeded_weights("vgg16", {"conv2_2"})


@pytest.fixture
def lines():
    return []


@pytest.fixture
def file(tmp_path, lines):
    """A checkpoint in a folder of its own."""
    return Checkpoint(tmp_path / "x.checkpoint", key_of({"size": 64}), lines.append)


def tree():
    pair = [torch.arange(6.0).reshape(2, 3), torch.tensor(0.5, dtype=torch.bfloat16)]
    return {"number": 0.1 + 0.2, "none": None, "far": float("inf"), "pairs": [pair, [pair[0]]]}


@pytest.mark.parametrize("given", OPTIMIZERS, ids=lambda given: given.get("recipe", str(given)))
def test_every_state_leads_to_the_same_image(weights, given, file):
    chosen = settings(**given)
    states, rows = [], []
    begin = backbone(weights, chosen), chosen, stages(chosen)
    whole = optimize(*begin, lambda row, _: rows.append(row), states.append)
    for done in range(1, len(states) + 1, 3):
        file.latest = lambda done=done: states[done - 1]
        file.save()
        more = []
        count = lambda row, _, more=more: more.append(row)  # noqa: E731
        again = optimize(*begin, count, state=file.load(CPU))
        assert torch.equal(again.image, whole.image)
        assert (again.outcome, again.evaluations) == (whole.outcome, whole.evaluations)
        assert [row.total for row in more] == [row.total for row in rows[done:]]
        assert not more or more[0].seconds >= rows[done - 1].seconds


def test_a_state_is_what_it_was(file):
    file.latest = tree
    assert file.save()
    loaded = file.load(CPU)
    assert torch.equal(loaded["pairs"][0][0], tree()["pairs"][0][0])
    assert loaded["pairs"][0][1].dtype == torch.bfloat16
    assert torch.equal(loaded["pairs"][0][0], loaded["pairs"][1][0])
    assert (loaded["number"], loaded["none"], loaded["far"]) == (0.1 + 0.2, None, float("inf"))
    file.remove()
    assert list(file.path.parent.iterdir()) == []


def test_nothing_is_written_of_nothing(file):
    assert not file.save()
    assert file.load(CPU) is None
    assert not file.path.exists()


def test_a_checkpoint_of_other_settings_is_ignored_with_a_word(file, lines):
    file.latest = tree
    file.save()
    assert Checkpoint(file.path, key_of({"size": 65}), lines.append).load(CPU) is None
    assert "other settings" in lines[0]


@pytest.mark.parametrize("where", [0, 9, 40, 600, -1])
def test_a_damaged_checkpoint_is_ignored_with_a_word(file, lines, where):
    file.latest = tree
    file.save()
    data = bytearray(file.path.read_bytes())
    data[where if where < len(data) else len(data) // 2] ^= 0x41
    file.path.write_bytes(data)
    assert file.load(CPU) is None
    assert "ignored" in lines[0]


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"{}", b"\xff" * 8 + b"x", b"PK\3\4"])
def test_what_is_no_checkpoint_is_ignored_with_a_word(file, lines, data):
    file.path.write_bytes(data)
    assert file.load(CPU) is None
    assert "is damaged" in lines[0]


def test_a_checkpoint_is_written_when_one_is_due_and_no_sooner(file, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    file.due = file.soonest
    file.offer(tree)
    assert not file.path.exists()
    clock[0] = file.soonest + 1
    file.offer(tree)
    assert file.path.exists()
    assert file.due == clock[0] + file.soonest


def test_how_soon_is_the_users_to_say(monkeypatch):
    monkeypatch.setenv(module.VARIABLE, "600")
    assert Checkpoint(Path("x"), "", print).soonest == 600
    monkeypatch.setenv(module.VARIABLE, "often")
    with pytest.raises(NstError, match="NST_CHECKPOINT_SECONDS: 'often'"):
        Checkpoint(Path("x"), "", print)


def test_writing_takes_a_small_share_of_the_time(file, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(file, "save", lambda **_: clock.__setitem__(0, clock[0] + 3))
    file.due = 0
    file.offer(tree)
    assert file.due - clock[0] == pytest.approx(3 / module.SHARE)


def test_a_checkpoint_that_cannot_be_written_stops_nothing(file, lines):
    file.path.mkdir()
    file.due = 0
    file.offer(tree)
    assert "no checkpoint" in lines[0]


@pytest.mark.parametrize("error", [MemoryError("none left"), RuntimeError("CUDA error: it is gone")])
def test_a_state_that_cannot_be_had_stops_nothing(file, lines, error):
    def fail():
        raise error

    file.due = 0
    file.offer(fail)
    assert lines == [f"note: no checkpoint: {error}"]
    assert file.leave() == f"nothing was saved: {error}"
    file.path.touch()
    assert file.leave() == f"the last checkpoint is kept: {error}"


def test_what_is_half_written_is_known_by_its_name_and_its_lock(file, monkeypatch):
    real, seen = module._bytes, []

    def between(tensor):
        sweep(file.path.parent)
        seen.extend(path.name for path in file.path.parent.iterdir())
        return real(tensor)

    file.latest = tree
    monkeypatch.setattr(module, "_checksum", lambda *_: "")
    monkeypatch.setattr(module, "_bytes", between)
    before = os.umask(0o027)
    try:
        assert file.save()
    finally:
        os.umask(before)
    assert len(set(seen)) == 1 and PARTIAL.fullmatch(seen[0])
    assert [path.name for path in file.path.parent.iterdir()] == ["x.checkpoint"]
    assert file.path.stat().st_mode & 0o777 == 0o640  # others of the group may go on from it


def test_the_file_is_one_that_the_library_reads(tmp_path):
    tensors = {"a": torch.ones(3, dtype=torch.bool), "b": torch.zeros(0), "c": torch.tensor(1.5)}
    module._write(tmp_path / "x", tensors, {"key": "k"})
    for name, loaded in safetensors.torch.load_file(tmp_path / "x").items():
        assert torch.equal(loaded, tensors[name]) and loaded.dtype == tensors[name].dtype
    with safetensors.safe_open(tmp_path / "x", "pt") as written:
        assert written.metadata() == {"key": "k"} and sorted(written.keys()) == ["a", "b", "c"]


def command(weights, *more):
    return [
        *(sys.executable, "-m", "nst", "transfer", "c.png", "s.png", "--out", "x.png"),
        *("--record", "x.json", "--trace", "x.csv", "--checkpoint", "x.checkpoint"),
        *("--weights", str(weights), "--backbone", "vgg16", "--size", "64", "--device", "cpu"),
        *("--content-layers", "conv2_2", "--style-layers", "conv1_1,conv2_1", "--style-weight", "1e4"),
        *("--evaluations", "150", *more),
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # of two, one waits for the other on a busy machine
    draw_picture(tmp_path / "c.png", (64, 48), 1)
    draw_picture(tmp_path / "s.png", (64, 48), 2)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def stopped(folder, call, number):
    """A transfer that was under way when a signal came: its exit status, and what it said."""
    run = subprocess.Popen(call, cwd=folder, stderr=subprocess.PIPE, text=True)
    said = ""
    while "evaluation  35/150" not in said:
        said += run.stderr.readline()
    run.send_signal(number)
    said += run.communicate(timeout=60)[1]
    return run.returncode, said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_a_stop_signal_saves_and_the_same_command_goes_on(folder, weights, number):
    code, said = stopped(folder, command(weights), number)
    assert code == 128 + number
    assert f"stopped by {number.name}; the same command goes on from here" in said
    assert names(folder) == ["c.png", "s.png", "x.checkpoint"]
    done = subprocess.run(command(weights), cwd=folder, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 0, done.stderr
    assert "going on after evaluation" in done.stderr
    assert names(folder) == ["c.png", "s.png", "x.csv", "x.json", "x.png"]
    picture, trace = (folder / "x.png").read_bytes(), (folder / "x.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in trace[1:]] == [str(n) for n in range(1, 151)]
    subprocess.run(command(weights), cwd=folder, check=True, stderr=subprocess.DEVNULL)
    assert (folder / "x.png").read_bytes() == picture
    losses = [line.rpartition(",")[0] for line in trace]
    assert [line.rpartition(",")[0] for line in (folder / "x.csv").read_text().splitlines()] == losses


def test_a_signal_ends_the_process_even_if_nothing_can_be_saved(folder, weights):
    broken = (
        "import sys; from nst import checkpoint; from nst.cli import main\n"
        "def _apart(*_): raise RuntimeError('CUDA error: it is gone')\n"
        "checkpoint._apart = _apart; sys.exit(main(sys.argv[1:]))"
    )
    call = [sys.executable, "-c", broken, *command(weights)[3:]]
    code, said = stopped(folder, call, signal.SIGTERM)
    assert code == 128 + signal.SIGTERM
    assert said.endswith("stopped by SIGTERM; nothing was saved: CUDA error: it is gone\n")


def test_going_on_by_other_tiles_is_said_and_auto_takes_those_of_before(folder, weights):
    stopped(folder, command(weights, "--tile", "64"), signal.SIGTERM)
    saved = (folder / "x.checkpoint").read_bytes()
    done = subprocess.run(command(weights), cwd=folder, stderr=subprocess.PIPE, text=True)
    assert "going on after" in done.stderr and "tiles of 64 pixels" in done.stderr
    assert json.loads((folder / "x.json").read_text())["settings"]["tile"] == 64
    assert "note: going on" not in done.stderr
    (folder / "x.checkpoint").write_bytes(saved)
    call = command(weights, "--tile", "none")
    done = subprocess.run(call, cwd=folder, stderr=subprocess.PIPE, text=True)
    assert "note: going on with tile none instead of 64: the image will not be quite" in done.stderr


def test_a_film_goes_on_too(folder, weights):
    more = ("--snapshot-every", "10", "--film", "x.webp")
    stopped(folder, command(weights, *more), signal.SIGTERM)
    subprocess.run(command(weights, *more), cwd=folder, check=True, stderr=subprocess.DEVNULL)
    film = (folder / "x.webp").read_bytes()
    subprocess.run(command(weights, *more), cwd=folder, check=True, stderr=subprocess.DEVNULL)
    assert (folder / "x.webp").read_bytes() == film


def test_another_picture_under_the_same_name_begins_anew(folder, weights):
    stopped(folder, command(weights), signal.SIGTERM)
    draw_picture(folder / "s.png", (64, 48), 3)
    done = subprocess.run(command(weights), cwd=folder, stderr=subprocess.PIPE, text=True)
    assert "is of other settings, pictures" in done.stderr
    assert "going on" not in done.stderr
    assert json.loads((folder / "x.json").read_text())["outcome"] == "completed"
    assert not Path(folder, "x.checkpoint").exists()
