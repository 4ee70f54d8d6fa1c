"""What limits the pictures of a transfer: masks and alpha channels."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from PIL import Image
from torch import Tensor

from nst.config.inputs import style_mask
from nst.config.layers import cut
from nst.config.settings import DEFAULTS, KINDS, Settings
from nst.disk import images
from nst.disk.images import Picture
from nst.disk.input_names import STYLE_MASKS, is_style, noun_of, region_name
from nst.engine.guides import region_weights
from nst.engine.masks import both, layer_weights, prepared
from nst.engine.tiling import Tile
from nst.errors import NstError

Size = tuple[int, int]  # width and height in pixels

# Ways out where too little of a picture counts.
LARGER_MASK = "or a larger mask"
LARGER_PART = "or a picture with a larger visible part"


@dataclass(frozen=True)
class Masks:
    """Grey pictures in sizes of their own: where the content is stylised, and what counts of a picture.

    `counted` are by the names of the pictures; the content's is the alpha channel that is kept.
    `regions` are those that have a style, in the order of the style pictures.
    """

    stylised: Image.Image | None = None
    counted: dict[str, Image.Image] = field(default_factory=dict)
    regions: tuple[Image.Image, ...] = ()

    @classmethod
    def of(
        cls,
        pictures: Mapping[str, Picture],
        alphas: Mapping[str, Image.Image],
        settings: Settings,
    ) -> "Masks":
        """The masks among the pictures of a transfer, and the alpha channels that act as masks."""
        drawn = {name: one for name, one in pictures.items() if isinstance(one, Image.Image)}
        counted = {name: alpha for name, alpha in alphas.items() if is_style(name)}
        counted |= {style: drawn[name] for name, style in STYLE_MASKS.items() if name in drawn}
        stylised = drawn.get("mask")
        if "content" in alphas and settings.alpha == "keep":
            counted["content"] = alphas["content"]
        elif "content" in alphas:
            stylised = alphas["content"]
        regions = tuple(drawn[region_name(region)] for region, _ in settings.guide)
        return cls(stylised, counted, regions)

    def stylised_at(self, settings: Settings, size: Size) -> Tensor | None:
        """How much each pixel of an image of this size is stylised; None if all are, wholly."""
        # An alpha channel has its own edge, inside of which nothing of the content should be seen.
        is_drawn = settings.mask != "alpha"
        edge = settings.mask_edge * max(size) / settings.size if is_drawn else 0
        return _mask(self.stylised, settings, size, edge, settings.protect)

    def counted_at(self, name: str, settings: Settings, size: Size) -> Tensor | None:
        """How much each pixel of a picture counts at this size; None if all count alike."""
        return _mask(self.counted.get(name), settings, size, 0, 1)

    def regions_at(
        self, settings: Settings, size: Size, device: torch.device | str = "cpu"
    ) -> tuple[Tensor, ...]:
        """How much each pixel of an image of this size is of each region, on a device."""
        return tuple(_grey(region, settings, size).to(device) for region in self.regions)

    def with_alpha(self, picture: Image.Image) -> Image.Image:
        """An image as it is saved: with the alpha channel of the content, if that is kept."""
        if not (alpha := self.counted.get("content")):
            return picture
        picture = picture.copy()
        picture.putalpha(alpha.resize(picture.size, Image.Resampling.LANCZOS))
        return picture

    def check(
        self, settings: Settings, scales: Sequence[Mapping[str, Size]], say: Callable[[str], None]
    ) -> None:
        """Say at which layers a mask is empty, and that `protect` is idle without one.

        Raises NstError for a mask that leaves no style layer.

        `scales` are the sizes of the pictures, by their names, at each scale; the last is that of the
        finished image, where a mask must leave a style layer.
        """
        if settings.mask == "none" and settings.protect != DEFAULTS["protect"]:
            protect = KINDS["protect"].text(settings.protect)
            say(f"note: protect {protect} changes nothing without a mask")
        empty: dict[tuple[str, str], dict[int, tuple[str, ...]]] = {}
        for sizes in scales:
            for named, layers in self._empty_at(settings, sizes):
                empty.setdefault(named, {})[max(sizes["content"])] = layers
        for (what, way_out), by_size in empty.items():
            _report(what, by_size, settings, say, way_out)

    def _empty_at(
        self, settings: Settings, sizes: Mapping[str, Size]
    ) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
        """What limits the pictures at these sizes, each with a way out, and where it is empty."""
        stylised = self.stylised_at(settings, sizes["content"])
        counted = self.counted_at("content", settings, sizes["content"])
        mask = both(stylised, counted)
        yield _named(settings, stylised, counted), _empty(mask, settings)
        for name, size in sizes.items():
            of_style = None if name == "content" else self.counted_at(name, settings, size)
            if of_style is None:
                continue
            counts = _empty_region if settings.guide else _empty
            what, larger = f"the mask of the {noun_of(name)}", LARGER_MASK
            if style_mask(settings, name) == "alpha":
                what = f"the visible part of the {noun_of(name)} (`style_mask: alpha`)"
                larger = LARGER_PART
            yield (what, f"another style_scale, {larger}"), counts(of_style, settings)
        regions = self.regions_at(settings, sizes["content"])
        for (name, weight), region in zip(settings.guide, regions, strict=True):
            if not weight:
                continue
            wider = "guide_mode simple" if settings.guide_mode == "inside" else "a larger guide_grow"
            empty = _empty_region(region, settings, mask)
            yield (f"the region {name}", f"{wider}, {LARGER_MASK}"), empty


def _named(settings: Settings, stylised: Tensor | None, counted: Tensor | None) -> tuple[str, str]:
    """What limits the content, as the user gave it, and a way out where it covers too little."""
    if not settings.picture("mask"):
        setting = "alpha: keep" if stylised is None else "mask: alpha"
        return f"the visible part of the content (`{setting}`)", LARGER_PART
    within = "" if counted is None else " within the visible part of the content (`alpha: keep`)"
    return f"the mask{within}", f"{'a smaller mask_edge, ' if settings.mask_edge else ''}{LARGER_MASK}"


def _empty(mask: Tensor | None, settings: Settings) -> tuple[str, ...]:
    """The layers in use at which a mask covers less than a position."""
    plan = cut(settings.backbone, settings.layers())
    names = [layer.name for layer in plan if layer.name in settings.layers()]
    return layer_weights(mask, plan, [Tile()], names).empty


def _empty_region(region: Tensor, settings: Settings, mask: Tensor | None = None) -> tuple[str, ...]:
    """The style layers at which a region has less than a position."""
    plan = cut(settings.backbone, settings.layers())
    names = [layer.name for layer in plan if settings.style_layers.get(layer.name)]
    return region_weights(region, mask, plan, [Tile()], names, settings).weights.empty


def _report(
    what: str,
    by_size: Mapping[int, Collection[str]],
    settings: Settings,
    say: Callable[[str], None],
    way_out: str,
) -> None:
    """Say at which layers something is empty. Raises NstError if no style layer is left at the end."""
    places = [f"{', '.join(empty)} at size {size}" for size, empty in by_size.items() if empty]
    used = {name for name, weight in settings.style_layers.items() if weight}
    last = by_size.get(settings.size, ())
    if last and used.issubset(last):
        raise NstError(
            f"{what} covers less than one position of {places[-1]}: choose a larger size, {way_out}"
        )
    if places:
        text = f"{what} covers less than one position of {', of '.join(places)}"
        say(f"note: {text}: it is left out there")


def _mask(
    grey: Image.Image | None, settings: Settings, size: Size, edge: float, protect: float
) -> Tensor | None:
    if grey is None:
        return None
    return prepared(_grey(grey, settings, size), edge, protect)


def _grey(grey: Image.Image, settings: Settings, size: Size) -> Tensor:
    """A grey picture at this size, 1 x 1 x height x width in [0, 1]."""
    picture = grey.resize(size, Image.Resampling.BILINEAR)
    return images.to_tensor(picture, double=settings.precision == "fp64")[:, :1]
