"""A recipe with another backbone than its own: the input fits the network, weights mean the same."""

import pytest
import yaml

from nst.config.recipes import load, requested, resolve
from nst.config.settings import RECIPES
from nst.errors import NstError


@pytest.mark.parametrize("recipe", RECIPES)
def test_features_have_the_size_of_those_that_the_recipe_was_made_for(recipe):
    loaded = load(recipe)
    own = loaded["settings"]
    with_torchvision = resolve({"recipe": recipe, "backbone": "vgg16"})
    with_caffe = resolve({"recipe": recipe, "backbone": "vgg19-caffe"})
    assert with_caffe.normalization == "caffe"
    unit = 57.375 if with_torchvision.normalization == "imagenet" else 255
    assert with_torchvision.feature_scale == pytest.approx(with_caffe.feature_scale * unit, rel=1e-12)
    kept = with_caffe if own["backbone"] == "vgg19-caffe" else with_torchvision
    assert (kept.normalization, kept.feature_scale) == (own["normalization"], own["feature_scale"])
    assert (
        resolve({"recipe": recipe, "backbone": "vgg19"}).feature_scale == with_torchvision.feature_scale
    )


def test_what_the_user_sets_is_not_scaled():
    chosen = resolve({"recipe": "gatys", "backbone": "vgg19-caffe", "feature_scale": 2.0})
    assert (chosen.normalization, chosen.feature_scale) == ("caffe", 2.0)


def test_features_are_scaled_for_the_normalization_that_the_user_chooses():
    chosen = resolve({"recipe": "neural-style", "backbone": "vgg16", "normalization": "none"})
    assert (chosen.normalization, chosen.feature_scale) == ("none", pytest.approx(255, rel=1e-12))


@pytest.fixture
def own(tmp_path):
    """A function (settings, backbones) -> the path of a recipe like gatys."""

    def write(settings, backbones=None):
        path = tmp_path / "mine.yaml"
        content = {"settings": load("gatys")["settings"] | settings, "backbones": backbones or {}}
        path.write_text(yaml.safe_dump(content))
        return str(path)

    return write


def test_a_recipe_of_a_user_needs_no_section_for_it(own):
    chosen = requested({"recipe": own({"feature_scale": 57.375}), "backbone": "vgg19-caffe"})
    assert (chosen.normalization, chosen.feature_scale) == ("caffe", 1.0)


def test_a_section_of_the_recipe_has_the_last_word(own):
    path = own({}, {"vgg19-caffe": {"feature_scale": 0.5}})
    chosen = requested({"recipe": path, "backbone": "vgg19-caffe"})
    assert (chosen.normalization, chosen.feature_scale) == ("caffe", 0.5)


@pytest.mark.parametrize(
    ("backbone", "normalization", "fitting"),
    [("vgg19-caffe", "imagenet", "caffe"), ("vgg19-caffe", "none", "caffe"),
     ("vgg19", "caffe", "imagenet or none"), ("alexnet", "caffe", "imagenet or none")],
)  # fmt: skip
@pytest.mark.parametrize("by_recipe", [True, False])
def test_a_normalization_that_the_network_was_not_trained_on_is_refused(
    own, backbone, normalization, fitting, by_recipe
):
    chosen = {"backbone": backbone, "normalization": normalization}
    if backbone == "alexnet":
        chosen |= {"content_layers": ["conv1"], "style_layers": ["conv1"]}
    with pytest.raises(NstError) as refusal:
        requested({"recipe": own(chosen)} if by_recipe else chosen)
    assert str(refusal.value) == (
        f"normalization: {backbone} was not trained on {normalization}: choose {fitting}, or"
        " leave it out"
    )


def test_a_scale_that_would_be_out_of_bounds_is_refused(own):
    path = own({"feature_scale": 0.002})
    with pytest.raises(
        NstError, match=r"^feature_scale for vgg19-caffe: .* is not a number.*; set it$"
    ):
        requested({"recipe": path, "backbone": "vgg19-caffe"})
    requested({"recipe": path, "backbone": "vgg19-caffe", "feature_scale": 0.002})
