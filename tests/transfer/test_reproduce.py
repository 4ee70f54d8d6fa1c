"""`nst reproduce`: the same bytes from a record, or how they differ and why; no record is trusted."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import draw_picture
from PIL import Image
from safetensors.torch import load_file, save_file

from nst.cli import main
from nst.disk.embedded import embedded_record
from nst.disk.record import ENGINE, read_record
from nst.transfer import difference

OPTIONS = ["--recipe", "gatys", "--backbone", "alexnet", "--size", "24", "--evaluations", "6"]
OPTIONS += ["--content-layers", "conv1", "--style-layers", "conv1", "--init", "i.png"]
OPTIONS += ["--precision", "fp32", "--device", "cpu"]


@pytest.fixture
def project(tmp_path, monkeypatch, seeded_weights):
    """A folder with an image, its record, originals, and weights where the workflow keeps them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_GPUS", "")
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "cache"))
    for seed, name in enumerate(("c.png", "s.png", "i.png")):
        draw_picture(tmp_path / name, seed=seed)
    weights = tmp_path / "results/weights/alexnet.safetensors"
    weights.parent.mkdir(parents=True)
    state = torch.load(seeded_weights("alexnet", {"conv1"}))
    save_file(state, weights)
    call = ["transfer", "c.png", "s.png", "--out", "x.png", "--record", "x.json", *OPTIONS]
    assert main([*call, "--weights", str(weights)]) == 0
    return tmp_path


@pytest.fixture
def again(project, capfd):
    """A function (options...) -> exit status, stdout, stderr without progress of `nst reproduce`."""

    def run(*options):
        before, threads = files(project), torch.get_num_threads()
        capfd.readouterr()
        status = main(["reproduce", "x.json", *options])
        said = capfd.readouterr()
        written = {Path(options[options.index("--out") + 1])} if "--out" in options else set()
        assert {path: data for path, data in files(project).items() if path not in written} == before
        assert torch.get_num_threads() == threads
        lines = [line for line in said.err.splitlines() if not line.startswith(("evalu", "final"))]
        return status, said.out, lines

    return run


