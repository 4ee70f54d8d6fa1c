"""How fast this machine evaluates: a few evaluations of made-up pictures through a made-up network.

As a program it reads settings as JSON from standard input, and prints a line of JSON for each of two
sizes: evaluations, evaluations times pixels, seconds. What the weights are makes no difference.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import torch

from nst.config.layers import cut
from nst.config.settings import Settings
from nst.engine.backbone import Backbone, picture_type
from nst.engine.objective import Style
from nst.engine.stages import Evaluation, Stage, optimize
from nst.transfer.device import choose_precision, take_device
from nst.transfer.state_dict import tensor_shapes

SIDES = (96, 192)  # pixels
EVALUATIONS = 4  # of which the first is not counted: it waits for memory and libraries


def measure(settings: Settings) -> Iterator[list[float]]:
    """Evaluations, evaluations times pixels and seconds at each size."""
    device, _ = take_device(settings, lambda message: None)
    settings = replace(settings, precision=choose_precision(settings, device))
    network = Backbone(settings, _made_up_weights(settings), settings.precision, device)
    for side in SIDES:
        yield _measure(network, settings, max(side, settings.least_side), device)


def _measure(network: Backbone, settings: Settings, side: int, device: torch.device) -> list[float]:
    settings = replace(settings, size=side, scales=1, evaluations=EVALUATIONS, tile="none")
    picture = torch.rand((1, 3, side, side)).to(device, picture_type(settings.precision))
    rows: list[Evaluation] = []
    optimize(
        network,
        settings,
        [Stage(picture, (Style(picture.flip(2)),), picture, EVALUATIONS)],
        lambda row, image: rows.append(row),
    )
    counted = rows[-1].number - rows[0].number
    return [counted, counted * side * side, rows[-1].seconds - rows[0].seconds]


def _made_up_weights(settings: Settings) -> dict[str, torch.Tensor]:
    """Weights whose features neither vanish nor explode."""
    generator = torch.Generator().manual_seed(1)
    weights = {}
    for key, shape in tensor_shapes(cut(settings.backbone, settings.layers())):
        fan_in = shape[1] * shape[2] * shape[3] if len(shape) == 4 else 1e4
        weights[key] = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5
    return weights


if __name__ == "__main__":
    for measured in measure(Settings(**json.load(sys.stdin))):
        print(json.dumps(measured), flush=True)
