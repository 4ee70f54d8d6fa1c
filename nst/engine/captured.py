"""Evaluations as one CUDA graph: all their kernels are launched at once.

An evaluation is some 200 kernels. At sizes up to 1024 px a GPU computes them faster than a program can
launch them one by one.
"""

import os
from collections.abc import Callable

import torch
from torch import Tensor

SWITCH = "NST_CUDA_GRAPHS"  # `off` launches every kernel by itself
MOST_VARIABLES = 2**22  # of images whose launches count: those of about 1200 x 1200 pixels
TOLERANCE = 1e-4  # of the captured losses, relative to those of the same evaluation without capture

Computed = tuple[Tensor, Tensor, Tensor]  # losses and the like, the image, the gradient


class Captured:
    """Calls a function of variables of one shape; the second call captures it if that is worth it.

    The first call loads libraries and chooses kernels, which no graph may. Where capture fails, the
    function itself is called, `say` is told why, and this process captures nothing more.
    """

    has_failed = False  # in this process

    def __init__(self, say: Callable[[str], None]):
        self.say, self.calls = say, 0
        self.recorded: tuple[torch.cuda.CUDAGraph, Tensor, Computed] | None = None

    def __call__(self, compute: Callable[[Tensor], Computed], x: Tensor) -> Computed:
        """What the function returns for `x`. The next call overwrites the image."""
        self.calls += 1
        if self.calls == 2 and is_worth_it(x) and not Captured.has_failed:
            try:
                self.recorded = _record(compute, x)
            except RuntimeError as error:  # out of memory, too
                Captured.has_failed = True
                reason = str(error).splitlines()[0]
                self.say(f"note: no CUDA graph is used, so small images take longer: {reason}")
        if not self.recorded:
            return compute(x)
        graph, variables, (losses, image, gradient) = self.recorded
        variables.copy_(x)
        graph.replay()
        return losses, image, gradient.clone()


def _record(
    compute: Callable[[Tensor], Computed], x: Tensor
) -> tuple[torch.cuda.CUDAGraph, Tensor, Computed]:
    """A graph of the function, its variables, and what it computes. Raises RuntimeError."""
    expected = compute(x)[0]
    variables, graph = x.clone(), torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        computed = compute(variables)
    graph.replay()
    if not torch.allclose(computed[0], expected, rtol=TOLERANCE, equal_nan=True):
        raise RuntimeError("its losses are not those of the same evaluation without it")
    return graph, variables, computed


def is_worth_it(x: Tensor) -> bool:
    """Whether evaluations of such variables are to be captured."""
    return x.is_cuda and x.numel() <= MOST_VARIABLES and os.environ.get(SWITCH) != "off"
