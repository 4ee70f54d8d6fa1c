"""The originals, read once, and from them the stage of every scale."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from nst.config.scales import Scale, Size, scales_of
from nst.config.settings import Settings
from nst.disk import images
from nst.disk.deep import Deep
from nst.disk.home import abbreviate_home
from nst.disk.images import Picture
from nst.disk.input_names import is_mask, is_style, styles_among
from nst.engine.backbone import picture_type
from nst.engine.colour import recoloured, recoloured_by_regions
from nst.engine.masks import both, counting
from nst.engine.objective import Style
from nst.engine.stages import Stage, noise, upsampled
from nst.transfer.colouring import Change, Colouring, colouring_of, unchanged
from nst.transfer.masking import Masks
from nst.transfer.reading import png_of, read_input, refuse_shapes, refuse_start

Shape = tuple[int, int]  # height and width of a picture, in pixels

LARGEST_FACTOR = 2  # of a picture that is enlarged without a note


@dataclass(frozen=True)
class Originals:
    """The pictures of a transfer in their own sizes, by their names in a record.

    `start` is an image of the same content whose change is where the transfer starts.
    """

    pictures: dict[str, Picture]
    files: dict[str, tuple[Path, str]]  # the path of each, and the SHA-256 of what was read
    masks: Masks = Masks()
    colouring: Colouring = Colouring()

    @property
    def content(self) -> Picture:
        """The content."""
        return self.pictures["content"]

    @property
    def start(self) -> Picture | None:
        """The image to start from, if there is one."""
        return self.pictures.get("start")

    @property
    def style_names(self) -> tuple[str, ...]:
        """The names of the style pictures, also of those without a share in the style."""
        return styles_among(self.pictures)

    @property
    def styles(self) -> list[Picture]:
        """The style pictures, also those without a share in the style."""
        return [self.pictures[name] for name in self.style_names]

    def inputs(self) -> dict[str, dict[str, Any]]:
        """The files, as a record has them; `bits` of those that were read with more than 8."""
        return {
            name: {
                "path": str(path),
                "sha256": sha256,
                **({"bits": 16} if isinstance(self.pictures[name], Deep) else {}),
            }
            for name, (path, sha256) in self.files.items()
        }

    def shapes(self, settings: Settings) -> tuple[Shape, tuple[Shape, ...]]:
        """Height and width of the image, and of the style pictures in use, at `settings.size`."""
        side = _style_side(settings, settings.size)
        width, height = images.size_at(self.content.size, settings.size)
        styles = (images.size_at(size, side) for size in self._style_sizes(settings))
        return (height, width), tuple((height, width) for width, height in styles)

    def check_masks(self, settings: Settings, say: Callable[[str], None]) -> None:
        """Say where masks are empty. Raises NstError for masks that leave nothing."""
        shares = settings.style_shares(len(self.styles))
        used = [name for name, share in zip(self.style_names, shares, strict=True) if share]
        by_scale = []
        for scale in self.scales(settings):
            side = _style_side(settings, scale.size)
            sizes = {name: images.size_at(self.pictures[name].size, side) for name in used}
            by_scale.append({"content": images.size_at(self.content.size, scale.size), **sizes})
        self.masks.check(settings, by_scale, say)

    def scales(self, settings: Settings) -> list[Scale]:
        """The scales at which no picture is too small for the network."""
        begun = max(self.start.size) if self.start else 0
        return scales_of(settings, self.content.size, self._style_sizes(settings), begun)

    def _style_sizes(self, settings: Settings) -> list[Size]:
        """Width and height of the style pictures that have a share in the style."""
        styles = self.styles
        shares = settings.style_shares(len(styles))
        return [style.size for share, style in zip(shares, styles, strict=True) if share]

    def stages(self, settings: Settings, device: torch.device) -> list[Stage]:
        """The stages that `engine.stages.optimize` works through, on a device."""
        scales = self.scales(settings)
        sizes = [images.resized(self.content, scale.size).size for scale in scales]
        starts = self._starts(settings, sizes)
        kind = picture_type(settings.precision)  # of noise, which is the same in every precision
        return [
            Stage(
                self.content_at(settings, scale.size).to(device),
                self.styles_at(settings, scale.size, device),
                start.to(device, kind),
                scale.evaluations,
                _on(device, self.masks.stylised_at(settings, size)),
                _on(device, self.masks.counted_at("content", settings, size)),
                _on(device, self._left_at(settings, scale.size)),
                self.masks.regions_at(settings, size, device),
            )
            for scale, size, start in zip(scales, sizes, starts, strict=True)
        ]

    def counted_at(self, settings: Settings, size: int) -> Tensor | None:
        """How much each pixel of the image counts in the losses; None if all count alike."""
        sides = images.size_at(self.content.size, size)
        stylised = self.masks.stylised_at(settings, sides)
        return both(stylised, self.masks.counted_at("content", settings, sides))

    def _left_at(self, settings: Settings, size: int) -> Tensor | None:
        """What is seen of the content where a mask is 0; None if it is what is compared with."""
        if self.masks.stylised is None or self.colouring.content is unchanged:
            return None
        return self.colouring.image(to_tensor(images.resized(self.content, size), settings))

    def content_at(self, settings: Settings, size: int) -> Tensor:
        """The content of this size, 1 x 3 x height x width in [0, 1], as it is compared."""
        return self.colouring.content(to_tensor(images.resized(self.content, size), settings))

    def styles_at(
        self, settings: Settings, size: int, device: torch.device | str = "cpu"
    ) -> tuple[Style, ...]:
        """The style pictures for an image of `size` pixels on its longer side, on a device."""
        return tuple(
            Style(self.colouring.style(n)(style.picture).to(device), _on(device, style.mask))
            for n, style in enumerate(self._raw_styles(settings, size))
        )

    def _raw_styles(self, settings: Settings, size: int) -> Iterator[Style]:
        """The style pictures in their own colours."""
        side = _style_side(settings, size)
        resized = (images.resized(one, side) for one in self.styles)
        return (
            Style(to_tensor(picture, settings), self.masks.counted_at(name, settings, picture.size))
            for name, picture in zip(self.style_names, resized, strict=True)
        )

    def saved(self, image: Tensor, settings: Settings) -> Image.Image:
        """An image, 1 x 3 x height x width in [0, 1], as a picture as it is saved."""
        return self.masks.with_alpha(images.to_picture(self.finished(image, settings)))

    def finished(self, image: Tensor, settings: Settings) -> Tensor:
        """An image in the colours in which it is saved; of the content where the mask is 0."""
        if not self.colouring.finish:
            return image
        height, width = image.shape[-2:]
        picture = self.content.resize((width, height), Image.Resampling.LANCZOS)
        content = to_tensor(picture, settings).to(image.device)
        changed = self.colouring.finish(image, content)
        mask = _on(image.device, self.masks.stylised_at(settings, (width, height)))
        if mask is None:
            return changed
        if settings.colour == "palette":  # which changes the colours of the content as well
            return mask * changed + (1 - mask) * image
        return torch.where(mask > 0, changed, content)

    def colouring_for(self, settings: Settings) -> Colouring:
        """What the settings make of the colours of these pictures, or of what counts of them."""
        if settings.colour == "style":
            return Colouring()
        content = to_tensor(images.resized(self.content, settings.size), settings)
        shares = settings.style_shares(len(self.styles))
        styles = (counting(one.picture, one.mask) for one in self._raw_styles(settings, settings.size))
        counted = counting(content, self.counted_at(settings, settings.size))
        return colouring_of(settings, counted, zip(shares, styles, strict=True))

    def _starts(self, settings: Settings, sizes: list[tuple[int, int]]) -> list[Tensor]:
        """The start of every scale, at the content's width and height there."""
        if self.start is not None:
            return self._enlarged_change(self.start, settings, sizes)
        starts, mix = self._unmixed(settings, sizes), settings.init_mix
        if mix == 1:
            return starts
        contents = (self.content_at(settings, max(size)) for size in sizes)
        return [mix * one + (1 - mix) * content for one, content in zip(starts, contents, strict=True)]

    def _unmixed(self, settings: Settings, sizes: list[tuple[int, int]]) -> list[Tensor]:
        """What `init` says, at every scale."""
        if settings.init == "recoloured":
            return [self._recoloured(settings, max(size)) for size in sizes]
        picture, change = self._init(settings)
        if picture is not None:
            resized = (picture.resize(size, Image.Resampling.LANCZOS) for size in sizes)
            return [change(to_tensor(one, settings)) for one in resized]
        if settings.scale_start == "upsampled":
            return [noise((1, 3, height, width), settings) for width, height in sizes]
        # Coarse stages start from the same noise, shrunk: their change is added to the finer start.
        width, height = sizes[-1]
        finest = noise((1, 3, height, width), settings)
        shrunk = [
            F.interpolate(finest, (height, width), mode="bicubic", antialias=True)
            for width, height in sizes[:-1]
        ]
        return [*shrunk, finest]

    def _recoloured(self, settings: Settings, size: int) -> Tensor:
        content, mask = self.content_at(settings, size), self.counted_at(settings, size)
        shares = settings.style_shares(len(self.styles))
        styles = list(zip(shares, self.styles_at(settings, size), strict=True))
        if settings.guide:
            regions = self.masks.regions_at(settings, images.size_at(self.content.size, size))
            return recoloured_by_regions(content, styles, regions, mask)
        return recoloured(content, styles, mask)

    def _init(self, settings: Settings) -> tuple[Picture | None, Change]:
        """The picture to start from, if the setting `init` says that it is one, and its colours."""
        if settings.init == "style":
            shares = settings.style_shares(len(self.styles))
            first = next(number for number, share in enumerate(shares) if share)
            return self.styles[first], self.colouring.style(first)
        if settings.init == "content":
            return self.content, self.colouring.content
        return self.pictures.get("init"), self.colouring.image

    def _enlarged_change(
        self, image: Picture, settings: Settings, sizes: list[tuple[int, int]]
    ) -> list[Tensor]:
        """The content at these sizes plus what `image` changed in it; of its own size, the image."""
        started = self.colouring.start(to_tensor(image, settings))
        if image.size == sizes[-1]:
            return [started.clamp(0, 1)]
        change = started - self.content_at(settings, max(image.size))
        wraps = settings.padding == "circular"
        contents = (self.content_at(settings, max(size)) for size in sizes)
        return [(one + upsampled(change, one, wraps)).clamp(0, 1) for one in contents]


