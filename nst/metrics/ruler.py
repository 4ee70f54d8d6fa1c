"""A ruler of one content and one style, which measures any number of images of them.

The image is read as saved and shrunk to at most LONGER_SIDE pixels, never enlarged. The content is
brought to exactly its size, the style to its longer side. All is computed in fp32 or float64 on one
thread of the CPU, so the numbers do not depend on how or where the image was made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from nst.disk import images
from nst.errors import NstError
from nst.metrics import lpips, ssim, style_distance
from nst.metrics.colour_distance import Array, colour_distance, palette
from nst.metrics.networks import Networks
from nst.results.metrics import Numbers

LONGER_SIDE = 512  # pixels

Size = tuple[int, int]


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
    """The two originals, and what was computed of them for each size of images."""

    networks: Networks
    content: Image.Image
    style: Image.Image
    _contents: dict[Size, _OfContent] = field(default_factory=dict)
    _styles: dict[int, _OfStyle] = field(default_factory=dict)

    @classmethod
    def of(cls, networks: Networks, content: Path, style: Path) -> "Ruler":
        """A ruler of two files. Raises NstError for one that is no picture."""
        return cls(networks, images.read(content)[0], images.read(style)[0])

    def measure(self, path: Path, data: bytes | None = None) -> Numbers:
        """The metrics of an image, `data` being the bytes of its file if they have been read already.

        Those that need a larger picture are left out. Raises NstError for a file that is no picture, or
        that has another shape than the content.
        """
        image = images.read(path, data)[0]
        if not images.same_shape(image.size, self.content.size):
            sizes = "{} x {} pixels, its content is {} x {}".format(*image.size, *self.content.size)
            raise NstError(f"{path} is {sizes}: these are two shapes; crop one of them")
        image = images.resized(image, LONGER_SIDE) if max(image.size) > LONGER_SIDE else image
        with _one_thread(), torch.inference_mode():
            return dict(self._numbers(image))

    def _numbers(self, image: Image.Image) -> Iterator[tuple[str, float]]:
        content, style = self._content(image.size), self._style(max(image.size))
        of_content, of_style = _of_content(self.networks, image), _of_style(self.networks, image)
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

    def _style(self, longer_side: int) -> _OfStyle:
        if longer_side not in self._styles:
            style = images.resized(self.style, longer_side)
            self._styles[longer_side] = _of_style(self.networks, style)
        return self._styles[longer_side]


def _of_content(networks: Networks, picture: Image.Image) -> _OfContent:
    tensor = images.to_tensor(picture)
    large = min(picture.size) >= networks.alexnet.least_side
    features = lpips.unit_features(networks.alexnet(tensor)) if large else None
    return _OfContent(features, ssim.luma(tensor))


def _of_style(networks: Networks, picture: Image.Image) -> _OfStyle:
    large = min(picture.size) >= networks.vgg16.least_side
    features = networks.vgg16(images.to_tensor(picture)) if large else None
    return _OfStyle(style_distance.distributions(features) if features else None, palette(picture))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Within, one thread: sums are then added in the same order wherever there are more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
