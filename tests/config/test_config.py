"""config.yaml: all mistakes at once, each with its line; never a traceback."""

import random
from pathlib import Path

import pytest
from configs import WHOLE
from conftest import draw_picture

from nst.config.grid import expand
from nst.config.settings import RECIPES
from nst.errors import NstError


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with two pictures, and files that are not pictures."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "c.png")
    draw_picture(tmp_path / "s.png", seed=1)
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "folder").mkdir()
    draw_picture(tmp_path / "thin.png", (64, 1))
    for name in ("empty.png", "{a}.pth", "-a.pth"):
        (tmp_path / name).touch()
    (tmp_path / "bad.yaml").write_text("settings: {gram: cwh}\nstyle: x\n")
    return tmp_path


def faults(text, *others, overlay=None):
    """The faults of a config, one a line; nothing if it is accepted."""
    files = []
    for number, layer in enumerate([text, *others]):
        files.append(f"{number or ''}c.yaml")
        Path(files[-1]).write_bytes(layer if isinstance(layer, bytes) else layer.encode())
    try:
        expand(files, overlay)
    except NstError as error:
        return str(error).split("\n")
    return []


def listed(one_or_more):
    return [one_or_more] if isinstance(one_or_more, str) else list(one_or_more)


def beginnings(lines, expected):
    """The lines, each cut to the length of its expected beginning."""
    lengths = [*map(len, expected), *[None] * len(lines)]
    return [line[:length] for line, length in zip(lines, lengths, strict=False)]


PICTURES = "content: {c: c.png}\nstyle: {s: s.png}\n"  # two lines: the rest begins on the third