def _on(device: torch.device | str, mask: Tensor | None) -> Tensor | None:
    return None if mask is None else mask.to(device)


def to_tensor(picture: Picture, settings: Settings) -> Tensor:
    """A picture, 1 x 3 x height x width in [0, 1], in the type that the settings compute in."""
    return images.to_tensor(picture, double=settings.precision == "fp64")


def read_originals(
    given: Mapping[str, Path | Image.Image], settings: Settings, say: Callable[[str], None]
) -> Originals:
    """Read the pictures, by name, and say what was converted in them. Raises NstError for a bad one.

    The checksum of a picture in memory is that of the PNG that it would be saved as.
    """
    pictures: dict[str, Picture] = {}
    alphas: dict[str, Image.Image] = {}
    files = {}
    for name, picture in given.items():
        if isinstance(picture, Image.Image):
            path = Path(f"{name} in memory")
            pictures[name], alpha, notes = read_input(name, path, picture, settings)
            data = png_of(pictures[name], alpha)
        else:
            path = picture
            data = images.file_bytes(path)  # read once: the file may be replaced while a grid is made
            pictures[name], alpha, notes = read_input(name, path, data, settings)
        if alpha:
            alphas[name] = alpha
        files[name] = path, hashlib.sha256(data).hexdigest()
        longer = round(settings.size * (settings.style_scale if is_style(name) else 1))
        if name != "start" and not is_mask(name) and longer > LARGEST_FACTOR * max(pictures[name].size):
            small, large = pictures[name].size, images.size_at(pictures[name].size, longer)
            notes.append("was enlarged from {} x {} to {} x {} pixels".format(*small, *large))
        for note in notes:
            say(f"note: {abbreviate_home(str(path))}: {note}")
    if "start" in pictures:
        refuse_start(files["start"][0], pictures["start"].size, pictures["content"].size, settings)
    refuse_shapes(pictures, files)
    originals = Originals(pictures, files, Masks.of(pictures, alphas, settings))
    originals.check_masks(settings, say)
    return replace(originals, colouring=originals.colouring_for(settings))


def _style_side(settings: Settings, size: int) -> int:
    """The longer side of the style picture for an image of `size` pixels."""
    return max(1, round(size * settings.style_scale))
