"""The network's operations against torch's own."""

import pytest
import torch
from torch.nn import functional

from nst.engine.operations import convolution, max_pool, relu


def random(*shape, seed=0, kind=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(kind)


WEIGHT, BIAS = random(5, 4, 3, 3, seed=1), random(5, seed=2)
STRIDED, WIDE = random(5, 4, 11, 11, seed=3), random(5, 4, 5, 5, seed=4)


def convolutions(weight, stride, padding):
    return (
        lambda x: convolution(x, weight, BIAS, stride, padding),
        lambda x: functional.conv2d(x, weight, BIAS, stride, padding),
    )


CASES = {
    "convolution": convolutions(WEIGHT, 1, 1),
    "strided": convolutions(STRIDED, 4, 2),
    "wide": convolutions(WIDE, 1, 2),
    "relu": (relu, functional.relu),
    "pooling of VGG": (lambda x: max_pool(x, 2, 2), lambda x: functional.max_pool2d(x, 2, 2)),
    "pooling of AlexNet": (lambda x: max_pool(x, 3, 2), lambda x: functional.max_pool2d(x, 3, 2)),
}


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("ours", "torchs"), CASES.values(), ids=CASES)
def test_values_and_gradients_are_torchs(ours, torchs, layout):
    given, found = random(1, 4, 21, 34).contiguous(memory_format=layout), []
    for operation in (ours, torchs):
        x = given.clone().requires_grad_()
        y = operation(x)
        (gradient,) = torch.autograd.grad(y, x, random(*y.shape, seed=5))
        found.append((y, gradient))
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-5)


def test_of_equal_values_the_same_one_is_the_maximum():
    given = random(1, 4, 21, 34).round()
    gradients = []
    for operation in (max_pool, functional.max_pool2d):
        x = given.clone().requires_grad_()
        operation(x, 3, 2).sum().backward()
        gradients.append(x.grad)
    assert gradients[0].equal(gradients[1])


def kept(operation, x):
    """Bytes that an operation keeps for the gradient."""
    found = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: found.append(t.nbytes) or t, lambda t: t):
        operation(x)
    return sum(found)


def test_less_is_kept_than_torch_keeps():
    x = random(1, 4, 64, 64, kind=torch.bfloat16).requires_grad_()
    weight, bias = WEIGHT.bfloat16(), BIAS.bfloat16()
    assert kept(lambda x: convolution(x, weight, bias, 1, 1), x) == weight.nbytes
    places = x.numel() // 4
    assert kept(lambda x: max_pool(x, 2, 2), x) == 4 * places
    assert kept(lambda x: functional.max_pool2d(x, 2, 2), x) == x.nbytes + 8 * places
