"""One run of Snakemake: from reading the config to the last word on what was made."""

import atexit
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from nst.config.grid import Cell, Grid, expand
from nst.disk.files import Stamp, sweep
from nst.disk.run_inputs import Copy
from nst.disk.sums import Sums
from nst.errors import NstError
from nst.progress.terminal import TERMINAL
from nst.results.currency import MISSING, Currency, judge, reasons_to_make
from nst.results.news import withdraw
from nst.results.page_paths import PAGE
from nst.results.sheet_plan import plan
from nst.results.states import survey
from nst.workflow import snakemake_api, snakemake_module
from nst.workflow.aggregates import aggregates_of_others
from nst.workflow.cells import count_gpus, gpus_of
from nst.workflow.decoded import refuse_damaged
from nst.workflow.dry_run import dry_run_report, say_at_exit
from nst.workflow.environment import end_on_interrupt, note_interrupts, share_gpus
from nst.workflow.folder_lock import hold_folder
from nst.workflow.jobs_here import prepare_jobs
from nst.workflow.notices import (
    gpu_notice,
    refuse,
    refuse_future,
    start_notice,
    task_notice,
    tell,
)
from nst.workflow.order import breadth_first
from nst.workflow.print_size import refuse_too_large
from nst.workflow.prints import makes_prints, refuse_unready, write_page
from nst.workflow.replaced import keep, put_back
from nst.workflow.run_plan import change_notice, remove_plan, use_plan, write_plan
from nst.workflow.run_report import failure_report, find_unmade, log_stamps, where_to_look
from nst.workflow.stale import prune_command, sweep_checkpoints
from nst.workflow.watcher import Watcher


