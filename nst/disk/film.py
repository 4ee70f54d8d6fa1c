"""Frames -> one animated WebP of bounded size."""

import io
from collections.abc import Sequence

from PIL import Image

from nst.disk import images

MAX_FRAMES = 120
LONGEST_SIDE = 480  # pixels
MAX_BYTES = 4 * 2**20
QUALITIES = (80, 60, 40, 20)  # WebP's, tried in this order until the film is small enough
MILLISECONDS, HOLD = 100, 1500  # for which a frame is shown, and the last one at least


def film_bytes(
    frames: Sequence[Image.Image], milliseconds: int = MILLISECONDS, hold: int = HOLD
) -> bytes:
    """An animated WebP that repeats; frames get the last one's shape and are shown `milliseconds` each.

    The last frame is held for `hold` milliseconds. While there are too many frames, or too many
    bytes at the lowest quality, every second frame is left out and the others are shown twice as long.
    """
    last = small(frames[-1])
    frames = [small(frame).resize(last.size, Image.Resampling.LANCZOS) for frame in frames[:-1]]
    frames.append(last)
    while True:
        for quality in QUALITIES if len(frames) <= MAX_FRAMES else ():
            data = _encoded(frames, milliseconds, hold, quality)
            if len(data) <= MAX_BYTES or len(frames) == 1:
                return data
        frames, milliseconds = frames[::-2][::-1], 2 * milliseconds  # the last frame stays


def small(picture: Image.Image) -> Image.Image:
    """A picture as a frame: 8-bit RGB over white, no side longer than LONGEST_SIDE."""
    picture = images.over_white(picture)
    return images.resized(picture, LONGEST_SIDE) if max(picture.size) > LONGEST_SIDE else picture


def _encoded(frames: list[Image.Image], milliseconds: int, hold: int, quality: int) -> bytes:
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        "WEBP",
        save_all=True,
        append_images=frames[1:],
        duration=[milliseconds] * (len(frames) - 1) + [max(hold, milliseconds)],
        loop=0,  # forever
        quality=quality,
        kmin=0,
        kmax=0,  # only the first is a key frame: trying more takes time and saves no byte
    )
    return buffer.getvalue()
