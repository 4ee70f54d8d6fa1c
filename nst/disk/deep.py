"""Pictures of 16 bits per channel: three grey ones of Pillow, which has none of colour."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from PIL import Image

if TYPE_CHECKING:
    from numpy import ndarray

WHITE = 2**16 - 1  # the level


class Deep:
    """An upright picture in sRGB, resized as Pillow resizes one of 8 bits."""

    def __init__(self, channels: tuple[Image.Image, ...]):
        self.channels = channels

    @classmethod
    def of(cls, levels: "ndarray") -> "Deep":
        """A picture of its levels, height x width x 3, from 0 to WHITE."""
        return cls(
            tuple(Image.fromarray(levels[..., channel].astype("uint16")) for channel in range(3))
        )

    @classmethod
    def of_8_bits(cls, image: Image.Image) -> "Deep":
        """The picture with the levels of one of 8 bits."""
        import numpy

        return cls.of(numpy.asarray(image.convert("RGB"), dtype=numpy.uint16) * (WHITE // 255))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.channels[0].size

    def resize(self, size: tuple[int, int], resample: Any = Image.Resampling.LANCZOS) -> "Deep":
        """The picture at another size."""
        return self._each(lambda channel: channel.resize(size, resample))

    def transpose(self, method: Image.Transpose) -> "Deep":
        """The picture turned or flipped."""
        return self._each(lambda channel: channel.transpose(method))

    @cached_property
    def levels(self) -> "ndarray":
        """Its levels, height x width x 3, from 0 to WHITE."""
        import numpy

        return numpy.dstack([numpy.asarray(channel) for channel in self.channels])

    def rounded(self) -> Image.Image:
        """The picture with 8 bits per channel."""
        return Image.fromarray(((self.levels + 128.0) // 257).astype("uint8"))

    def _each(self, change: Callable[[Image.Image], Image.Image]) -> "Deep":
        return Deep(tuple(map(change, self.channels)))
