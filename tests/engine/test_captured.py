"""Evaluations as a CUDA graph: where there is none, and on a GPU."""

import gc
import weakref

import pytest
import torch

from nst.engine import captured
from nst.engine.captured import Captured, is_worth_it


def evaluated(x):
    return torch.stack((x.sum(), x.max())), 2 * x, x.square()


def test_without_a_graph_the_function_is_called():
    said, calls = [], Captured(lambda message: said.append(message))
    for number in range(3):
        x = torch.full((2,), float(number))
        losses, image, gradient = calls(evaluated, x)
        assert (losses.tolist(), image.tolist()) == ([2.0 * number, number], [2.0 * number] * 2)
        assert gradient.tolist() == [number**2.0] * 2
    assert said == []


def test_a_capture_that_fails_is_said_once_and_changes_nothing(monkeypatch):
    """As here, where torch finds no GPU to capture anything on."""
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    monkeypatch.setattr(captured, "is_worth_it", lambda x: True)
    monkeypatch.setattr(Captured, "has_failed", False)
    said, calls = [], Captured(lambda message: said.append(message))
    for number in range(4):
        losses, _, _ = calls(evaluated, torch.full((2,), float(number)))
        assert losses.tolist() == [2.0 * number, number]
    (line,) = said
    assert line.startswith("note: no CUDA graph is used, so small images take longer: ")


def test_what_is_captured_does_not_outlive_its_stage():
    """Memory of a GPU is freed with the last reference, not with the next search for cycles."""

    class Stage:
        def __init__(self):
            self.captured = Captured(lambda message: None)

        def evaluate(self):
            return self.captured(self.compute, torch.zeros(2))

        def compute(self, x):
            return evaluated(x)

    stage = Stage()
    stage.evaluate()
    gone = weakref.ref(stage)
    gc.disable()
    try:
        del stage
        assert gone() is None
    finally:
        gc.enable()


def test_only_small_images_on_a_gpu_are_captured(monkeypatch):
    assert not is_worth_it(torch.zeros(2))

    class OnGpu:
        is_cuda = True

        def __init__(self, variables):
            self.numel = lambda: variables

    assert is_worth_it(OnGpu(3 * 512 * 512))
    assert not is_worth_it(OnGpu(3 * 2048 * 2048))
    monkeypatch.setenv("NST_CUDA_GRAPHS", "off")
    assert not is_worth_it(OnGpu(3 * 512 * 512))
