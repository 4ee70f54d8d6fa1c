"""Fuzzed configs, pictures, weights and records: a result or one line per fault, and no warning.

The examples are the same in every run. For more and other ones:
`NST_FUZZ=5000 pytest tests/inputs/test_fuzz.py`.
"""

import hashlib
import io
import json
import os
from pathlib import Path

import numpy
import pytest
import safetensors.torch
import torch
import yaml
from configs import WHOLE
from conftest import draw_picture
from grids import build_grid
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nst.cli import main
from nst.config.grid import expand
from nst.config.layers import Layer
from nst.config.settings import FIELDS
from nst.disk.images import read
from nst.errors import NstError
from nst.results.summary import write_summary
from nst.text import CONTROL
from nst.transfer.reproduce import Replacements, reproduce
from nst.transfer.state_dict import read_state

MORE = int(os.environ.get("NST_FUZZ", "0"))


def examples(count):
    """The number of examples; they are the same ones unless NST_FUZZ asks for more."""
    return settings(
        max_examples=MORE or count,
        derandomize=not MORE,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(scope="module", autouse=True)
def here(tmp_path_factory):
    """The working directory of all examples, with two pictures and a recipe."""
    folder = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        draw_picture(folder / "c.png")
        draw_picture(folder / "s.png", seed=1)
        (folder / "r.yaml").write_text("settings: {}")
        yield folder


def refused(call):
    """The lines of an NstError, or none. Other exceptions are not caught."""
    try:
        call()
    except NstError as error:
        lines = str(error).split("\n")
        assert all(lines) and [line for line in lines if CONTROL.search(line)] == []
        return lines
    return []


NAMES = ["content", "style", "grid", "settings", "overrides", "weights", "cell", "c", "s", "t", "c/s"]
WORDS = [*NAMES, *FIELDS, "c.png", "s.png", "r.yaml", "gatys", "vgg16", "alexnet", "conv1", "pool5"]
WORDS += ["auto", "none", "noise", "\ud800.png", "\ud800.yaml", "*.png", "..", "~", "/", "<<", "="]
WORDS += ["1e400", "-0", "0x10", "1:30"]
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=12))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-2, 70), st.floats(), texts, st.dates()
)
values = st.recursive(
    scalars, lambda of: st.lists(of, max_size=4) | st.dictionaries(texts, of, max_size=4), max_leaves=8
)


@st.composite
def structures(draw):
    """The valid config with some values changed."""
    config = yaml.safe_load(WHOLE)
    for _ in range(draw(st.integers(1, 3))):
        table, depth = config, draw(st.integers(0, 3))
        while depth and isinstance(table, dict) and (below := sorted(table)):
            inner = table[draw(st.sampled_from(below))]
            if not isinstance(inner, dict):
                break
            table, depth = inner, depth - 1
        known = sorted(table)
        table[draw(st.sampled_from(known) if known and draw(st.booleans()) else texts)] = draw(values)
    return config


@st.composite
def edits(draw, data, most=4):
    """Bytes with a few of them replaced, removed or repeated."""
    data = bytearray(data)
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 1, 1, 2, 4, 20]))
        new = draw(st.one_of(st.binary(max_size=4), texts.map(lambda t: t.encode("utf-8", "replace"))))
        data[start : start + length] = new
    return bytes(data)


