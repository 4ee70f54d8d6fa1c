"""A transfer that was stopped resumes where it was, and ends with the same bytes."""

import json
import os
import re
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
import safetensors.torch
import torch
from conftest import draw_picture
from networks import backbone, settings, stages
from torch.utils._pytree import tree_leaves

from nst.cli import main
from nst.disk.files import PARTIAL, sweep
from nst.disk.log_end import BY_NAME
from nst.engine.stages import optimize
from nst.transfer import checkpoint
from nst.transfer.checkpoint import Unusable, read_checkpoint, write_checkpoint
from nst.transfer.live_memory import FINISHED

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
def path(tmp_path):
    return tmp_path / "x.checkpoint"


def tree():
    pair = [torch.arange(6.0).reshape(2, 3), torch.tensor(0.5, dtype=torch.bfloat16)]
    return {"number": 0.1 + 0.2, "none": None, "far": float("inf"), "pairs": [pair, [pair[0]]]}


@pytest.mark.parametrize("given", OPTIMIZERS, ids=lambda given: given.get("recipe", str(given)))
def test_every_state_resumes_to_the_same_image(weights, given, path):
    chosen = settings(**given)
    states, rows = [], []
    begin = backbone(weights, chosen), chosen, stages(chosen)
    whole = optimize(*begin, lambda row, _: rows.append(row), states.append)
    for done in range(1, len(states) + 1, 3):
        write_checkpoint(path, "key", states[done - 1])
        more = []
        count = lambda row, _, more=more: more.append(row)  # noqa: E731
        again = optimize(*begin, count, state=read_checkpoint(path, "key", CPU))
        assert torch.equal(again.image, whole.image)
        assert (again.outcome, again.evaluations) == (whole.outcome, whole.evaluations)
        assert [row.total for row in more] == [row.total for row in rows[done:]]
        assert not more or more[0].seconds >= rows[done - 1].seconds


@pytest.mark.parametrize("given", OPTIMIZERS, ids=lambda given: given.get("recipe", str(given)))
def test_the_last_state_holds_no_more_than_the_image_needs(weights, given):
    """It is kept while the final losses are measured, and a stop there must lose nothing."""
    chosen, states, more = settings(**given), [], []
    begin = backbone(weights, chosen), chosen, stages(chosen)
    whole = optimize(*begin, on_step=states.append)
    before, last = (
        sum(leaf.nbytes for leaf in tree_leaves(state) if isinstance(leaf, torch.Tensor))
        for state in states[-2:]
    )
    variables = states[-1]["descent"]["optimizer"]["x"].nbytes
    averages = variables if chosen.result == "average" else 4  # a single zero
    assert last <= FINISHED * variables + averages < before
    again = optimize(*begin, lambda row, _: more.append(row), state=states[-1])
    assert torch.equal(again.image, whole.image) and not more
    assert (again.outcome, again.evaluations) == (whole.outcome, whole.evaluations)


def test_a_tree_is_read_as_it_was_written(path):
    write_checkpoint(path, "key", tree())
    loaded = read_checkpoint(path, "key", CPU)
    assert torch.equal(loaded["pairs"][0][0], tree()["pairs"][0][0])
    assert loaded["pairs"][0][1].dtype == torch.bfloat16
    assert loaded["pairs"][0][0] is loaded["pairs"][1][0]
    assert (loaded["number"], loaded["none"], loaded["far"]) == (0.1 + 0.2, None, float("inf"))
    assert list(path.parent.iterdir()) == [path]


def test_memory_holds_a_state_once_while_it_is_read(path, monkeypatch):
    write_checkpoint(path, "key", [torch.full((1000,), float(n)) for n in range(8)])
    alive, most = weakref.WeakSet(), []

    class Counted:
        """A file of safetensors whose tensors are counted for as long as they live."""

        def __init__(self, *arguments, **options):
            self.file = safetensors.safe_open(*arguments, **options)

        def __enter__(self):
            self.file.__enter__()
            return self

        def __exit__(self, *error):
            return self.file.__exit__(*error)

        def __getattr__(self, name):
            return getattr(self.file, name)

        def get_tensor(self, name):
            tensor = self.file.get_tensor(name)
            alive.add(tensor)
            most.append(len(alive))
            return tensor

    monkeypatch.setattr(checkpoint, "safe_open", Counted)
    assert [float(tensor[0]) for tensor in read_checkpoint(path, "key", CPU)] == list(range(8))
    assert len(most) == 8 and max(most) == 1


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"{}", b"\xff" * 8 + b"x", b"PK\3\4"])
def test_another_kind_of_file_is_called_damaged(path, data):
    path.write_bytes(data)
    with pytest.raises(Unusable, match="is damaged"):
        read_checkpoint(path, "key", CPU)


def test_a_half_written_file_has_a_name_and_a_lock_of_its_own(path, monkeypatch):
    seen = []

    def look():
        sweep(path.parent)
        seen.extend(entry.name for entry in path.parent.iterdir())

    write = checkpoint._write
    monkeypatch.setattr(checkpoint, "_write", lambda *given: (write(*given), look()))
    before = os.umask(0o027)
    try:
        write_checkpoint(path, "key", tree())
    finally:
        os.umask(before)
    assert len(seen) == 1 and PARTIAL.fullmatch(seen[0])
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o777 == 0o640  # others of the group may resume from it


