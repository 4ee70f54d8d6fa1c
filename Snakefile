"""nst-grid: every content in every style at every weight, and the sheets to choose from.

    snakemake --cores 4      make what config.yaml asks for and is not there yet
    snakemake -n             say what that would be
    snakemake prune          put aside cells that config.yaml no longer asks for
    snakemake --report report.html    put sheets, table, curves and summary in one file

Results: results/index.html (start here), summary.md, sheets/, curves/, films/, losses.csv,
cells/{content}/{style}/{variant}.png
"""

from snakemake.utils import min_version

min_version("9.12")


report: "workflow/report/workflow.rst"


# There is no `configfile:` here: nst reads config.yaml itself, since Snakemake's reader keeps no
# line numbers, hides duplicate keys, and merges the pictures of several files. `--configfile FILE`
# reads another file; `--config` overrides both.
include: "workflow/rules/common.smk"
include: "workflow/rules/weights.smk"
include: "workflow/rules/cells.smk"
include: "workflow/rules/aggregate.smk"


localrules:
    all,
    prune,


rule all:
    """The page, the sheets, the table, the curves, the summary and every cell."""
    default_target: True
    input:
        "results/index.html",
        "results/losses.csv",
        "results/losses_by_layer.csv",
        "results/summary.md",
        sheet_files(),
        curve_files(),
        missing_page_file(),
        missing_cell_files(),


onstart:
    RUN.begin()


onsuccess:
    RUN.end()


onerror:
    RUN.fail()
