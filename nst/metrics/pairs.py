"""Measures the images of one pair, and stores what it has measured."""

import hashlib
from collections.abc import Callable

from nst.disk import images
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.metrics.networks import Networks
from nst.metrics.ruler import Ruler
from nst.results.metrics import Pair, current, pair_file, to_measure, write_pair


def measure_pair(cells: Pair, networks: Networks, sums: Sums, say: Callable[[str], None]) -> int:
    """Measure what is made and not measured yet, and store it; return how many images that were.

    Raises NstError where nothing can be stored, or if an original is no picture; `say` is told of
    images that cannot be measured.
    """
    pair, todo = current(cells, sums), to_measure(cells, sums)
    ruler = Ruler.of(networks, cells[0].content_picture, cells[0].style_picture)
    for one in todo:
        try:
            data = images.file_bytes(one.picture)  # read once: a job may be replacing it
            pair.images[one.id] = hashlib.sha256(data).hexdigest(), {}
            pair.images[one.id] = pair.images[one.id][0], ruler.measure(one.picture, data)
        except NstError as error:
            say(f"not measured: {error}")
    write_pair(pair_file(cells[0].content, cells[0].style), pair)
    return len(todo)
