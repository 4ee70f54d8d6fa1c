"""Named layers against torchvision's own networks."""

import pytest
import torch
import torchvision
from networks import load_backbone

from nst.config.layers import BACKBONES, IMAGENET_MEAN, IMAGENET_STD, cut, least_side
from nst.config.recipes import resolve
from nst.engine.backbone import POOLINGS
from nst.errors import NstError

CPU = torch.device("cpu")


def network(backbone, layers, weights, precision="fp32", **given):
    """A backbone that is asked for these layers."""
    given = {
        "recipe": "gatys",
        "backbone": backbone,
        "content_layers": dict.fromkeys(sorted(layers), 1.0),
        **given,
    }
    return load_backbone(resolve({"style_weight": 0.0, **given}), weights, precision, CPU)


# vgg19-caffe is torchvision's VGG-19 behind another normalization.
TORCHVISION = {"vgg19": "relu5_1", "vgg16": "relu5_1", "alexnet": "relu5"}


def torchvision_features(backbone, weights, image, deepest, pooling="max"):
    """The output of every layer down to `deepest` by torchvision's network, module by module."""
    network = getattr(torchvision.models, backbone)(weights=None).features.eval()
    state = torch.load(weights, weights_only=True)
    network.load_state_dict({k.removeprefix("features."): v for k, v in state.items()}, strict=False)
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    x, outputs = (image - mean) / std, {}
    for layer, module in zip(BACKBONES[backbone], network, strict=False):
        if isinstance(module, torch.nn.ReLU):
            module = torch.nn.ReLU()
        if isinstance(module, torch.nn.MaxPool2d) and pooling == "avg":
            module = torch.nn.AvgPool2d(module.kernel_size, module.stride)
        x = module(x)
        outputs[layer.name] = x
        if layer.name == deepest:
            break
    return outputs


@pytest.mark.parametrize("pooling", ["max", "avg"])
@pytest.mark.parametrize("backbone", TORCHVISION)
def test_every_named_layer_is_torchvisions(backbone, pooling, seeded_weights):
    deepest = TORCHVISION[backbone]
    weights = seeded_weights(backbone, {deepest})
    image = torch.rand(1, 3, 64, 80, generator=torch.Generator().manual_seed(3))
    names = {layer.name for layer in cut(backbone, {deepest})}
    with torch.no_grad():
        expected = torchvision_features(backbone, weights, image, deepest, pooling)
        found = network(backbone, names, weights, pooling=pooling)(image)
        sparse = network(backbone, {deepest}, weights, pooling=pooling)(image)
    assert set(found) == names
    for name, features in found.items():
        torch.testing.assert_close(features, expected[name], rtol=1e-4, atol=1e-4)
    # The in-place ReLU of layers that no loss reads must change nothing else.
    torch.testing.assert_close(sparse[deepest], expected[deepest], rtol=1e-4, atol=1e-4)


def test_it_is_as_deep_as_asked_and_no_deeper(seeded_weights):
    backbone = network("vgg19", {"conv2_1"}, seeded_weights("vgg19", {"conv2_1"}))
    assert [layer.name for layer in backbone.plan][-1] == "conv2_1"
    assert len(backbone.weights) == 6


def test_bf16_stays_near_fp32(seeded_weights):
    weights = seeded_weights("vgg16", {"relu3_1"})
    image = torch.rand(1, 3, 48, 48, generator=torch.Generator().manual_seed(3))
    exact, rough = (
        network("vgg16", {"relu3_1"}, weights, precision)(image)["relu3_1"].float()
        for precision in ("fp32", "bf16")
    )
    # bf16 keeps 8 bits: a relative error of 2**-9 a product, growing with depth.
    assert 0 < (exact - rough).norm() / exact.norm() < 0.02


