"""The plan of a transfer's memory, the tile that follows, and the advice when memory ran out."""

import collections
from dataclasses import replace

import pytest
import torch

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.config.scales import plan_scales
from nst.config.settings import RECIPES
from nst.engine.backbone import Backbone, picture_type
from nst.engine.objective import Objective, Style
from nst.engine.stages import Stage, optimize
from nst.machine import free_memory
from nst.transfer import needed_memory
from nst.transfer.device import final_precision
from nst.transfer.live_memory import LiveBytes, ample_bytes, peak_bytes
from nst.transfer.needed_memory import advice, choose_tile, needed_bytes
from nst.transfer.state_dict import tensor_shapes

CPU = torch.device("cpu")
GIB = 2**30
SETTINGS = replace(resolve({"recipe": "gatys", "backbone": "vgg16"}), precision="bf16")
LAYERS = {
    "content_layers": {"conv2_2": 1.0},
    "style_layers": {"conv1_1": 1.0, "conv2_1": 1.0},
}
FEW = {"size": 128, "evaluations": 9, "history": 4}  # long enough for all pairs to be there
RUNS = {
    "one scale": {"scales": 1},
    "two scales": {"evaluations": 14, "first_scale_share": 1},
    "tiles": {"tile": 64, "scales": 1},
    "tiles and more pairs": {"tile": 64, "scales": 1, "evaluations": 14, "history": 8},
    "a large style": {"style_scale": 3, "scales": 1},
    "a larger style by tiles": {"style_scale": 3, "scales": 1, "tile": 64},
    **{pooling: {"pooling": pooling, "scales": 1} for pooling in ("max", "avg", "l2-rescaled")},
    "double precision": {"precision": "fp64", "scales": 1},
    "double precision by tiles": {"precision": "fp64", "tile": 64},
    "masks": {"mask": "alpha", "style_mask": "alpha", "scales": 1},
    "masks by tiles": {"mask": "alpha", "style_mask": "alpha", "tile": 64},
    "masks and a Wasserstein loss": {"mask": "alpha", "recipe": "painter", "scales": 1},
    "regions": {"guide": [["all", 1.0]], "scales": 1},
    "regions by tiles": {"guide": [["all", 1.0]], "tile": 64},
    "regions and a Wasserstein loss": {"guide": [["all", 1.0]], "recipe": "painter", "scales": 1},
    "Winograd's convolutions": {"precision": "fp32-winograd", "scales": 1},
    "Winograd's convolutions by tiles": {"precision": "fp32-winograd", "tile": 64},
    **{recipe: {"recipe": recipe} for recipe in RECIPES if recipe != "gatys"},
}


def tensors(shapes, scale, kind):
    sides = [[max(16, round(side * scale)) for side in shape] for shape in shapes]
    return [torch.rand(1, 3, *both, dtype=kind) for both in sides]


def counted(settings, image, style):
    """The peak of a real run on the CPU, from loading the network to the final losses."""
    states = collections.deque(maxlen=1)  # a checkpoint keeps the latest
    with LiveBytes() as live:
        plan = cut(settings.backbone, settings.layers())
        backbone = Backbone(settings, seeded(plan), settings.precision, CPU)
        stages = []
        for scale in plan_scales(settings, settings.least_side):
            scaled_to = scale.size / settings.size
            content, picture = tensors((image, style), scaled_to, picture_type(settings.precision))
            mask, style_mask = (
                one.mean(1, keepdim=True) if settings.mask != "none" else None
                for one in (content, picture)
            )
            styled = Style(picture, style_mask)
            regions = (content.mean(1, keepdim=True),) if settings.guide else ()
            start = content.clone()
            stage = Stage(content, (styled,), start, scale.evaluations, mask, regions=regions)
            stages.append(stage)
        optimize(backbone, settings, stages, on_step=states.append)
        content, styles, start = (stages[-1].content, stages[-1].styles, stages[-1].start)
        mask, regions = stages[-1].mask, stages[-1].regions
        del backbone, stages
        measured = Backbone(settings, seeded(plan), final_precision(settings), CPU)
        with torch.no_grad():
            Objective(measured, settings, content, styles, mask, regions)(start)
    return live.peak


def seeded(plan):
    """Weights of a network that keep the size of its features."""
    return {
        key: torch.randn(shape) * (0.05 if len(shape) == 1 else (2 / (9 * shape[1])) ** 0.5)
        for key, shape in tensor_shapes(plan)
    }


