"""How far a run is: read now and then from the files and the logs of its cells.

Files say the same of a run on this machine and of one on a cluster, and reading them costs no job time.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nst.config.grid import Cell, Grid
from nst.disk.files import Stamp, stamp
from nst.results.states import MADE, OUTDATED, REASONS, State, end_of, log_of, survey

EVALUATION = re.compile(r"^evaluation +(\d+)/(\d+) ", re.MULTILINE)
FAILED = ("failed", "killed")

Evaluation = tuple[int, int]  # the last one that a log names, and how many there will be
Stamps = tuple[Stamp, Stamp]  # of a cell's picture and of its log


def cell_stamps(cell: Cell) -> Stamps:
    """What changes when a job begins, and when it has made the cell: it writes the picture last."""
    return stamp(cell.file(".png")), stamp(log_of(cell))


class Poll:
    """The states of all cells while a run is under way, and the evaluations of those being made.

    `to_make` are the cells that the run makes, `before` their stamps when it began.
    """

    def __init__(self, grid: Grid, to_make: Iterable[Cell], before: Mapping[str, Stamps]):
        self.unmade = {cell.id: cell for cell in to_make}
        self.states = survey(grid.cells)
        for name in self.unmade:
            self.states[name] = _waiting(self.states[name])
        self.under_way: dict[str, Evaluation] = {}
        self._ended: set[str] = set()  # whose jobs have failed since the last look
        self._seen = {name: before.get(name, ((), ())) for name in self.unmade}

    def job_failed(self, name: str) -> None:
        """Take note that the job of a cell has failed, since a killed one leaves no last words."""
        self._ended.add(name)

    def look(self) -> dict[str, State]:
        """The states that have changed since the last look."""
        changed = {}
        ended, self._ended = self._ended, set()
        for name, cell in list(self.unmade.items()):
            stamps = cell_stamps(cell)
            has_ended = name in ended
            if stamps == self._seen[name] and not (has_ended and name in self.under_way):
                continue
            made = stamps[0] != self._seen[name][0] and stamps[0] != ()
            state = self._state(cell, made, running=not has_ended)
            self._seen[name] = stamps
            if state != self.states[name]:
                changed[name] = self.states[name] = state
        return changed

    def _state(self, cell: Cell, made: bool, running: bool) -> State:
        """The state of a cell whose files have changed, or whose job is no longer `running`."""
        self.under_way.pop(cell.id, None)
        (state,) = survey([cell], running).values()
        if made and state.kind == MADE:
            del self.unmade[cell.id]
        elif state.kind in (MADE, OUTDATED):  # the job has begun, and will replace this image
            kind = "running" if running else "killed"
            state = State(kind, REASONS[kind])
        if state.kind == "running":
            self.under_way[cell.id] = last_evaluation(log_of(cell)) or (0, cell.settings.evaluations)
        return state

    def failed(self) -> dict[str, str]:
        """Why cells of this run could not be made, by their ids."""
        states = {name: self.states[name] for name in self.unmade}
        return {name: state.reason for name, state in states.items() if state.kind in FAILED}


def last_evaluation(log: Path) -> Evaluation | None:
    """The last evaluation that a log names."""
    found = EVALUATION.findall(end_of(log))
    return (int(found[-1][0]), int(found[-1][1])) if found else None


def _waiting(state: State) -> State:
    """What a cell that the run will make is until its job begins."""
    if state.kind in (MADE, OUTDATED):
        return State(OUTDATED, state.reason or "it will be made again")
    return State("missing", REASONS["missing"])
