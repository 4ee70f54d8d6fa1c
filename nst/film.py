"""Films: frames -> one animated WebP of bounded size, and the frames of a run that is under way."""

import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PIL import Image

from nst import images

if TYPE_CHECKING:
    from torch import Tensor

    from nst.engine import Evaluation

MOST_FRAMES = 120
LONGEST_SIDE = 480  # pixels
MOST_BYTES = 4 * 2**20
QUALITIES = (80, 60, 40, 20)  # WebP's, tried in this order until the film is small enough
MILLISECONDS, HOLD = 100, 1500  # how long a frame is seen, and the last one at least


def film_bytes(
    frames: Sequence[Image.Image], milliseconds: int = MILLISECONDS, hold: int = HOLD
) -> bytes:
    """An animated WebP that repeats: every frame in the last one's shape, `milliseconds` long each.

    The last frame is held for `hold` milliseconds. Too many frames, or too many bytes at the least
    quality: every second frame is left out and the others are seen twice as long, again if need be.
    """
    last = small(frames[-1])
    frames = [small(frame).resize(last.size, Image.Resampling.LANCZOS) for frame in frames[:-1]]
    frames.append(last)
    while True:
        for quality in QUALITIES if len(frames) <= MOST_FRAMES else ():
            data = _encoded(frames, milliseconds, hold, quality)
            if len(data) <= MOST_BYTES or len(frames) == 1:
                return data
        frames, milliseconds = frames[::-2][::-1], 2 * milliseconds  # the last frame stays


def small(picture: Image.Image) -> Image.Image:
    """A picture as a film holds it: 8-bit RGB, no side longer than LONGEST_SIDE."""
    picture = picture.convert("RGB")
    return images.resized(picture, LONGEST_SIDE) if max(picture.size) > LONGEST_SIDE else picture


def _encoded(frames: list[Image.Image], milliseconds: int, hold: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=[milliseconds] * (len(frames) - 1) + [max(hold, milliseconds)],
        loop=0,  # without end
        quality=quality,
        kmin=0,
        kmax=0,  # no key frame but the first, whose trials take a fifth of the time and win no byte
    )
    return buffer.getvalue()


class Snapshots:
    """Small pictures of a run: of the first evaluation and of every `every`-th; none if it is 0.

    They never are more than fit in a film, so that memory is bounded: `every` is doubled instead.
    """

    def __init__(self, every: int, evaluations: int, say: Callable[[str], None]):
        self.every, self.frames = every, []
        while self.every and _count(self.every, evaluations) > MOST_FRAMES:
            self.every *= 2
        if self.every != every:
            say(
                f"note: snapshots {every} would make {_count(every, evaluations)} frames, the most is"
                f" {MOST_FRAMES}: one in {self.every} evaluations is kept"
            )

    def __call__(self, row: "Evaluation", image: "Tensor") -> None:
        """Keep the image, 1 x 3 x height x width in [0, 1], if it is to be a frame."""
        if not self.every or not math.isfinite(row.total):
            return
        if row.number == 1 or row.number % self.every == 0:
            self.frames.append(small(images.to_picture(image)))

    def state(self, count: int) -> list["Tensor"]:
        """The first `count` frames, height x width x 3, 8 bits each."""
        import numpy
        import torch

        return [torch.from_numpy(numpy.array(frame)) for frame in self.frames[:count]]

    def restore(self, state: list["Tensor"]) -> None:
        """Have the frames of a state."""
        self.frames = [Image.fromarray(frame.cpu().numpy()) for frame in state]

    def film(self, picture: Image.Image) -> bytes:
        """The film of the frames so far and of the picture that was made."""
        return film_bytes([*self.frames, picture])


def _count(every: int, evaluations: int) -> int:
    """How many frames a run makes: the first evaluation, every `every`-th, and the picture."""
    return 1 + (every > 1) + evaluations // every
