"""Small transfers without files: pictures, settings, stages, and backbones with seeded weights."""

from dataclasses import replace
from pathlib import Path

import torch
from torch.nn import functional

from nst.config.layers import cut
from nst.config.recipes import resolve
from nst.config.scales import plan_scales
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.engine.objective import Style
from nst.engine.stages import Stage
from nst.transfer.state_dict import read_state

CPU = torch.device("cpu")
LAYERS = {"content_layers": {"conv2_2": 1.0}, "style_layers": {"conv1_1": 1.0, "conv2_1": 0.5}}


def picture(seed, height=40, width=48):
    """A picture of soft, seeded colours: 1 x 3 x height x width."""
    small = torch.rand(1, 3, 5, 6, generator=torch.Generator().manual_seed(seed))
    return functional.interpolate(small, (height, width), mode="bicubic").clamp(0, 1)


def settings(**values):
    """Settings of a few of VGG-16's layers, in full precision."""
    return resolve({"recipe": "gatys", "backbone": "vgg16", "precision": "fp32", **LAYERS, **values})


def load_backbone(
    settings: Settings, weights: Path, precision: str = "fp32", device: str | torch.device = "cpu"
) -> Backbone:
    """The backbone of the settings with the weights of a file."""
    tensors = read_state(weights, settings.backbone, cut(settings.backbone, settings.layers()))
    return Backbone(settings, tensors, precision, torch.device(device))


def backbone(weights, chosen, precision="fp32"):
    """Their backbone on the CPU."""
    return load_backbone(chosen, weights, precision, CPU)


def stages(chosen, start=None, device=CPU):
    """A stage at each of two sizes if the settings have two scales, else one."""
    given = picture(1), picture(2), picture(1) if start is None else start
    scales = plan_scales(replace(chosen, size=48), 1)
    made = []
    for scale in scales:
        resized = (functional.interpolate(p, scale_factor=scale.size / 48).to(device) for p in given)
        content, style, begun = resized
        made.append(Stage(content, (Style(style),), begun, scale.evaluations))
    return made