# The config below the pictures -> the beginnings of its first faults, in order.
BAD = {
    "setings: {size: 64}": "3: setings: unknown key; did you mean 'settings'?",
    "sizes: {size: 64}": "3: sizes: unknown key (known: content, style, interpolate, grid, exclude, s",
    "settings:\n  stlye_weight: 1": "4: settings.stlye_weight: unknown key; did you",
    "grid: {sise: [1]}": "3: grid.sise: unknown key; did you mean 'size'?",
    "settings: {1: 2}": "3: settings.1: unknown key (known: backbone",
    "settings: {~: 2}": "3: settings.~: unknown key",
    "'': 2": "3: '': unknown key",
    "settings: {size: true}": "3: settings.size: True is not a whole number",
    "settings: {seed: yes}": "3: settings.seed: True is not a whole number from 0",
    "settings: {style_weight: .nan}": "3: settings.style_weight: '.nan' is not a number from 0",
    "settings: {tv_weight: nan}": "3: settings.tv_weight: 'nan' is not a number from",
    "settings: {style_weight: .inf}": "3: settings.style_weight: '.inf' is not a number",
    "settings: {content_weight: -1}": "3: settings.content_weight: -1 is not a number from",
    "settings: {style_weight: 1e99}": "3: settings.style_weight: '1e99' is not a number from 0",
    "settings: {size: 8}": "3: settings.size: 8 is not a whole number from 16 to 16384",
    "settings: {size: 99999}": "3: settings.size: 99999 is not a whole number from 16",
    "settings: {size: 99.5}": "3: settings.size: 99.5 is not a whole number",
    "settings: {size: large}": "3: settings.size: 'large' is not a whole number",
    "settings: {size: 64px}": "3: settings.size: '64px' is not a whole number",
    "settings: {size: 4:16}": "3: settings.size: '4:16' is not a whole number",
    "settings: {size: 0x100}": "3: settings.size: '0x100' is not a whole number",
    "settings: {size: [64]}": "3: settings.size: [64] is not a whole number",
    "settings: {size: {a: 1}}": "3: settings.size: {'a': 1} is not a whole",
    "settings:\n  size:": "4: settings.size: None is not a whole number",
    "settings: {size: 2020-01-01}": "3: settings.size: '2020-01-01' is not a whole number",
    "settings: {pooling: mac}": "3: settings.pooling: 'mac' is not one of max, avg, avg-rescaled, l2-r",
    "settings: {backbone: VGG16}": "3: settings.backbone: 'VGG16' is not one of vgg19, vg",
    "settings: {tv: 1}": "3: settings.tv: 1 is not one of l1, l2, l1-sum, nine-point",
    "settings: {device: off}": "3: settings.device: False is not one of auto",
    "settings: {gram: ~}": "3: settings.gram: None is not one of chw, hw, none",
    "settings: {optimizer: [adam]}": "3: settings.optimizer: ['adam'] is not one",
    "settings: {style_layers: [cnv1_1]}": "3: settings.style_layers: 'cnv1_1' is not a",
    "settings: {style_layers: []}": "3: settings.style_layers: [] is not a list of layers",
    "settings: {style_layers: [conv1_1, conv1_1]}": "3: settings.style_layers: ['conv1_",
    "settings: {style_layers: {conv1_1: x}}": "3: settings.style_layers: conv1_1: 'x'",
    "settings: {style_layers: [[conv1_1]]}": "3: settings.style_layers: ['conv1_1'] is",
    "settings: {recipe: gatis}": (
        f"3: settings.recipe: 'gatis' is not one of {', '.join(RECIPES)}, or the path of a recipe file"
    ),
    "settings: {recipe: no.yaml}": "3: settings.recipe: cannot read no.yaml: No such",
    "settings: {init: no.png}": "3: settings.init: no.png does not exist",
    "settings: {init: text.png}": "3: settings.init: text.png is not a picture",
    "settings: {init: -a.png}": "3: settings.init: '-a.png' begins as an option",
    "settings: [size]": "3: settings: ['size'] is not a mapping `setting: value`",
    "settings: gatys": "3: settings: 'gatys' is not a mapping",
    "settings: false": "3: settings: False is not a mapping",
    "grid: {}": "3: grid: {} is not a mapping `setting: [values]`; leave `grid` out",
    "grid:": "3: grid: None is not a mapping",
    "grid: [size]": "3: grid: ['size'] is not a mapping",
    "grid:\n  size: []": "4: grid.size: [] is not a list of values, for example [1, 2]",
    "grid: {size: }": "3: grid.size: None is not a list of values",
    "grid: {size: 8}": "3: grid.size: 8 is not a whole number from 16 to 16384; several values are a l",
    "grid: {size: {a: 64}}": "3: grid.size: {'a': 64} is not a whole number",
    "grid: {size: '64, 99'}": "3: grid.size: '64, 99' is not a whole number from 16 to 16384; several",
    "grid: {size: 64}\nsettings: {size: 99}": "4: settings.size: is an axis of `grid` already",
    "grid:\n  style_layers: pool5\n  size: 16": "5: grid.size: 16 is too small for these layers",
    "grid:\n  size:\n  - 64\n  - x": "6: grid.size[1]: 'x' is not a whole number",
    "grid: {size: [64, ~]}": "3: grid.size[1]: None is not a whole number",
    "overrides: [x]": "3: overrides: ['x'] is not a mapping",
    "grid: {style_weight: [1e5, 1, 100000]}": "3: grid.style_weight[2]: 100000 and '",
    "grid: {seed: [1, 1]}": "3: grid.seed[1]: 1 and 1 are the same value",
    "grid:\n  seed: [1, 2]\n  size: [64, 99]": "4: grid.seed: acts only with init noise or uniform:",
    "grid: {recipe: [gatys, b/gatys.yaml]}": "3: grid.recipe[1]: 'b/gatys.yaml' and 'g",
    f"grid: {{size: {list(range(16, 1016))}, seed: {list(range(1000))}}}": (
        "3: grid: makes 1000000 cells; the most is 100000"
    ),
    "grid: {size: [64, 99]}\nsettings: {size: 64}\noverrides: {style: {s: {size: 77}}}": (
        "4: settings.size: is an axis of `grid` already; remove one of the two",
        "5: overrides.style.s.size: is an axis of `grid` already",
    ),
    # One fault, and no fault that only follows from it.
    "settings: {backbone: alexnt, style_layers: [conv1]}": "3: settings.backbone: 'alexnt' is not one",
    "settings: {bakbone: alexnet, style_layers: [conv1]}": "3: settings.bakbone: unknown key; did you",
    "grid: {size: [64, x]}\noverrides: {cell: {c/s/size-65: {}}}": "3: grid.size[1]: 'x' is not",
    "settings: {init: nois}\ngrid: {seed: [1, 2]}": "3: settings.init: 'nois' is not one of content",
    "settings: {recipe: gatis}\ngrid: {seed: [1, 2]}": "3: settings.recipe: 'gatis' is not one of",
    "settings: {style_layers: [conv1]}\ngrid: {seed: [1, 2]}": "3: settings.style_layers: vgg16 has no",
    "overrides: {stile: {}}": "3: overrides.stile: unknown key; did you mean 's",
    "overrides: 0": "3: overrides: 0 is not a mapping",
    "overrides: {style: []}": "3: overrides.style: [] is not a mapping",
    "overrides: {style: {t: {seed: 1}}}": "3: overrides.style.t: unknown key (k",
    "overrides: {style: {s: 1}}": "3: overrides.style.s: 1 is not a mapping",
    "overrides: {content: {c: {seed: x}}}": "3: overrides.content.c.seed: 'x' is",
    "overrides: {cell: {c/t: {seed: 1}}}": "3: overrides.cell.c/t: is no cell",
    "grid: {size: [64]}\noverrides: {cell: {c/s/sise-64: {}}}": (
        "4: overrides.cell.c/s/sise-64: is no cell: write content/style or content/style/variant; d"
    ),
    "weights: [x]": "3: weights: ['x'] is not a mapping `backbone: file`",
    "weights: {vgg: c.png}": "3: weights.vgg: unknown key; did you mean 'vgg1",
    "weights: {vgg16: no.pth}": "3: weights.vgg16: 'no.pth' is not a file",
    'weights: {vgg16: "{a}.pth"}': "3: weights.vgg16: '{a}.pth' holds one of {}<>",
    "weights: {vgg16: -a.pth}": "3: weights.vgg16: '-a.pth' begins as an option does",
    "weights: {vgg16: ./-a.pth}": "3: weights.vgg16: './-a.pth' begins as an option",
    f"weights: {{vgg16: {'x' * 300}}}": "3: weights.vgg16: 'xxxx",
    "settings:\n  seed: 1\n  seed: 2": "5: settings.seed: is a duplicate; the first one is on",
    "grid: {seed: [1]}\ngrid: {seed: [1]}": "4: grid: is a duplicate; the first one is on",
    "settings: {<<: {seed: 1}}": "3: settings.<<: merge keys are not read here",
    "settings: {seed: !!python/object:a.b {}}": "3: settings.seed: the tag 'python/object:a.b'",
    "settings:\n  style_layers: {conv1_1: -1}\n  tv: l3\ngrid: {sed: [1]}": (
        "4: settings.style_layers: conv1_1: -1 is not a number",
        "5: settings.tv: 'l3' is not one of l1, l2",
        "6: grid.sed: unknown key; did you mean 'seed'?",
    ),
    "settings:\n  recipe: bad.yaml\n  seed: -1": (
        "4: settings.recipe: bad.yaml:2: style: unknown key",
        "4: settings.recipe: bad.yaml:1: settings.gram: 'cwh' is not one of chw",
        "4: settings.recipe: bad.yaml:1: settings: a recipe states every setting; missing: backbone",
        "5: settings.seed: -1 is not a whole number",
    ),
}


