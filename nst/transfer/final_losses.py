"""The losses of a saved picture, comparable whatever the precision it was made in."""

import math

import torch
from PIL import Image

from nst.config.settings import Settings
from nst.engine.objective import LOSSES, Objective, largest_term
from nst.errors import NstError
from nst.machine.free_memory import give_back
from nst.transfer.device import final_precision
from nst.transfer.originals import Originals, to_tensor
from nst.transfer.weights_file import WeightsFile


def final_losses(
    picture: Image.Image,
    originals: Originals,
    weights: WeightsFile,
    settings: Settings,
    device: torch.device,
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The weighted losses of an 8-bit picture, and the unweighted term of every layer.

    Raises NstError for losses that are not finite.
    """
    give_back()  # a small picture has its peak here: fp32 beside the freed memory of bf16
    content = originals.content_at(settings, settings.size).to(device)
    styles = originals.styles_at(settings, settings.size, device)
    with torch.no_grad():
        network = weights.load(settings, final_precision(settings), device)
        objective = Objective(network, settings, content, styles)
        losses = objective(to_tensor(picture, settings).to(device))
    weighted = {name: float(getattr(losses, name)) for name in LOSSES}
    terms = {
        kind: {layer: float(term) for layer, term in layers.items()}
        for kind, layers in losses.terms.items()
    }
    if not all(map(math.isfinite, weighted.values())):
        raise NstError(
            f"the final losses are not finite numbers: {largest_term(weighted, settings)}; choose a"
            " smaller weight, or check the weights file"
        )
    return weighted, terms
