"""What the setting `colour` changes: the originals before the work, and an image before it is saved."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from nst.config.settings import Settings
from nst.engine.colour import Colours, colour_map, grey_map, luma_map, with_chroma
from nst.engine.palette import Palette, with_palette

COLOURED_AFTER = ("keep", "palette")  # the losses of such an image are not those that were optimized

Change = Callable[[Tensor], Tensor]


def unchanged(picture: Tensor) -> Tensor:
    """The picture itself."""
    return picture


@dataclass(frozen=True)
class Colouring:
    """How the colours of pictures are changed, all 1 x 3 x height x width.

    `image` is what is compared of an image in colours; `start` is what an image was before it got the
    colours in which it is saved, as far as that is known. `finish` gives an image these colours, with
    the content at its size.
    """

    content: Change = unchanged
    styles: tuple[Change, ...] = ()  # of each picture of the style
    image: Change = unchanged
    start: Change = unchanged
    finish: Callable[[Tensor, Tensor], Tensor] | None = None

    def style(self, number: int) -> Change:
        """How the colours of a style picture are changed; numbers begin at 0."""
        return self.styles[number] if self.styles else unchanged


def colouring_of(
    settings: Settings, content: Tensor, styles: Iterable[tuple[float, Tensor]]
) -> Colouring:
    """The colouring of a content and of style pictures with their shares, all at `settings.size`."""
    kind = settings.colour_map
    match settings.colour:
        case "keep":
            return Colouring(start=_start_in(_pooled(styles)), finish=with_chroma)
        case "match":
            wanted = Colours.of(content)
            return Colouring(styles=tuple(colour_map(own, wanted, kind) for _, own in _each(styles)))
        case "match-style":
            return Colouring(colour_map(Colours.of(content), _pooled(styles), kind))
        case "luminance":
            grey, wanted = grey_map(), Colours.of(content)
            maps = tuple(luma_map(own, wanted) for _, own in _each(styles))
            return Colouring(grey, maps, grey, grey, with_chroma)
        case "palette":
            given = list(styles)
            edges = "circular" if settings.padding == "circular" else "replicate"
            finish = partial(with_palette, palette=Palette.of(given), edges=edges)
            return Colouring(start=_start_in(_pooled(given)), finish=finish)
    return Colouring()


def _each(styles: Iterable[tuple[float, Tensor]]) -> list[tuple[float, Colours]]:
    return [(share, Colours.of(picture)) for share, picture in styles]


def _pooled(styles: Iterable[tuple[float, Tensor]]) -> Colours:
    return Colours.pooled(_each(styles))


def _start_in(style: Colours) -> Change:
    """The luma of an image with the chroma that it has in the colours of the style.

    The chroma with which it was optimized is lost. With this one in its place, a print was a third
    nearer in luma to its image than one begun in the content's colours, at an equal number of
    evaluations.
    """
    return lambda image: with_chroma(image, colour_map(Colours.of(image), style)(image))