@examples(300)
@given(structures())
def test_any_structure_in_a_config(here, config):
    lines = refused(lambda: expand([], config))
    assert all(line.startswith("config of the module") or "recipe" in line for line in lines)
    try:
        text = yaml.safe_dump(config, allow_unicode=True)
        Path("config.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    except yaml.YAMLError:
        return
    refused(lambda: expand(["config.yaml"]))


@examples(300)
@given(edits(WHOLE.encode()))
def test_any_bytes_in_a_config(here, data):
    Path("config.yaml").write_bytes(data)
    refused(lambda: expand(["config.yaml"]))


@examples(100)
@given(edits(WHOLE.encode()))
def test_any_config_on_the_command_line(here, data):
    Path("config.yaml").write_bytes(data)
    assert main(["table", "--whole", "--out", "x.csv"]) == 2  # the cells of a good config are missing
    assert not Path("x.csv").exists()


def encoded(kind, mode="RGB", **options):
    """A small picture of soft colours, as a file."""
    levels = numpy.random.default_rng(1).integers(0, 256, (3, 4, 3), dtype=numpy.uint8)
    picture = Image.fromarray(levels).resize((19, 13)).convert(mode)
    picture.save(stream := io.BytesIO(), kind, **options)
    return stream.getvalue()


EXIF = Image.Exif()
EXIF[0x0112] = 6
FILES = [
    encoded("JPEG", exif=EXIF), encoded("JPEG", progressive=True), encoded("JPEG", "CMYK"),
    encoded("JPEG", "L"), encoded("PNG"), encoded("PNG", "P"), encoded("PNG", "RGBA"),
    encoded("PNG", "I;16"), encoded("PNG", "1"), encoded("WEBP"), encoded("WEBP", lossless=True),
    encoded("WEBP", "RGBA", exif=EXIF), encoded("GIF"), encoded("GIF", "1"), encoded("TIFF"),
    encoded("TIFF", compression="tiff_lzw"), encoded("TIFF", "F"), encoded("TIFF", "CMYK"),
    encoded("TIFF", compression="jpeg"), encoded("BMP"), encoded("BMP", "P"), encoded("BMP", "1"),
]  # fmt: skip


@examples(700)
@given(st.sampled_from(FILES).flatmap(edits))
def test_any_bytes_in_a_picture(here, data):
    path = Path("p.png")
    path.write_bytes(data)
    for line in refused(lambda: picture_of(path)):
        assert "p.png" in line


def picture_of(path):
    picture, notes = read(path)
    assert picture.mode == "RGB" and min(picture.size) > 0
    assert [note for note in notes if note.splitlines() != [note]] == []


@examples(200)
@given(st.sampled_from(FILES).flatmap(edits))
def test_any_picture_in_a_config(here, data):
    Path("p.png").write_bytes(data)
    Path("config.yaml").write_text("content: {c: p.png}\nstyle: {s: s.png}\nsettings: {init: p.png}")
    for line in refused(lambda: expand(["config.yaml"])):
        assert line.startswith("config.yaml:")


PLAN = (Layer("conv1", "conv", 0, channels=1, kernel=1),)
STATE = {"features.0.weight": torch.ones(1, 3, 1, 1), "features.0.bias": torch.zeros(1)}


def saved(**options):
    """The bytes of a file that torch saved."""
    torch.save(STATE, stream := io.BytesIO(), **options)
    return stream.getvalue()


WEIGHTS = [saved(), saved(_use_new_zipfile_serialization=False), safetensors.torch.save(STATE)]


@examples(150)
@given(st.sampled_from(WEIGHTS).flatmap(edits))
def test_any_bytes_in_a_weights_file(here, data):
    Path("w").write_bytes(data)
    state = {}
    for line in refused(lambda: state.update(read_state(Path("w"), "alexnet", PLAN))):
        assert line.startswith("w ")
    assert {key: tensor.shape for key, tensor in state.items()} in (
        {}, {key: tensor.shape for key, tensor in STATE.items()}
    )  # fmt: skip


class Accepted(Exception):
    """Nothing was refused: the transfer would start now."""


def accept(*_):
    raise Accepted


@pytest.fixture(scope="module")
def record(here):
    """A record beside its picture, with all files that it names."""
    (cell,) = build_grid(here).cells
    Path("w").write_bytes(WEIGHTS[0])
    data = json.loads(cell.file(".json").read_text())
    sums = {f: hashlib.sha256(Path(f).read_bytes()).hexdigest() for f in ("c.png", "s.png")}
    for name, file in zip(("content", "style"), sums, strict=True):
        data["inputs"][name] = {"path": file, "sha256": sums[file]}
    data["weights"] = {"backbone": "vgg16", "sha256": "0" * 64}
    data["versions"] = {"torch": "2.0"}
    return data


def attempt(data):
    """Whether the image of a record with these bytes would be made again."""
    (cell,) = (grid := expand(["config.yaml"])).cells
    cell.file(".json").write_bytes(data)
    before = sorted(Path.cwd().rglob("*"))
    messages = []
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("nst.transfer.run.run", accept)
            refused(
                lambda: reproduce(cell.file(".json"), Replacements(weights=Path("w")), messages.append)
            )
    except Accepted:
        messages.append("accepted")
    assert [line for line in messages if CONTROL.search(line)] == []
    refused(lambda: write_summary(grid, Path("summary.md")))
    Path("summary.md").unlink(missing_ok=True)
    assert sorted(Path.cwd().rglob("*")) == before
    return "accepted" in messages


@pytest.fixture
def config(here):
    """The config of the record's cell."""
    build_grid(here)


@st.composite
def altered(draw, tree):
    """A tree of JSON with some values changed."""
    tree = json.loads(json.dumps(tree))
    for _ in range(draw(st.integers(1, 3))):
        table, depth = tree, draw(st.integers(0, 2))
        while depth and (below := sorted(name for name in table if isinstance(table[name], dict))):
            table, depth = table[draw(st.sampled_from(below))], depth - 1
        known = sorted(table)
        table[draw(st.sampled_from(known) if known and draw(st.booleans()) else texts)] = draw(values)
    return json.dumps(tree, default=str).encode()


def test_an_unchanged_record_is_accepted(config, record):
    assert attempt(json.dumps(record).encode())


@examples(120)
@given(st.data())
def test_any_structure_in_a_record(config, record, data):
    attempt(data.draw(altered(record)))


@examples(100)
@given(st.data())
def test_any_bytes_in_a_record(config, record, data):
    attempt(data.draw(edits(json.dumps(record).encode())))
