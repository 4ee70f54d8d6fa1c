"""config.yaml -> the grid, once; and what the rules are given, named for what it is.

The logic is in nst/workflow. Nothing here may import torch: each job of a cluster reads this file.
"""

from snakemake.exceptions import WorkflowError

from nst.disk.derived import code_digest
from nst.disk.record import ENGINE
from nst.workflow import aggregates, cells
from nst.workflow.environment import await_jobs, find_our_programs
from nst.workflow.run import Run

find_our_programs()
shell.prefix(await_jobs())
RUN = Run(workflow)
GRID, SHEETS = RUN.grid, RUN.sheets


def settled(wildcards):
    """No files: a cell's first input, so that the run is settled before Snakemake schedules jobs."""
    RUN.settle()
    return []


def cell(wildcards):
    """The cell of a rule's wildcards."""
    name = f"{wildcards.content}/{wildcards.style}/{wildcards.variant}"
    if name not in GRID.by_id:
        raise WorkflowError(f"{name} is no cell of {' and '.join(RUN.config_files)}")
    return GRID.by_id[name]


def content_picture(wildcards):
    return str(cell(wildcards).content_picture)


def style_picture(wildcards):
    return str(cell(wildcards).style_picture)


def init_picture(wildcards):
    """The picture that the image starts from, if config.yaml names one."""
    picture = cell(wildcards).settings.init_picture()
    return [str(picture)] if picture else []


def weights_file(wildcards):
    """The weights: the user's own, watched for changes, or the pinned ones, which cannot change."""
    backbone = cell(wildcards).settings.backbone
    own = GRID.config.weights.get(backbone)
    return str(own) if own else ancient(f"results/weights/{backbone}.safetensors")


def film_output():
    """The film of a cell as an output of its rule, if config.yaml asks for films."""
    return cells.film_pattern(GRID)


def transfer_flags(wildcards):
    return cells.transfer_flags(cell(wildcards))


def film_flags(wildcards, output):
    return cells.film_flags(cell(wildcards), output.film)


def execution_flags(wildcards, threads):
    """Device and tile. Snakemake does not compare params that are made from `threads`."""
    return cells.execution_flags(cell(wildcards))


def cell_settings(wildcards):
    return cells.cell_settings(cell(wildcards))


def gpus_held(wildcards):
    """How many GPUs the cell holds: none on a machine without, unless the config insists."""
    return cells.gpus_of(cell(wildcards), RUN.gpus)


def cell_files(ending):
    """This file of all cells."""
    return aggregates.cell_files(GRID, ending)


def missing_cell_files():
    """What was deleted of cells; jobs of a cluster need not look."""
    return [] if RUN.is_submitted else aggregates.missing_cell_files(GRID)


def film_files():
    return aggregates.film_files(GRID)


def sheet_files():
    """All contact sheets."""
    return [f"results/sheets/{name}.png" for name in SHEETS]


def curve_files():
    """The figures of all pairs, and the labels by which a report finds them."""
    return aggregates.curve_files(GRID)


def missing_page_file():
    """A file beside the page that is missing; jobs of a cluster make none and need not look."""
    return [] if RUN.is_submitted else aggregates.missing_page_file(GRID)


def sheet_pictures(wildcards):
    """What one sheet shows, originals included."""
    return [path.as_posix() for path in SHEETS[wildcards.sheet].pictures()]


def sheet_labels(wildcards):
    return aggregates.sheet_labels(SHEETS[wildcards.sheet])


def sheet_facts(wildcards):
    return aggregates.sheet_facts(SHEETS[wildcards.sheet])


def grid_order():
    return aggregates.grid_order(GRID)


def config_options():
    return aggregates.config_options(RUN.config_files, RUN.overlay)
