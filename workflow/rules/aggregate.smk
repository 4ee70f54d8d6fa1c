"""The aggregates: a table, contact sheets, curves, a summary and a page, always of the whole grid.

REQUIRED INPUTS: the pictures, records and traces of all cells; the originals, by their sums in params
OUTPUTS: results/losses.csv, results/losses_by_layer.csv, results/sheets/{sheet}.png, results/curves/{content}/{style}/all.svg,
  results/summary.md, results/index.html and what it shows: results/gallery/, results/films/
STEPS: table, sheet (one job each), curves, summary, gallery; and prune, which is run by name

Only the table and the sheets have the cells as inputs, the others have these: whatever makes a cell
again makes both again. Snakemake goes through all inputs of a rule for each of its outputs, and notes
them with each: for the curves of 10,000 cells that would take minutes and gigabytes.
"""


rule table:
    """Gather the final losses of all cells in one table, and those of their layers in another."""
    input:
        cell_files(".json"),
        metric_files(),
    output:
        table=report("results/losses.csv", caption="../report/table.rst", category="Losses"),
        layers="results/losses_by_layer.csv",
    log:
        "results/logs/table.log",
    benchmark:
        "results/benchmarks/table.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=run_options(),
        order=grid_order(),
        externals=external_digest(),
        metrics=GRID.config.metrics,
        code=code_digest(),
    shell:
        r"""
        python -m nst table --whole --out {output.table:q} --by-layer {output.layers:q} {params.config:q} >{log:q} 2>&1
        """


rule sheet:
    """Draw one labelled contact sheet."""
    input:
        sheet_pictures,
    output:
        report(
            "results/sheets/{sheet}.png",
            caption="../report/sheet.rst",
            category="Contact sheets",
            labels=sheet_facts,
        ),
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
        config=run_options(),
        labels=sheet_labels,
        originals=sheet_originals,
        code=code_digest(),
    shell:
        r"""
        python -m nst sheet {wildcards.sheet:q} --whole --out {output:q} {params.config:q} >{log:q} 2>&1
        """


rule curves:
    """Draw how the losses of all cells fell."""
    input:
        "results/losses.csv",  # stands for all records and traces, see above
    output:
        [
            report(file, caption="../report/curves.rst", category="Curves", labels=labels)
            for file, labels in curve_files().items()
        ],
    log:
        "results/logs/curves.log",
    benchmark:
        "results/benchmarks/curves.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=run_options(),
        order=grid_order(),
        labels=label_digest(),
        code=code_digest(),
    shell:
        r"""
        python -m nst curves --whole {params.config:q} >{log:q} 2>&1
        """


rule summary:
    """Say what stands out: where to look first, what did not end well, what it took."""
    input:
        "results/losses.csv",  # stands for all records
    output:
        report("results/summary.md", caption="../report/summary.rst", category="Losses"),
    log:
        "results/logs/summary.log",
    benchmark:
        "results/benchmarks/summary.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=run_options(),
        order=grid_order(),
        labels=label_digest(),
        code=code_digest(),
    shell:
        r"""
        python -m nst summary --whole --out {output:q} {params.config:q} >{log:q} 2>&1
        """


rule gallery:
    """Write the page that shows sheets, cells and losses, and thumbnails of what has changed."""
    input:
        table="results/losses.csv",  # stands for all records
        sheets=sheet_files(),  # ... and these for all pictures
        films=film_files(),
        beside=files_beside(),
        curves=curve_files(),
    output:
        page="results/index.html",
        missing=missing_page_file(),
    log:
        "results/logs/gallery.log",
    benchmark:
        "results/benchmarks/gallery.tsv"
    localrule: True
    conda:
        "../envs/nst.yaml"
    threads: 4
    params:
        config=run_options(),
        order=grid_order(),
        shown=shown_digest(),
        snapshot_every=GRID.snapshot_every,
        code=code_digest(),
    shell:
        r"""
        python -m nst gallery --whole --out {output.page:q} --threads {threads:q} {params.config:q} >{log:q} 2>&1
        """


rule prune:
    """Put aside the cells, sheets and films that config.yaml no longer asks for."""
    log:
        "results/logs/prune.log",
    localrule: True
    conda:
        "../envs/nst.yaml"
    params:
        config=config_options(),
    shell:
        r"""
        python -m nst prune --of-run {params.config:q} 2>&1 | tee {log:q}
        """
