"""What is done, and said to the user, when a run begins, when it ends, and when a job has failed."""

import shlex
from functools import cache

from nst.workflow import preloaded
from nst.workflow.dates import refuse_future
from nst.disk.files import sweep
from nst.workflow.lock import hold_folder
from nst.workflow.stale import notice, sweep_checkpoints
from nst.workflow.report import failures, interruptions, logs, other_failures, unmade

LOGS_BEFORE = {}  # as they are when the first job starts
PRUNING = "prune" in sys.argv  # a run that makes no images has nothing to say of them


def begin():
    """Be the only run here; say what a user should know first, and load torch once if that pays."""
    try:
        tell(hold_folder())
        if not (PRUNING or workflow.touch):
            refuse_future(GRID)
    except NstError as fault:
        refuse(fault)
    sweep(Path("results"))  # what a killed run has left
    LOGS_BEFORE.update(logs())
    missing, other = unmade(GRID)
    sweep_checkpoints(GRID, missing + other)
    tell(start_notices(other))
    # Jobs of a cluster run elsewhere, and on this machine they must stay in their allocation.
    here = workflow.local_exec and not workflow.remote_exec and not workflow.touch
    if here and not PRUNING and len(missing) + len(other) > 1:
        preloaded.start()


@cache
def announce_dry_run():
    """Say in a dry run, too, what a run says before it starts; it is known as one only by now."""
    if workflow.dryrun and not PRUNING:
        tell(start_notices(unmade(GRID)[1]))


def start_notices(other):
    """Stale cells, and the images of cells that were made with other settings."""
    replaced = other and (
        f"{len(other)} images were made with other settings and will be replaced; to keep both, make"
        " the setting an axis of `grid`"
    )
    return "\n".join(filter(None, [stale_notice(), replaced]))


def stale_notice():
    """One line about cells that are on disk but not in the config, or nothing."""
    if PRUNING:
        return ""
    given = [] if CONFIG_FILES == ["config.yaml"] else ["--configfile", *CONFIG_FILES]
    return notice(GRID, shlex.join(["snakemake", "prune", *given]))


def end_notices():
    """What a user should know at the end of a whole run, and where to look."""
    sweep(Path("results"))  # what jobs of a killed run have left since
    return "" if PRUNING else "Look at results/index.html"


def failure_report():
    """Which cells failed in this run, why, which were stopped, and what remains."""
    found = failures(GRID, LOGS_BEFORE)
    lines = [f"  {name}: {reason}" for name, reason in found.items()]
    if lines:
        lines.insert(0, f"{len(lines)} of {len(GRID.cells)} cells failed:")
    lines += interruptions(GRID, LOGS_BEFORE)
    lines += [f"{job} failed: {reason}" for job, reason in other_failures(LOGS_BEFORE).items()]
    missing, other = unmade(GRID)
    if missing or other:
        mend = "mend what is named above, then" if found else "to go on,"
        lines.append(
            f"{len(missing) + len(other)} of {len(GRID.cells)} cells remain, those above included: {mend}"
            " run the same command again. The table and the page wait for all of them."
        )
    return "\n".join(lines)