class Run:
    """The run of a Snakefile: `settle`, `begin`, then `end` or `fail` are called in this order.

    A job of a cluster reads the Snakefile, too, but Snakemake calls only `settle` there (`--no-hooks`).
    The parts of Snakemake's `workflow` that are not documented are used by `snakemake_api` only.
    """

    def __init__(self, workflow: Any):
        """Read the config; end the process with status 2, one line per fault, if it is wrong."""
        self.workflow = workflow
        self.rules = TERMINAL.rules = snakemake_module.rule_names(workflow)
        self.config_files, self.overlay = snakemake_module.config_of(workflow)
        self.prune_command = prune_command(self.rules["prune"], self.config_files, self.overlay)
        self.log_stamps: dict[Path, Stamp] = {}
        self.is_interrupted = lambda: False
        self.settled = False
        self.has_begun = False
        self.watcher: Watcher | None = None
        self.copies: dict[Path, Copy] = {}
        self.makes_prints = False
        self.sums = Sums()
        self.let_interrupt = end_on_interrupt() if not self.is_submitted else lambda: None
        if self.is_submitted and (plan_of_run := use_plan()):
            self.config_files, self.overlay = plan_of_run
        snakemake_module.add_hooks(workflow, self)
        try:
            snakemake_module.refuse_prefix(workflow)
            self.grid: Grid = expand(self.config_files, self.overlay)
            self.tasks = self.grid  # or the prints, once it is known that they are asked for
            self.currencies = {} if self.is_submitted else self._judge()
            self.sheets = plan(self.grid)
            self.gpus = count_gpus(self.grid)
            self.slots = share_gpus(snakemake_api.resource_limit(workflow, "gpu"), self.gpus)
        except NstError as error:
            refuse(error)
        snakemake_api.name_config_files(workflow, self.config_files)

    def _judge(self) -> dict[str, Currency]:
        """What everything is that this run may make."""
        if not (self.prunes or snakemake_api.is_touch(self.workflow)):
            if self.makes_prints:
                refuse_unready(self.tasks, self.sums)
            refuse_damaged(self.tasks, self.sums)
        return judge(self.tasks.cells, self.sums)

    def _turn_to_prints(self) -> None:
        """Make prints in this run if its targets say so, which is known once Snakemake plans."""
        try:
            targets, rule = snakemake_api.targets(self.workflow), self.rules["prints"]
            self.makes_prints = makes_prints(targets, rule, self.grid.of_prints)
            if self.makes_prints:
                self.tasks = self.grid.of_prints
                self.currencies = self._judge()
        except NstError as error:
            refuse(error)

    @property
    def rule(self) -> str:
        """The rule whose jobs make what this run makes."""
        return self.rules["print" if self.makes_prints else "transfer"]

    @property
    def print_threads(self) -> int:
        """The threads of each print: a few images on many cores would leave some of them idle."""
        here = self.makes_prints and not self.submits_jobs
        return max(1, snakemake_api.jobs_limit(self.workflow) // len(self.tasks.cells)) if here else 1

    @property
    def prunes(self) -> bool:
        """Whether this run only puts stale files aside: it has nothing to say of images."""
        return self.rules["prune"] in snakemake_api.targets(self.workflow)

    @property
    def is_submitted(self) -> bool:
        """Whether this process is a job of a cluster."""
        return snakemake_api.is_submitted(self.workflow)

    @property
    def submits_jobs(self) -> bool:
        """Whether this process sends its jobs to a cluster."""
        return snakemake_api.submits_jobs(self.workflow)

    @cached_property
    def places(self) -> dict[str, int]:
        """The order in which cells are made."""
        return breadth_first(self.tasks)

    def settle(self) -> None:
        """Settle, once, what Snakemake reads between asking for a job's inputs and starting a job.

        Earlier it does not know where it runs jobs, nor whether this is a dry run, without `onstart`.
        """
        if self.settled:
            return
        self.settled = True
        snakemake_module.add_hooks(self.workflow, self)  # before those that the user's Snakefile has
        snakemake_api.keep_going_in_group(self.workflow)
        if not self.is_submitted:
            self._turn_to_prints()
            self._force()
            if not snakemake_module.has_others(self.workflow, self.rules):
                snakemake_api.trust_finished_files(self.workflow)
        snakemake_api.order_ready_jobs(self.workflow, self.places)
        is_dry_run = snakemake_api.is_dry_run(self.workflow) and not self.prunes
        if is_dry_run:
            atexit.register(say_at_exit, self._end_dry_run)  # after all that Snakemake has to say
        if self.submits_jobs:
            return
        snakemake_api.lift_default_job_rate(self.workflow)
        if self.gpus and snakemake_api.resource_limit(self.workflow, "gpu") is None:
            snakemake_api.limit_resource(self.workflow, "gpu", self.slots * self.gpus)
        if is_dry_run:
            missing, outdated = find_unmade(self.tasks, self.currencies)
            reasons = self._reasons([*missing, *outdated])
            tell(start_notice(self.grid, reasons, self.prune_command, noun=self.tasks.noun))

    def _end_dry_run(self) -> None:
        names = snakemake_api.cells_to_make(self.workflow, self.rule)
        if names is None or not snakemake_api.is_planned(self.workflow):
            return
        to_make = [self.tasks.by_id[name] for name in self.places if name in names]
        states, here = survey(self.tasks.cells), not self.submits_jobs
        print(dry_run_report(self.tasks, to_make, states, self._at_once(), may_try=here), flush=True)

    def _at_once(self) -> int:
        """How many cells are made at the same time, here or on a cluster."""
        jobs = snakemake_api.jobs_limit(self.workflow) // self.print_threads
        limit = snakemake_api.resource_limit(self.workflow, "gpu")
        on_gpus = all(gpus_of(cell, self.gpus) for cell in self.tasks.cells)
        return min(jobs, limit) if limit and on_gpus and not self.submits_jobs else jobs

    def _force(self) -> None:
        """Have made again what its contents say, whatever the dates are."""
        missing, outdated = find_unmade(self.tasks, self.currencies)
        cells = [cell.file(".png") for cell in (*missing, *outdated)]
        if not self.makes_prints:
            cells += aggregates_of_others(self.grid, self.sheets, self.currencies)
        snakemake_api.force(self.workflow, cells)

    def begin(self) -> None:
        """Be the only run in this folder; say what will be replaced; prepare the jobs' environment."""
        only_files = self.prunes or snakemake_api.is_touch(self.workflow)
        try:
            tell(hold_folder())
            if not only_files:
                refuse_future(self.tasks)
        except NstError as error:
            refuse(error)
        self.let_interrupt()
        self.has_begun = True
        self.is_interrupted = note_interrupts()
        snakemake_api.start_jobs_in_order(self.workflow, self.places)
        sweep(Path("results"))  # of what a killed run has left
        self.log_stamps = log_stamps()
        missing, outdated = find_unmade(self.tasks, self.currencies)
        sweep_checkpoints(self.tasks, [*missing, *outdated])
        if not only_files:
            names = snakemake_api.cells_to_make(self.workflow, self.rule)
            cells = [cell for cell in self.tasks.cells if names is None or cell.id in names]
            self._keep_what_is_there(cells)
            tell(self._gpu_notice())
            self._prepare_jobs()
            self._watch(cells)
        elif not self.prunes:
            tell(start_notice(self.grid, [], self.prune_command))

    def _keep_what_is_there(self, cells: Sequence[Cell]) -> None:
        """Write the plan, keep the images that will be replaced, and say which."""
        try:
            put_back()  # what a killed run took away
            if self.makes_prints:
                refuse_too_large(self.workflow, self.tasks, cells, self.rule, self.gpus)
            self.copies = write_plan(self.tasks, self.config_files, self.overlay, self.sums)
            kept = keep(cells)
        except NstError as error:
            remove_plan()
            refuse(error)
        tell(start_notice(self.grid, self._reasons(cells), self.prune_command, kept, self.tasks.noun))

    def _reasons(self, cells: Sequence[Cell]) -> list[tuple[str, ...]]:
        """Why those of the cells that are there are made again."""
        judged = [(cell, self.currencies[cell.id]) for cell in cells]
        return [reasons_to_make(*one) for one in judged if one[1].kind != MISSING]

    def _gpu_notice(self) -> str:
        if self.submits_jobs:  # the GPUs are those of the cluster
            return ""
        limit = snakemake_api.resource_limit(self.workflow, "gpu")
        return gpu_notice(self.tasks, self.gpus, limit)

    def _prepare_jobs(self) -> None:
        try:
            prepare_jobs(self.workflow, self.tasks, self.rule, self.gpus, self.slots)
        except NstError as error:
            refuse(error)

    def _watch(self, cells: Sequence[Cell]) -> None:
        """Let another process watch the cells of this run."""
        if cells and not self.makes_prints:
            withdraw(cells, len(self.grid.cells))
            snakemake_api.forget(self.workflow, PAGE)  # its rule must write it again
            snakemake_api.expect(self.workflow, PAGE)
        jobs = self._at_once()
        tell(task_notice(len(cells), self.tasks, jobs))
        self.watcher = Watcher((self.config_files, self.overlay), cells, jobs, self.tasks.noun)
        TERMINAL.when_failed = self.watcher.job_failed

    def _end_watch(self, state: str) -> None:
        if self.watcher:
            self.watcher.end(state)

    def end(self) -> None:
        """Say where to look at what was made."""
        self._end_watch("ended")
        TERMINAL.finish()
        sweep(Path("results"))  # of what jobs of a killed run have left since
        if self.makes_prints and self.has_begun:
            self._write_page(False)
        self._let_go()
        if not self.prunes:
            tell(where_to_look(snakemake_api.targets(self.workflow), self.tasks))

    def fail(self) -> None:
        """Make the page of what is there; say what failed, was stopped and is still to be made."""
        hurried = self.is_interrupted() or snakemake_api.was_told_to_stop(self.workflow)
        self._end_watch("stopped" if hurried else "failed")
        TERMINAL.finish()
        self._put_back()
        only_files = self.prunes or snakemake_api.is_touch(self.workflow)
        page = None if only_files else self._write_page(hurried)
        tell(failure_report(self.tasks, self.log_stamps, page))
        self._let_go()

    def _let_go(self) -> None:
        """Drop what was kept for this run only; say what has changed since."""
        self._put_back()
        if self.copies:
            remove_plan()
            tell(change_notice(self.tasks, self.config_files, self.overlay, self.copies))

    def _put_back(self) -> None:
        """Put back what this run did not replace; what cannot be, the next run tries again."""
        if not self.has_begun:  # it had nothing to do, and another may be under way
            return
        try:
            put_back()
        except NstError as error:
            tell(f"old images are not put back: {error}")

    def _write_page(self, hurried: bool) -> Path | None:
        """The page, if it could be written."""
        forget = partial(snakemake_api.forget, self.workflow)
        faults = write_page(self.grid, self.makes_prints, forget, self.workflow.cores or 1, hurried)
        tell("\n".join(f"the page is not up to date: {fault}" for fault in faults))
        return None if faults else PAGE
