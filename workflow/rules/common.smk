"""config.yaml -> the grid, once; and what the rules are given, named for what it is.

The logic is in nst/workflow. Nothing here may import torch: each job of a cluster reads this file.
"""

import sys

import nst

# The package is found beside the Snakefile; after it, a user's own copy.py there must hide no module.
sys.path.sort(key=lambda folder: folder == workflow.basedir)

from nst.config.cell import CELL_ENDINGS
from nst.disk.derived import code_digest
from nst.workflow import aggregates, cells, measuring
from nst.workflow.cell_rule import CellRule
from nst.workflow.environment import await_jobs, find_our_programs
from nst.workflow.run import Run
from nst.workflow.run_plan import PLAN
from nst.workflow.snakemake_module import run_of

find_our_programs()
shell.prefix(await_jobs())
RUN = run_of(workflow, Run)
GRID, SHEETS = RUN.grid, RUN.sheets


OF_CELL, OF_START, OF_PRINT = (
    CellRule(RUN, grid) for grid in (GRID, GRID.of_starts, GRID.of_prints)
)


def film_output():
    """The film of a cell as an output of its rule, if config.yaml asks for films."""
    return cells.film_pattern(GRID)


def cell_file_of_16_bits():
    """The file of 16 bits beside a cell as an output of its rule, if config.yaml asks for it."""
    return cells.deep_pattern(GRID)


def print_file_of_16_bits():
    """The same of a print."""
    return cells.deep_pattern(GRID.of_prints)


def files_beside():
    """The files of all cells in another format."""
    return aggregates.files_beside(GRID)


def export_dpi(wildcards):
    """The resolution of an exported file."""
    return (GRID.of_prints if wildcards.folder == "prints" else GRID).dpi


def print_files(wildcards):
    """All files of all prints; asked for also if there are none, so that the run can say so."""
    RUN.settle()
    prints = GRID.of_prints
    files = [file for ending in CELL_ENDINGS for file in aggregates.cell_files(prints, ending)]
    return files + aggregates.files_beside(prints)


def print_threads(wildcards):
    return RUN.tasks.print_threads


def cell_files(ending):
    """This file of all cells."""
    return aggregates.cell_files(GRID, ending)


def missing_cell_files():
    """What was deleted of cells; jobs of a cluster need not look."""
    return [] if RUN.is_submitted else aggregates.missing_cell_files(GRID)


def metric_files():
    """The metrics of all pairs, unless the config turns them off."""
    return measuring.metric_files(GRID)


def pair_pictures(wildcards):
    """The images of a pair."""
    RUN.settle()
    return measuring.pair_pictures(GRID, wildcards.content, wildcards.style)


def pair_minutes(wildcards):
    """How long measuring a pair may take."""
    return measuring.pair_minutes(GRID, wildcards.content, wildcards.style)


def pair_digest(wildcards):
    """What a pair is measured against."""
    return measuring.pair_digest(GRID, wildcards.content, wildcards.style, RUN.tasks.sums)


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


def everything():
    """The page, the sheets, the tables, the curves, the summary, and what is missing of cells."""
    files = ["results/index.html", "results/losses.csv", "results/losses_by_layer.csv"]
    files += ["results/summary.md", *sheet_files(), *curve_files()]
    return [*files, *missing_page_file(), *missing_cell_files()]


def sheet_pictures(wildcards):
    """The images that one sheet shows."""
    return [image.file(".png").as_posix() for image in SHEETS[wildcards.sheet].images()]


def sheet_originals(wildcards):
    """The sums of the pictures that one sheet shows and that this run does not make."""
    sheet = SHEETS[wildcards.sheet]
    given = [*sheet.originals(), *(one.picture for one in sheet.externals())]
    return aggregates.digest_of(given, RUN.tasks.sums)


def sheet_labels(wildcards):
    return aggregates.sheet_labels(SHEETS[wildcards.sheet])


def sheet_facts(wildcards):
    return aggregates.sheet_facts(SHEETS[wildcards.sheet])


def grid_order():
    return aggregates.grid_order(GRID)


def external_digest():
    """The pictures that other programs made."""
    return aggregates.external_digest(GRID, RUN.tasks.sums)


def label_digest():
    return aggregates.label_digest(GRID)


def shown_digest():
    return aggregates.shown_digest(GRID, RUN.tasks.sums)


def config_options():
    return aggregates.config_options(RUN.config_files, RUN.overlay)


def run_options():
    """The options by which a verb of nst reads what this run reads."""
    return [*config_options(), "--plan", str(PLAN)]
