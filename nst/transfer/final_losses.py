"""The losses of a saved picture, comparable whatever the precision it was made in."""

import math

import torch
from PIL import Image

from nst.config.settings import Settings
from nst.engine.image_losses import LOSSES, Losses, largest_term
from nst.engine.objective import Objective
from nst.errors import NstError
from nst.machine.free_memory import give_back
from nst.transfer.device import final_precision
from nst.transfer.originals import Originals, to_tensor
from nst.transfer.weights_file import WeightsFile


def final_losses(
    picture: Image.Image,
    uncoloured: Image.Image | None,
    originals: Originals,
    weights: WeightsFile,
    settings: Settings,
    device: torch.device,
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """The weighted losses of an 8-bit picture, and the unweighted term of every layer.

    `uncoloured` is what the picture was before `colour` changed it: a further table of the terms then
    has the weighted losses of that, which the optimizer made small. Raises NstError for losses that are
    not finite.
    """
    give_back()  # a small picture has its peak here: fp32 beside the freed memory of bf16
    content = originals.content_at(settings, settings.size).to(device)
    styles = originals.styles_at(settings, settings.size, device)
    with torch.no_grad():
        network = weights.load(settings, final_precision(settings), device)
        counted = originals.counted_at(settings, settings.size)
        regions = originals.masks.regions_at(settings, picture.size, device)
        mask = None if counted is None else counted.to(device)
        objective = Objective(network, settings, content, styles, mask, regions)
        losses, *before = (
            objective(originals.colouring.image(to_tensor(one, settings)).to(device))
            for one in (picture, uncoloured)
            if one
        )
    weighted = _weighted(losses)
    terms = {
        kind: {layer: float(term) for layer, term in layers.items()}
        for kind, layers in losses.terms.items()
    }
    if before:
        terms["before_colour"] = _weighted(before[0])
    if not all(map(math.isfinite, weighted.values())):
        raise NstError(
            f"the final losses are not finite numbers: {largest_term(weighted, settings)}; choose a"
            " smaller weight, or check the weights file"
        )
    return weighted, terms


def _weighted(losses: Losses) -> dict[str, float]:
    return {name: float(getattr(losses, name)) for name in LOSSES}