@pytest.mark.parametrize("rest", BAD, ids=lambda text: text[:30])
def test_a_bad_config_is_refused_with_every_fault_and_its_line(here, rest):
    lines, expected = faults(PICTURES + rest), [f"c.yaml:{start}" for start in listed(BAD[rest])]
    assert beginnings(lines, expected) == expected
    assert all(len(line) < 600 for line in lines)


# The same for whole configs: mistakes in the pictures and their names.
STYLE = "style: {s: s.png}\n"
BAD_PICTURES = {
    "": (": content: is missing", ": style: is missing"),
    STYLE + "overrides: {cell: {c/s: {}}}": ": content: is missing",
    "content: {c: c.png}": ": style: is missing: give a mapping `name: picture`, a folder",
    "content:\n" + STYLE: ":1: content: None is not a mapping `name: picture`, a folder or a gl",
    "content: {}\n" + STYLE: ":1: content: {} is not a mapping",
    "content: ''\n" + STYLE: ":1: content: no picture in ''",
    "content: [c.png]\n" + STYLE: ":1: content: ['c.png'] is not a mapping",
    "content: 5\n" + STYLE: ":1: content: 5 is not a mapping",
    STYLE + "content: folder": ":2: content: no picture in 'folder' (pictures end in .jpg",
    STYLE + "content: none/": ":2: content: no picture in 'none/', which does not exist (pictures end",
    STYLE + "content: {c: thin.png}": ": size: thin.png would be 512 x 8 pixels, too small for these l",
    STYLE + "content: x*.png": ":2: content: no file matches 'x*.png' (pictures end in .jpg",
    STYLE + f"content: {'x' * 300}": ":2: content: no picture in 'xxx",
    STYLE + 'content: "a\\0/*"': ":2: content: no file matches 'a\\x00/*'",
    STYLE + 'content: "\\ud800/*"': ":2: content: no file matches '\\ud800/*'",
    STYLE + "content: {c: no.png, d: no2.png}": (":2: content.c: no.png does not", ":2: content.d"),
    STYLE + "content:\n  c: folder": ":3: content.c: 'folder' is a folder: `content: folder` at",
    STYLE + "content: {c: empty.png}": ":2: content.c: empty.png is empty",
    STYLE + "content: {c: text.png}": ":2: content.c: text.png is not a picture",
    STYLE + "content: {c: }": ":2: content.c: None is not the path of a picture",
    STYLE + "content: {c: [c.png]}": ":2: content.c: ['c.png'] is not one picture",
    STYLE + "content: {c: -c.png}": ":2: content.c: '-c.png' begins as an option",
    STYLE + 'content: {c: "a\\nb"}': ":2: content.c: 'a\\nb' holds a line break or",
    STYLE + 'content: {c: "{b}.png"}': ":2: content.c: '{b}.png' holds one of {}<>",
    STYLE + 'content: {c: "<b>.png"}': ":2: content.c: '<b>.png' holds one of {}<>",
    STYLE + "content: {c: c.png, C: s.png}": ":2: content.C: 'C' names two pictures, 'c.p",
    STYLE + "content: {c: c.png, c: s.png}": ":2: content.c: is a duplicate; the first one is",
    STYLE + "content: {c d: x}": (":2: content.c d: 'c d' is not safe", ":2: content.c d: x does not"),
    "style: [s]\ncontent: {a b: c.png}\nsettings: {backbone: alexnet, style_layers: [conv1_1]}\nx: 1": (
        ":1: style: ['s'] is not a mapping",
        ":2: content.a b: 'a b' is not safe as a file name on every system: use up to 64 letters, d",
        ":3: settings.style_layers: alexnet has no layer conv1_1; it has conv1, relu1",
        ":4: x: unknown key",
    ),
}


