"""The order in which cells are made: breadth first, so that every pair has an image early."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush
from itertools import count, zip_longest
from typing import Any

from nst.config.grid import Cell, Grid

Key = Callable[[Any], Any]


def breadth_first(grid: Grid) -> dict[str, int]:
    """The place of each cell, by its id: one variant of every pair before the second of any.

    A pair begins with the variant whose values are in the middle of their axes (the first of two
    middles), and goes on with those nearest to it: the fewest places away, counted over all axes. Of
    variants equally near, and of pairs, the first in the config comes first. A shared start has the
    place before the first of its cells, by its `path_id`.
    """
    middles = {
        axis: {repr(value): abs(place - (len(values) - 1) // 2) for place, value in enumerate(values)}
        for axis, values in grid.axes.items()
    }

    distances = {
        cell.variant: sum(middles[axis][repr(value)] for axis, value in cell.axes.items())
        for cell in grid.cells
    }
    pairs: dict[tuple[str, str], list[Cell]] = {}
    for cell in sorted(grid.cells, key=lambda cell: distances[cell.variant]):
        pairs.setdefault((cell.content, cell.style), []).append(cell)
    rounds = zip_longest(*(pairs[pair] for pair in grid.pairs))
    cells = [cell for cells in rounds for cell in cells if cell]
    names: dict[str, None] = {}
    for cell in cells:
        if cell.shared_start:
            names.setdefault(cell.shared_start.path_id)
        names[cell.id] = None
    return {name: place for place, name in enumerate(names)}


class Window(set[Any]):
    """A set that shows only the first of its members, in order; `in` and `len` know all of them.

    Snakemake looks at every job that is ready each time it starts one. Of a large grid that is all
    cells, and a day of CPU time.
    """

    def __init__(self, members: Iterable[Any], key: Key, size: int):
        super().__init__()
        self.key, self.size, self.heap, self.counter = key, size, [], count()
        self.update(members)

    def add(self, member: Any) -> None:
        if member not in self:
            super().add(member)
            heappush(self.heap, (self.key(member), next(self.counter), member))

    def update(self, *others: Iterable[Any]) -> None:
        for other in others:
            for member in other:
                self.add(member)

    def __iter__(self) -> Iterator[Any]:
        """The first members; what was removed since, or added twice, is dropped from the heap here."""
        shown, entries = set(), []
        while self.heap and len(entries) < self.size:
            entry = heappop(self.heap)
            if entry[-1] in self and entry[-1] not in shown:
                shown.add(entry[-1])
                entries.append(entry)
        for entry in entries:
            heappush(self.heap, entry)
        return iter([entry[-1] for entry in entries])


def first_that_fit(
    jobs: Iterable[Any], needs: Callable[[Any], Mapping[str, Any]], free: Mapping[str, Any]
) -> Sequence[Any]:
    """The jobs that can start with what is `free`; one that cannot lets those after it pass."""
    left, chosen = dict(free), []
    for job in jobs:
        needed = {name: amount for name, amount in needs(job).items() if name in left}
        if all(amount <= left[name] for name, amount in needed.items()):
            left.update({name: left[name] - amount for name, amount in needed.items()})
            chosen.append(job)
    return chosen
