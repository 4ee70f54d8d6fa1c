"""Everything this workflow takes from Snakemake that Snakemake does not document.

Every name is looked up with a fallback, so that a Snakemake without it still runs the workflow;
each docstring says what is lost then. `make test-oldest` tries the oldest version that is allowed.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nst.workflow.order import Window, first_that_fit

DEFAULT_RATE = (100, 1)  # Snakemake's --max-jobs-per-timespan: jobs, seconds
FEW_JOBS = 100  # that are ready, among which the next ones are chosen


def config_files(workflow: Any) -> list[str]:
    """The files of `--configfile`. Without the name, only config.yaml is read."""
    files = _get(workflow, "config_settings.configfiles") or ()
    return [os.path.relpath(file) for file in files] or ["config.yaml"]


def config_overlay(workflow: Any) -> dict[str, Any]:
    """The values of `--config`. Without the name, faults in the config have no line numbers."""
    values = _get(workflow, "config_settings.config")
    return dict(workflow.config if values is None else values)


def name_config_files(workflow: Any, files: list[str]) -> None:
    """Let the header of a run, and a report, name the config. Without the name, they name none."""
    if _get(workflow, "configfiles") == []:
        workflow.configfiles = files


def targets(workflow: Any) -> set[str]:
    """The targets on the command line. Without the name, `prune` also announces what it will move."""
    return set(_get(workflow, "dag_settings.targets") or ())


def is_dry_run(workflow: Any) -> bool:
    """Whether this is `snakemake -n`. Without the name, a dry run says nothing of replaced images."""
    return bool(_get(workflow, "dryrun"))


def is_touch(workflow: Any) -> bool:
    """Whether this is `snakemake --touch`. Without the name, images are kept in vain."""
    return bool(_get(workflow, "touch"))


def is_submitted(workflow: Any) -> bool:
    """Whether this process is itself a job of a cluster. Without the name, each looks at all files."""
    return bool(_get(workflow, "remote_exec"))


def submits_jobs(workflow: Any) -> bool:
    """Whether jobs run on a cluster. Without the name, jobs find no limit of this machine on them."""
    return _get(workflow, "local_exec") is False


def job_threads(workflow: Any, rule: str) -> list[int] | None:
    """The threads of each job of a rule that will run. Without the name, tiles may be too small."""
    jobs = _get(workflow, "dag.needrun_jobs")
    if not jobs:
        return None
    planned = jobs(exclude_finished=False)  # a dry run counts all jobs as finished at its end
    return [_get(job, "threads") or 1 for job in planned if _get(job, "rule.name") == rule]


def cells_to_make(workflow: Any, rule: str) -> set[str] | None:
    """The cells that jobs of a rule will make, by id. Without the name, all are taken to be."""
    jobs = _get(workflow, "dag.needrun_jobs")
    if not jobs:
        return None
    planned = jobs(exclude_finished=False)  # as above
    wildcards = (job.wildcards for job in planned if _get(job, "rule.name") == rule)
    return {f"{cell.content}/{cell.style}/{cell.variant}" for cell in wildcards}


def forces(workflow: Any, names: set[str]) -> bool:
    """Whether the user forces all jobs, or those of one of these rules and files.

    If Snakemake names this differently, a forced cell may lack its start.
    """
    forced = set(_get(workflow, "dag_settings.forcerun") or ())
    if _get(workflow, "dag_settings.forcetargets"):
        forced |= targets(workflow)
    return bool(_get(workflow, "dag_settings.forceall")) or not forced.isdisjoint(names)


def endings_to_export(workflow: Any, rule: str) -> list[str]:
    """The endings of the files that jobs of the rule `export` will write, one for each file.

    Without the name, a run writes them without a word.
    """
    jobs = _get(workflow, "dag.needrun_jobs")
    planned = jobs(exclude_finished=False) if jobs else ()  # as above
    return [str(job.wildcards.ending) for job in planned if _get(job, "rule.name") == rule]


def expect(workflow: Any, path: Path) -> None:
    """Let a file be there before the job that makes it. Without the names, Snakemake warns of that."""
    jobs, reason = _get(workflow, "dag.needrun_jobs"), _get(workflow, "dag.reason")
    for job in jobs() if jobs and reason else ():
        if str(path) in map(str, _get(job, "output") or ()):
            (_get(reason(job), "missing_output") or set()).clear()


def is_planned(workflow: Any) -> bool:
    """Whether all jobs are known, of a dry run too. Without the name, `-n` ends without an estimate."""
    return _get(workflow, "scheduler") is not None


def jobs_limit(workflow: Any) -> int:
    """How many jobs run at the same time, here or on a cluster. Without the names, one."""
    names = ("resource_settings.nodes", "cores") if submits_jobs(workflow) else ("cores",)
    limits = [_get(workflow, name) for name in names]
    return next((limit for limit in limits if isinstance(limit, int)), 1)


def force(workflow: Any, files: Iterable[Path]) -> None:
    """Let the jobs that make these files run, as far as the targets need them.

    Unlike --forcerun, which makes targets of them. Without the name, an outdated image stays until it
    is deleted; the aggregates refuse it.
    """
    forced = _get(workflow, "dag.forcefiles")
    if isinstance(forced, set):
        forced.update(file.as_posix() for file in files)


def trust_finished_files(workflow: Any) -> None:
    """Do not make files again that were complete when their job was killed.

    All files of this workflow appear whole or not at all, and the cells are judged by their records.
    Without the name, such cells are made again.
    """
    dag = _get(workflow, "dag")
    if hasattr(dag, "ignore_incomplete"):
        dag.ignore_incomplete = True


def resource_limit(workflow: Any, name: str) -> int | None:
    """The user's `--resources name=N`. Without the name, no two jobs share a GPU unless asked to."""
    limit = (_get(workflow, "global_resources") or {}).get(name)
    limit = getattr(limit, "value", limit)  # a plain number before Snakemake 9.13
    return limit if isinstance(limit, int) else None


