"""Every bad input is refused with one line and status 2, and leaves no file behind."""

import shlex
import shutil

import pytest
from bad_calls import FLAGS
from bad_configs import CONFIGS
from bad_names import NAMES
from bad_paths import ENVIRONMENT, PATHS
from bad_pictures import PICTURES
from bad_recipes import RECIPES
from bad_records import RECORDS
from bad_regions import REGIONS
from bad_settings import SETTINGS
from bad_weights import WEIGHTS
from conftest import draw_picture
from grids import build_grid

from nst.cli import main

TABLES = (
    CONFIGS,
    SETTINGS,
    NAMES,
    RECIPES,
    PICTURES,
    WEIGHTS,
    RECORDS,
    FLAGS,
    PATHS,
    ENVIRONMENT,
    REGIONS,
)
CASES = {name: case for table in TABLES for name, case in table.items()}
VARIABLES = ("NST_GPUS", "NST_GPU_SLOTS", "NST_GPU_LOCKS", "CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID")


@pytest.fixture(scope="module")
def finished(tmp_path_factory, seeded_weights):
    """A folder with a finished grid of two cells, and weights for transfers of its pictures."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for cell in build_grid(folder, axes={"style_weight": [1, 10]}).cells:
            draw_picture(folder / cell.file(".png"))
    shutil.copy(seeded_weights("alexnet", {"conv1"}), folder / "w.pth")
    return folder


@pytest.fixture
def here(finished, tmp_path, monkeypatch):
    """A copy of that folder, and an environment without GPUs."""
    shutil.copytree(finished, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "here"


def contents(folder):
    """All paths in a folder, and the bytes of the files."""
    paths = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else b"" for p in paths}


def test_there_are_many_and_none_twice():
    assert len(CASES) == sum(map(len, TABLES)) >= 300


@pytest.mark.parametrize("name", CASES)
def test_a_bad_input_is_refused_in_one_line_and_nothing_is_left(here, capsys, monkeypatch, name):
    case = CASES[name]
    case.prepare(here)
    for variable, value in case.environment.items():
        monkeypatch.setenv(variable, value.format(folder=here))
    before = contents(here)
    assert main(shlex.split(case.call)) == 2
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == "" and len(lines) == len(case.words)
    for line, words in zip(lines, case.words, strict=True):
        assert words and line.startswith("error: ") and words in line
        assert line.isprintable()
    after = contents(here)
    assert {path: after.get(path) for path in before} == before
    new = set(after) - set(before)
    assert not case.keeps or new
    assert all(f"{path}/".startswith(f"{case.keeps}/") for path in new)


# A style, an overlay or a variable for Snakemake, and the beginning of its last line.
RUNS = {
    "a picture that is not there": (
        {"style": {"s": "none.png"}},
        "error: config.yaml:5: style.s: none.png does not exist",
    ),
    "an overlay": (
        {"overlay": "settings={size: 3}"},
        "error: --config: settings.size: '3' is not a whole number from 16 to 16384",
    ),
    "GPUs": ({"NST_GPUS": "0,0"}, "error: NST_GPUS is '0,0', not a list of distinct device ids"),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_run_refuses_a_bad_input_in_one_line(project, name):
    extra, line = RUNS[name]
    project.configure(project.config | {key: extra[key] for key in extra if key == "style"})
    before = contents(project.folder)
    options = ["--config", extra["overlay"]] if "overlay" in extra else []
    done = project.snakemake(*options, env={key: extra[key] for key in extra if key.isupper()})
    lines = [
        text for text in done.stderr.splitlines() if not text.startswith("Using workflow specific")
    ]
    assert (done.returncode, len(lines)) == (2, 1) and lines[0].startswith(line)
    after = contents(project.folder)
    assert {path for path in set(after) - set(before) if not path.startswith(".snakemake")} == set()
