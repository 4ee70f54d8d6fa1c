"""Small copies of pictures: as large as asked, and the same to look at however they were decoded."""

import io

import numpy
import pytest
from conftest import ROOT
from PIL import ExifTags, Image

from nst.disk import images
from nst.results.thumbnails import shrunk_size, thumbnail_bytes

PHOTO = sorted((ROOT / "images/content").glob("*.jpg"))[0]


@pytest.fixture
def large(tmp_path):
    """A JPEG of 2400 x 1600 pixels that lies on its side."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    picture = Image.open(PHOTO).resize((2400, 1600), Image.Resampling.BICUBIC)
    picture.save(tmp_path / "large.jpg", exif=exif, quality=95)
    return tmp_path / "large.jpg"


def difference(one, other):
    """The mean difference of two pictures of one size, in levels of 255."""
    first, second = (numpy.asarray(image, dtype=float) for image in (one, other))
    assert first.shape == second.shape
    return abs(first - second).mean()


@pytest.mark.parametrize(
    ("shown", "side"), [(0, 2400), (256, 600), (300, 600), (301, 1200), (2000, 2400)]
)
def test_a_large_jpeg_is_decoded_no_larger_than_it_is_shown(large, shown, side):
    picture, notes = images.read(large, shown=shown)
    assert (max(picture.size), notes) == (side, [])
    assert picture.height > picture.width  # upright


@pytest.mark.parametrize("shown", [96, 256])
def test_a_partly_decoded_jpeg_looks_like_a_fully_decoded_one(large, shown):
    drafted, whole = (images.resized(images.read(large, shown=n)[0], shown) for n in (shown, 0))
    assert difference(drafted, whole) < 1


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_a_thumbnail_is_the_picture_shrunk(large, ending, tmp_path):
    whole, _ = images.read(large)
    path = large if ending == "jpg" else tmp_path / "large.png"
    if path != large:
        whole.save(path)
    small = Image.open(io.BytesIO(thumbnail_bytes(path, 256)))
    assert (small.format, small.size) == ("WEBP", (171, 256))
    assert difference(small.convert("RGB"), images.resized(whole, 256)) < 3


@pytest.mark.parametrize(
    ("size", "shrunk"), [((256, 100), (256, 100)), ((512, 100), (256, 50)), ((9000, 3), (256, 1))]
)
def test_the_size_of_a_thumbnail(size, shrunk):
    assert shrunk_size(size, 256) == shrunk
