"""Winograd's convolutions against direct ones in float64, and when they are chosen."""

from types import SimpleNamespace

import pytest
import torch
from torch.nn import functional

from nst.engine import winograd
from nst.engine.backbone import best_precision
from nst.engine.objective import Objective, Style
from nst.errors import NstError
from nst.transfer.device import choose_precision
from tests.support.networks import backbone, picture, settings

CPU = torch.device("cpu")
ROUNDING = 4e-6  # of the norm; direct convolutions come to 1e-6


def layer(height, width, of=64, to=72):
    torch.manual_seed(0)
    x = torch.randn(1, of, height, width).to(memory_format=torch.channels_last)
    return x, torch.randn(to, of, 3, 3) / (3 * of**0.5), torch.randn(to)


def apart(found, exact):
    return ((found - exact).norm() / exact.norm()).item()


@pytest.mark.parametrize("block", [1, winograd.LEAST_BLOCK], ids=["one row at a time", "at once"])
@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("sides", [(16, 16), (19, 23), (17, 64), (3, 5), (40, 33)])
def test_values_and_gradients_are_those_of_a_direct_convolution(sides, padding, block, monkeypatch):
    monkeypatch.setattr(winograd, "LEAST_BLOCK", block)
    monkeypatch.setattr(winograd, "BLOCK_PER_WEIGHT", 0)
    x, weight, bias = layer(*sides)
    exact_x, x = x.double().requires_grad_(), x.requires_grad_()
    exact = functional.conv2d(exact_x, weight.double(), bias.double(), 1, padding)
    found = winograd.convolution(x, winograd.transformed(weight), bias, padding)
    gradient = torch.randn_like(exact)
    (exact_gradient,) = torch.autograd.grad(exact, exact_x, gradient)
    (found_gradient,) = torch.autograd.grad(found, x, gradient.float())
    assert found.shape == exact.shape
    assert apart(found, exact) < ROUNDING
    assert apart(found_gradient, exact_gradient) < ROUNDING
    for tensor in (found, found_gradient):
        assert tensor.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize(
    ("change", "suited"),
    [
        ({}, True),
        ({"of": 32}, False),
        ({"to": 32}, False),
        ({"kernel": 5}, False),
        ({"stride": 2}, False),
        ({"side": 12}, False),
        ({"side": 13}, True),
    ],
)
def test_it_suits_wide_layers_of_features_that_are_not_tiny(change, suited):
    case = SimpleNamespace(**{"of": 64, "to": 64, "kernel": 3, "stride": 1, "side": 16} | change)
    x = torch.empty(1, case.of, case.side, case.side)
    weight = torch.empty(case.to, case.of, case.kernel, case.kernel)
    assert winograd.suits(x, weight, case.stride, 1) == suited


def test_an_evaluation_differs_from_a_direct_one_by_rounding(seeded_weights):
    weights = seeded_weights("vgg16", {"conv3_1"})
    found = {}
    for precision in ("fp32", "fp32-winograd"):
        chosen = settings(precision=precision, content_layers={"conv3_1": 1.0})
        content, style = picture(1, 96, 80), picture(2, 64, 96)
        objective = Objective(backbone(weights, chosen, precision), chosen, content, [Style(style)])
        x = picture(3, 96, 80).requires_grad_()
        loss = objective(x).total
        found[precision] = loss.item(), torch.autograd.grad(loss, x)[0]
    (exact, exact_gradient), (loss, gradient) = found.values()
    assert loss == pytest.approx(exact, rel=1e-5)
    assert not torch.equal(gradient, exact_gradient)  # or the layers were direct
    assert apart(gradient, exact_gradient) < 2e-3  # a few maxima and signs flip


@pytest.mark.parametrize(
    ("multiplies_bf16", "has_mkl", "expected"),
    [(True, True, "bf16"), (False, True, "fp32-winograd"), (False, False, "fp32")],
)
def test_auto_is_the_fastest_precision_of_the_cpu(multiplies_bf16, has_mkl, expected, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: multiplies_bf16)
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: has_mkl)
    assert best_precision(CPU) == expected


def test_it_is_refused_on_a_gpu():
    with pytest.raises(NstError, match="needs a CPU; choose auto, fp32, tf32 or bf16 on a GPU"):
        choose_precision(settings(precision="fp32-winograd"), torch.device("cuda"))
