"""The aggregates: a table, contact sheets and a page, always of the whole grid.

REQUIRED INPUTS: the pictures and records of all cells, the originals
OUTPUTS: results/losses.csv, results/sheets/{sheet}.png, results/index.html
STEPS: table, sheet (one job each), gallery; and prune, which is run by name
"""


rule table:
    """Gather the final losses of all cells in one table."""
    input:
        cell_files(".json"),
    output:
        "results/losses.csv",
    log:
        "results/logs/table.log",
    benchmark:
        "results/benchmarks/table.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=config_options(),
        order=grid_order(),
    shell:
        r"""
        python -m nst table --out {output:q} {params.config:q} >{log:q} 2>&1
        """


rule sheet:
    """Draw one labelled contact sheet."""
    input:
        sheet_pictures,
    output:
        "results/sheets/{sheet}.png",
    log:
        "results/logs/sheets/{sheet}.log",
    benchmark:
        "results/benchmarks/sheets/{sheet}.tsv"
    wildcard_constraints:
        sheet="[^/]+",
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=config_options(),
        labels=sheet_labels,
    shell:
        r"""
        python -m nst sheet {wildcards.sheet:q} --out {output:q} {params.config:q} >{log:q} 2>&1
        """


rule gallery:
    """Write the page that shows sheets, cells and losses, and thumbnails of what has changed."""
    input:
        pictures=cell_files(".png"),
        records=cell_files(".json"),
        sheets=sheet_files(),
    output:
        "results/index.html",
    log:
        "results/logs/gallery.log",
    benchmark:
        "results/benchmarks/gallery.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    threads: 4
    params:
        config=config_options(),
        order=grid_order(),
    shell:
        r"""
        python -m nst gallery --out {output:q} --threads {threads:q} {params.config:q} >{log:q} 2>&1
        """


rule prune:
    """Put aside the cells and sheets that config.yaml no longer asks for."""
    log:
        "results/logs/prune.log",
    conda:
        "../envs/nst.yaml"
    params:
        config=config_options(),
    shell:
        r"""
        python -m nst prune {params.config:q} 2>&1 | tee {log:q}
        """
