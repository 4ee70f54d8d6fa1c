"""Pictures are read in several threads: nothing global of Python or Pillow changes under them."""

import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import draw_picture
from odd_pictures import png
from PIL import Image

from nst.disk.images import read, size_of


@pytest.fixture
def hasty_threads():
    """Threads that take turns after every few instructions."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def test_four_threads_leave_no_trace_and_agree_about_large_pictures(tmp_path, hasty_threads):
    large = tmp_path / "large.png"  # above Pillow's own limit, below ours
    large.write_bytes(png(19_000, 10_000, 8, 2, b""))
    small = draw_picture(tmp_path / "small.png")
    filters, limit = list(warnings.filters), Image.MAX_IMAGE_PIXELS

    def look(_):
        read(small)
        return size_of(large)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(look, range(300))) == {(19_000, 10_000)}
    assert warnings.filters == filters
    assert limit == Image.MAX_IMAGE_PIXELS
