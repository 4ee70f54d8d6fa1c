"""Backbones of the tests, with the weights of a file."""

from pathlib import Path

import torch

from nst.config.layers import cut
from nst.config.settings import Settings
from nst.engine.backbone import Backbone
from nst.transfer.state_dict import read_state


def load_backbone(
    settings: Settings, weights: Path, precision: str = "fp32", device: str | torch.device = "cpu"
) -> Backbone:
    """The backbone of the settings with the weights of a file."""
    tensors = read_state(weights, settings.backbone, cut(settings.backbone, settings.layers()))
    return Backbone(settings, tensors, precision, torch.device(device))
