"""In float64, every recipe against its naive writing: evaluation by evaluation, and the final image.

In fp32 the first step of L-BFGS is so short that the curvature it measures is rounding, so two correct
programs part after a few evaluations. In float64 they stay together for as long as is compared here.
"""

import naive
import naive_gatys
import naive_painter
import naive_spst
import pytest
import torch
from conftest import ROOT
from networks import load_backbone

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.config.settings import RECIPES
from nst.disk import images
from nst.engine.colour import recoloured
from nst.engine.objective import Style
from nst.engine.stages import Stage, noise, optimize
from nst.transfer.state_dict import read_state

EXACT = 1e-6  # of a loss; of a pixel between 0 and 1
EVALUATIONS = 50
SIZE, LARGER = 48, 72  # pixels
TV = 3.292e8  # as gatys-equations has it; 1e5 K^2 is 3.29189e8
# A recipe -> losses and image of its naive writing: of a network, content, style, start, evaluations.
ONE_SCALE = {
    "pytorch-tutorial": lambda net, c, s, start, n: naive.tutorial(net, c, s, least=n - 1),
    "pytorch-tutorial-2017": lambda net, c, s, start, n: naive.tutorial(
        net, c, s, normalized=False, least=n - 1
    ),
    "adam-blog": lambda net, c, s, start, n: naive.adam_blog(net, c, s, n, last="3"),
    "gatys-2016": lambda net, c, s, start, n: naive.gatys_2016(net, c, s, start, least=n - 1),
    "spst": lambda net, c, s, start, n: naive_spst.spst(net, c, s, start, least=n - 1),
    "neural-style": naive.neural_style,
    "gatys-equations": lambda net, c, s, start, n: naive.gatys_equations(
        net, c, s, start, n, style_weight=1000, tv_weight=TV, rate=0.05
    ),
}
TWO_SCALES = {
    "crowson": lambda net, parts: naive.crowson(net, parts, iterations=0),
    "gatys": naive_gatys.gatys,
    "painter": naive_painter.painter,
}
IN_STEPS = 20  # evaluations of a step of torch's L-BFGS
QUICK = ("pytorch-tutorial", "pytorch-tutorial-2017")  # shallow layers
OF_CAFFE = ("gatys-2016", "neural-style", "spst")


def pair(size):
    paths = (ROOT / "images/content/chelsea.jpg", ROOT / "images/style/strokes.jpg")
    return [images.to_tensor(images.resized(images.read(path)[0], size), double=True) for path in paths]


def assert_same(recipe, backbone, weights):
    settings = resolve({"recipe": recipe, "backbone": backbone, "size": LARGER})
    state = read_state(weights, backbone, cut(backbone, settings.layers()))
    net = naive.Network(backbone, state, settings.pooling == "avg", settings.padding, torch.float64)
    (content, style), count = pair(SIZE), EVALUATIONS
    if recipe in TWO_SCALES:
        counts = (count - count // 3, count // 3)
        parts = [(*pair(size), n) for size, n in zip((SIZE, LARGER), counts, strict=True)]
        begun = recoloured if settings.init == "recoloured" else lambda content, style: content
        stages = [Stage(c, (Style(s),), begun(c, s), n) for c, s, n in parts]
        losses, image = TWO_SCALES[recipe](net, parts)
    else:
        if recipe not in ("adam-blog", "neural-style", "gatys-equations"):
            count += -count % IN_STEPS
        start = content if settings.init == "content" else noise(content.shape, settings).double()
        stages = [Stage(content, (Style(style),), start, count)]
        losses, image = ONE_SCALE[recipe](net, content, style, start, count)
    rows = []
    network = load_backbone(settings, weights, "fp64")
    made = optimize(network, settings, stages, lambda row, image: rows.append(row.total)).image
    assert len(rows) == len(losses) == count
    assert rows[:EVALUATIONS] == pytest.approx(losses[:EVALUATIONS], rel=EXACT)
    if recipe != "gatys-2016":
        assert (made - image).abs().max() < EXACT


@pytest.mark.parametrize(
    "recipe", [pytest.param(r, marks=[] if r in QUICK else pytest.mark.slow) for r in RECIPES]
)
def test_a_recipe_is_its_naive_writing_with_vgg16(recipe, real_weights):
    assert_same(recipe, "vgg16", real_weights)


@pytest.mark.slow
@pytest.mark.parametrize("recipe", OF_CAFFE)
def test_a_recipe_is_its_naive_writing_with_its_own_network(recipe, real_vgg19):
    assert_same(recipe, "vgg19-caffe", real_vgg19)
