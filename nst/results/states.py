"""What every cell is now: made, or not and why. Read from its files and from the end of its log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from nst.config.cell import CELLS, PRINTS, STARTS, Cell
from nst.config.grid import Grid
from nst.disk.log_end import read_fate
from nst.disk.record import Record
from nst.errors import NstError
from nst.results.currency import DAMAGED, MISSING, OUTDATED, Currency, judge

LOGS = Path("results/logs")
CELL_LOGS = tuple(LOGS / folder.name for folder in (CELLS, PRINTS, STARTS))
OF_START = "shared start "  # before the id of one where cells are named, too
MADE = "made"
# Why an image is not shown, in a word and a sentence; the reason of a cell says more.
REASONS = {
    "failed": "the job ended with an error",
    "stopped": "the job was stopped and can be continued",
    "killed": "the job was killed",
    OUTDATED: "the image on disk was made of other settings or pictures",
    DAMAGED: "the record on disk cannot be read",
    "running": "the image is being made",
    MISSING: "not made yet",
}
LONGEST = 200  # characters of the reasons why an image is outdated
TAIL_LINES, TAIL_BYTES = 12, 4000  # of a log that are shown


@dataclass(frozen=True)
class State:
    """`kind` is `made` or one of REASONS, `reason` one line; only a made cell has a record."""

    kind: str
    reason: str = ""
    record: Record | None = None


States = Mapping[str, State]  # by the ids of cells
Finished = Sequence[tuple[Cell, Record]]  # cells that are made, with their records


def survey(cells: Iterable[Cell], running: bool = False) -> dict[str, State]:
    """The state of each cell. While a run is under way (`running`), its jobs have unfinished logs."""
    cells = list(cells)
    currencies = judge(cells)
    return {cell.id: _state(cell, currencies[cell.id], running) for cell in cells}


def finished_cells(grid: Grid, states: States) -> Finished:
    """The cells that are made, with their records, in the config's order."""
    pairs = ((cell, states[cell.id].record) for cell in grid.cells)
    return [(cell, record) for cell, record in pairs if record]


def by_pair(finished: Finished) -> Iterator[tuple[tuple[str, str], Finished]]:
    """Every content and style with its finished cells, in the grid's order."""
    for pair, cells in groupby(finished, key=lambda one: (one[0].content, one[0].style)):
        yield pair, list(cells)


def holes(grid: Grid, states: States) -> list[tuple[Cell, State]]:
    """The cells that are not made, in the config's order."""
    pairs = ((cell, states[cell.id]) for cell in grid.cells)
    return [(cell, state) for cell, state in pairs if state.kind != MADE]


def count_kinds(kinds: Iterable[str]) -> str:
    """How many cells are in which state, in words: `1 failed, 2 missing`."""
    counts = Counter(kinds)
    return ", ".join(f"{counts[kind]} {kind}" for kind in REASONS if counts[kind])


def refuse_holes(states: States) -> None:
    """Raise NstError if a cell is not made, is damaged or is outdated."""
    absent = [name for name, state in states.items() if state.kind not in (MADE, OUTDATED, DAMAGED)]
    if absent:
        more = f" and {len(absent) - 3} more" if len(absent) > 3 else ""
        raise NstError(
            f"{len(absent)} of {len(states)} cells are not made: {', '.join(absent[:3])}{more};"
            " run snakemake"
        )
    for name, state in states.items():
        if state.kind == DAMAGED:
            raise NstError(state.reason)
        if state.kind == OUTDATED:
            raise NstError(f"{name} was {state.reason}: run snakemake, which makes it again")


def log_of(cell: Cell) -> Path:
    """The log of the job that makes a cell."""
    return LOGS / cell.folder.name / f"{cell.id}.log"


def log_tail(cell: Cell) -> str:
    """The last lines of a cell's log; none if there is no log."""
    return "\n".join(end_of(log_of(cell)).rstrip().splitlines()[-TAIL_LINES:])


def end_of(log: Path) -> str:
    """The last TAIL_BYTES of a log; nothing if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            return file.read(TAIL_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _state(cell: Cell, currency: Currency, running: bool) -> State:
    reasons = "; ".join(currency.reasons)[:LONGEST]
    if currency.kind == MISSING:
        return _unmade(cell, running)
    if currency.kind == DAMAGED:
        return State(DAMAGED, currency.fault)
    if currency.kind == OUTDATED:
        tried = _unmade(cell, running)  # the job that should have replaced the image says more
        return State(OUTDATED, f"made before a change ({reasons})") if tried.kind == MISSING else tried
    return State(MADE, record=currency.record)


def _unmade(cell: Cell, running: bool) -> State:
    try:
        fate = read_fate(log_of(cell).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return State(MISSING, REASONS[MISSING])
    if fate.kind in ("failed", "stopped"):
        return State(fate.kind, fate.words)
    if fate.kind == "written":
        return State(MISSING, REASONS[MISSING])
    if running:
        return State("running", fate.words or REASONS["running"])
    return State("killed", killed(fate.words))


def killed(last_words: str) -> str:
    """What is known of a job that was killed, from the last line of its log."""
    if not last_words:
        return "killed before it began"
    return f"killed, or out of memory? Its log ends with: {last_words}"
