"""The prints: images of the grid that `prints:` in config.yaml lists, made again, most often larger.

REQUIRED INPUTS: as for the cells; and the images of the cells that prints start from, which nst compares
by their contents: `snakemake prints` makes no cell, and refuses to start while one of them is not current
OUTPUTS: results/prints/{content}/{style}/{variant}.png, .json (record), .csv (trace)
"""


rule prints:
    """The prints alone: no cell, sheet or table; the page shows them once the run has ended."""
    input:
        print_files,
    localrule: True


use rule transfer as print with:
    input:
        OF_PRINT.settled,
        OF_PRINT.fetched_weights,
    output:
        picture="results/prints/{content}/{style}/{variant}.png",
        record="results/prints/{content}/{style}/{variant}.json",
        trace="results/prints/{content}/{style}/{variant}.csv",
        beside=print_file_of_16_bits(),
    log:
        "results/logs/prints/{content}/{style}/{variant}.log",
    benchmark:
        "results/benchmarks/prints/{content}/{style}/{variant}.tsv"
    group:
        "prints"
    threads: print_threads
    resources:
        gpu=OF_PRINT.gpus,
        mem_mb=16000,
        runtime=600,
    params:
        pictures=OF_PRINT.pictures,
        weights=OF_PRINT.weights,
        checkpoint=OF_PRINT.checkpoint,
        flags=OF_PRINT.flags,