@pytest.mark.parametrize(
    ("backbone", "layer", "least"),
    [
        ("vgg19", "conv1_1", 1),
        ("vgg16", "conv5_1", 16),
        ("alexnet", "conv1", 7),
        ("alexnet", "conv5", 31),
    ],
)
def test_least_side(backbone, layer, least, seeded_weights):
    assert least_side(cut(backbone, {layer})) == least
    net = network(backbone, {layer}, seeded_weights(backbone, {layer}))
    assert net(torch.zeros(1, 3, least, least))[layer].numel()
    if least > 1:
        with pytest.raises(NstError, match=f"9 x {least - 1} pixels is too small for {layer}.*{least}"):
            net(torch.zeros(1, 3, least - 1, 9))


def test_replicate_padding_repeats_the_edge_at_the_first_convolution_only(seeded_weights):
    weights = seeded_weights("vgg16", {"conv1_2"})
    image = torch.rand(1, 3, 12, 14, generator=torch.Generator().manual_seed(3))
    zero, replicate = (
        network("vgg16", {"conv1_1", "conv1_2"}, weights, padding=padding)(image)
        for padding in ("zero", "replicate")
    )
    inside = (..., slice(1, -1), slice(1, -1))
    torch.testing.assert_close(zero["conv1_1"][inside], replicate["conv1_1"][inside])
    assert not torch.allclose(zero["conv1_1"][..., 0, :], replicate["conv1_1"][..., 0, :])
    constant = network("vgg16", {"conv1_1"}, weights, padding="replicate")(
        torch.full((1, 3, 6, 6), 0.3)
    )
    flat = constant["conv1_1"].flatten(2)
    torch.testing.assert_close(flat, flat[..., :1].expand_as(flat))  # no edge to be seen


def test_with_replicate_all_no_layer_sees_an_edge(seeded_weights):
    deepest = "relu4_1"
    weights = seeded_weights("vgg16", {deepest})
    net = network("vgg16", {deepest}, weights, padding="replicate-all")
    flat = net(torch.full((1, 3, 32, 32), 0.3))[deepest].flatten(2)
    torch.testing.assert_close(flat, flat[..., :1].expand_as(flat))
    least = torch.rand(1, 3, 8, 8)  # one position is left, which has no neighbour to reflect
    assert net(least)[deepest].shape[2:] == (1, 1)


def test_without_normalization_the_network_sees_the_picture_as_it_is(seeded_weights):
    weights = seeded_weights("vgg16", {"conv1_1"})
    image = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3))
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    plain = network("vgg16", {"conv1_1"}, weights, normalization="none")((image - mean) / std)
    usual = network("vgg16", {"conv1_1"}, weights)(image)
    torch.testing.assert_close(plain["conv1_1"], usual["conv1_1"])


def test_caffes_network_sees_bgr_levels_minus_their_mean(seeded_weights):
    weights = seeded_weights("vgg19", {"conv1_1"})
    image = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3))
    red, green, blue = (image[:, channel] * 255 for channel in range(3))
    levels = torch.stack([blue - 103.939, green - 116.779, red - 123.68], dim=1)
    expected = network("vgg19", {"conv1_1"}, weights, normalization="none")(levels)
    found = network("vgg19-caffe", {"conv1_1"}, weights)(image)
    torch.testing.assert_close(found["conv1_1"], expected["conv1_1"], rtol=1e-4, atol=1e-3)


def test_the_plan_of_caffes_network_is_that_of_vgg19():
    assert BACKBONES["vgg19-caffe"] == BACKBONES["vgg19"]


def test_rescaled_poolings_keep_the_size_of_activations():
    x = torch.randn(1, 8, 32, 32, generator=torch.Generator().manual_seed(0)).clamp(min=0)
    biggest = POOLINGS["max"](x, 2, 2).mean()
    torch.testing.assert_close(POOLINGS["avg-rescaled"](x, 2, 2), 2 * POOLINGS["avg"](x, 2, 2))
    squares = 0.78 * (4 * torch.nn.functional.avg_pool2d(x**2, 2)).sqrt()
    torch.testing.assert_close(POOLINGS["l2-rescaled"](x, 2, 2), squares)
    for name in ("avg-rescaled", "l2-rescaled"):
        assert 0.7 < POOLINGS[name](x, 2, 2).mean() / biggest < 1.4
