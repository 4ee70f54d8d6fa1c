"""Frames -> one animated WebP of bounded size."""

import io
from collections.abc import Sequence

from PIL import Image

from nst.disk import images

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