def limit_resource(workflow: Any, name: str, limit: int) -> None:
    """Set `--resources name=limit`. Without the name, jobs beyond the limit start and wait."""
    register = _get(workflow, "register_resource")
    if register:
        register(name, limit)


def keep_going_in_group(workflow: Any) -> None:
    """Let the cells of a submitted group go on when one of them fails.

    Snakemake does not hand --keep-going on to the jobs of a cluster. Without the name, cells that come
    after a failed one in its group are made by the next run.
    """
    settings = _get(workflow, "execution_settings")
    if is_submitted(workflow) and hasattr(settings, "keep_going"):
        settings.keep_going = True


def was_told_to_stop(workflow: Any) -> bool:
    """Whether SIGTERM ends this run. Without the name, it may take longer to end."""
    return bool(_get(workflow, "scheduler._user_kill"))


def forget(workflow: Any, path: Path) -> None:
    """Drop what Snakemake knows of a file's sources. Without the name, it goes by dates alone."""
    cleanup = _get(workflow, "persistence.cleanup_metadata")
    with suppress(ImportError):
        from snakemake.io import IOFile

        if cleanup:
            cleanup(IOFile(str(path)))


def lift_default_job_rate(workflow: Any) -> None:
    """Lift Snakemake's limit of 100 jobs a second, unless the user has set another one.

    To keep to it, Snakemake goes through the ready jobs once a second for each job that has ended,
    and no flag turns it off. Without the name, a large grid keeps one core busy with that.
    """
    settings = _get(workflow, "scheduling_settings")
    rate = _get(settings, "max_jobs_per_timespan")
    if (_get(rate, "max_jobs"), _get(rate, "timespan")) == DEFAULT_RATE:
        settings.max_jobs_per_timespan = None