def test_safetensors_reads_the_file(path):
    tensors = {"a": torch.ones(3, dtype=torch.bool), "b": torch.zeros(0), "c": torch.tensor(1.5)}
    write_checkpoint(path, "key", tensors)
    loaded = safetensors.torch.load_file(path)
    for name, tensor in zip("012", tensors.values(), strict=True):
        assert torch.equal(loaded[name], tensor) and loaded[name].dtype == tensor.dtype


def command(weights, *more):
    return [
        *("transfer", "c.png", "s.png", "--out", "x.png", "--recipe", "gatys"),
        *("--record", "x.json", "--trace", "x.csv", "--checkpoint", "x.checkpoint"),
        *("--weights", str(weights), "--backbone", "vgg16", "--size", "64", "--device", "cpu"),
        *("--content-layers", "conv2_2", "--style-layers", "conv1_1,conv2_1", "--style-weight", "1e4"),
        *("--evaluations", "150", *more),
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder, with two pictures in it."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "c.png", (64, 48), 1)
    draw_picture(tmp_path / "s.png", (64, 48), 2)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def stop(arguments, number, program=("-m", "nst")):
    """Start a transfer and signal it when it is under way; its exit status and its messages."""
    run = subprocess.Popen([sys.executable, *program, *arguments], stderr=subprocess.PIPE, text=True)
    messages = ""
    while "evaluation  35/150" not in messages:
        messages += run.stderr.readline()
    run.send_signal(number)
    messages += run.communicate(timeout=60)[1]
    return run.returncode, messages


@pytest.fixture
def finish(capfd):
    """A function (arguments) -> the messages of the same command, run in this process to its end."""

    def run(arguments):
        capfd.readouterr()
        assert main(arguments) == 0
        return capfd.readouterr().err

    return run


def trace_without_seconds():
    return [line.rpartition(",")[0] for line in Path("x.csv").read_text().splitlines()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT, signal.SIGHUP])
def test_a_stop_signal_saves_and_the_same_command_resumes(folder, weights, finish, number):
    code, messages = stop(command(weights), number)
    assert code == 128 + number
    by = BY_NAME[number]
    assert re.search(
        rf"^stopped by {re.escape(by)}, saved at evaluation \d+: the same command resumes there$",
        messages, re.MULTILINE,
    )  # fmt: skip
    assert names(folder) == ["c.png", "s.png", "x.checkpoint"]
    assert "resuming after evaluation" in finish(command(weights))
    assert names(folder) == ["c.png", "s.png", "x.csv", "x.json", "x.png"]
    picture, trace = Path("x.png").read_bytes(), trace_without_seconds()
    assert [line.split(",")[0] for line in trace[1:]] == [str(n) for n in range(1, 151)]
    assert "resuming" not in finish(command(weights))
    assert Path("x.png").read_bytes() == picture
    assert trace_without_seconds() == trace


def test_a_signal_ends_the_process_even_if_nothing_can_be_saved(folder, weights):
    broken = (
        "import sys; from nst.transfer import saving; from nst.cli import main\n"
        "def write_checkpoint(*_): raise RuntimeError('CUDA error: it is gone')\n"
        "saving.write_checkpoint = write_checkpoint; sys.exit(main(sys.argv[1:]))"
    )
    code, messages = stop(command(weights), signal.SIGTERM, ("-c", broken))
    assert code == 128 + signal.SIGTERM
    assert messages.endswith("stopped by SIGTERM, nothing was saved: CUDA error: it is gone\n")


def test_resuming_with_other_tiles_is_said_and_auto_takes_those_of_before(folder, weights, finish):
    stop(command(weights, "--tile", "64"), signal.SIGTERM)
    saved = Path("x.checkpoint").read_bytes()
    messages = finish(command(weights))
    assert "resuming after" in messages and "tiles of 64 pixels" in messages
    assert json.loads(Path("x.json").read_text())["settings"]["tile"] == 64
    assert "note: resuming" not in messages
    Path("x.checkpoint").write_bytes(saved)
    messages = finish(command(weights, "--tile", "none"))
    assert "note: resuming with tile none instead of 64: the image will differ" in messages


def test_a_film_resumes_too(folder, weights, finish):
    filmed = command(weights, "--snapshot-every", "10", "--film", "x.webp")
    stop(filmed, signal.SIGTERM)
    finish(filmed)
    film = Path("x.webp").read_bytes()
    finish(filmed)
    assert Path("x.webp").read_bytes() == film


def test_another_picture_under_the_same_name_starts_again(folder, weights, finish):
    stop(command(weights), signal.SIGTERM)
    draw_picture(folder / "s.png", (64, 48), 3)
    messages = finish(command(weights))
    assert "is of other settings, pictures" in messages
    assert "resuming" not in messages
    assert json.loads(Path("x.json").read_text())["outcome"] == "completed"
    assert not Path("x.checkpoint").exists()
