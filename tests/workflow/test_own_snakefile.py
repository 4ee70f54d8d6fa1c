"""The workflow in a Snakefile of the user's: included, or as a module, beside rules of their own."""

from types import SimpleNamespace

import pytest
import yaml
from conftest import Project, draw_picture
from PIL import Image

from nst.cli import main
from nst.disk.packaged import WORKFLOW
from nst.workflow import snakemake_module

RULE = """
        "results/own.txt"

rule own:
    input:
        "results/losses.csv",
    output:
        "results/own.txt",
    shell:
        "wc -l < {input} > {output}"

onstart:
    print("my own start")
"""
MODULE = """
import nst

configfile: "config.yaml"

module tool:
    snakefile: nst.SNAKEFILE
    config: config
    PREFIX

use rule * from tool as nst_*

use rule transfer from tool as nst_transfer with:
    threads: 2

onsuccess:
    print("my own end")
"""


@pytest.fixture
def own(tmp_path, monkeypatch, seeded_weights):
    """A project made by `nst new`, of four small images."""
    monkeypatch.chdir(tmp_path)
    for seed, name in enumerate(("c/c1.png", "c/c2.png", "s/s1.png")):
        draw_picture(tmp_path / name, seed=seed)
    assert main(["new", "own", "--content", "c", "--style", "s"]) == 0
    own = Project(tmp_path / "own")
    layers = {"content_layers": ["conv1"], "style_layers": ["conv1"]}
    settings = {"backbone": "alexnet", "size": 16, "evaluations": 2, "precision": "fp32", **layers}
    weights = {"alexnet": str(seeded_weights("alexnet", {"conv1"}))}
    grid = {"style_weight": ["1e4", "1e5"]}
    own.configure({**own.config, "settings": settings, "grid": grid, "weights": weights})
    return own


def test_a_project_runs_beside_rules_of_its_own(own):
    with (own.folder / "Snakefile").open("a") as snakefile:
        snakefile.write(RULE)
    done = own.snakemake(words="few")
    assert done.returncode == 0, done.stderr
    assert "my own start" in done.stdout
    assert "4 images made, making the sheets and the page" in done.stderr  # the profile is found
    assert (own.folder / "results/own.txt").read_text().strip() == "5"
    assert "Look at " in own.snakemake(words="few").stderr
    (own.folder / "results/cells/c1/s1/style_weight-1e4.png").unlink()
    again = own.snakemake()
    assert again.stderr.count("rule transfer:") == 1


def test_a_module_is_told_its_config_and_keeps_the_hooks(own):
    (own.folder / "Snakefile").write_text(MODULE.replace("PREFIX", ""))
    (own.folder / "other.yaml").write_text(yaml.safe_dump({"settings": {"size": 20}}))
    dry = own.snakemake("-n", words="few")
    assert "4 images to make, 0 of 4 are there" in dry.stdout, dry.stderr
    done = own.snakemake("--configfile", "other.yaml", words="few")
    assert done.returncode == 0, done.stderr
    assert "my own end" in done.stdout
    assert "4 images made, making the sheets and the page" in done.stderr
    assert "Look at " in done.stderr
    with Image.open(own.folder / "results/cells/c1/s1/style_weight-1e4.png") as image:
        assert image.size == (20, 13)
    own.configure({**own.config, "style": "../c/c1.png"})
    assert "snakemake nst_prune" in own.snakemake("-n", words="few").stderr
    assert own.snakemake("nst_prune", words="few").stdout.startswith("4 cells m")


def test_faults_in_the_config_of_a_module_are_refused(own):
    (own.folder / "Snakefile").write_text(MODULE.replace("PREFIX", ""))
    own.configure({**own.config, "stile": "x", "settings": {"size": 0}})
    done = own.snakemake("-n", words="few")
    assert done.returncode == 2
    assert "config of the module: stile: unknown key; did you mean 'style'?" in done.stderr
    assert "config of the module: settings.size: 0 is not" in done.stderr


def test_the_snakefile_of_the_catalogue_makes_the_same(own):
    catalogue = WORKFLOW / "Snakefile"
    text = MODULE.replace("nst.SNAKEFILE", f'"{catalogue}"').replace("PREFIX", "")
    (own.folder / "Snakefile").write_text(text)
    for arguments in ((), ("--snakefile", str(catalogue))):
        dry = own.snakemake("-n", *arguments, words="few")
        assert "4 images to make, 0 of 4 are there" in dry.stdout, dry.stderr


def test_a_module_with_a_prefix_is_refused(own):
    (own.folder / "Snakefile").write_text(MODULE.replace("PREFIX", 'prefix: "sub"'))
    done = own.snakemake("-n", words="few")
    assert done.returncode == 2
    assert "error: a module of nst-grid takes no prefix" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_snakemake_without_the_names_takes_the_rules_as_they_are():
    workflow = SimpleNamespace(config={"size": 9})
    assert snakemake_module.config_of(workflow) == (["config.yaml"], {"size": 9})
    snakemake_module.refuse_prefix(workflow)
    assert snakemake_module.rule_names(workflow)["prune"] == "prune"
    snakemake_module.add_hooks(workflow, None)
    assert not snakemake_module.has_others(workflow, {})
    assert vars(workflow) == {"config": {"size": 9}}


def test_dates_in_the_config_of_a_module_are_texts():
    config = yaml.safe_load("content: {2024-05-01: a.jpg}\nsettings: {seed: 2024-05-01, init: null}")
    modifier = SimpleNamespace(skip_configfile=True)
    files, values = snakemake_module.config_of(SimpleNamespace(config=config, modifier=modifier))
    assert files == []
    assert values["content"] == {"2024-05-01": "a.jpg"}
    assert values["settings"] == {"seed": "2024-05-01", "init": None}
