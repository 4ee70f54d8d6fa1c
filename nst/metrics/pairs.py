"""Measures the images of one pair, and stores what it has measured."""

import hashlib
import time
from collections.abc import Callable

from nst.config.cell import Cell
from nst.config.external import External
from nst.disk import images
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.metrics.networks import Networks
from nst.metrics.ruler import Ruler
from nst.results.metrics import Images, Pair, keep_part, mark, store, to_measure

PAUSE = 5  # seconds between two times that what has been measured is kept


def measure_pair(cells: Pair, networks: Networks, sums: Sums, say: Callable[[str], None]) -> int:
    """Measure what is made and not measured yet, and store it; return how many images that were.

    What was measured before a stop is kept. Raises NstError where nothing can be stored, or if an
    original is no picture; `say` is told of images that cannot be measured.
    """
    todo, new, kept = to_measure(cells, sums), Images(), time.monotonic()
    ruler = Ruler.of(networks, cells[0].content_picture, cells[0].style_pictures)
    try:
        for one in todo:
            _measure(one, ruler, new, say)
            if time.monotonic() - kept >= PAUSE:
                keep_part(cells, sums, new)
                kept = time.monotonic()
    except BaseException:
        keep_part(cells, sums, new)
        raise
    store(cells, sums, new)
    return len(todo)


def _measure(one: Cell | External, ruler: Ruler, new: Images, say: Callable[[str], None]) -> None:
    try:
        data = images.file_bytes(one.picture)  # read once: a job may be replacing it
        known_by = mark(one, hashlib.sha256(data).hexdigest())
    except NstError as error:
        return say(f"not measured: {error}")
    try:
        new[one.id] = known_by, ruler.measure(one.picture, data, one.style_shares)
    except NstError as error:
        new[one.id] = known_by, {}
        say(f"not measured: {error}")
    return None
