"""A ruler of one content and one style, which measures any number of images of them.

The image is read as saved and shrunk to at most LONGER_SIDE pixels, never enlarged. The content is
brought to exactly its size, the style to its longer side. All is computed in fp32 or float64 on one
thread of the CPU, so the numbers do not depend on how or where the image was made.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from nst.disk import images
from nst.errors import NstError
from nst.metrics import lpips, ssim, style_distance
from nst.metrics.colour_distance import Array, colour_distance, pooled_palette
from nst.metrics.networks import Networks
from nst.results.metrics import Numbers

LONGER_SIDE = 512  # pixels

Size = tuple[int, int]
Shares = tuple[float, ...]
Layers = list[style_distance.Moments]


@dataclass(frozen=True)
class _OfContent:
    """What images of one size are compared with."""

    features: list[Tensor] | None
    luma: Tensor


@dataclass(frozen=True)
class _OfStyle:
    distributions: list[style_distance.Distribution] | None
    palette: Array


@dataclass
class Ruler:
    """The originals, and what was computed of them for each size of images and each blend."""

    networks: Networks
    content: Image.Image
    styles: list[Image.Image]
    _contents: dict[Size, _OfContent] = field(default_factory=dict)
    _styles: dict[tuple[int, Shares], _OfStyle] = field(default_factory=dict)
    _moments: dict[tuple[int, int], Layers | None] = field(default_factory=dict)

    @classmethod
    def of(cls, networks: Networks, content: Path, styles: Sequence[Path]) -> "Ruler":
        """A ruler of files. Raises NstError for one that is no picture."""
        return cls(networks, images.read(content)[0], [images.read(style)[0] for style in styles])

    def measure(
        self, path: Path, data: bytes | None = None, shares: Sequence[float] = (1.0,)
    ) -> Numbers:
        """The metrics of an image, `data` being the bytes of its file if they have been read already.

        `shares` are those of the style pictures, whose pixels and positions together are the style.
        Metrics that need a larger picture are left out. Raises NstError for a file that is no picture,
        or that has another shape than the content.
        """
        image = images.read(path, data)[0]
        if not images.same_shape(image.size, self.content.size):
            sizes = "{} x {} pixels, its content is {} x {}".format(*image.size, *self.content.size)
            raise NstError(f"{path} is {sizes}: these are two shapes; crop one of them")
        image = images.resized(image, LONGER_SIDE) if max(image.size) > LONGER_SIDE else image
        with _one_thread(), torch.inference_mode():
            return dict(self._numbers(image, tuple(shares)))

    def _numbers(self, image: Image.Image, shares: Shares) -> Iterator[tuple[str, float]]:
        content, style = self._content(image.size), self._style(max(image.size), shares)
        of_content = _of_content(self.networks, image)
        of_style = _of_styles((1.0,), [image], [_moments(self.networks, image)])
        if content.features and of_content.features:
            heads = self.networks.heads
            yield "lpips", lpips.lpips(of_content.features, content.features, heads)
        if min(image.size) >= ssim.WINDOW:
            yield "ssim", ssim.ssim(of_content.luma, content.luma)
        if style.distributions and of_style.distributions:
            distance = style_distance.style_distance(of_style.distributions, style.distributions)
            yield "style_distance", distance
        yield "colour_distance", colour_distance(of_style.palette, style.palette)

    def _content(self, size: Size) -> _OfContent:
        if size not in self._contents:
            content = self.content.resize(size, Image.Resampling.LANCZOS)
            self._contents[size] = _of_content(self.networks, content)
        return self._contents[size]

    def _style(self, longer_side: int, shares: Shares) -> _OfStyle:
        key = longer_side, shares
        if key not in self._styles:
            numbers = [number for number, share in enumerate(shares) if share]
            pictures = [images.resized(self.styles[number], longer_side) for number in numbers]
            for number, picture in zip(numbers, pictures, strict=True):
                at = longer_side, number
                if at not in self._moments:
                    self._moments[at] = _moments(self.networks, picture)
            used = [shares[number] for number in numbers]
            moments = [self._moments[longer_side, number] for number in numbers]
            self._styles[key] = _of_styles(used, pictures, moments)
        return self._styles[key]


def _of_content(networks: Networks, picture: Image.Image) -> _OfContent:
    tensor = images.to_tensor(picture)
    large = min(picture.size) >= networks.alexnet.least_side
    features = lpips.unit_features(networks.alexnet(tensor)) if large else None
    return _OfContent(features, ssim.luma(tensor))


def _moments(networks: Networks, picture: Image.Image) -> Layers | None:
    if min(picture.size) < networks.vgg16.least_side:
        return None
    return style_distance.moments(networks.vgg16(images.to_tensor(picture)))


def _of_styles(
    shares: Sequence[float], pictures: Sequence[Image.Image], moments: Sequence[Layers | None]
) -> _OfStyle:
    large = [one for one in moments if one]  # all, or the style distance cannot be measured
    parts = list(zip(shares, large, strict=True)) if len(large) == len(moments) else []
    distributions = style_distance.distributions(parts) if parts else None
    return _OfStyle(distributions, pooled_palette(list(zip(shares, pictures, strict=True))))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Within, one thread: sums are then added in the same order wherever there are more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
