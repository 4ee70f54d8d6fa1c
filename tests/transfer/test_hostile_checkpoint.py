"""Checkpoints made by hand, with the right key and checksum: a whole result, never a traceback."""

import pytest
import torch
from conftest import draw_picture
from light import transfer
from safetensors import safe_open

from nst.disk.images import size_of
from nst.disk.record import read_record, read_trace
from nst.transfer.checkpoint import read_checkpoint, write_checkpoint


@pytest.fixture(scope="module")
def weights(seeded_weights):
    return str(seeded_weights("alexnet", {"conv1"}))


def put(*path_and_value):
    *path, value = path_and_value

    def change(tree):
        table = tree
        for key in path[:-1]:
            table = table[key]
        table[path[-1]] = value
        return tree

    return change


def dropped(*path):
    def change(tree):
        table = tree
        for key in path[:-1]:
            table = table[key]
        del table[path[-1]]
        return tree

    return change


DESCENT = ("engine", "descent")
OPTIMIZER, ITERATES = (*DESCENT, "optimizer"), (*DESCENT, "iterates")
HOSTILE = {
    "nothing of it": lambda tree: {},
    "a list": lambda tree: [tree],
    "a number": lambda tree: 0,
    "a text": lambda tree: "state",
    "no rows": dropped("rows"),
    "rows of another length": lambda tree: {**tree, "rows": tree["rows"][:-1]},
    "rows of words": lambda tree: {**tree, "rows": [["a"] * 6 for _ in tree["rows"]]},
    "rows of too few numbers": lambda tree: {**tree, "rows": [row[:3] for row in tree["rows"]]},
    "rows in another order": lambda tree: {**tree, "rows": tree["rows"][::-1]},
    "rows that are a tensor": put("rows", torch.zeros(3, 3)),
    "no frames": dropped("frames"),
    "frames that are numbers": put("frames", [1, 2]),
    "frames of another kind": put("frames", [torch.zeros(2, 2, 2, 2)]),
    "frames without pixels": put("frames", [torch.zeros(0, 0, 3, dtype=torch.uint8)]),
    "no engine": dropped("engine"),
    "no descent": put("engine", "descent", None),
    "a stage that is none": put("engine", "stage", 99),
    "a stage that is a word": put("engine", "stage", "last"),
    "a count of another run": put("engine", "count", 4),
    "a count that is a word": put("engine", "count", "three"),
    "an outcome that is none": put("engine", "outcome", "splendid"),
    "an outcome that is a list": put("engine", "outcome", []),
    "seconds that are a word": put("engine", "seconds", "long"),
    "seconds without end": put("engine", "seconds", float("inf")),
    "steps without end": put(*DESCENT, "done", -(10**9)),
    "steps that are a word": put(*DESCENT, "done", "all"),
    "more steps than there are": put(*DESCENT, "done", 10**9),
    "no variables": dropped(*OPTIMIZER, "x"),
    "variables of another size": put(*OPTIMIZER, "x", torch.zeros(3, 7)),
    "variables that are no numbers": put(*OPTIMIZER, "x", torch.full((1, 3, 16, 13, 2), float("nan"))),
    "variables of another kind": put(*OPTIMIZER, "x", "x"),
    "pairs that are none": put(*OPTIMIZER, "curved_pairs", [[1, 2]]),
    "pairs of another size": put(
        *OPTIMIZER, "curved_pairs", [[torch.ones(5), torch.ones(5), torch.ones(())]]
    ),
    "an origin of another size": put(*OPTIMIZER, "origin", [torch.ones(5), 1.0, torch.ones(5)]),
    "a step that is a number": put(*OPTIMIZER, "last_step", 3),
    "a best image of another size": put(*ITERATES, "best", torch.zeros(1, 3, 2, 2)),
    "a best image that is none": put(*ITERATES, "best", None),
    "a least loss that is a word": put(*ITERATES, "least", "0"),
    "a least loss below all": put(*ITERATES, "least", -1.0),
    "a tensor that is not there": put("frames", {"tensor": "nowhere"}),
    "another program's": put("engine", {"step": 3, "state_dict": {}}),
}


# Of these the rest of the run makes a whole result all the same.
HARMLESS = {
    "frames without pixels", "an outcome that is none", "an outcome that is a list",
    "variables that are no numbers", "a best image of another size", "a best image that is none",
    "a least loss below all",
}  # fmt: skip


def rewritten(path, change):
    """A checkpoint with another state, and a checksum that is right."""
    with safe_open(path, "pt") as file:
        key = file.metadata()["key"]
    write_checkpoint(path, key, change(read_checkpoint(path, key, torch.device("cpu"))))


@pytest.fixture(scope="module")
def whole(tmp_path_factory, weights):
    """The picture of a transfer, and its checkpoint after three evaluations."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        draw_picture(folder / "c.png", (48, 32))
        draw_picture(folder / "s.png", (48, 32), seed=1)
        saved = []

        def offer(saver, evaluation, state):
            write_checkpoint(saver.path, saver.key, state())
            saved.append(saver.path.read_bytes())

        patch.setattr("nst.transfer.saving.Saver.offer", offer)
        assert transfer(weights) == 0
    return (folder / "x.png").read_bytes(), saved[2]


def test_the_checkpoint_that_is_attacked_can_be_resumed(place, capsys, weights, whole):
    picture, checkpoint = whole
    (place / "x.checkpoint").write_bytes(checkpoint)
    rewritten(place / "x.checkpoint", lambda tree: tree)
    assert transfer(weights) == 0
    assert "resuming after evaluation 3 of 6" in capsys.readouterr().err
    assert (place / "x.png").read_bytes() == picture


@pytest.mark.parametrize("name", HOSTILE)
def test_a_checkpoint_made_by_hand_makes_no_traceback(place, capsys, weights, whole, name):
    picture, checkpoint = whole
    (place / "x.checkpoint").write_bytes(checkpoint)
    rewritten(place / "x.checkpoint", HOSTILE[name])
    assert transfer(weights) == 0
    err = capsys.readouterr().err
    assert ("it is ignored, starting at the beginning" in err) == (name not in HARMLESS)
    if name not in HARMLESS:
        assert (place / "x.png").read_bytes() == picture
    assert size_of(place / "x.png") == (24, 16)
    assert read_record(place / "x.json").evaluations == 6
    assert read_trace(place / "x.csv")["evaluation"] == [1, 2, 3, 4, 5, 6]
    assert not (place / "x.checkpoint").exists()
