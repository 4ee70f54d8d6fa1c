"""What one run makes: the images of the grid, or its prints."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from nst.config.cell import CELL_ENDINGS
from nst.config.grid import Cell, Grid
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.results.currency import CURRENT, DAMAGED, MISSING, Currency, judge, reasons_to_make
from nst.results.externals import external_notices, survey_externals
from nst.workflow import snakemake_api
from nst.workflow.cells import count_gpus, gpus_of
from nst.workflow.decoded import is_sound, refuse_damaged
from nst.workflow.order import breadth_first
from nst.workflow.prints import makes_prints, refuse_unready
from nst.workflow.run_report import find_unmade, is_unmade


class Tasks:
    """The images of `whole`, the grid of the config, or its prints once `choose` finds that they are.

    `grid` holds those that this run makes, `gpus` is how many GPUs are offered to them.
    """

    def __init__(self, workflow: Any, rules: Mapping[str, str], whole: Grid):
        self.workflow, self.rules = workflow, rules
        self.whole = self.grid = whole
        self.sums = Sums()
        self.gpus = count_gpus((*whole.cells, *whole.prints))
        self.currencies: dict[str, Currency] = {}
        self.start_currencies: dict[str, Currency] = {}  # the shared ones, by their ids

    @property
    def are_prints(self) -> bool:
        """Whether this run makes prints."""
        return self.grid is not self.whole

    @property
    def rule(self) -> str:
        """The rule whose jobs make them."""
        return self.rules["print" if self.are_prints else "transfer"]

    @property
    def only_files(self) -> bool:
        """Whether this run makes none of them: it puts stale files aside, or changes dates."""
        prunes = self.rules["prune"] in snakemake_api.targets(self.workflow)
        return prunes or snakemake_api.is_touch(self.workflow)

    @cached_property
    def places(self) -> dict[str, int]:
        """The order in which they are made."""
        return breadth_first(self.grid)

    def choose(self) -> None:
        """Turn to prints if the run's targets say so, which is known once Snakemake plans."""
        targets, prints = snakemake_api.targets(self.workflow), self.whole.of_prints
        if makes_prints(targets, self.rules["prints"], prints):
            self.grid = prints
            self.judge()

    def judge(self) -> None:
        """Say what each of them is now. Raises NstError for what none can be made of."""
        if not self.only_files:
            if self.are_prints:
                refuse_unready(self.grid, self.sums)
            refuse_damaged(self.grid, self.sums)
            states = survey_externals(self.grid, self.sums)
            self.grid.config.notices += external_notices(self.grid, states)
        self.currencies = judge(self.grid.cells, self.sums)
        self.start_currencies = judge(self.grid.of_starts.cells, self.sums)
        for start in self._needed_starts():
            judged = self.start_currencies[start.id]
            if judged.kind == CURRENT and not is_sound(start.file(".png"), self.sums):
                self.start_currencies[start.id] = replace(judged, kind=DAMAGED)

    def unmade(self) -> list[Cell]:
        """Those that are missing or outdated."""
        missing, outdated = find_unmade(self.grid, self.currencies)
        return [*missing, *outdated]

    def outdated_starts(self) -> list[Cell]:
        """The shared starts that are missing or outdated."""
        return self._not_current(self.grid.of_starts.cells)

    def unmade_starts(self) -> list[Cell]:
        """The shared starts that are missing or outdated and that one of `unmade` needs."""
        return self._not_current(self._needed_starts())

    def _not_current(self, starts: Iterable[Cell]) -> list[Cell]:
        return [start for start in starts if self.start_currencies[start.id].kind != CURRENT]

    def _needed_starts(self) -> list[Cell]:
        needed = {cell.shared_start.id for cell in self.unmade() if cell.shared_start}
        return [start for start in self.grid.of_starts.cells if start.id in needed]

    def may_run(self, cell: Cell) -> bool:
        """Whether this run may have a job for a cell: for all in a submitted job, which judges none."""
        judged = self.currencies.get(cell.id)
        if not judged or is_unmade(cell, judged):
            return True
        files = (cell.file(ending).as_posix() for ending in CELL_ENDINGS)
        return snakemake_api.forces(
            self.workflow, {self.rules["transfer"], self.rules["shared_start"], *files}
        )

    def planned(self) -> list[Cell]:
        """Those that Snakemake has jobs for."""
        names = snakemake_api.cells_to_make(self.workflow, self.rule)
        return [cell for cell in self.grid.cells if names is None or cell.id in names]

    def planned_starts(self) -> list[Cell]:
        """The shared starts that Snakemake has jobs for."""
        names = snakemake_api.cells_to_make(self.workflow, self.rules["shared_start"])
        if names is None:
            return self.unmade_starts()
        return [start for start in self.grid.of_starts.cells if start.id in names]

    def reasons(self, cells: list[Cell]) -> list[tuple[str, ...]]:
        """Why those of the cells that are there are made again."""
        judged = [(cell, self.currencies[cell.id]) for cell in cells]
        return [reasons_to_make(*one) for one in judged if one[1].kind != MISSING]

    @property
    def print_threads(self) -> int:
        """The threads of each print: a few images on many cores would leave some of them idle."""
        if not self.are_prints or snakemake_api.submits_jobs(self.workflow):
            return 1
        return max(1, snakemake_api.jobs_limit(self.workflow) // max(1, len(self.unmade())))

    def on_cpu(self, cells: list[Cell]) -> list[Cell]:
        """Those of the cells that compute in main memory."""
        return [cell for cell in cells if not gpus_of(cell, self.gpus)]

    def at_once(self) -> int:
        """How many are made at the same time, here or on a cluster."""
        jobs = snakemake_api.jobs_limit(self.workflow)
        if snakemake_api.submits_jobs(self.workflow):
            return jobs
        threads = snakemake_api.job_threads(self.workflow, self.rule) or [1]
        jobs = max(1, jobs // max(threads))
        limit = snakemake_api.resource_limit(self.workflow, "gpu")
        on_gpus = all(gpus_of(cell, self.gpus) for cell in self.grid.cells)
        return min(jobs, limit) if limit and on_gpus else jobs

    def refuse_print(self, cell: Cell) -> None:
        """Raise NstError if a run of the grid would have to make this print."""
        if self.are_prints or self.only_files:
            return
        if judge([cell], self.sums)[cell.id].kind != CURRENT:
            raise self._no_print(cell.id)

    def refuse_forced_prints(self) -> None:
        """Raise NstError if a run of the grid has jobs of prints, although these are current."""
        names = snakemake_api.cells_to_make(self.workflow, self.rules["print"])
        if names and not self.are_prints:
            raise self._no_print(min(names))

    def _no_print(self, name: str) -> NstError:
        print_ = self.whole.of_prints.by_id[name].file(".png")
        return NstError(
            f"{print_} is to be made: prints are a run of their own: run"
            f" `snakemake {self.rules['prints']}` first"
        )
