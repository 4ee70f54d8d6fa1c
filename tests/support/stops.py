"""A transfer that is stopped at one of its evaluations, as by a fault."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nst.errors import NstError
from nst.transfer.snapshots import Snapshots


@contextmanager
def stopped_at(evaluation: int) -> Iterator[None]:
    """Let every transfer fail at this evaluation; one with a checkpoint saves it."""
    real = Snapshots.add

    def add(self, row, image):
        if row.number == evaluation:
            raise NstError("stopped")
        real(self, row, image)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Snapshots, "add", add)
        yield
