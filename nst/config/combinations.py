"""Which values of settings do not go together."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nst.config.blend import EQUAL
from nst.config.layers import layer_names, normalizations
from nst.config.regions import guide_fault
from nst.disk.encoded import side_fault

if TYPE_CHECKING:
    from nst.config.settings import Settings

# Optimizers and parametrizations with which `carry: moments` works.
CARRYING = {("adam", kind) for kind in ("pixels", "clamped", "normalized", "levels")}


def faults(settings: "Settings") -> list[tuple[str, str]]:
    """What is wrong with combinations of values: pairs of a setting and a message."""
    unknown_layers = list(_unknown_layers(settings))
    if unknown_layers:
        return unknown_layers
    if not settings.layers():
        key = "style_weight" if not settings.style_weight else "style_layers"
        return [(key, "no loss has a weight: give the content or the style some weight")]
    return list(_clashes(settings))


def idle(settings: "Settings") -> list[tuple[str, str]]:
    """Values beside which another does nothing, as pairs like `faults`; a record may have them."""
    if (settings.mask, settings.alpha) != ("alpha", "keep"):
        return []
    return [
        ("mask", "alpha adds nothing to alpha keep, by which only what is seen counts: leave it out")
    ]


def _unknown_layers(settings: "Settings") -> Iterator[tuple[str, str]]:
    known = layer_names(settings.backbone)
    for key in ("content_layers", "style_layers"):
        if unknown := [name for name in getattr(settings, key) if name not in known]:
            names = ", ".join(unknown)
            yield key, f"{settings.backbone} has no layer {names}; it has {', '.join(known)}"


def _clashes(settings: "Settings") -> Iterator[tuple[str, str]]:
    if settings.normalization not in (fitting := normalizations(settings.backbone)):
        yield (
            "normalization",
            f"{settings.backbone} was not trained on {settings.normalization}: choose"
            f" {' or '.join(fitting)}, or leave it out",
        )
    if settings.carry == "moments" and (settings.optimizer, settings.parametrization) not in CARRYING:
        yield (
            "carry",
            "only Adam's moments of pixels can be upsampled: choose carry none, or optimizer adam"
            " with a parametrization of pixels",
        )
    if settings.padding == "circular" and isinstance(settings.tile, int):
        yield (
            "tile",
            "an image that goes on at its opposite edge cannot be cut into tiles: choose tile none, or"
            " another padding than circular",
        )
    backtracking = settings.optimizer == "lbfgs" and settings.line_search == "backtracking"
    if backtracking and settings.result in ("last_evaluated", "final_iterate"):
        yield (
            "result",
            f"with line_search backtracking, {settings.result} may be a step that is undone: choose"
            " best, or line_search none",
        )
    if fault := guide_fault(settings.guide, settings.regions):
        yield "guide", fault
    if settings.guide and settings.blend != EQUAL:
        yield (
            "blend",
            "does not act with a guide, by which each style picture has a region: leave it out",
        )
    if fault := side_fault(settings.size, settings.format):
        yield "format", f"{fault}: choose a smaller size, or png16, tiff16 or jpeg"
    if settings.size < settings.least_side:
        yield (
            "size",
            f"{settings.size} is too small for these layers of {settings.backbone}: the least is"
            f" {settings.least_side}; or choose layers nearer to the input",
        )