def order_ready_jobs(workflow: Any, places: Mapping[str, int]) -> None:
    """Let jobs of cells become ready in this order, by cell id, and groups hold cells that follow.

    To be called while Snakemake plans. Without the names, and in groups, cells come in any order.
    """
    dag, settings = _get(workflow, "dag"), _get(workflow, "scheduling_settings")
    ready = _get(dag, "_ready_jobs")
    if not isinstance(ready, set) or isinstance(ready, Window):
        return
    at_once = max(_get(workflow, "_cores") or 1, _get(workflow, "nodes") or 1)
    size = max(at_once, _get(settings, "subsample") or FEW_JOBS)
    if is_submitted(workflow):
        size = 1  # and so the scheduler of the job has no choice
    dag._ready_jobs = Window(ready, lambda job: _place(job, places), size)
    if callable(_get(dag, "_update_group_components")):
        if is_submitted(workflow):
            dag._update_group_components = lambda: _part_groups(workflow)
        else:
            dag._update_group_components = lambda: _fill_groups(workflow, places)


def start_jobs_in_order(workflow: Any, places: Mapping[str, int]) -> None:
    """Let Snakemake start jobs in this order, unless the user chose a scheduler.

    Without the names, jobs that can start at the same moment are started in any order.
    """
    scheduler = _get(workflow, "scheduler")
    names = [_get(scheduler, f"{name}.__func__") for name in ("_job_selector", "job_selector_greedy")]
    if names[0] is None or names[0] is not names[1]:
        return

    def select(jobs: Any, remaining: Any, free: Any, sizes: Any) -> Any:
        ordered = sorted(jobs, key=lambda job: _place(job, places))
        return first_that_fit(ordered, lambda job: job.scheduler_resources, free)

    scheduler._job_selector = select
    scheduler.subsample = None  # the jobs are few: see `order_ready_jobs`


def _place(job: Any, places: Mapping[str, int]) -> tuple[int, int]:
    """What is sorted by: the user's --prioritize, then aggregates, then cells and starts in order."""
    jobs = list(_get(job, "jobs") or [job])
    cells = ("/".join(map(str, _get(one, "wildcards") or ())) for one in jobs)
    return -(_get(job, "priority") or 0), min(places.get(cell, -1) for cell in cells)


def _fill_groups(workflow: Any, places: Mapping[str, int]) -> None:
    """What Snakemake does to fill the groups of --group-components, with cells that follow.

    Cells and the start that they share are one component for Snakemake; here each of them counts.
    """
    groups = workflow.dag._group
    kinds: dict[str, list[Any]] = {}
    for group in sorted(set(groups.values()), key=lambda group: _place(group, places)):
        kinds.setdefault(group.groupid, []).append(group)
    for kind, members in kinds.items():
        kind = workflow.parent_groupids.get(kind, kind)
        count = workflow.group_settings.group_components.get(kind, 1)
        for group, *others in _filled(members, count):
            for other in others:
                group.merge(other)
            groups.update(dict.fromkeys(group, group))
    for group in set(groups.values()):
        group.finalize()


def _part_groups(workflow: Any) -> None:
    """Split a submitted group into single jobs that start one by one, in their order.

    Without the names, a shared start and its cells are one job that asks for the GPUs of all.
    """
    groups = workflow.dag._group
    for job, group in list(groups.items()):
        if len(_get(group, "jobs") or ()) > 1 and _get(job, "pipe_group") is None:
            groups[job] = type(group)(group.groupid, frozenset([job]), workflow.global_resources)
    for group in set(groups.values()):
        group.finalize()


def _filled(groups: Iterable[Any], count: int) -> list[list[Any]]:
    """The groups that become one each: as many as have `count` jobs together, or one that has more."""
    filled: list[list[Any]] = []
    room = 0
    for group in groups:
        jobs = len(_get(group, "jobs") or [group])
        if not filled or jobs > room:
            filled.append([])
            room = count
        filled[-1].append(group)
        room -= jobs
    return filled


def _get(owner: Any, path: str) -> Any:
    """The attribute at a dotted path, or None."""
    for name in path.split("."):
        owner = getattr(owner, name, None)
    return owner
