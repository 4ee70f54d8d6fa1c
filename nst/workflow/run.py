"""One run of Snakemake: from reading the config to the last word on what was made."""

import atexit
from functools import partial
from pathlib import Path
from typing import Any

from nst.config.grid import Cell, Grid, expand
from nst.disk.files import Stamp, sweep
from nst.disk.run_inputs import Copy
from nst.errors import NstError
from nst.progress.terminal import TERMINAL
from nst.results.currency import MISSING
from nst.results.news import note_end, read_news, withdraw
from nst.results.page_paths import PAGE
from nst.results.sheet_plan import plan
from nst.results.states import survey
from nst.workflow import snakemake_api, snakemake_module
from nst.workflow.aggregates import aggregates_of_others
from nst.workflow.dry_run import dry_run_report, say_at_exit
from nst.workflow.environment import end_on_interrupt, note_interrupts, share_gpus
from nst.workflow.folder_lock import hold_folder
from nst.workflow.jobs_here import prepare_jobs
from nst.workflow.measuring import has_weights, measure_rest, unmeasured, without_networks
from nst.workflow.notices import (
    export_notice,
    gpu_notice,
    refuse,
    refuse_future,
    start_notice,
    task_notice,
    tell,
)
from nst.workflow.print_size import refuse_too_large
from nst.workflow.prints import write_page
from nst.workflow.replaced import keep, put_back
from nst.workflow.run_plan import change_notice, remove_plan, use_plan, write_plan
from nst.workflow.run_report import failure_report, log_stamps, where_to_look
from nst.workflow.stale import prune_command, sweep_checkpoints
from nst.workflow.tasks import Tasks
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
        self.page_before: str | None = None
        self.watcher: Watcher | None = None
        self.copies: dict[Path, Copy] = {}
        self.let_interrupt = end_on_interrupt() if not self.is_submitted else lambda: None
        if self.is_submitted and (plan_of_run := use_plan()):
            self.config_files, self.overlay = plan_of_run
        TERMINAL.has_weights = has_weights
        snakemake_module.add_hooks(workflow, self)
        try:
            snakemake_module.refuse_prefix(workflow)
            self.grid: Grid = expand(self.config_files, self.overlay)
            self.tasks = Tasks(workflow, self.rules, self.grid)
            if not self.is_submitted:
                self.tasks.judge()
            self.sheets = plan(self.grid)
            self.slots = share_gpus(snakemake_api.resource_limit(workflow, "gpu"), self.tasks.gpus)
        except NstError as error:
            refuse(error)
        snakemake_api.name_config_files(workflow, self.config_files)

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
            try:
                self.tasks.choose()
            except NstError as error:
                refuse(error)
            self._force()
            if not snakemake_module.has_others(self.workflow, self.rules):
                snakemake_api.trust_finished_files(self.workflow)
        snakemake_api.order_ready_jobs(self.workflow, self.tasks.places)
        is_dry_run = snakemake_api.is_dry_run(self.workflow) and not self.prunes
        if is_dry_run:
            atexit.register(say_at_exit, self._end_dry_run)  # after all that Snakemake has to say
        if self.submits_jobs:
            return
        snakemake_api.lift_default_job_rate(self.workflow)
        if self.tasks.gpus and snakemake_api.resource_limit(self.workflow, "gpu") is None:
            snakemake_api.limit_resource(self.workflow, "gpu", self.slots * self.tasks.gpus)
        if is_dry_run:
            self._say_start(self.tasks.unmade(), self.tasks.unmade_starts())

    def settle_print(self, cell: Cell) -> None:
        """Refuse a run of the grid that would make a print, which a rule of the user's asks for."""
        try:
            if not self.is_submitted:
                self.tasks.refuse_print(cell)
        except NstError as error:
            refuse(error)

    def _end_dry_run(self) -> None:
        tasks, here = self.tasks, not self.submits_jobs
        names = snakemake_api.cells_to_make(self.workflow, tasks.rule)
        if names is None or not snakemake_api.is_planned(self.workflow):
            return
        to_make = [tasks.grid.by_id[name] for name in tasks.places if name in names]
        states = survey(tasks.grid.cells)
        exported = self._export_notice()
        starts = tasks.planned_starts()
        report = dry_run_report(tasks.grid, to_make, states, tasks.at_once(), here, exported, starts)
        print(report, flush=True)

    def _export_notice(self) -> str:
        return export_notice(snakemake_api.endings_to_export(self.workflow, self.rules["export"]))

    def _force(self) -> None:
        """Have made again what its contents say, whatever the dates are."""
        tasks = self.tasks
        cells = [cell.file(".png") for cell in (*tasks.unmade(), *tasks.unmade_starts())]
        if not tasks.are_prints:
            cells += aggregates_of_others(self.grid, self.sheets, tasks.currencies)
            cells += unmeasured(self.grid, tasks.currencies, tasks.sums)
        snakemake_api.force(self.workflow, cells)

    def begin(self) -> None:
        """Be the only run in this folder; say what will be replaced; prepare the jobs' environment."""
        try:
            tell(hold_folder())
            if not self.tasks.only_files:
                self.tasks.refuse_forced_prints()
                refuse_future(self.tasks.grid)
        except NstError as error:
            refuse(error)
        self.let_interrupt()
        self.has_begun = True
        self.page_before = read_news().get("base")
        self.is_interrupted = note_interrupts()
        snakemake_api.start_jobs_in_order(self.workflow, self.tasks.places)
        sweep(Path("results"))  # of what a killed run has left
        self.log_stamps = log_stamps()
        sweep_checkpoints(self.tasks.grid, self.tasks.unmade())
        sweep_checkpoints(self.tasks.grid.of_starts, self.tasks.outdated_starts())
        if not self.tasks.only_files:
            cells, starts = self.tasks.planned(), self.tasks.planned_starts()
            self._keep_what_is_there(cells, starts)
            tell(self._gpu_notice())
            self._prepare_jobs()
            self._watch(cells, starts)
        elif not self.prunes:
            self._say_start([], [])

    def _keep_what_is_there(self, cells: list[Cell], starts: list[Cell]) -> None:
        """Write the plan, keep the images that will be replaced, and say which."""
        tasks = self.tasks
        try:
            put_back()  # what a killed run took away
            if tasks.are_prints:
                here = [] if self.submits_jobs else tasks.on_cpu(cells)
                refuse_too_large(tasks.grid, cells, here, tasks.at_once())
            self.copies = write_plan(tasks.grid, self.config_files, self.overlay, tasks.sums)
            kept = keep([*starts, *cells])
        except NstError as error:
            remove_plan()
            refuse(error)
        self._say_start(cells, starts, kept)

    def _say_start(self, cells: list[Cell], starts: list[Cell], kept: Path | None = None) -> None:
        """Say which of these cells and starts, that are to be made, will be replaced."""
        reasons, noun = self.tasks.reasons(cells), self.tasks.grid.noun
        count = sum(self.tasks.start_currencies[one.id].kind != MISSING for one in starts)
        tell(start_notice(self.grid, reasons, self.prune_command, kept, noun, count))

    def _gpu_notice(self) -> str:
        if self.submits_jobs:  # the GPUs are those of the cluster
            return ""
        limit = snakemake_api.resource_limit(self.workflow, "gpu")
        return gpu_notice(self.tasks.grid, self.tasks.gpus, limit)

    def _prepare_jobs(self) -> None:
        try:
            tasks = self.tasks
            measure = self.rules["measure"]
            prepare_jobs(self.workflow, tasks.grid, tasks.rule, tasks.gpus, self.slots, measure)
        except NstError as error:
            refuse(error)

    def _watch(self, cells: list[Cell], starts: list[Cell]) -> None:
        """Let another process watch the cells of this run."""
        if cells and not self.tasks.are_prints:
            withdraw(cells, len(self.grid.cells))
            snakemake_api.forget(self.workflow, PAGE)  # its rule must write it again
            snakemake_api.expect(self.workflow, PAGE)
        grid, jobs = self.tasks.grid, self.tasks.at_once()
        tell(task_notice(len(cells), grid, jobs, self._export_notice(), len(starts)))
        self.watcher = Watcher((self.config_files, self.overlay), cells, jobs, grid.noun, starts)
        TERMINAL.when_failed = self.watcher.job_failed

    def _end_watch(self, state: str) -> None:
        if self.watcher:
            self.watcher.end(state)

    def end(self) -> None:
        """Say where to look at what was made."""
        self._end_watch("ended")
        TERMINAL.finish()
        sweep(Path("results"))  # of what jobs of a killed run have left since
        if self.tasks.are_prints and self.has_begun:
            self._write_page(False)
        if self.has_begun:
            note_end(self.page_before)
        self._let_go()
        if self.has_begun:
            tell(without_networks(self.workflow, self.rules["measure"]))
        if not self.prunes:
            tell(where_to_look(snakemake_api.targets(self.workflow), self.tasks.grid))

    def fail(self) -> None:
        """Make the page of what is there; say what failed, was stopped and is still to be made."""
        hurried = self.is_interrupted() or snakemake_api.was_told_to_stop(self.workflow)
        self._end_watch("stopped" if hurried else "failed")
        TERMINAL.finish()
        self._put_back()
        if not hurried and not self.tasks.only_files and not self.tasks.are_prints:
            hurried = not measure_rest(self.grid, self.config_files, self.overlay, self.tasks.sums)
        page = None if self.tasks.only_files else self._write_page(hurried)
        tell(failure_report(self.tasks.grid, self.log_stamps, page))
        self._let_go()

    def _let_go(self) -> None:
        """Drop what was kept for this run only; say what has changed since."""
        self._put_back()
        if self.copies:
            remove_plan()
            tell(change_notice(self.tasks.grid, self.config_files, self.overlay, self.copies))

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
        cores = self.workflow.cores or 1
        faults = write_page(self.grid, self.tasks.are_prints, forget, cores, hurried)
        tell("\n".join(f"the page is not up to date: {fault}" for fault in faults))
        return None if faults else PAGE