def files(folder):
    """The contents of all files below a folder."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def alter(*keys, value):
    """Write another value into the record, under nested keys."""
    record = table = json.loads(Path("x.json").read_text())
    for key in keys[:-1]:
        table = table[key]
    table[keys[-1]] = value
    Path("x.json").write_text(json.dumps(record))


def test_the_same_bytes(again):
    assert again() == (0, "the same bytes\n", [])


def test_the_new_image_is_written_where_asked(again):
    assert again("--out", "y.png") == (0, "the same bytes\n", ["wrote y.png"])
    assert Path("y.png").read_bytes() == Path("x.png").read_bytes()


def test_films_and_recipes_do_not_matter(again):
    alter("settings", "snapshot_every", value=5)
    alter("settings", "recipe", value="gone.yaml")  # no such file
    assert again("--out", "y.png") == (0, "the same bytes\n", ["wrote y.png"])
    assert embedded_record(Path("y.png"), "").settings["recipe"] == "gone.yaml"


def test_a_record_with_other_settings(again):
    alter("settings", "style_weight", value=1e7)
    status, said, _ = again()
    first, *reasons = said.splitlines()
    assert status == 1
    assert first.startswith("differs: largest difference ") and " of 255, mean " in first
    assert "; total loss " in first and first.endswith(" %)")
    assert reasons == [f"  {difference.UNKNOWN}"]


def test_too_many_threads_for_the_cores_are_a_reason(again, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0})
    alter("threads", value=99)
    alter("settings", "tv_weight", value=1e6)  # threads do not matter at this size
    status, said, lines = again()
    assert (status, said.splitlines()[1:]) == (1, ["  threads 99 -> 1"])
    assert lines == ["note: the record's 99 threads exceed the cores here, 1: using 1"]


def test_threads_are_the_records(again, monkeypatch):
    seen = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0})
    monkeypatch.setattr("nst.transfer.run.run", lambda *_: seen.append(torch.get_num_threads()))
    alter("threads", value=3)
    note = "note: the record's 3 threads exceed the cores here, 1: using 3"
    assert again()[2][0] == note
    assert seen == [3]


def test_an_image_of_a_gpu_on_a_machine_without_one(again):
    alter("settings", "device", value="cuda")
    alter("settings", "precision", value="tf32")
    alter("device", value="cuda 0 NVIDIA H100")
    alter("settings", "style_scale", value=0.7)
    status, said, _ = again()
    assert status == 1
    reasons = said.splitlines()[1:]
    assert reasons == ["  device cuda NVIDIA H100 -> cpu", "  precision tf32 -> fp32"]


def test_the_same_pixels_compressed_otherwise(again):
    with Image.open("x.png") as picture:
        picture.save("x.png", compress_level=0)
    alter("versions", "pillow", value="1.0")
    status, said, _ = again()
    same, reason = said.splitlines()
    assert (status, reason.split(" -> ")[0]) == (1, "  pillow 1.0")
    assert same == "the same pixels in other bytes: the PNG was compressed differently"


def test_a_picture_of_another_size(again):
    draw_picture(Path("z.png"), (30, 10))
    status, said, _ = again("--picture", "z.png")
    assert status == 1
    assert said.startswith("differs: 24 x 16 pixels against 30 x 10; total loss ")


def test_other_weights_are_refused_unless_named(again):
    file = Path("results/weights/alexnet.safetensors")
    state = load_file(file)
    save_file({name: tensor * 1.5 for name, tensor in state.items()}, file)
    status, said, lines = again()
    assert (status, said, len(lines)) == (2, "", 1)
    assert "error: the record's weights of alexnet (SHA-256 " in lines[0]
    assert f"neither {file} nor cache/alexnet" in lines[0].replace(f"{Path.cwd()}/", "")
    assert "--weights FILE" in lines[0] and "`nst weights alexnet`" in lines[0]
    status, said, lines = again("--weights", str(file))
    assert (status, len(said.splitlines())) == (1, 2)
    assert said.splitlines()[1].startswith("  weights ") and " -> " in said.splitlines()[1]
    assert lines[0] == f"note: {file} holds other weights than the record's (its SHA-256 differs)"


def test_weights_are_found_in_the_users_cache(again, project):
    shutil.move(project / "results/weights", project / "cache")
    assert again() == (0, "the same bytes\n", [])


@pytest.mark.parametrize("name", ["content", "style", "init"])
def test_other_pictures_are_refused_unless_named(again, name):
    file = f"{name[0]}.png"
    shutil.move(file, f"was-{file}")
    away = f"error: {file} does not exist: run this in the project's folder, or name the {name} picture"
    assert again() == (2, "", [f"{away} with --{name} FILE"])
    assert again(f"--{name}", f"was-{file}") == (0, "the same bytes\n", [])
    draw_picture(Path(file), seed=9)
    other = f"{file} is not the {name} picture of the record (its SHA-256 differs)"
    assert again() == (2, "", [f"error: {other}: name the {name} picture with --{name} FILE"])
    status, said, lines = again(f"--{name}", file)
    assert (status, lines) == (1, [f"note: {other}"])
    assert said.splitlines()[1].startswith(f"  {name} ")


def test_all_missing_pictures_are_named(again):
    shutil.move("c.png", "d.png")
    shutil.move("s.png", "t.png")
    _, _, lines = again()
    assert [line.split()[1] for line in lines] == ["c.png", "s.png"]


HUGE = 10**400
# The keys to alter, the new value, and part of the one line of the error.
HOSTILE = {
    "unknown setting": (("settings", "siez"), 3, "settings.siez: unknown key; did you mean 'size'?"),
    "huge number": (("settings", "style_weight"), HUGE, "style_weight: a number of 1329 bits is not"),
    "huge loss": (("losses", "total"), HUGE, "losses.total: a number of 1329 bits is not a number"),
    "no number": (("settings", "style_weight"), float("nan"), "settings.style_weight: nan is not a"),
    "no setting": (("settings", "seed"), None, "settings.seed: None is not a whole number from 0"),
    "truth": (("settings", "evaluations"), True, "settings.evaluations: True is not a whole number"),
    "out of bounds": (("settings", "size"), 99_999, "settings.size: 99999 is not a whole number from"),
    "an option": (("settings", "init"), "--x.png", "settings.init: '--x.png' begins as an option"),
    "no input": (("inputs", "init"), [], "inputs.init: [] is not a table"),
    "an escape": (("inputs", "init", "path"), "\x1b[2J.png", r"inputs.init.path: '\x1b[2J.png' is"),
    "a surrogate": (("inputs", "content", "path"), "\ud800", r"inputs.content.path: '\ud800' is"),
    "a device file": (("inputs", "content", "path"), "/dev/zero", "/dev/zero is not a file"),
    "a long path": (("inputs", "content", "path"), "x" * 5000, "File name too long"),
    "no sum": (("inputs", "content", "sha256"), "0" * 63, "000' is not a SHA-256"),
    "weights above": (("weights", "backbone"), "../x", "weights.backbone: '../x' is not alexnet"),
    "no weights": (("weights",), "x", "weights: 'x' is not a table"),
    "no versions": (("versions",), "x y", "versions: 'x y' is not a table of versions"),
    "a version's lines": (("versions", "torch"), "1\n2", r"'torch': '1\n2'"),
    "no threads": (("threads",), 0, "threads: 0 is not a whole number from 1 to 4096"),
    "no engine": (("engine",), "1", "engine: '1' is not a whole number"),
    "no device": (("device",), "\x1b[2J", r"device: '\x1b[2J' is not a text"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_record_is_one_line_and_no_work(again, case, monkeypatch):
    monkeypatch.setattr("nst.transfer.run.run", None)
    keys, value, message = HOSTILE[case]
    alter(*keys, value=value)
    status, said, lines = again()
    assert (status, said, len(lines)) == (2, "", 1), lines
    assert lines[0].startswith("error: ") and message in lines[0]
    assert lines[0].isprintable()


def test_all_faults_are_named(again):
    alter("settings", "size", value=1)
    alter("settings", "tv", value="l3")
    assert [line.split(": ")[2] for line in again()[2]] == ["settings.tv", "settings.size"]
    alter("settings", "size", value=24)
    alter("settings", "tv", value="l1")
    alter("inputs", value={})
    assert [line.split(": ", 2)[2].split(";")[0] for line in again()[2]] == [
        f"inputs: {name} is missing" for name in ("content", "style", "init")
    ]


def test_layers_of_another_network(again):
    alter("settings", "backbone", value="vgg16")
    assert "x.json: settings.content_layers: vgg16 has no layer conv1; it has conv1_1" in again()[2][0]


REFUSED = {
    ("y.jpg",): "error: cannot read y.jpg: No such file or directory",
    ("c.png",): "error: c.png has no record inside, as nst-grid writes it: name the record, c.json",
    ("no.json",): "error: cannot read the record no.json: No such file or directory",
    ("x.json", "--picture", "no.png"): "name the picture to compare with by --picture FILE",
    ("x.json", "--picture", "x.json"): "error: x.json is not a picture",
    ("x.json", "--out", "x.png"): "error: --out x.png would be overwritten: name another path",
    ("x.json", "--out", "./x.json"): "error: --out x.json would be overwritten: name another path",
    ("x.json", "--out", "c.png"): "error: c.png would be ",
    ("x.json", "--out", "y.jpg"): "error: --out y.jpg does not end in .png, as x.png does",
    ("x.json", "--init", "noise"): "error: --init noise: the record's image starts from i.png",
    ("x.json", "--device", "cuda"): "error: device cuda: no GPU is listed here",
    ("x.json", "--tile", "3"): "error: --tile: '3' is not one of auto, none, or a whole number",
    ("x.json", "--weights", "no.pth"): "error: cannot read the weights no.pth: No such file",
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED, ids=" ".join)
def test_a_mistake_is_one_line(project, capfd, call):
    before = files(project)
    capfd.readouterr()
    assert main(["reproduce", *call]) == 2
    said = capfd.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert REFUSED[call] in said.err
    assert files(project) == before


def test_a_refusal_comes_before_torch(project):
    alter("settings", "size", value=1)
    code = "import sys; from nst.cli import main; print(main(['reproduce', 'x.json']),"
    code += " 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2 False\n"


def test_every_change_is_named(project):
    record = read_record(project / "x.json")
    there = {"engine": ENGINE + 1, "device": "cuda 1 A"}
    other = replace(record, **there, versions={**record.versions, "torch": "1.0"})
    newer = f"engine {ENGINE + 1} -> {ENGINE}"
    torch_too = f"torch 1.0 -> {record.versions['torch']}"
    assert difference.reasons_of(other, record) == [newer, "device cuda A -> cpu", torch_too]
    assert difference.reasons_of(other, replace(other, device="cuda 0 A")) == [newer]
