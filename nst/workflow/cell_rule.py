"""What the rules of cells, prints and shared starts are given, by the wildcards of a job."""

from typing import TYPE_CHECKING, Any

from snakemake.exceptions import WorkflowError
from snakemake.io import ancient

from nst.config.grid import Cell, Grid
from nst.results.currency import CURRENT
from nst.workflow import cells
from nst.workflow.run_plan import PLAN

if TYPE_CHECKING:
    from nst.workflow.run import Run


class CellRule:
    """The inputs, params and GPUs of the jobs that make the cells, prints or shared starts of a grid.

    Snakemake does not compare params that are made from `threads`: nst says which cells run.
    """

    def __init__(self, run: "Run", grid: Grid):
        self.run, self.grid = run, grid

    def settled(self, wildcards: Any) -> list[str]:
        """No files: the first input, so that the run is settled while Snakemake plans its jobs."""
        self.run.settle()
        if self.grid is self.run.grid.of_prints:
            self.run.settle_print(self.cell(wildcards))
        return []

    def cell(self, wildcards: Any) -> Cell:
        """The cell of a job."""
        name = f"{wildcards.content}/{wildcards.style}/{wildcards.variant}"
        if name not in self.grid.by_id:
            files = " and ".join(self.run.config_files)
            raise WorkflowError(f"{name} is no {self.grid.noun} of {files}")
        return self.grid.by_id[name]

    def fetched_weights(self, wildcards: Any) -> Any:
        """The published weights; a file of the user's own is not for Snakemake to watch."""
        cell = self.cell(wildcards)
        return [] if cell.own_weights else ancient(cells.weights_file(cell))

    def start(self, wildcards: Any) -> Any:
        """The shared start of a cell, for which its job waits.

        For a cell that is not made it is ancient, or no input if it is not current: otherwise Snakemake
        would make both. For a cell that is made it is a plain input: Snakemake skips a forced cell
        whose ancient start is forced, too.
        """
        cell, tasks = self.cell(wildcards), self.run.tasks
        if not cell.shared_start:
            return []
        path = cell.shared_start.file(".png").as_posix()
        if tasks.may_run(cell):
            return path
        judged = tasks.start_currencies.get(cell.shared_start.id)
        return ancient(path) if judged and judged.kind == CURRENT else []

    def pictures(self, wildcards: Any, threads: int) -> list[str]:
        """The paths of the content and of the style pictures."""
        return cells.pictures(self.cell(wildcards))

    def weights(self, wildcards: Any, threads: int) -> str:
        """The path of the weights."""
        return cells.weights_file(self.cell(wildcards))

    def checkpoint(self, wildcards: Any, threads: int) -> str:
        """The path of the checkpoint."""
        return self.cell(wildcards).file(".checkpoint").as_posix()

    def flags(self, wildcards: Any, threads: int) -> list[str]:
        """The other options of `nst transfer`."""
        return [*cells.transfer_flags(self.cell(wildcards)), "--plan", str(PLAN)]

    def gpus(self, wildcards: Any) -> int:
        """How many GPUs the job holds: none on a machine without, unless the config insists."""
        return cells.gpus_of(self.cell(wildcards), self.run.tasks.gpus)
