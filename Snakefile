"""nst-grid: every content in every style at every weight, and the sheets to choose from.

    snakemake --cores 4      make what config.yaml asks for and is not there yet
    snakemake prints         make the images of its `prints:` again, larger, and no others
    snakemake -n             say what that would be; `snakemake -n prints` of the prints
    snakemake prune          put aside cells that config.yaml no longer asks for
    snakemake --report report.html    put sheets, table, curves and summary in one file

Results: results/index.html (start here), summary.md, sheets/, curves/, films/, losses.csv,
cells/{content}/{style}/{variant}.png, prints/{content}/{style}/{variant}.png
"""


include: "workflow/nst.smk"


rule all:
    """The page, the sheets, the table, the curves, the summary and every cell."""
    default_target: True
    input:
        everything(),
    localrule: True
