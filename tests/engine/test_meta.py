"""Evaluations without data: dtypes, shapes and devices, and how many kernels and waits they cost.

Tensors on `meta` have a shape but no values, so a whole evaluation takes milliseconds. A FakeTensor
claims to be on `cuda` where there is no GPU, and refuses to be combined with a tensor that is not.
"""

from collections import Counter

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.config.settings import RECIPES
from nst.engine import wasserstein
from nst.engine.backbone import PRECISIONS, Backbone
from nst.engine.objective import Objective, Style
from nst.engine.parametrization import PARAMETRIZATIONS
from nst.engine.stages import Stage, optimize
from nst.transfer.state_dict import tensor_shapes

SIDES = (160, 112)  # of content and image
STYLE_SIDES = (96, 128)
TILE = 64
PRECISIONS_TRIED = ("fp32", "bf16")
CASES = [(tile, precision) for tile in ("none", TILE) for precision in PRECISIONS_TRIED]

# Kernels of one evaluation with its gradient: whole image in fp32, in bf16, by tiles in fp32, in bf16.
KERNELS = {
    "adam-blog": (218, 224, 1322, 1340),
    "crowson": (750, 766, 2106, 2244),
    "gatys": (198, 204, 1202, 1220),
    "gatys-2016": (195, 201, 1215, 1233),
    "gatys-equations": (204, 210, 1168, 1186),
    "neural-style": (209, 215, 1229, 1247),
    "painter": (228, 234, 1360, 1378),
    "pytorch-tutorial": (152, 158, 836, 854),
    "pytorch-tutorial-2017": (149, 155, 806, 824),
    "spst": (390, 406, 1600, 1708),
}
# What waits for the device in one evaluation and step, the first left out.
ADAM = {"tolist": 1, "_local_scalar_dense": 1}  # torch's count of steps, which lies on the CPU
LBFGS = {"tolist": 1}
SYNCHRONIZATIONS = {
    "adam-blog": ADAM,
    "crowson": ADAM,
    "gatys": LBFGS,
    "gatys-2016": LBFGS,
    "gatys-equations": ADAM,
    "painter": LBFGS,
    "neural-style": LBFGS,
    "pytorch-tutorial": LBFGS,
    "pytorch-tutorial-2017": LBFGS,
    "spst": LBFGS,
}
NARROWER = (torch.float32, torch.float16, torch.bfloat16)
WAITING = ("tolist", "_local_scalar_dense", "nonzero", "_linalg_eigh")
COUNTED_WITH = "2.15"  # another torch may split operations differently
ADVICE = (
    "{}: {} {}, the table says {}. Each kernel costs a GPU 5 to 10 µs, whatever its size, and a wait"
    " empties its queue. Fewer: write the new number into the table. More: find out which change"
    " brought them (git bisect), and write it down only if it is worth the time"
)


def weights_on(device, settings):
    """Weights without values."""
    plan = cut(settings.backbone, settings.layers())
    return {name: torch.empty(shape, device=device) for name, shape in tensor_shapes(plan)}


def objective_on(device, settings, precision):
    """An objective whose weights and pictures have no values, and an image."""
    network = Backbone(settings, weights_on(device, settings), precision, torch.device(device))
    content, style = (torch.empty(1, 3, *sides, device=device) for sides in (SIDES, STYLE_SIDES))
    return Objective(network, settings, content, [Style(style)]), torch.empty_like(content)


class Counting(TorchDispatchMode):
    """Counts the operations that reach a device: views and allocations do not."""

    ALLOCATIONS = ("empty", "empty_like", "new_empty", "new_empty_strided")

    def __init__(self):
        super().__init__()
        self.counts = Counter()
        self.types = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        if not function.is_view and name not in self.ALLOCATIONS:
            self.counts[name] += 1
        result = function(*args, **(kwargs or {}))
        self.types |= {leaf.dtype for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)}
        return result