@pytest.mark.parametrize("text", BAD_PICTURES, ids=lambda text: text.replace(STYLE, "")[:30])
def test_bad_pictures_are_refused_with_every_fault_and_its_line(here, text):
    expected = [f"c.yaml{start}" for start in listed(BAD_PICTURES[text])]
    assert beginnings(faults(text), expected) == expected


@pytest.mark.parametrize(
    "overlay", [{1: 2}, {None: 1}, {"settings": {1: 2}}, {"style": {(): []}}, {"grid": ()}]
)
def test_odd_values_of_the_command_line_are_faults_without_a_line_number(here, overlay):
    assert all(fault.startswith("--config: ") for fault in faults(PICTURES, overlay=overlay))


COMMENTED = f"# comment\n{WHOLE}"
PIECES = [
    *"\0\t\n\r :,-[]{}&*!|>%@`'\"#?~\\_.1e\u2028é\ufeff", "null", "true", "<<: ", "!!int ", "- ", "*s",
    "&s ", "..", "/", "1e999", "0x1", ": {}", ": []", "\n  ", "style", "grid:", "---\n", "nan",
    '"\\ud800"',
]  # fmt: skip


def test_any_bytes_are_cells_or_faults_of_one_line_each(here):
    chance = random.Random(3)
    assert faults(COMMENTED) == []
    for _ in range(2000):
        text = COMMENTED
        for _ in range(chance.randrange(1, 5)):
            start = chance.randrange(len(text) + 1)
            end = start + chance.choice((0, 0, 1, 1, 2, 5, 20))
            text = text[:start] + chance.choice(PIECES) * chance.choice((0, 1, 1, 1, 3)) + text[end:]
        data = bytearray(text.encode())
        if chance.random() < 0.1:
            data[chance.randrange(len(data))] = chance.randrange(256)
        for line in faults(bytes(data)):
            assert line.splitlines() == [line] and line.startswith(("c.yaml", "cannot read c.yaml"))


LAYERS = {  # settings that name layers -> the beginnings of their faults
    "{backbone: vgg16, content_layers: [conv4_4], style_layers: [conv3_4]}": (
        "content_layers: vgg16 has no layer conv4_4",
        "style_layers: vgg16 has no layer conv3_4",
    ),
    "{backbone: vgg16, content_layers: [conv4_4], style_layers: [conv9_9]}": (
        "style_layers: 'conv9_9' is not a layer of any backbone",
        "content_layers: vgg16 has no layer conv4_4",
    ),
    "{backbone: vgg61, content_layers: [conv4_4], style_layers: [conv9_9]}": (
        "backbone: 'vgg61' is not one of",
        "style_layers: 'conv9_9' is not a layer of any backbone",
    ),
}


@pytest.mark.parametrize("settings", LAYERS)
def test_the_faults_of_all_layers_are_told_at_once(here, settings):
    expected = [f"c.yaml:3: settings.{start}" for start in listed(LAYERS[settings])]
    assert beginnings(faults(f"{PICTURES}settings: {settings}"), expected) == expected


def test_snakemake_prints_the_faults_and_leaves_nothing(project):
    project.configure(
        project.config | {"style": {"s 1": "none.png"}, "grid": {"sise": [1]}, "settings": {"seed": -1}}
    )
    before = {path.name for path in project.folder.iterdir()}
    done = project.snakemake("-n")
    assert done.returncode == 2
    keys = ["5: style.s 1", "5: style.s 1", "7: grid.sise", "10: settings.seed"]
    expected = [f"error: config.yaml:{key}: " for key in keys]
    own = "Using workflow specific"
    lines = [line for line in done.stderr.splitlines() if not line.startswith(own)]
    assert beginnings(lines, expected) == expected
    assert done.stdout == ""
    assert {path.name for path in project.folder.iterdir()} - before <= {".snakemake"}
