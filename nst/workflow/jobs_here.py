"""What the jobs of a run share: the memory of this machine, and a server that has imported torch."""

from typing import Any

from nst.config.grid import Grid
from nst.machine.free_memory import free_main_memory
from nst.workflow import preload_server, snakemake_api
from nst.workflow.cells import jobs_at_once
from nst.workflow.environment import share_memory


def prepare_jobs(workflow: Any, tasks: Grid, rule: str, gpus: int, slots: int, measure: str) -> None:
    """Prepare for the jobs of a rule, which make these tasks; `slots` of them share a GPU.

    `measure` is the rule that measures them.

    Raises NstError for nonsense in the environment.
    """
    if snakemake_api.submits_jobs(workflow):
        share_memory(1, None)  # the cells of a submission run one after the other
        return
    threads = snakemake_api.job_threads(workflow, rule)
    jobs = len(tasks.cells) if threads is None else len(threads)
    cores = workflow.cores // max(threads or [1])
    share_memory(jobs_at_once(tasks, gpus, min(cores, jobs), slots), free_main_memory())
    pairs = len(snakemake_api.job_threads(workflow, measure) or ())
    if jobs + pairs > 1:
        preload_server.start()
