"""`nst transfer` without a backbone where the recipe's weights cannot be fetched."""

from pathlib import Path

import pytest
from conftest import draw_picture

from nst.cli import main
from nst.config.settings import RECIPES
from nst.disk.embedded import embedded_record
from nst.errors import WeightsOutOfReach
from nst.transfer import weights

NOTE = "note: {0} cannot be fetched (`nst weights {0}` says why): using {1}"


@pytest.fixture
def call(tmp_path, monkeypatch, seeded_weights, capfd):
    """A function (options...) -> status, stderr, where only what is `there` can be fetched."""
    monkeypatch.chdir(tmp_path)
    draw_picture(tmp_path / "c.png", seed=1)
    draw_picture(tmp_path / "s.png", seed=2)
    made_up = seeded_weights("vgg16", {"conv1_1", "conv2_1"})

    def run(*options, there=("vgg19-caffe", "vgg16")):
        def fetch(name, folder, source=None):
            if name not in there:
                raise WeightsOutOfReach(f"no source for the weights of {name}")
            return made_up

        monkeypatch.setattr(weights, "fetch", fetch)
        monkeypatch.setattr(weights, "noted", lambda path: "")
        layers = ["--content-layers", "conv2_1", "--style-layers", "conv1_1"]
        small = ["--size", "32", "--evaluations", "1", "--device", "cpu"]
        words = ["--recipe", "gatys", *layers, *small, *options]
        status = main(["transfer", "c.png", "s.png", "--out", "x.png", *words])
        return status, capfd.readouterr().err

    return run


def made_with():
    return embedded_record(Path("x.png"), "").settings


def test_the_weights_of_the_package_index_are_used_with_a_word(call):
    status, said = call()
    assert status == 0, said
    assert NOTE.format("vgg19", "vgg19-caffe") in said and "vgg16" not in said
    assert (made_with()["backbone"], made_with()["normalization"]) == ("vgg19-caffe", "caffe")


@pytest.mark.parametrize("options", [[], ["--recipe", "neural-style", "--init", "content"]])
def test_what_is_here_of_them_is_used(call, options):
    status, said = call(*options, there=["vgg16"])
    assert status == 0, said
    assert NOTE.format("vgg19-caffe", "vgg16") in said
    assert (NOTE.format("vgg19", "vgg19-caffe") in said) == (not options)
    assert (made_with()["backbone"], made_with()["normalization"]) == ("vgg16", "imagenet")


def test_a_backbone_that_the_users_settings_do_not_fit_is_left_out(call):
    status, said = call("--normalization", "none")
    assert status == 0, said
    assert NOTE.format("vgg19", "vgg16") in said and "caffe" not in said
    assert (made_with()["backbone"], made_with()["normalization"]) == ("vgg16", "none")
    status, said = call("--normalization", "none", there=())
    assert status == 2
    assert said.splitlines()[-1] == "error: no source for the weights of vgg19"


@pytest.mark.parametrize("options", [["--backbone", "vgg19"], []])
def test_a_named_backbone_and_no_weights_at_all_are_refused(call, options):
    status, said = call(*options, there=("vgg16",) if options else ())
    assert status == 2
    assert said.splitlines()[-1] == "error: no source for the weights of vgg19"


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_runs_with_a_package_index_by_one_setting(
    recipe, tmp_path, monkeypatch, seeded_weights, capfd
):
    monkeypatch.chdir(tmp_path)
    pictures = [str(draw_picture(tmp_path / name, seed=2)) for name in ("c.png", "s.png")]
    made_up = seeded_weights("vgg19-caffe", {"relu5_4"})
    words = ["--size", "32", "--evaluations", "2", "--device", "cpu", "--weights", str(made_up)]
    words += ["--recipe", recipe, "--backbone", "vgg19-caffe"]
    assert main(["transfer", *pictures, "--out", "x.png", *words]) == 0, capfd.readouterr().err
    assert (made_with()["backbone"], made_with()["normalization"]) == ("vgg19-caffe", "caffe")
