"""The frames of a transfer's film, collected while it runs."""

import math
from collections.abc import Callable

import numpy
import torch
from PIL import Image
from torch import Tensor

from nst.disk import images
from nst.disk.film import MAX_FRAMES, film_bytes, small
from nst.engine.stages import Evaluation


class Snapshots:
    """Small pictures of the first evaluation and of every `every`-th; none if `every` is 0.

    `every` is doubled until the frames fit in a film, so that memory is bounded. `saved` turns an image
    into a picture as it is saved.
    """

    def __init__(
        self,
        every: int,
        evaluations: int,
        say: Callable[[str], None],
        saved: Callable[[Tensor], Image.Image] = images.to_picture,
    ):
        self.every, self.frames, self.saved = every, [], saved
        while self.every and _count(self.every, evaluations) > MAX_FRAMES:
            self.every *= 2
        if self.every != every:
            say(
                f"note: snapshot_every {every} would make {_count(every, evaluations)} frames, the most"
                f" is {MAX_FRAMES}: one in {self.every} evaluations is kept"
            )

    def add(self, row: Evaluation, image: Tensor) -> None:
        """Add the image of an evaluation, 1 x 3 x height x width in [0, 1], if it is to be a frame."""
        if not self.every or not math.isfinite(row.total):
            return
        if row.number == 1 or row.number % self.every == 0:
            self.frames.append(small(self.saved(image)))

    def state(self, count: int) -> list[Tensor]:
        """The first `count` frames, height x width x 3, 8 bits each."""
        return [torch.from_numpy(numpy.array(frame)) for frame in self.frames[:count]]

    def restore(self, state: list[Tensor]) -> None:
        """Replace the frames by those of a state."""
        self.frames = [Image.fromarray(frame.cpu().numpy()) for frame in state]

    def film(self, picture: Image.Image) -> bytes:
        """The film of the frames and of the finished picture."""
        return film_bytes([*self.frames, picture])


def _count(every: int, evaluations: int) -> int:
    """How many frames a film has: the first evaluation, every `every`-th, and the finished picture."""
    return 1 + (every > 1) + evaluations // every
