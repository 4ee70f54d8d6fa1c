"""What limits the pictures of a transfer: masks and alpha channels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image
from torch import Tensor

from nst.config.layers import cut
from nst.config.settings import Settings
from nst.disk import images
from nst.disk.images import Picture
from nst.disk.input_names import is_style
from nst.engine.masks import both, layer_weights, prepared
from nst.engine.tiling import Tile
from nst.errors import NstError

Size = tuple[int, int]  # width and height in pixels


@dataclass(frozen=True)
class Masks:
    """Grey pictures in sizes of their own: where the content is stylised, and what counts of a picture.

    `counted` are by the names of the pictures; the content's is the alpha channel that is kept.
    """

    stylised: Image.Image | None = None
    counted: dict[str, Image.Image] = field(default_factory=dict)

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
        if "style_mask" in drawn:
            counted["style"] = drawn["style_mask"]
        stylised = drawn.get("mask")
        if "content" in alphas and settings.alpha == "keep":
            counted["content"] = alphas["content"]
        elif "content" in alphas:
            stylised = alphas["content"]
        return cls(stylised, counted)

    def stylised_at(self, settings: Settings, size: Size) -> Tensor | None:
        """How much each pixel of an image of this size is stylised; None if all are, wholly."""
        # An alpha channel has its own edge, inside of which nothing of the content should be seen.
        is_drawn = settings.mask != "alpha"
        edge = settings.mask_edge * max(size) / settings.size if is_drawn else 0
        return _mask(self.stylised, settings, size, edge, settings.protect)

    def counted_at(self, name: str, settings: Settings, size: Size) -> Tensor | None:
        """How much each pixel of a picture counts at this size; None if all count alike."""
        return _mask(self.counted.get(name), settings, size, 0, 1)

    def with_alpha(self, picture: Image.Image) -> Image.Image:
        """An image as it is saved: with the alpha channel of the content, if that is kept."""
        if not (alpha := self.counted.get("content")):
            return picture
        picture = picture.copy()
        picture.putalpha(alpha.resize(picture.size, Image.Resampling.LANCZOS))
        return picture

    def check(self, settings: Settings, sizes: Mapping[str, Size], say: Callable[[str], None]) -> None:
        """Say at which layers a mask is empty. Raises NstError for one that leaves no style layer.

        `sizes` are those of the pictures at `settings.size`, by their names.
        """
        for name, size in sizes.items():
            mask = self.counted_at(name, settings, size)
            if name == "content":
                mask = both(self.stylised_at(settings, size), mask)
            plan = cut(settings.backbone, settings.layers())
            names = [layer.name for layer in plan if layer.name in settings.layers()]
            empty = layer_weights(mask, plan, [Tile()], names).empty
            what = "the mask" if name == "content" else f"the mask of the {name}"
            text = f"{what} covers less than one position of {', '.join(empty)} at size {settings.size}"
            if empty and set(empty).issuperset(name for name, w in settings.style_layers.items() if w):
                raise NstError(f"{text}: choose a larger size, a smaller mask_edge, or a larger mask")
            if empty:
                say(f"note: {text}: it is left out there")


def _mask(
    grey: Image.Image | None, settings: Settings, size: Size, edge: float, protect: float
) -> Tensor | None:
    if grey is None:
        return None
    picture = grey.resize(size, Image.Resampling.BILINEAR)
    mask = images.to_tensor(picture, double=settings.precision == "fp64")[:, :1]
    return prepared(mask, edge, protect)
