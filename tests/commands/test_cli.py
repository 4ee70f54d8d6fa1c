"""The command line: every mistake is one line and status 2, and torch is imported last."""

import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml
from conftest import BIN, ROOT, draw_picture
from weight_sources import cut_off, hub_file, stand_in

from nst.cli import main, parser
from nst.commands.transfer import requested_settings
from nst.config.recipes import resolve
from nst.config.settings import RECIPES


def refused(capsys, *arguments):
    """The one `error:` line of a call with a mistake in it."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    return printed.err


def settings_of(*options):
    return requested_settings(
        parser().parse_args(["transfer", "c.png", "s.png", "--out", "x.png", *options])
    )


BLENDS = {  # words of --blend -> the weights
    "3 1": [3, 1],
    "3,1": [3, 1],
    "1e0 .5": [1, 0.5],
    "relu1_1=1:0 rest=0:1": {"relu1_1": [1, 0], "rest": [0, 1]},
    "equal": "equal",
}


@pytest.mark.parametrize("form", ["--blend {} c.png s.png t.png", "c.png s.png t.png --blend {}"])
@pytest.mark.parametrize("words", BLENDS)
def test_weights_end_where_a_word_is_none(form, words):
    options = parser().parse_args(["transfer", "--out", "x.png", *form.format(words).split()])
    assert [options.content.name, *(path.name for path in options.style)] == ["c.png", "s.png", "t.png"]
    assert requested_settings(options).blend == BLENDS[words]


def test_weights_of_a_measured_style_end_where_a_word_is_none():
    options = parser().parse_args(
        ["measure", "--blend", "3", "1", "x.png", "--style", "s.png", "t.png"]
    )
    assert (options.picture.name, options.blend) == ("x.png", "3,1")


def test_options_are_settings():
    assert settings_of() == resolve({})
    settings = settings_of(
        "--style-weight", "1e6", "--size=64", "--style-layers", "conv1_1,conv2_1=0.5"
    )
    assert (settings.style_weight, settings.size) == (1e6, 64)
    assert settings.style_layers == {"conv1_1": 1, "conv2_1": 0.5}


NAMES = f"one of {', '.join(RECIPES)}, or the path of a recipe file; did you mean 'gatys'?"
TRANSFER = ("transfer", "c.png", "s.png", "--out", "x.png")
TOO_LONG = os.strerror(errno.ENAMETOOLONG)
# A call with a mistake -> part of its error line.
MISTAKES = {
    (): "error: no verb: name one of new, transfer, reproduce, export, proof, weights, re",
    ("tranfer",): "'tranfer' is not one of new, transfer, reproduce, export, proof, weights,",
    ("",): "'' is not one of new, transfer",
    ("--vers",): "unrecognized arguments: --vers; did you mean '--version'? (see nst --help)",
    ("transfer", "c.png"): "the following arguments are required: style, --out (see nst tr",
    (*TRANSFER, "--stlye-weight", "1"): "--stlye-weight 1; did you mean '--style-weight",
    (*TRANSFER, "--style-weigh=1"): "--style-weigh=1; did you mean '--style-weight'?",
    (*TRANSFER, "--style_weight=1"): "did you mean '--style-weight'?",
    (*TRANSFER, "a\nb"): "unrecognized arguments: a b",
    (*TRANSFER, "--size"): "argument --size: expected one argument",
    (*TRANSFER, "--size", "big"): "--size: 'big' is not a whole number from 16 to 16384",
    (*TRANSFER, "--size", "-5"): "--size: '-5' is not a whole number",
    (*TRANSFER, "--style-weight", "nan"): "--style-weight: 'nan' is not a number from 0 to 1e15",
    (*TRANSFER, "--pooling", "avrg"): (
        "--pooling: 'avrg' is not one of max, avg, avg-rescaled, l2-rescaled; did you mean 'avg'?\n"
    ),
    (*TRANSFER, "--coarse", "0.25"): "unrecognized arguments: --coarse 0.25",
    (*TRANSFER, "--carry", "moments"): "--carry: only Adam's moments of pixels can be upsampled",
    (*TRANSFER, "--content-layers", "cnv4_2"): "--content-layers: 'cnv4_2' is not a layer of any",
    (*TRANSFER, "--backbone", "vgg16", "--style-layers", "conv3_4"): "--style-layers: vgg16 has no",
    (*TRANSFER, "--recipe", "gatis"): f"--recipe: 'gatis' is not {NAMES}\n",
    (*TRANSFER, "--recipe", "none.yaml"): "cannot read none.yaml: No such file or directory",
    (*TRANSFER, "--size", "16", "--style-layers", "pool5"): "--size: 16 is too small for these la",
    (*TRANSFER[:4], "x" * 300 + ".png"): f".png and the files beside it: {TOO_LONG}: choose other",
    (*TRANSFER, "--trace", "x" * 300): f"write x.png and the files beside it: {TOO_LONG}: choose",
    (*TRANSFER, "--weights", "w.pth", "--record", "w.pth"): "w.pth would be overwritten: name",
    (*TRANSFER, "--weights", "w.pth", "--trace", "./w.pth"): "w.pth would be overwritten: name",
    ("weights", "vgg"): "'vgg' is not one of vgg19, vgg19-caffe, vgg16, alexnet, lpips; did you",
    ("recipes", "gaty"): f"error: 'gaty' is not {NAMES}\n",
    ("recipes", "none.yaml"): "cannot read none.yaml: No such file or directory",
    ("recipes", "a", "b"): "unrecognized arguments: b",
    ("table",): "the following arguments are required: --out (see nst table --help)",
    ("table", "--out", "x.csv"): "cannot read config.yaml: No such file or directory",
    ("gallery", "--out", "x.html", "--config", "none.yaml"): "cannot read none.yaml: No such file",
    ("prune", "--overlay", "{"): "--overlay '{' is not JSON",
    ("prune", "--overlay", "[" * 99_999): "--overlay '[[[[",
    ("prune", "--overlay", "[1]"): "cannot read config.yaml",
    ("doctor", "now"): "unrecognized arguments: now",
}  # fmt: skip


@pytest.mark.parametrize(
    "call", MISTAKES, ids=lambda call: " ".join(call).replace(" ".join(TRANSFER), "")[:40]
)
def test_a_mistake_is_one_line_and_status_2(capsys, tmp_path, monkeypatch, call):
    monkeypatch.chdir(tmp_path)
    assert MISTAKES[call] in refused(capsys, *call)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["loop/x.png", "loop/new/x.png", "loop.png"])
@pytest.mark.parametrize("option", ["--out", "--record"])
def test_a_path_through_a_loop_of_links_is_refused(capsys, tmp_path, monkeypatch, option, path):
    monkeypatch.chdir(tmp_path)
    for link in (tmp_path / "loop", tmp_path / "loop.png"):
        link.symlink_to(link.name)
    for name in ("c.png", "s.png"):
        draw_picture(tmp_path / name)
    before = sorted(tmp_path.iterdir())
    error = refused(capsys, *TRANSFER, option, path)
    assert error.startswith("error: cannot write ") and "loop" in error
    assert sorted(tmp_path.iterdir()) == before


FOLDERS = {  # a value of --dir -> its error
    "file": "/file is not a folder: choose another folder for the weights",
    "file/f": "cannot write ",
    "loop": "/loop is not a folder: choose another folder for the weights",
    "loop/f": "cannot write ",
    "full": "/full/alexnet.safetensors is a folder, but the weights belong there: move it away",
    "pipe": "/pipe/alexnet.safetensors is a device or a pipe, but the weights belong there: move it",
    "x" * 300: f"cannot read .*: {TOO_LONG}$",
}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder[:9])
def test_a_folder_that_cannot_hold_weights_is_refused(
    capsys, tmp_path, tmp_path_factory, monkeypatch, seeded_weights, folder, named
):
    cut_off(tmp_path, monkeypatch)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path_factory.mktemp("cache")))
    source = seeded_weights("alexnet", {"conv5"})
    stand_in(monkeypatch, "alexnet", source)
    shutil.copy(source, hub_file(tmp_path))
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "full" / "alexnet.safetensors").mkdir(parents=True)
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "alexnet.safetensors")
    before = sorted(tmp_path.rglob("*"))
    call = ["weights", "alexnet", "--dir", str(tmp_path / folder)]
    error = refused(capsys, *call, *(["--from", str(source)] if named else []))
    assert re.search(FOLDERS[folder], error) and str(tmp_path / folder) in error
    assert sorted(tmp_path.rglob("*")) == before


def test_weights_of_the_user_are_checked_against_the_checksum_beside_them(
    capsys, tmp_path, seeded_weights
):
    import safetensors.torch
    import torch

    file, note = tmp_path / "w.safetensors", tmp_path / "w.safetensors.sha256"
    safetensors.torch.save_file(torch.load(seeded_weights("alexnet", {"conv1"})), file)
    note.write_text(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n")
    pictures = [str(draw_picture(tmp_path / name)) for name in ("c.png", "s.png")]
    out = tmp_path / "x.png"
    call = ["transfer", *pictures, "--out", str(out), "--weights", str(file), "--size", "16"]
    call += ["--backbone", "alexnet", "--content-layers", "conv1", "--style-layers", "conv1"]
    call += ["--evaluations", "1", "--precision", "fp32", "--device", "cpu"]
    assert main(call) == 0 and out.exists()
    out.unlink()
    capsys.readouterr()
    file.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 0x80]))
    assert f"{file} is damaged or not the expected file: its SHA-256" in refused(capsys, *call)
    assert not out.exists()
    note.unlink()
    assert main(call) == 0 and out.exists()


def test_several_wrong_values_are_several_lines(capsys):
    assert main([*TRANSFER, "--size", "1", "--seed", "x"]) == 2
    assert [line.split(": ")[1] for line in capsys.readouterr().err.splitlines()] == [
        "--size",
        "--seed",
    ]


def test_faults_of_values_and_of_layers_are_told_at_once(capsys):
    layers = ["--backbone", "vgg16", "--content-layers", "conv4_4", "--style-layers", "conv9_9"]
    assert main([*TRANSFER, *layers, "--seed", "x"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["--style-layers", "--seed", "--content-layers"]
    assert "vgg16 has no layer conv4_4; it has conv1_1" in lines[2]


def test_recipes_are_listed_and_printed(capsys, tmp_path):
    assert main(["recipes"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(RECIPES)
    assert main(["recipes", "gatys"]) == 0
    text = (ROOT / "nst/config/recipes" / "gatys.yaml").read_text()
    assert capsys.readouterr().out == text
    (tmp_path / "mine.yaml").write_text(text)
    assert main(["recipes", str(tmp_path / "mine.yaml")]) == 0
    assert capsys.readouterr().out == text


@pytest.fixture
def empty_project(tmp_path, monkeypatch):
    """A config of two cells without results."""
    monkeypatch.chdir(tmp_path)
    config = {"content": {"c": "c.png"}, "style": {"s": "s.png"}, "grid": {"seed": [1, 2]}}
    config["settings"] = {"init": "noise"}  # a seed acts on nothing else
    for name in ("c.png", "s.png"):
        draw_picture(tmp_path / name)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))


@pytest.mark.parametrize("verb", ["table", "gallery", "summary"])
def test_a_whole_aggregate_of_missing_cells_is_refused(capsys, empty_project, verb):
    message = refused(capsys, verb, "--whole", "--out", "x")
    assert "2 of 2 cells are not made: c/s/seed-1, c/s/seed-2" in message


def test_an_overlay_replaces_values_of_the_config(capsys, empty_project):
    bad, fewer = '{"grid": {"seed": ["x"]}}', '{"grid": {"seed": [1]}}'
    assert "--config: grid.seed[0]: 'x' is not" in refused(capsys, "prune", "--overlay", bad)
    assert "--config holds [1], not keys" in refused(capsys, "prune", "--overlay", "[1]")
    assert "1 of 1 cells" in refused(capsys, "table", "--whole", "--out", "x", "--overlay", fewer)


# Calls that need no tensor, or are refused before one is read, and their exit status.
TORCH_FREE = {
    ("recipes",): 0,
    ("recipes", "gatys"): 0,
    ("schema",): 0,
    ("table", "--whole", "--out", "x.csv"): 2,
    ("sheet", "all_seed-1", "--out", "x.png"): 0,
    ("sheet", "all_seed-3", "--out", "x.png"): 2,
    ("gallery", "--out", "x.html"): 0,
    ("curves",): 0,
    ("summary", "--out", "x.md"): 0,
    ("prune",): 0,
    (*TRANSFER, "--size", "1"): 2,
}


def test_torch_is_imported_only_when_nothing_is_left_to_refuse(empty_project):
    """All calls share one process: the first one that imports torch shows it."""
    code = (
        "import contextlib, io, sys\n"
        "from nst.cli import main\n"
        f"for call in {list(TORCH_FREE)}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        status = main(call)\n"
        "    print(status, *({'torch'} & set(sys.modules)), call)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Traceback" not in done.stderr
    expected = [f"{status} {call}" for call, status in TORCH_FREE.items()]
    assert done.stdout.splitlines() == expected


def test_the_installed_program_ends_with_the_status_of_main():
    done = subprocess.run([BIN / "nst", "tabel"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("; did you mean 'table'? (see nst --help)\n")
