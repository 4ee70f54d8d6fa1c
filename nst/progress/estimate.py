"""How long a run takes: from the evaluations that were measured on this machine."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from heapq import heapify, heapreplace
from itertools import islice
from pathlib import Path
from statistics import median

from nst.config.cell import STARTS
from nst.config.grid import Cell, Grid
from nst.config.scales import scales_of
from nst.config.settings import Settings
from nst.disk.images import size_at
from nst.disk.record import Record
from nst.errors import NstError
from nst.results.currency import read_cell
from nst.results.states import OUTDATED, State, end_of, log_of

BENCHMARKS = Path("results/benchmarks")
ROW = re.compile(r"^evaluation +(\d+)/\d+ .* ([\d.]+) s$", re.MULTILINE)
START = 2.0  # seconds of a job beside what follows, until they are measured
# Evaluations at the last size that take as long as the targets before the first and the losses after
# the last: measured with VGG-16 from 64 to 256 pixels.
BEFORE, AFTER = 1.25, 1.25
FURTHER_STYLE = 0.5  # of the targets: each style picture after the first, where it is as large
PLAIN_PIXELS = 50 * 50  # whose evaluation takes as long again for what does not grow with the pixels
PLAIN_WEIGHT = 0.1  # of that assumption, against one measurement
ENOUGH = 3  # measurements of this run: those of earlier ones then no longer count
MOST_RECORDS = 200  # that are read of earlier runs
LOOKS = 30  # that show how many jobs there are at once; images whose start is averaged

Key = tuple[object, ...]
Work = tuple[float, float]  # evaluations, and evaluations times pixels


@dataclass(frozen=True)
class Sample:
    """A measurement: `seconds` for some work of the kind `key`."""

    key: Key
    work: Work
    seconds: float


@dataclass(frozen=True)
class Speed:
    """Seconds per evaluation, and per evaluation and pixel."""

    evaluation: float
    pixel: float

    def seconds(self, work: Work) -> float:
        """What some work takes."""
        return self.evaluation * work[0] + self.pixel * work[1]


def speed_key(settings: Settings) -> Key:
    """What decides how long an evaluation of a pixel takes, and so which measurements are alike."""
    layers = tuple(sorted(settings.layers()))
    execution = settings.device, settings.precision, settings.tile
    return settings.backbone, layers, settings.optimizer, settings.history, execution


def work_of(grid: Grid, cell: Cell, settings: Settings | None = None, first: int = 0) -> Work:
    """The work of making a cell, or what is left of it after the `first` evaluations."""
    settings = settings or cell.settings
    sizes = grid.config.sizes
    content = sizes.get(cell.content_picture, (4, 3))
    styles = [sizes.get(picture, (4, 3)) for picture in cell.used_styles]
    evaluations = pixels = 0.0
    begun = cell.start.settings.size if cell.start else 0
    for scale in scales_of(settings, content, styles, begun):
        done = min(first, scale.evaluations)
        first -= done
        width, height = size_at(content, scale.size)
        evaluations += scale.evaluations - done
        pixels += (scale.evaluations - done) * width * height
    return evaluations, pixels


def before(cell: Cell) -> float:
    """How many evaluations at the last size take as long as the targets of a cell."""
    further = max(0, len(cell.used_styles) - 1)
    return BEFORE + FURTHER_STYLE * further * cell.settings.style_scale**2


def fit(samples: Sequence[Sample]) -> Speed:
    """The speed for which the samples' times are met best, each relative to its length.

    Samples of one size cannot tell the two parts apart: they are split as PLAIN_PIXELS says.
    """
    rows = [(s.work[0] / s.seconds, s.work[1] / s.seconds) for s in samples]
    share = PLAIN_WEIGHT * sum(evaluations for evaluations, _ in rows)
    rows += [(share, -share * PLAIN_PIXELS)]
    aims = [1.0] * len(samples) + [0.0]
    aa, ab, bb = (sum(row[i] * row[j] for row in rows) for i, j in ((0, 0), (0, 1), (1, 1)))
    a, b = (sum(row[i] * aim for row, aim in zip(rows, aims, strict=True)) for i in (0, 1))
    determinant = aa * bb - ab * ab
    evaluation, pixel = (a * bb - b * ab) / determinant, (b * aa - a * ab) / determinant
    if evaluation < 0:
        return Speed(0.0, b / bb)
    return Speed(evaluation, pixel) if pixel >= 0 else Speed(a / aa, 0.0)


def makespan(tasks: Iterable[float], at_once: int, after: Mapping[int, int] | None = None) -> float:
    """When the last of these tasks ends, if they are begun in order, as many at once.

    `after` names, by their numbers, tasks that begin once an earlier one has ended.
    """
    ends = [0.0] * max(1, at_once)
    heapify(ends)
    ended: list[float] = []
    for number, seconds in enumerate(tasks):
        waits = (after or {}).get(number)
        begin = ends[0] if waits is None else max(ends[0], ended[waits])
        ended.append(begin + seconds)
        heapreplace(ends, ended[-1])
    return max(ends)


class Estimator:
    """Seconds that are left of a run, from earlier runs at first, then from what it makes itself."""

    def __init__(self, grid: Grid, states: Mapping[str, State], at_once: int):
        self.grid, self.at_once = grid, max(1, at_once)
        self.earlier = list(islice(self._samples_of(states), MOST_RECORDS))
        self.made_here: list[Sample] = []
        self.begun: dict[str, Sample] = {}  # of cells under way, by their ids
        self.starts: dict[str, float] = {}  # seconds of jobs beside their evaluations
        self.unread: deque[tuple[Cell, float]] = deque(maxlen=LOOKS)  # made, without a benchmark yet
        self.jobs: deque[int] = deque(maxlen=LOOKS)  # that were under way
        self._shared = {start.path_id: start for start in grid.of_starts.cells}
        self._tasks: dict[str, tuple[Key, Work]] = {}  # by the ids of paths

    def made(self, cell: Cell, record: Record) -> None:
        """Take notice of a cell that was finished in this run."""
        self.begun.pop(cell.path_id if cell.folder == STARTS else cell.id, None)
        self.made_here.append(self._sample(cell, cell.settings, record))
        self.unread.append((cell, record.seconds))

    def seconds_left(
        self, todo: Sequence[Cell], under_way: Mapping[str, tuple[int, int]]
    ) -> float | None:
        """Seconds until all is made, None as long as nothing is known.

        `todo` are cells that no job has begun, in order; `under_way` the evaluations of the others, by
        their ids, of a shared start by its path's.
        """
        self._look(todo, under_way)
        known = {name: cell for name in under_way if (cell := self._cell(name))}
        speeds: dict[Key, Speed] = {}
        start = self._start()
        tasks: list[float] = []
        starts: dict[str, int] = {}  # the numbers of the tasks that make shared starts
        after = {}
        for cell, done in [
            *((cell, under_way[name][0]) for name, cell in known.items()),
            *((cell, 0) for cell in todo),
        ]:
            if cell.folder == STARTS:
                starts[cell.id] = len(tasks)
            elif cell.shared_start and cell.shared_start.id in starts:
                after[len(tasks)] = starts[cell.shared_start.id]
            key, work = self._task(cell)
            if key not in speeds:
                speed = self._speed(key)
                if speed is None:
                    return None
                speeds[key] = speed
            work = work_of(self.grid, cell, first=done) if done else work
            beside = speeds[key].seconds(
                self._work_beside(cell, AFTER if done else before(cell) + AFTER)
            )
            tasks.append(speeds[key].seconds(work) + beside + (0 if done else start))
        return makespan(tasks, self._jobs_at_once(), after)

    def _cell(self, name: str) -> Cell | None:
        """The cell of this id, or the shared start whose path has it."""
        return self.grid.by_id.get(name) or self._shared.get(name)

    def _look(self, todo: Sequence[Cell], under_way: Mapping[str, tuple[int, int]]) -> None:
        """Measure those under way by their logs, and count them."""
        if todo and under_way:
            self.jobs.append(len(under_way))
        for name, (done, _) in under_way.items():
            cell = self._cell(name)
            row = last_row(log_of(cell)) if cell and done > 1 else None
            if cell and row and row[1]:
                (key, whole), rest = self._task(cell), work_of(self.grid, cell, first=row[0])
                work = whole[0] - rest[0], whole[1] - rest[1]
                self.begun[name] = Sample(key, work, row[1])
        self.begun = {name: sample for name, sample in self.begun.items() if name in under_way}

    def _speed(self, key: Key) -> Speed | None:
        """From samples of the same kind; without any, from those of the same network, or from all."""
        here = [*self.made_here, *self.begun.values()]
        for is_like in self._likenesses(key):
            found = [sample for sample in here if is_like(sample.key)]
            if len(found) < ENOUGH:
                found += [sample for sample in self.earlier if is_like(sample.key)]
            if found:
                return fit(found)
        return None

    def _likenesses(self, key: Key) -> Iterable[Callable[[Key], bool]]:
        return (lambda other: other == key, lambda other: other[0] == key[0], lambda other: True)

    def _start(self) -> float:
        """What a job takes beside its evaluations, by the benchmarks of those that were made here."""
        for cell, seconds in list(self.unread):
            if (wall := benchmark_seconds(cell)) is not None:
                self.unread.remove((cell, seconds))
                speed = self._speed(self._task(cell)[0])
                if wall >= seconds and speed:  # not of a job that was resumed
                    beside = speed.seconds(self._work_beside(cell, before(cell) + AFTER))
                    self.starts[cell.path_id] = max(0.0, wall - seconds - beside)
        return median(list(self.starts.values())[-LOOKS:]) if self.starts else START

    def _jobs_at_once(self) -> int:
        """As many as there were lately: a cluster, or few GPUs, may allow less than was asked for."""
        return min(self.at_once, max(self.jobs)) if len(self.jobs) >= ENOUGH else self.at_once

    def _task(self, cell: Cell) -> tuple[Key, Work]:
        if cell.path_id not in self._tasks:
            self._tasks[cell.path_id] = speed_key(cell.settings), work_of(self.grid, cell)
        return self._tasks[cell.path_id]

    def _work_beside(self, cell: Cell, evaluations: float) -> Work:
        width, height = size_at(
            self.grid.config.sizes.get(cell.content_picture, (4, 3)), cell.settings.size
        )
        return evaluations, evaluations * width * height

    def _samples_of(self, states: Mapping[str, State]) -> Iterable[Sample]:
        """What records of earlier runs measured: of cells, old ones too, and of starts."""
        seen: set[str] = set()
        for cell in self.grid.cells:
            state = states.get(cell.id)
            with suppress(NstError, TypeError, ValueError):
                if state and state.record:
                    yield self._sample(cell, cell.settings, state.record)
                elif state and state.kind == OUTDATED:
                    record = read_cell(cell)
                    yield self._sample(cell, Settings(**record.settings), record)
            with suppress(NstError):
                if cell.start and cell.start.path_id not in seen:
                    seen.add(cell.start.path_id)
                    yield self._sample(cell.start, cell.start.settings, read_cell(cell.start))

    def _sample(self, cell: Cell, settings: Settings, record: Record) -> Sample:
        evaluations, pixels = work_of(self.grid, cell, settings)
        share = record.evaluations / max(1, evaluations)  # some stop before the last
        work = evaluations * share, pixels * share
        return Sample(speed_key(cell.settings), work, max(record.seconds, 0.01))


def benchmark_seconds(cell: Cell) -> float | None:
    """The time that Snakemake measured for the job of a cell."""
    with suppress(OSError, LookupError, ValueError):
        head, row = (
            (BENCHMARKS / cell.folder.name / f"{cell.id}.tsv")
            .read_text(encoding="utf-8")
            .splitlines()[:2]
        )
        return float(dict(zip(head.split("\t"), row.split("\t"), strict=True))["s"])
    return None


def last_row(log: Path) -> tuple[int, float] | None:
    """The last evaluation that a log names, and the seconds until then."""
    rows = ROW.findall(end_of(log))
    return (int(rows[-1][0]), float(rows[-1][1])) if rows else None