class Rounding(TorchDispatchMode):
    """Collects the operations that have a tensor of a narrower type than float64 as a result."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor) and leaf.numel() > 1 and leaf.dtype in NARROWER:
                self.found.add(function.overloadpacket.__name__)
        return result


@pytest.mark.parametrize("tile", ["none", TILE])
@pytest.mark.parametrize("recipe", RECIPES)
def test_nothing_is_rounded_to_less_than_float64_in_fp64(recipe, tile):
    settings = resolve({"recipe": recipe, "tile": tile})
    weights = {name: tensor.double() for name, tensor in weights_on("meta", settings).items()}
    content, style = (torch.empty(1, 3, *s, device="meta").double() for s in (SIDES, STYLE_SIDES))
    with Rounding() as rounding:
        network = Backbone(settings, weights, "fp64", torch.device("meta"))
        objective = Objective(network, settings, content, [Style(style)])
        space = PARAMETRIZATIONS[settings.parametrization](content)
        variables = space.encode(content).requires_grad_()
        losses = objective(space.decode(variables))
        (gradient,) = torch.autograd.grad(losses.total, variables)
    assert not rounding.found
    assert {loss.dtype for loss in losses.summary()} == {gradient.dtype} == {torch.float64}


@pytest.mark.parametrize(("tile", "precision"), CASES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_an_evaluation_with_its_gradient_keeps_types_and_costs_what_it_did(recipe, tile, precision):
    settings = resolve({"recipe": recipe, "tile": tile})
    objective, image = objective_on("meta", settings, precision)
    features = objective.backbone(image)
    assert {f.dtype for f in features.values()} == {PRECISIONS[precision]}
    space = PARAMETRIZATIONS[settings.parametrization](image)
    variables = space.encode(image).requires_grad_()
    with Counting() as counting:
        losses = objective(space.decode(variables))
        (gradient,) = torch.autograd.grad(losses.total, variables)
    scalars = [losses.total, losses.content, losses.style, losses.tv]
    scalars += [term for table in losses.terms.values() for term in table.values()]
    assert {(s.dtype, s.shape, s.device.type) for s in scalars} == {(torch.float32, (), "meta")}
    assert (gradient.dtype, gradient.shape) == (torch.float32, variables.shape)
    assert gradient.device.type == "meta"
    assert torch.float64 not in counting.types, "many GPUs are 32 times as slow in it"
    if torch.__version__.startswith(COUNTED_WITH):
        expected = KERNELS[recipe][CASES.index((tile, precision))]
        kernels = counting.counts.total()
        assert kernels == expected, ADVICE.format(recipe, kernels, "kernels per evaluation", expected)


@pytest.mark.parametrize(("tile", "precision"), CASES)
@pytest.mark.parametrize("recipe", RECIPES)
def test_no_tensor_of_the_cpu_strays_into_an_evaluation_on_a_gpu(recipe, tile, precision):
    settings = resolve({"recipe": recipe, "tile": tile})
    with FakeTensorMode(), torch.no_grad():
        objective, image = objective_on("cuda", settings, precision)
        space = PARAMETRIZATIONS[settings.parametrization](image)
        losses = objective(space.decode(space.encode(image)))
        assert {loss.device.type for loss in losses.summary()} == {"cuda"}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_step_waits_for_the_device_as_often_as_it_did(recipe, monkeypatch):
    settings = resolve({"recipe": recipe})
    generator = torch.Generator().manual_seed(0)
    tensors = {
        name: torch.randn(tensor.shape, generator=generator) * tensor[0].numel() ** -0.5
        for name, tensor in weights_on("meta", settings).items()
    }
    content, style = (torch.rand(1, 3, 96, 80, generator=generator) for _ in range(2))
    network = Backbone(settings, tensors, "fp32", torch.device("cpu"))
    monkeypatch.setattr(wasserstein, "takes_products", lambda covariance: True)
    after_steps = []
    with Counting() as counting:
        to_list = torch.Tensor.tolist

        def counted_to_list(tensor):
            counting.counts["tolist"] += 1  # one copy on a GPU, none on the CPU
            return to_list(tensor)

        monkeypatch.setattr(torch.Tensor, "tolist", counted_to_list)
        stages = [Stage(content, (Style(style),), content, 6)]
        optimize(network, settings, stages, on_step=lambda _: after_steps.append(+counting.counts))
    step = after_steps[-1] - after_steps[-2]
    waits = {name: step[name] for name in WAITING if step[name]}
    expected = SYNCHRONIZATIONS[recipe]
    assert waits == expected, ADVICE.format(recipe, waits, "waits per step", expected)