@pytest.mark.parametrize("name", RUNS)
def test_the_plan_is_the_peak_of_a_real_run(name):
    settings = resolve({"recipe": "gatys", "backbone": "vgg16", **LAYERS, **FEW, **RUNS[name]})
    execution = {"precision": "fp32", "tile": "none"}
    settings = replace(settings, **{key: RUNS[name].get(key, execution[key]) for key in execution})
    image, side = (96, 128), round(96 * settings.style_scale)
    planned = peak_bytes(settings, image, [(side, side)])
    assert 0.96 < planned / counted(settings, image, (side, side)) < 1.08
    assert ample_bytes(settings, image, [(side, side)]) > planned


def test_tensors_count_as_long_as_they_live():
    with LiveBytes() as live:
        first = torch.zeros(1000)
        view = first[10:].view(10, 99)
        assert live.live == 4000
        del first
        second = view + 1
        assert live.live == 4000 + 990 * 4
        del view, second
        assert (live.live, live.peak) == (0, 4000 + 990 * 4)


@pytest.fixture
def chosen(monkeypatch):
    """A function (free bytes, image, style, settings...) -> the tile that is chosen."""
    monkeypatch.setenv(free_memory.JOBS, "2")

    def choose(free, image=(2731, 4096), style=(4096, 4096), **settings):
        monkeypatch.setattr(free_memory, "free_main_memory", lambda: free)
        return choose_tile(replace(SETTINGS, **settings), image, (style,), CPU)

    return choose


def test_auto_is_the_whole_picture_where_it_fits_else_the_largest_tile(chosen):
    assert chosen(1000 * GIB) == "none"
    tiles = [chosen(free * GIB) for free in (1, 30, 200)]
    sides = [tile if isinstance(tile, int) else 10**6 for tile in tiles]
    assert sides == sorted(sides) and sides[-1] == 10**6
    assert tiles[0] == needed_memory.TILES[-1]


def test_a_chosen_tile_fits(chosen):
    for free in (30, 60):
        tile = chosen(free * GIB, size=4096)
        settings = replace(SETTINGS, size=4096, tile=tile)
        assert needed_bytes(settings, (2731, 4096), ((4096, 4096),)) <= free * GIB / 2


def test_jobs_that_run_at_once_share_the_memory(chosen, monkeypatch):
    free = 24 * GIB
    assert chosen(free, (1365, 2048), (2048, 2048), size=2048) == "none"
    monkeypatch.setenv(free_memory.JOBS, "16")
    assert chosen(free, (1365, 2048), (2048, 2048), size=2048) in needed_memory.TILES[1:]


def test_a_large_style_picture_is_processed_in_tiles(chosen):
    tile = chosen(64 * GIB, (1365, 2048), (16384, 16384), size=2048, style_scale=8)
    assert tile in needed_memory.TILES[1:]


def test_a_named_tile_is_taken(chosen):
    assert chosen(GIB, tile="none") == "none"
    assert chosen(1000 * GIB, tile=128) == 128


def test_small_pictures_are_whole_on_small_machines(chosen):
    for precision in ("bf16", "fp32"):
        assert chosen(2 * GIB, (341, 512), (512, 512), precision=precision) == "none"


@pytest.mark.parametrize(
    ("tile", "free"), [("none", 2**30), ("none", 2**40), (512, 2**31), (64, 2**28)]
)
def test_what_is_advised_is_less_than_what_failed_and_would_fit(monkeypatch, tile, free):
    monkeypatch.setattr(needed_memory, "free_bytes", lambda device: free)
    settings = replace(SETTINGS, size=1024, tile=tile, precision="fp32")
    image, style = (683, 1024), (1024, 768)
    line = advice(settings, image, (style,), CPU)
    assert line.startswith(f"not enough memory for size 1024 (tile {tile}, style_scale 1): it takes")
    failed = needed_bytes(settings, image, (style,))
    words = line.split("; choose ")[1].replace(", or", "").split()
    for option, value in zip(words[::2], map(int, words[1::2]), strict=True):
        name = option.removeprefix("--")
        changed = replace(settings, **{name: value})
        scale = changed.size / 1024
        shapes = (tuple(round(side * scale) for side in shape) for shape in (image, style))
        assert needed_bytes(changed, next(shapes), tuple(shapes)) <= min(free, failed)
        assert name != "tile" or tile == "none" or value < tile
    assert "--size" in words or "--tile" in words or free < GIB
